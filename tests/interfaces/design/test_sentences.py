"""Sentences of the domain on a page: translated with what is in them, figures with the clinic's sign."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import Refused
from interlude.interfaces.design import formats
from interlude.interfaces.design.sentences import figure_text, sentence, text_of

THIN = "\N{NARROW NO-BREAK SPACE}"


@pytest.fixture(autouse=True)
def comma() -> Iterator[None]:
    formats.use_decimal_sign(",")
    with translation.override("en"):
        yield
    formats.use_decimal_sign(".")


FIGURES = [
    ("1.35", "1,35"),
    ("54 %", "54 %"),
    ("-3.16 points", "\N{MINUS SIGN}3,16 points"),
    ("0.00", "0,00"),
    ("< 0.001", "< 0,001"),
    ("623049", f"623{THIN}049"),
    ("15.0 %", "15,0 %"),
]


@pytest.mark.parametrize(("text", "shown"), FIGURES, ids=[row[0] for row in FIGURES])
def test_figures_get_the_clinics_sign(text: str, shown: str) -> None:
    assert figure_text(text) == shown


def test_a_sentence_is_filled_with_shown_texts() -> None:
    reason = Reason(
        "{value} in {n} people against {kind}: {names}",
        {"value": "1.5", "n": 2665, "kind": "mdz", "names": "mdz, nacl"},
    )
    terms = {"mdz": "midazolam", "nacl": "salt water"}
    assert sentence(reason, terms) == f"1,5 in 2{THIN}665 people against midazolam: midazolam, salt water"


def test_a_refusal_and_a_reason_inside_are_sentences_as_well() -> None:
    inner = Reason("about {x}", {"x": "0.5"})
    assert sentence(Refused("No: {why}", why=inner)) == "No: about 0,5"


def test_texts_inside_are_translated() -> None:
    with translation.override("de"):
        assert text_of("Search") == translation.gettext("Search") != "Search"
        assert text_of("Search; MUR13") == f"{translation.gettext('Search')}; MUR13"


def test_nothing_stays_nothing() -> None:
    assert text_of("") == ""
    assert sentence(Reason("Only this.")) == "Only this."
