"""The gate: every line answered, or overridden by who may."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments.queries import facts_of
from interlude.record.assessments.services import record_fact
from interlude.record.dosing import services
from interlude.record.dosing.models import Observation, Session
from interlude.record.dosing.queries import gate
from interlude.record.dosing.queries.gate import GateLine
from interlude.record.plans import services as plans
from interlude.record.plans.models import Consent
from tests.record.dosing.builders import PASSWORD, Clinic, fresh

pytestmark = pytest.mark.django_db


def line(session: Session, clinic: Clinic, code: str) -> GateLine:
    found = gate(session, clinic.at).line(code)
    assert found is not None
    return found


def test_a_fresh_gate_is_closed_and_names_every_line(clinic: Clinic) -> None:
    session = clinic.checked_in()
    state = gate(session, clinic.at)
    assert not state.is_open
    # What the chart knows already needs no answer: consent, the named driver, the weight.
    assert {one.code for one in state.lines if one.passes} == {"consent", "driver", "weight"}
    with pytest.raises(Refused, match="order for this session is not signed"):
        services.start_infusion(by=clinic.nurse, at=clinic.at, session=session, lot=clinic.lot)


def test_all_answers_open_the_gate_and_a_no_closes_it_again(clinic: Clinic) -> None:
    session = clinic.ready()
    assert session.phase == "ready"
    assert gate(session, clinic.at).is_open
    services.answer_gate(by=clinic.nurse, at=clinic.at, session=session, item="rescue_kit", answer=False)
    assert fresh(session).phase == "checked_in"
    assert [step.action for step in session.steps.all()] == ["check_in", "pass_gate", "reopen_gate"]


@pytest.mark.parametrize(
    "item",
    [
        "identity",
        "capacity",
        "fasting",
        "alcohol_drugs",
        "pregnancy",
        "blood_pressure_hold",
        "oxygen",
        "vital_signs",
        "suicide_risk",
        "iv_access",
        "rescue_kit",
    ],
)
def test_each_unanswered_line_keeps_the_gate_closed(clinic: Clinic, item: str) -> None:
    session = clinic.checked_in()
    services.sign_order(by=clinic.physician, password=PASSWORD, at=clinic.at, session=session)
    clinic.answer_gate(session, skip=(item,))
    assert line(session, clinic, item).result.state == "unanswered"
    assert not gate(session, clinic.at).is_open
    with pytest.raises(Refused, match="The gate is not open"):
        services.start_infusion(by=clinic.nurse, at=clinic.at, session=fresh(session), lot=clinic.lot)


@pytest.mark.parametrize(("answer", "words"), [(None, "not answered in the chart"), (True, "is charted")])
def test_psychosis_unanswered_or_active_blocks_the_start(clinic: Clinic, answer: bool | None, words: str) -> None:
    session = clinic.ready()
    assert not gate(session, clinic.at).blocks
    record_fact(
        by=clinic.physician,
        at=clinic.at,
        patient=session.patient,
        code="psychosis_active",
        value=answer,
        observed_at=clinic.at,
    )
    assert any(words in str(reason) for reason in gate(session, clinic.at).blocks)
    with pytest.raises(Refused, match=words):
        services.start_infusion(by=clinic.nurse, at=clinic.at, session=fresh(session), lot=clinic.lot)


def test_a_pressure_from_the_consultation_of_the_same_day_is_not_this_sessions(clinic: Clinic) -> None:
    """Discharge compares with the pressure before the dose, so the gate asks for one that was measured here."""
    session = clinic.checked_in()
    for code, value in (("systolic_bp_mmhg", Decimal(118)), ("diastolic_bp_mmhg", Decimal(74))):
        record_fact(
            by=clinic.physician, at=clinic.at, patient=session.patient, code=code, value=value, observed_at=clinic.at
        )
    assert line(session, clinic, "blood_pressure_hold").result.state == "unanswered"
    values = {"systolic_bp_mmhg": Decimal(124), "diastolic_bp_mmhg": Decimal(78)}
    services.answer_gate(by=clinic.nurse, at=clinic.at, session=session, item="blood_pressure_hold", answer=values)
    assert line(session, clinic, "blood_pressure_hold").result.state == "ok"
    assert {row.kind for row in Observation.objects.filter(session=session)} >= {"nibp_sys", "nibp_dia"}


OVERRIDES = """
    line                | answer | nurse | physician
    identity            | no     | no    | no
    capacity            | no     | no    | no
    pregnancy           | no     | no    | no
    iv_access           | no     | no    | no
    rescue_kit          | no     | no    | no
    fasting             | no     | no    | yes
    alcohol_drugs       | no     | no    | yes
    health_changed      | no     | no    | yes
    blood_pressure_hold | no     | no    | yes
    blood_pressure      | no     | yes   | yes
    oxygen              | no     | no    | yes
    suicide_risk        | no     | no    | yes
    urinary             | no     | no    | yes
"""
NO: dict[str, Any] = {
    "identity": False,
    "capacity": False,
    "pregnancy": {"can_become_pregnant": True, "pregnant": True},
    "iv_access": False,
    "rescue_kit": False,
    "alcohol_drugs": {"alcohol_or_drugs_24h": True},
    "health_changed": True,
    "blood_pressure_hold": {"systolic_bp_mmhg": Decimal(165), "diastolic_bp_mmhg": Decimal(98)},
    "blood_pressure": {"systolic_bp_mmhg": Decimal(150), "diastolic_bp_mmhg": Decimal(88)},
    "oxygen": Decimal(91),
    "suicide_risk": {"cssrs_tier": "moderate", "phq9_item9": Decimal(1)},
    "urinary": True,
}


@pytest.mark.parametrize(
    "row", [row.split("|") for row in OVERRIDES.strip().splitlines()[1:]], ids=lambda r: r[0].strip()
)
def test_who_may_go_on_after_a_no(clinic: Clinic, row: list[str]) -> None:
    item, _answer, nurse, physician = (cell.strip() for cell in row)
    session = clinic.ready()
    answer = clinic.fasted(food_h=2) if item == "fasting" else NO[item]
    later = clinic.at + timedelta(seconds=1)
    services.answer_gate(by=clinic.nurse, at=later, session=session, item=item, answer=answer)
    for who, allowed in ((clinic.nurse, nurse), (clinic.physician, physician)):
        override = {"by": who, "at": later, "session": session, "item": item, "override_reason": "weighed up"}
        if allowed == "yes":
            assert services.answer_gate(**override).is_override
        else:
            with pytest.raises(Refused) as refused:
                services.answer_gate(**override)
            assert refused.value.field == "override_reason"


def test_an_override_ends_with_the_answer_that_it_followed(clinic: Clinic) -> None:
    session = clinic.ready()
    answer = {"by": clinic.nurse, "at": clinic.at, "session": session, "item": "health_changed", "answer": True}
    services.answer_gate(**answer)
    services.answer_gate(
        by=clinic.physician, at=clinic.at, session=session, item="health_changed", override_reason="a cold"
    )
    assert gate(session, clinic.at).is_open
    services.answer_gate(**answer)
    assert not gate(session, clinic.at).is_open


def test_an_unanswered_line_is_answered_never_overridden(clinic: Clinic) -> None:
    session = clinic.checked_in()
    with pytest.raises(Refused, match="answered with a no"):
        services.answer_gate(
            by=clinic.physician, at=clinic.at, session=session, item="fasting", override_reason="trust me"
        )


def test_fasting_is_counted_from_the_stated_times_to_now(clinic: Clinic) -> None:
    session = clinic.checked_in()
    services.answer_gate(by=clinic.nurse, at=clinic.at, session=session, item="fasting", answer=clinic.fasted(3.5, 2))
    assert gate(session, clinic.at).fasting == "asa"  # nothing is known about reflux: the stricter times
    assert line(session, clinic, "fasting").result.state == "not_ok"
    later = gate(session, clinic.at + timedelta(hours=2.5)).line("fasting")
    assert later is not None
    assert later.result.state == "ok"
    with pytest.raises(Refused, match="in the future"):
        services.answer_gate(
            by=clinic.nurse,
            at=clinic.at,
            session=session,
            item="fasting",
            answer={"last_food_at": clinic.at + timedelta(minutes=1)},
        )


def test_measured_values_become_observations_and_lasting_answers_enter_the_chart(clinic: Clinic) -> None:
    session = clinic.ready()
    kinds = set(Observation.objects.filter(session=session, source="typed").values_list("kind", flat=True))
    assert kinds == {"nibp_sys", "nibp_dia", "spo2", "heart_rate", "resp_rate"}
    assert facts_of(session.patient)["can_become_pregnant"].value is False
    assert "identity_checked" not in facts_of(session.patient)


def test_consent_that_was_taken_back_closes_the_gate_for_good(clinic: Clinic) -> None:
    session = clinic.ready()
    plans.withdraw_consent(by=session.patient, at=clinic.at, consent=Consent.objects.get())
    assert line(session, clinic, "consent").result.state == "not_ok"
    for who in (clinic.nurse, clinic.physician):
        with pytest.raises(Refused, match="Nobody may override"):
            services.answer_gate(
                by=who, at=clinic.at, session=session, item="consent", override_reason="was signed once"
            )
    with pytest.raises(Refused, match="cannot be typed"):
        services.answer_gate(by=clinic.nurse, at=clinic.at, session=session, item="consent", answer=True)


def test_a_weight_that_changed_since_the_order_is_a_no(clinic: Clinic) -> None:
    session = clinic.ready()
    later = clinic.at + timedelta(minutes=1)
    services.answer_gate(by=clinic.nurse, at=later, session=session, item="weight", answer={"weight_kg": Decimal("65")})
    assert line(session, clinic, "weight").result.state == "not_ok"
    services.sign_order(by=clinic.physician, password=PASSWORD, at=later, session=session)
    assert fresh(session).dose_ug == 32_500
    assert fresh(session).phase == "ready"


def test_shared_rules_that_are_not_approved_start_nothing(clinic: Clinic) -> None:
    """Who is eligible is judged by them: two people stand for these numbers too."""
    course = clinic.course(clinic.patient(), clinic.version(rules=False))
    session = services.open_session(by=clinic.nurse, at=clinic.at, appointment=clinic.appointment(course))
    assert [str(block) for block in gate(session, clinic.at).blocks] == [
        "The shared rules are not approved. Two people have to approve them first."
    ]
    services.sign_order(by=clinic.physician, password=PASSWORD, at=clinic.at, session=session)
    clinic.answer_gate(session)
    with pytest.raises(Refused, match="shared rules"):
        services.start_infusion(by=clinic.nurse, at=clinic.at, session=fresh(session), lot=clinic.lot)


def test_a_protocol_that_is_not_approved_starts_nothing(clinic: Clinic) -> None:
    course = clinic.course(clinic.patient(), clinic.version(approved=False))
    session = services.open_session(by=clinic.nurse, at=clinic.at, appointment=clinic.appointment(course))
    assert [str(block) for block in gate(session, clinic.at).blocks] == [
        "The protocol of this plan is not approved. Two people have to approve it first."
    ]
    with pytest.raises(Refused, match="not approved"):
        services.sign_order(by=clinic.physician, password=PASSWORD, at=clinic.at, session=session)
    clinic.answer_gate(session)
    with pytest.raises(Refused, match="not approved"):
        services.start_infusion(by=clinic.nurse, at=clinic.at, session=fresh(session), lot=clinic.lot)


def test_the_front_desk_checks_in_but_does_not_answer_the_gate(clinic: Clinic, mira: StaffMember) -> None:
    course = clinic.course(clinic.patient(), clinic.version())
    session = services.open_session(by=mira, at=clinic.at, appointment=clinic.appointment(course))
    with pytest.raises(Refused, match="physician or a nurse"):
        services.answer_gate(by=mira, at=clinic.at, session=session, item="identity", answer=True)


def test_the_driver_can_be_named_at_the_gate(clinic: Clinic) -> None:
    session = clinic.checked_in()
    services.answer_gate(
        by=clinic.nurse,
        at=clinic.at + timedelta(minutes=1),
        session=session,
        item="driver",
        answer={"driver_name": "Ida Roth", "driver_phone": "030 5550199"},
    )
    known = {fact.code: fact.value for fact in line(session, clinic, "driver").result.facts}
    assert known["driver_name"] == "Ida Roth"


def test_the_number_of_queries_of_the_gate_is_constant(clinic: Clinic, django_assert_max_num_queries: Any) -> None:
    few, many = clinic.checked_in(), clinic.checked_in("Berg", chair=1)
    clinic.answer_gate(many)
    for session in (few, many):
        session = fresh(session)
        with django_assert_max_num_queries(20):
            gate(session, clinic.at)
