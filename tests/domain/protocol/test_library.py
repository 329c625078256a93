"""The files as shipped: complete, sourced, and refused with file, line and reason when they are not."""

from __future__ import annotations

from decimal import Decimal
from importlib.resources import files

import pytest

from interlude.domain.protocol import (
    Protocol,
    ProtocolFileError,
    canonical_json,
    changes,
    check_protocol,
    data_of,
    from_json,
    parse_protocol,
    sha256,
    translatable_texts,
)
from tests.domain.protocol.helpers import LIBRARY, TRD_IM, TRD_IV

TRD = (files("interlude.domain.protocol") / "library" / "trd-iv.toml").read_text(encoding="utf-8")
PROTOCOLS = list(LIBRARY.protocols.values())


def test_every_indication_of_the_therapy_is_there_with_its_honest_outcome() -> None:
    offers = {code: row.offer for code, row in LIBRARY.indications.items()}
    assert offers["dementia"] == "block"
    assert LIBRARY.indications["dementia"].route_to == "late_life_depression"
    assert offers["nicotine"] == "research_only"
    assert offers["burnout"] == "treat_comorbid"
    assert not any(LIBRARY.indications[code].may_plan for code in ("dementia", "nicotine", "burnout", "opioid"))
    for row in LIBRARY.indications.values():
        assert bool(row.protocols) == row.may_plan, row.code
        assert row.findings
        assert row.honest_text


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda p: p.code)
def test_every_number_has_unit_source_and_certainty(protocol: Protocol) -> None:
    found = dict(data_of(protocol))
    assert len(found) > 50
    assert {datum.certainty for datum in found.values()} <= {"V", "C", "R+", "R", "P"}
    assert all(datum.source in LIBRARY.sources for datum in found.values())
    proposed = [path for path, datum in found.items() if datum.source == "product-default"]
    assert all(found[path].certainty == "P" for path in proposed), proposed


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda p: p.code)
def test_paths_of_numbers_are_unique_so_that_each_can_be_approved(protocol: Protocol) -> None:
    paths = [path for path, _ in data_of(protocol)]
    assert len(set(paths)) == len(paths)


def test_the_standard_series_is_what_the_clinics_and_trials_say() -> None:
    series = TRD_IV.series
    assert TRD_IV.minutes is not None
    assert (TRD_IV.dose_mg_per_kg.default.value, TRD_IV.minutes.default.value) == (Decimal("0.5"), 40)
    assert (series.planned.value, series.gap_min_days.value, series.gap_max_days.value) == (3, 2, 4)
    assert (series.block_days.value, series.review_after.value, series.extend_to.value) == (14, 3, 6)
    assert TRD_IM.rate is None
    assert TRD_IM.first_dose_mg_per_kg is not None
    assert TRD_IM.first_dose_mg_per_kg.default.certainty == "P"
    assert LIBRARY.protocol("aud-iv").needs_therapy


def test_a_version_is_named_by_its_content() -> None:
    assert from_json(canonical_json(TRD_IV)) == TRD_IV
    assert sha256(from_json(canonical_json(TRD_IV))) == sha256(TRD_IV)
    assert len({sha256(protocol) for protocol in PROTOCOLS}) == len(PROTOCOLS)
    same = parse_protocol(TRD.replace("value = 0.5, unit", "value = 0.50, unit"))
    assert sha256(same) == sha256(TRD_IV)


def test_a_version_exported_whole_reads_like_the_file() -> None:
    assert Protocol.model_validate(TRD_IV.model_dump(by_alias=True)) == TRD_IV


def test_the_difference_of_two_versions_is_readable() -> None:
    other = parse_protocol(TRD.replace("value = 40, unit", "value = 45, unit"))
    assert changes(TRD_IV, TRD_IV) == ()
    lines = [str(line) for line in changes(TRD_IV, other)]
    assert lines[0] == "~ Time, planned: 40 min (V, phillips-2019) -> 45 min (V, phillips-2019)"


def line(text: str, words: str) -> int:
    return next(n for n, row in enumerate(text.splitlines(), 1) if words in row)


@pytest.mark.parametrize(
    ("old", "new", "at", "reason"),
    [
        ('"mg/kg", source = "fava-2018"', '"mg", source = "fava-2018"', "[dose_mg_per_kg]", "different units"),
        ('unit = "mg/kg", source = "fava-2018"', 'unit = "grain", source = "fava-2018"', "grain", "Input should be"),
        (", source = \"fava-2018\"", "", "default = { value = 0.5", "Field required"),
        ('soft_max = { value = 0.5', 'soft_max = { value = 1.5', "[dose_mg_per_kg]", "limits are crossed"),
        ("gap_max_days = { value = 4", "gap_max_days = { value = 1", "[series]", "spacing impossible"),
        ("extend_to = { value = 6", "extend_to = { value = 2", "[series]", "spacing impossible"),
        ("[minutes]\n", "[minutes]\ncolour = 1\n", "colour", "Extra inputs"),
        ('alarms = "adult"', 'alarms = "children"', "alarms =", "there is no alarms called children"),
        ("value = 0.5, unit", "value = 0,5, unit", "value = 0,5", ""),
        ('route = "iv"', 'route = "iv" "im"', 'route = "iv" "im"', "newline or end of document"),
        ('route = "iv"', 'route = "im"', 'route = "im"', "an injection has neither minutes nor a rate"),
        ("value = 1.5, unit", "value = 0.7, unit", "value = 0.7, unit", "above the rate limit"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_file_line_and_reason(old: str, new: str, at: str | None, reason: str) -> None:
    text = TRD.replace(old, new)
    assert text != TRD
    with pytest.raises(ProtocolFileError) as refused:
        parse_protocol(text, file="mine.toml")
    params = refused.value.params
    assert params["file"] == "mine.toml"
    assert reason in str(params["reason"])
    assert params["line"] == (line(text, at) if at else 0)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('source = "fava-2018"', 'source = "nowhere"', "missing source 'nowhere'"),
        ('indication = "trd"', 'indication = "boredom"', "no such indication"),
        ('"cbt", ', '"dancing", ', "no therapy dancing"),
    ],
)
def test_what_a_file_refers_to_must_exist(old: str, new: str, reason: str) -> None:
    text = TRD.replace(old, new)
    protocol = parse_protocol(text)
    with pytest.raises(ProtocolFileError, match=reason) as refused:
        check_protocol(LIBRARY, protocol, file="mine.toml", text=text)
    assert refused.value.params["line"] == line(text, new.strip().strip(","))


def test_every_text_of_the_files_is_there_for_translation() -> None:
    found = list(translatable_texts())
    assert len(found) == len(set(found)) > 500
    for text in (
        "Is there an allergy to ketamine, esketamine or a part of the solution?",
        "Systolic blood pressure is {systolic_bp_mmhg} mmHg; hold from {limit} mmHg.",
        "No food for 4 hours, water until 2 hours before",
        "Stop. Stimulate, open the airway, give oxygen, call for help.",
        "Chest pain",
        "Nobody takes the patient home.",
        "Identity checked twice",
    ):
        assert text in found
    assert not any("Murrough" in text for text in found)


def test_templates_name_only_what_fills_them() -> None:
    for rule in LIBRARY.rule_set.rules:
        for test in rule.tests:
            gaps = {c.fact: "x" for c in test.all} | {"limit": "x"}
            assert test.reason.format(**gaps)
