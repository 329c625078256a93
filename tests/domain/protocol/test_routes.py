from __future__ import annotations

from importlib.resources import files

import pytest

from interlude.domain.protocol.library import ProtocolFileError, load_library
from interlude.domain.protocol.routes import parse_routes, route_comparison
from interlude.domain.protocol.texts import translatable_texts

TEXT = (files("interlude.domain.protocol") / "routes.toml").read_text("utf-8")


def test_both_routes_answer_every_question_with_a_source() -> None:
    rows = route_comparison()
    assert [row.code for row in rows] == [
        "given", "begins", "steered", "first_dose", "fasting", "known", "not_known",
    ]  # fmt: skip
    for row in rows:
        for statement in (row.iv, row.im):
            assert statement.text
            assert statement.source in load_library().sources


def test_what_is_only_proposed_says_so_and_agrees_with_the_protocol() -> None:
    first = next(row for row in route_comparison() if row.code == "first_dose")
    span = load_library().protocol("trd-im").first_dose_mg_per_kg
    assert span is not None
    assert span.hard_max is not None
    assert first.im.certainty == "P"
    assert f"{span.default.value} to {span.hard_max.value} mg per kg" in first.im.text


def test_the_sentences_are_there_for_translation() -> None:
    texts = set(translatable_texts())
    for row in route_comparison():
        assert {row.topic, row.iv.text, row.im.text} <= texts


def test_a_missing_source_is_refused_with_its_line() -> None:
    broken = TEXT.replace('source = "fava-2018"', 'source = "nobody"')
    with pytest.raises(ProtocolFileError, match="missing source 'nobody'") as refused:
        parse_routes(broken, "mine.toml")
    line = next(number for number, text in enumerate(TEXT.splitlines(), start=1) if "fava-2018" in text)
    assert refused.value.params["line"] == line
