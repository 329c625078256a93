"""Changing one number: the changed protocol is whole, or nothing changes and the reason has field and line."""

from __future__ import annotations

from decimal import Decimal

import pytest

from interlude.domain.instruments.data import Datum, data_of
from interlude.domain.protocol import Protocol, ProtocolFileError, changes, parse_protocol, to_toml, with_value
from interlude.domain.protocol.revision import datum_at, replaced
from interlude.domain.refusals import Refused
from tests.domain.protocol.helpers import LIBRARY, TRD_IV


@pytest.mark.parametrize("protocol", LIBRARY.protocols.values(), ids=lambda p: p.code)
def test_a_protocol_written_out_whole_reads_back_equal(protocol: Protocol) -> None:
    text = to_toml(protocol)
    assert parse_protocol(text) == protocol
    assert "[uses]" not in text
    assert to_toml(parse_protocol(text)) == text


def test_a_text_with_every_awkward_character_survives() -> None:
    summary = 'A "quote", a \\ backslash,\na new line, a tab\t, an umlaut ä and a bell \x07.'
    protocol = TRD_IV.model_copy(update={"summary": summary})
    assert parse_protocol(to_toml(protocol)).summary == summary


def proposal(path: str, value: str, **other: str) -> Datum:
    fields = {"unit": datum_at(TRD_IV, path).unit, "source": "clinic-decision", "certainty": "P"} | other
    return Datum(value=Decimal(value), **fields)  # type: ignore[arg-type]


def test_one_number_changes_and_the_old_protocol_does_not() -> None:
    new = with_value(LIBRARY, TRD_IV, "dose_mg_per_kg.hard_max", proposal("dose_mg_per_kg.hard_max", "0.9"))
    (change,) = changes(TRD_IV, new)
    assert (change.words, change.new and change.new.text) == (("Dose", "refused above"), "0.9")
    assert TRD_IV.dose_mg_per_kg.hard_max is not None
    assert TRD_IV.dose_mg_per_kg.hard_max.value == 1


def test_every_number_of_a_protocol_can_be_replaced() -> None:
    for path, datum in data_of(TRD_IV):
        new = replaced(TRD_IV, {path: proposal(path, f"{datum.value + 1:f}")})
        changed = {p for p, d in data_of(new) if d != dict(data_of(TRD_IV))[p]}
        assert changed == {path}


# path | value | words of the refusal
WHOLE = [
    ("dose_mg_per_kg.hard_max", "0.4", "limits are crossed"),
    ("dose_mg_per_kg.default", "0", "limits are crossed"),
    ("dose_mg_per_kg.hard_min", "-1", "below zero"),
    ("series.gap_min_days", "5", "spacing impossible"),
    ("series.extend_to", "2", "spacing impossible"),
    ("rate.max_mg_per_kg_per_h", "0.5", "above the rate limit"),
    ("alarms.systolic_bp_mmhg.advisory.0.at_least", "180", "the urgent limit is not beyond the advisory one"),
    ("alarms.spo2_percent.urgent.0.below", "95", "the urgent limit is not beyond the advisory one"),
    ("maintenance.ladder.three_four_weeks.every_max_days", "1", "spacing impossible"),
]


@pytest.mark.parametrize(("path", "value", "words"), WHOLE, ids=lambda cell: str(cell))
def test_what_no_longer_fits_is_refused_with_its_line(path: str, value: str, words: str) -> None:
    with pytest.raises(ProtocolFileError) as refused:
        with_value(LIBRARY, TRD_IV, path, proposal(path, value))
    assert words in str(refused.value.params["reason"])
    assert refused.value.params["file"] == "trd-iv.toml"
    line = int(str(refused.value.params["line"]))
    words = to_toml(TRD_IV).splitlines()[line - 1]
    assert path.rsplit(".", 1)[-1] in words or path.split(".")[0] in words


# change to the number | field | words
NUMBERS = [
    ({"unit": "mg"}, "value", "The unit stays mg/kg."),
    ({"source": ""}, "source", "Say where the new value comes from."),
    ({"source": "product-default"}, "source", "A changed value is no longer this product's proposal."),
    ({"source": "hearsay"}, "source", "There is no source called hearsay."),
    ({"certainty": "V"}, "certainty", "A value without a published source is a proposal: certainty P."),
    ({"source": "phillips-2019"}, "certainty", "A proposal has no published source."),
]


@pytest.mark.parametrize(("other", "field", "words"), NUMBERS, ids=lambda cell: str(cell))
def test_a_number_without_unit_source_or_honest_mark_is_refused(other: dict[str, str], field: str, words: str) -> None:
    path = "dose_mg_per_kg.hard_max"
    with pytest.raises(Refused) as refused:
        with_value(LIBRARY, TRD_IV, path, proposal(path, "0.9", **other))
    assert (refused.value.field, words in str(refused.value)) == (field, True)


def test_the_same_value_and_an_unknown_place_are_refused() -> None:
    path = "dose_mg_per_kg.hard_max"
    with pytest.raises(Refused, match="already"):
        with_value(LIBRARY, TRD_IV, path, datum_at(TRD_IV, path))
    with pytest.raises(Refused, match="no number at dose"):
        with_value(LIBRARY, TRD_IV, "dose.colour", proposal(path, "1"))
