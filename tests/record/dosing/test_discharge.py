"""The way home: blocked with reasons, never by accident."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from interlude.domain.refusals import Refused
from interlude.record.dosing import services
from interlude.record.dosing.models import Session
from interlude.record.dosing.queries import discharge_state
from tests.record.dosing.builders import PASSWORD, Clinic, fresh

pytestmark = pytest.mark.django_db

YES: dict[str, Any] = {
    "oriented": True,
    "oxygen": True,
    "walks": True,
    "drinks": True,
    "no_new_risk": False,
    "iv_removed": True,
    "instructions": True,
    "driver_present": True,
    "phone_check": True,
    "integration": True,
    "blood_pressure": {"systolic_bp_mmhg": Decimal(128), "diastolic_bp_mmhg": Decimal(80)},
}
SCALES = {
    "aldrete": dict.fromkeys(("activity", "respiration", "circulation", "consciousness", "oxygen"), 2),
    "padss": dict.fromkeys(("vital_signs", "gait", "nausea", "pain", "bleeding"), 2),
    "cadss6": dict.fromkeys(("1", "2", "6", "7", "15", "22"), 0),
    "moaas": {"level": 5},
}


@pytest.fixture
def resting(clinic: Clinic) -> Session:
    """Started at minute 1, ran 40 minutes, resting from minute 41."""
    session = clinic.running()
    services.complete(by=clinic.nurse, at=clinic.at + timedelta(minutes=41), session=session)
    return fresh(session)


def meet(clinic: Clinic, session: Session, at: datetime, skip: str = "") -> None:
    for scale, answers in SCALES.items():
        if scale != skip:
            services.record_score(by=clinic.nurse, at=at, session=session, scale=scale, answers=answers)
    for item, answer in YES.items():
        if item != skip:
            services.answer_discharge(by=clinic.nurse, at=at, session=session, item=item, answer=answer)


def go_home(clinic: Clinic, session: Session, at: datetime, **other: Any) -> Any:
    wanted = {
        "by": clinic.nurse,
        "at": at,
        "session": session,
        "driver_name": "Tom Doe",
        "driver_phone": "030 5550101",
        "identity_checked": True,
        "instructions_given": True,
    }
    return services.discharge(**{**wanted, **other})


def minute(clinic: Clinic, number: float) -> datetime:
    return clinic.at + timedelta(minutes=number)


def test_a_patient_goes_home_when_all_is_met_and_the_stay_is_over(clinic: Clinic, resting: Session) -> None:
    meet(clinic, resting, minute(clinic, 115))
    assert fresh(resting).phase == "resting"  # met, but the minimum stay ends at minute 121
    row = go_home(clinic, resting, minute(clinic, 121))
    session = fresh(resting)
    assert session.phase == "discharged"
    assert session.ended_at == minute(clinic, 121)
    assert session.appointment.state == "done"
    assert row.driver_name == "Tom Doe"
    assert len(row.criteria) == 15


def test_the_minimum_stay_is_the_later_of_the_two_rules(clinic: Clinic, resting: Session) -> None:
    state = discharge_state(resting, minute(clinic, 60))
    assert state is not None
    assert state.earliest_at == minute(clinic, 121)  # start + 120 min, later than end + 60 min
    assert not state.stay_is_over


@pytest.mark.parametrize(
    ("left_out", "named"),
    [
        ("aldrete", "Modified Aldrete score 9 or more"),
        ("padss", "PADSS 9 or more"),
        ("cadss6", "Dissociation gone (CADSS-6 2 or less)"),
        ("moaas", "Fully alert (MOAA/S 5)"),
        ("oriented", "Oriented to person, place, time and situation"),
        ("blood_pressure", "Blood pressure below 160/100 and within 20 % of baseline"),
        ("walks", "Walks without help"),
        ("no_new_risk", "No new suicidal, psychotic or manic state"),
        ("driver_present", "Driver is here"),
        ("integration", "Integration session booked"),
    ],
)
def test_each_criterion_that_is_not_met_blocks_and_is_named(
    clinic: Clinic, resting: Session, left_out: str, named: str
) -> None:
    at = minute(clinic, 125)
    meet(clinic, resting, at, skip=left_out)
    with pytest.raises(Refused) as refused:
        go_home(clinic, resting, at)
    assert str(refused.value) == f"Not ready to go home. Still needed: {named}."
    assert fresh(resting).ended_at is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"driver_name": " "}, "driver_name"),
        ({"driver_phone": ""}, "driver_phone"),
        ({"identity_checked": False}, "identity_checked"),
        ({"instructions_given": False}, "instructions_given"),
    ],
)
def test_nobody_leaves_without_a_checked_driver_and_instructions(
    clinic: Clinic, resting: Session, given: dict[str, Any], field: str
) -> None:
    at = minute(clinic, 125)
    meet(clinic, resting, at)
    for who in (clinic.nurse, clinic.physician):
        with pytest.raises(Refused) as refused:
            go_home(clinic, resting, at, by=who, **given)
        assert refused.value.field == field


def test_only_a_physician_shortens_the_stay_with_reason_and_signature(clinic: Clinic, resting: Session) -> None:
    at = minute(clinic, 100)
    meet(clinic, resting, at)
    with pytest.raises(Refused, match="Only a physician may shorten it"):
        go_home(clinic, resting, at, shorten_reason="train")
    with pytest.raises(Refused, match="Write why"):
        go_home(clinic, resting, at, by=clinic.physician)
    with pytest.raises(Refused) as refused:
        go_home(clinic, resting, at, by=clinic.physician, shorten_reason="fully awake", password="wrong")
    assert refused.value.field == "password"
    assert fresh(resting).phase == "resting"
    row = go_home(clinic, resting, at, by=clinic.physician, shorten_reason="fully awake", password=PASSWORD)
    assert row.signature.staff == clinic.physician
    assert row.stay_shortened_reason == "fully awake"


OVERRIDES = """
    line           | nurse | physician
    walks          | no    | yes
    drinks         | no    | yes
    integration    | no    | yes
    blood_pressure | no    | yes
    oriented       | no    | no
    oxygen         | no    | no
    no_new_risk    | no    | no
    driver_present | no    | no
    iv_removed     | no    | no
"""
ROWS = [row.split("|") for row in OVERRIDES.strip().splitlines()[1:]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip())
def test_who_may_go_on_after_a_no(clinic: Clinic, resting: Session, row: list[str]) -> None:
    item, nurse, physician = (cell.strip() for cell in row)
    at = minute(clinic, 125)
    no = {"systolic_bp_mmhg": Decimal(161), "diastolic_bp_mmhg": Decimal(90)}
    answer = no if item == "blood_pressure" else not YES[item]
    services.answer_discharge(by=clinic.nurse, at=at, session=resting, item=item, answer=answer)
    for who, allowed in ((clinic.nurse, nurse), (clinic.physician, physician)):
        override = {"by": who, "at": at, "session": resting, "item": item, "override_reason": "weighed up"}
        if allowed == "yes":
            assert services.answer_discharge(**override).is_override
        else:
            with pytest.raises(Refused):
                services.answer_discharge(**override)


def test_values_from_before_the_end_of_the_dose_do_not_count(clinic: Clinic) -> None:
    session = clinic.running()
    for scale, answers in SCALES.items():
        services.record_score(by=clinic.nurse, at=minute(clinic, 30), session=session, scale=scale, answers=answers)
    services.stop(by=clinic.nurse, at=minute(clinic, 41), session=session)
    state = discharge_state(fresh(session), minute(clinic, 45))
    assert state is not None
    assert {line.result.state for line in state.lines} == {"unanswered"}


def test_a_rise_above_a_fifth_of_the_baseline_is_not_met(clinic: Clinic, resting: Session) -> None:
    at = minute(clinic, 70)
    for systolic, state in ((148, "ok"), (149, "not_ok")):  # baseline 124: 20 % is 148.8
        at += timedelta(minutes=1)
        services.chart_vitals(
            by=clinic.nurse,
            at=at,
            session=resting,
            values={"nibp_sys": Decimal(systolic), "nibp_dia": Decimal(80)},
        )
        found = discharge_state(resting, at)
        assert found is not None
        line = found.line("blood_pressure")
        assert line is not None
        assert line.result.state == state


def test_a_score_is_never_typed_as_a_number(clinic: Clinic, resting: Session) -> None:
    with pytest.raises(Refused, match="item by item"):
        services.answer_discharge(by=clinic.nurse, at=minute(clinic, 60), session=resting, item="aldrete", answer=10)


def test_ready_is_lost_again_when_a_criterion_is(clinic: Clinic, resting: Session) -> None:
    meet(clinic, resting, minute(clinic, 122))
    assert fresh(resting).phase == "ready_for_discharge"
    services.answer_discharge(by=clinic.nurse, at=minute(clinic, 124), session=resting, item="walks", answer=False)
    assert fresh(resting).phase == "resting"


def test_leaving_against_advice_and_transfer_hold_nobody_back(clinic: Clinic, resting: Session) -> None:
    with pytest.raises(Refused, match="Write what the patient was told"):
        services.end_early(by=clinic.nurse, at=minute(clinic, 50), session=resting, note="")
    services.transfer(by=clinic.nurse, at=minute(clinic, 50), session=resting, note="chest pain")
    assert fresh(resting).phase == "transferred"
    with pytest.raises(Refused, match="session is over"):
        services.chart_vital(by=clinic.nurse, at=minute(clinic, 51), session=resting, kind="spo2", value=Decimal(97))


def test_the_chair_is_free_after_discharge(clinic: Clinic, resting: Session) -> None:
    meet(clinic, resting, minute(clinic, 125))
    go_home(clinic, resting, minute(clinic, 126))
    later = Clinic(clinic.physician, clinic.second, clinic.nurse, clinic.chairs, clinic.lot, minute(clinic, 130))
    assert later.checked_in("Berg").chair == resting.chair
