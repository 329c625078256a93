"""Phases, gate, fasting, resuming, courses: what happens around one session."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from interlude.domain.protocol import (
    PHASES,
    TRANSITIONS,
    allowed_actions,
    check_may_resume,
    check_rate,
    choose_fasting,
    diagram,
    dose_for,
    gate_is_open,
    gate_items,
    gate_result,
    may,
    may_resume,
    measurement_dates,
    next_phase,
    plan_limits,
    rate_for,
    review_is_due,
    stop_findings,
)
from interlude.domain.refusals import Refused
from tests.domain.protocol.helpers import AT, GATE_FINE, LIBRARY, TRD_IM, TRD_IV, answers_of, facts_of


def reachable(route: str) -> set[str]:
    seen, todo = {"checked_in"}, ["checked_in"]
    while todo:
        phase = todo.pop()
        for row in TRANSITIONS:
            if row.source == phase and route in row.routes and row.target not in seen:
                seen.add(row.target)
                todo.append(row.target)
    return seen


def test_the_table_of_phases_is_complete() -> None:
    names = [info.phase for info in PHASES]
    assert len(set(names)) == len(names)
    assert {row.source for row in TRANSITIONS} | {row.target for row in TRANSITIONS} == set(names)
    assert reachable("iv") | reachable("im") == set(names)
    assert "injected" not in reachable("iv")
    assert reachable("im").isdisjoint({"infusing", "paused", "stopped"})
    keys = [(row.source, row.action, route) for row in TRANSITIONS for route in row.routes]
    assert len(set(keys)) == len(keys)
    for info in PHASES:
        actions = allowed_actions(info.phase, "iv") + allowed_actions(info.phase, "im")
        assert bool(actions) != info.is_final


def test_a_running_infusion_can_always_be_stopped_and_no_dose_is_cancelled() -> None:
    assert may("infusing", "stop", "iv")
    assert may("paused", "stop", "iv")
    for phase in ("infusing", "paused", "stopped", "injected", "resting"):
        assert not may(phase, "cancel", "iv")  # type: ignore[arg-type]
    for action in ("pause", "stop", "change_rate"):
        assert not may("injected", action, "im")  # type: ignore[arg-type]
    assert not may("ready", "start", "im")
    assert not may("ready", "inject", "iv")


def test_an_impossible_step_is_refused_with_the_phase_in_words() -> None:
    assert next_phase("ready", "start", "iv") == "infusing"
    with pytest.raises(Refused, match="Checked in"):
        next_phase("checked_in", "start", "iv")


def test_the_drawing_has_every_transition() -> None:
    text = diagram()
    for row in TRANSITIONS:
        assert f"{row.source} --> {row.target}: {row.action}" in text


def test_dose_and_rate_are_exact() -> None:
    assert dose_for(Decimal(70), Decimal("0.5")) == 35_000
    assert dose_for(Decimal("70.3"), Decimal("0.5")) == 35_150
    assert dose_for(Decimal("70.333"), Decimal("0.5555")) == 39_069  # 39069.9815: never above the order
    assert rate_for(35_000, Decimal(40)) == Decimal("52.5")
    for weight in ("4", "700", "0", "-70", "NaN"):
        with pytest.raises(Refused) as refused:
            dose_for(Decimal(weight), Decimal("0.5"))
        assert refused.value.field == "weight_kg"


def test_a_rate_above_the_hard_limit_is_refused_beside_its_field() -> None:
    with pytest.raises(Refused) as refused:
        check_rate(TRD_IV, Decimal(120), Decimal(70))
    assert str(refused.value) == "The rate 120 mg/h is above the limit of 105 mg/h."
    assert refused.value.field == "rate_mg_per_h"
    with pytest.raises(Refused, match="cannot be slowed or stopped"):
        check_rate(TRD_IM, Decimal(10), Decimal(70))


def test_minutes_belong_to_an_infusion_and_not_to_an_injection() -> None:
    with pytest.raises(Refused, match="leave the minutes empty"):
        plan_limits(TRD_IM, Decimal(70), Decimal("0.5"), Decimal(40))
    with pytest.raises(Refused, match="Give the minutes"):
        plan_limits(TRD_IV, Decimal(70), Decimal("0.5"), None)


def test_number_gap_and_body_mass_index_are_looked_at() -> None:
    plan = (TRD_IV, Decimal(70), Decimal("0.5"), Decimal(40))
    assert plan_limits(*plan, number=6, gap_min_days=2, gap_max_days=4) == []
    codes = [f.code for f in plan_limits(*plan, number=7, gap_min_days=1, gap_max_days=5)]
    assert codes == ["number_above_soft", "gap_below_soft", "gap_above_soft"]
    [note] = plan_limits(*plan, bmi_kg_per_m2=Decimal(30))
    assert (note.severity, note.code) == ("note", "ideal_weight")
    assert plan_limits(*plan, bmi_kg_per_m2=Decimal("29.9")) == []
    with pytest.raises(Refused, match="smallest gap"):
        plan_limits(*plan, gap_min_days=5, gap_max_days=3)


@pytest.mark.parametrize(("minutes", "alone"), [(0, True), (15, True), (Decimal("15.1"), False), (40, False)])
def test_after_a_long_pause_a_physician_decides(minutes: Decimal, alone: bool) -> None:
    assert may_resume(TRD_IV, Decimal(minutes)) is alone
    if not alone:
        with pytest.raises(Refused, match="more than 15 minutes"):
            check_may_resume(TRD_IV, Decimal(minutes))
        check_may_resume(TRD_IV, Decimal(minutes), physician_agreed=True)


@pytest.mark.parametrize(
    ("protocol", "dose", "facts", "preset"),
    [
        ("trd-iv", "0.5", "glp1_medicine=no; reflux=no; pregnant=no; bmi_kg_per_m2=24", "clinic"),
        ("trd-iv", "0.6", "glp1_medicine=no; reflux=no; pregnant=no; bmi_kg_per_m2=24", "asa"),
        ("trd-iv", "0.5", "glp1_medicine=yes; reflux=no; pregnant=no; bmi_kg_per_m2=24", "asa"),
        ("trd-iv", "0.5", "glp1_medicine=no; reflux=yes; pregnant=no; bmi_kg_per_m2=24", "asa"),
        ("trd-iv", "0.5", "glp1_medicine=no; reflux=no; pregnant=no; bmi_kg_per_m2=40", "asa"),
        ("trd-iv", "0.5", "glp1_medicine=no; reflux=no; pregnant=no", "asa"),
        ("trd-im", "0.25", "glp1_medicine=no; reflux=no; pregnant=no; bmi_kg_per_m2=24", "asa"),
    ],
)
def test_fasting_is_strict_where_it_must_be_or_nothing_is_known(
    protocol: str, dose: str, facts: str, preset: str
) -> None:
    chosen, reason = choose_fasting(LIBRARY.protocol(protocol), Decimal(dose), facts_of(facts), AT, LIBRARY.catalogue)
    assert chosen == preset
    assert str(reason)


def test_the_fasting_preset_changes_the_hours_of_the_gate() -> None:
    answers = answers_of(GATE_FINE, "hours_since_food=5")
    states = {}
    for preset in ("clinic", "asa", "esketamine_label"):
        rows = gate_result(gate_items(TRD_IV, fasting=preset), answers, [], at=AT, catalogue=LIBRARY.catalogue)
        states[preset] = {row.code: row.state for row in rows}["fasting"]
    assert states == {"clinic": "ok", "asa": "not_ok", "esketamine_label": "ok"}
    with pytest.raises(Refused, match="no fasting rule called moon"):
        gate_items(TRD_IV, fasting="moon")


def test_an_injection_needs_no_cannula() -> None:
    assert "iv_access" not in {item.code for item in gate_items(TRD_IM)}
    assert "iv_access" in {item.code for item in gate_items(TRD_IV)}


def test_a_no_names_who_may_go_on_and_an_open_line_nobody() -> None:
    answers = answers_of(GATE_FINE, "hours_since_food=3; rescue_kit_checked=no; driver_name=")
    rows = {row.code: row for row in gate_result(gate_items(TRD_IV), answers, [], at=AT, catalogue=LIBRARY.catalogue)}
    assert rows["fasting"].may_override == ("physician",)
    assert rows["rescue_kit"].may_override == ()
    assert rows["driver"].state == "unanswered"
    assert rows["driver"].missing == ("driver_name",)
    assert not gate_is_open(rows.values(), overridden=["fasting", "rescue_kit", "driver"])
    assert gate_is_open([rows["fasting"]], overridden=["fasting"])


def test_charted_facts_answer_the_gate_while_they_are_in_date() -> None:
    answers = answers_of(GATE_FINE, "weight_kg=; systolic_bp_mmhg=; diastolic_bp_mmhg=")
    facts = facts_of("weight_kg=71@30; systolic_bp_mmhg=120@1; diastolic_bp_mmhg=80")
    rows = {
        row.code: row.state
        for row in gate_result(gate_items(TRD_IV), answers, facts, at=AT, catalogue=LIBRARY.catalogue)
    }
    assert rows["weight"] == "ok"
    assert rows["blood_pressure"] == "unanswered"  # yesterday's value is not today's


def test_an_answer_out_of_range_is_refused_beside_its_field() -> None:
    with pytest.raises(Refused) as refused:
        gate_result(gate_items(TRD_IV), {"systolic_bp_mmhg": 1200}, [], at=AT, catalogue=LIBRARY.catalogue)
    assert refused.value.field == "systolic_bp_mmhg"


@pytest.mark.parametrize(
    ("infusions", "gain", "rules"),
    [
        (3, 0, []),
        (4, 24, ["little_after_4"]),
        (4, 25, []),
        (6, 49, ["half_after_6"]),
        (6, 50, []),
        (6, 10, ["little_after_4", "half_after_6"]),
    ],
)
def test_stop_rules(infusions: int, gain: int, rules: list[str]) -> None:
    met, reason = stop_findings(TRD_IV, infusions=infusions, improvement_percent=Decimal(gain))
    assert [rule.code for rule in met] == rules
    assert str(reason)


def test_without_a_measured_change_no_stop_rule_is_called_unmet() -> None:
    met, reason = stop_findings(TRD_IV, infusions=6, improvement_percent=None)
    assert met == []
    assert "not known" in str(reason)
    assert review_is_due(TRD_IV, 3)
    assert not review_is_due(TRD_IV, 2)


def test_the_measurement_plan_of_a_series() -> None:
    days = [date(2026, 3, 12), date(2026, 3, 16), date(2026, 3, 19)]
    due = measurement_dates(TRD_IV, date(2026, 3, 5), days)
    on = {(row.instrument, row.on) for row in due}
    assert {("phq9", date(2026, 3, 5)), ("who5", date(2026, 3, 5)), ("cssrs_screener", date(2026, 3, 5))} <= on
    assert {("phq9", day) for day in days} <= on
    assert ("vas_mood", date(2026, 3, 13)) in on  # the day after: mood line, not a two-week questionnaire
    assert ("phq9", date(2026, 3, 13)) not in on
    weekly = [row.on for row in due if row.instrument == "phq9" and row.on > days[-1]]
    assert weekly[0] == date(2026, 3, 26)
    assert weekly[11] == date(2026, 6, 11)  # week 12
    assert len(weekly) == 15
    assert ("pcl5", days[0]) in {
        (r.instrument, r.on) for r in measurement_dates(LIBRARY.protocol("ptsd-iv"), days[0], days)
    }
