"""What the work-up needs, and by what it is satisfied: rules on dated facts, nothing typed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest

from interlude.domain.protocol.facts import Fact, known
from interlude.domain.protocol.library import ProtocolFileError, load_library
from interlude.domain.protocol.texts import translatable_texts
from interlude.domain.protocol.workup import WorkupResult, parse_workup, workup, workup_items
from interlude.record.assessments.catalogue import catalogue

TODAY = date(2026, 3, 12)
TEXT = (files("interlude.domain.protocol") / "workup.toml").read_text("utf-8")


def result(item: str, facts: dict[str, Any], days_ago: int | None = None) -> WorkupResult:
    at = datetime(2026, 3, 12, 8, tzinfo=UTC)
    charted = {code: Fact(code, value, at) for code, value in facts.items()}
    codes = {code for one in workup_items() for code in one.fact_codes}
    seen = {code: known(catalogue(), charted, code, TODAY, "plan") for code in codes}
    done = {item: [TODAY - timedelta(days=days_ago)]} if days_ago is not None else {}
    rows = workup(workup_items(), seen, done, TODAY, catalogue=catalogue())
    return next(row for row in rows if row.item.code == item)


HEALTHY = {
    "uncontrolled_hypertension": False,
    "myocardial_infarction": False,
    "unstable_angina": False,
    "heart_failure_decompensated": False,
    "severe_arrhythmia": False,
    "recent_stroke": False,
    "anorexia_nervosa": False,
}

# item | facts | days since a result | state
CASES: list[tuple[str, dict[str, Any], int | None, str]] = [
    ("ecg", {}, None, "unknown"),
    ("ecg", HEALTHY, None, "not_needed"),
    ("ecg", HEALTHY | {"severe_arrhythmia": True}, None, "open"),
    ("ecg", HEALTHY | {"severe_arrhythmia": True}, 183, "done"),
    ("ecg", HEALTHY | {"severe_arrhythmia": True}, 184, "too_old"),
    ("ecg", {"severe_arrhythmia": True}, None, "open"),  # one yes is enough, whatever is not known
    ("ecg", {}, 10, "done"),  # brought along: it does not matter whether it was needed
    ("liver", {}, None, "open"),
    ("liver", {}, 90, "done"),
    ("liver", {}, 91, "too_old"),
    ("liver", {}, -1, "open"),  # a day that is still to come counts for nothing
    ("pregnancy_test", {}, None, "unknown"),
    ("pregnancy_test", {"can_become_pregnant": False}, None, "not_needed"),
    ("pregnancy_test", {"can_become_pregnant": True}, None, "open"),
    ("pregnancy_test", {"can_become_pregnant": True, "pregnant": False}, None, "done"),
    ("pregnancy_test", {"can_become_pregnant": True}, 8, "too_old"),
    ("capacity", {}, None, "open"),
    ("capacity", {"capacity_to_consent": True}, None, "done"),
    ("electrolytes", {"anorexia_nervosa": False, "indication": "trd"}, None, "not_needed"),
    ("electrolytes", {"anorexia_nervosa": False, "indication": "alcohol"}, None, "open"),
    ("electrolytes", {"anorexia_nervosa": False}, None, "unknown"),
    ("weight", {"weight_kg": 70}, None, "open"),
    ("weight", {"weight_kg": 70, "height_cm": 172}, None, "done"),
]


@pytest.mark.parametrize(("item", "facts", "days_ago", "state"), CASES)
def test_an_item(item: str, facts: dict[str, Any], days_ago: int | None, state: str) -> None:
    found = result(item, facts, days_ago)
    assert found.state == state
    assert (found.done_on is not None) == (state in ("done", "too_old"))
    assert bool(found.missing) >= (state == "unknown")


def test_why_it_is_needed_is_named() -> None:
    assert result("ecg", HEALTHY | {"recent_stroke": True}).because == ("recent_stroke",)
    assert "can_become_pregnant" in result("pregnancy_test", {}).missing


def test_unknown_is_never_not_needed() -> None:
    for item in workup_items():
        assert result(item.code, {}).state in ("open", "unknown")


def test_every_item_has_a_source_and_is_there_for_translation() -> None:
    texts = set(translatable_texts())
    for item in workup_items():
        assert item.source in load_library().sources
        assert item.label in texts


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('source = "ketalar-label"', 'source = "nobody"', "missing source 'nobody'"),
        ('valid = "week"', 'valid = "fortnight"', "there is no validity called fortnight"),
        ('fact = "recent_stroke"', 'fact = "bad_luck"', "there is no fact called bad_luck"),
    ],
)
def test_a_bad_file_is_refused(old: str, new: str, reason: str) -> None:
    with pytest.raises(ProtocolFileError, match=reason) as refused:
        parse_workup(TEXT.replace(old, new), "mine.toml")
    assert refused.value.params["line"] > 0
