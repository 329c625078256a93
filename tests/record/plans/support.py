"""Patients on their way to a plan and a series, made by the services that staff would use."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from interlude.record.accounts.models import StaffMember
from interlude.record.appointments import services as appointments
from interlude.record.appointments.models import Appointment
from interlude.record.assessments import services as assessments
from interlude.record.assessments.queries import eligibility_picture
from interlude.record.audit.actors import SYSTEM
from interlude.record.clinic.queries import local_day
from interlude.record.patients import services as patients
from interlude.record.patients.models import Patient
from interlude.record.plans import services
from interlude.record.plans.models import Course
from interlude.record.plans.order import Plan, starting_plan
from interlude.record.protocols import services as protocols
from interlude.record.protocols.models import ProtocolVersion
from interlude.record.protocols.queries import protocol_of
from tests.conftest import NOW, PASSWORD
from tests.record.assessments.conftest import harmless_answers


def another_patient(number: int, by: StaffMember) -> Patient:
    return patients.register(
        by=by, at=NOW, family_name=f"Family{number}", given_name=f"Given{number}", born_on=date(1970 + number, 1, 2)
    )


def version(key: str = "trd-iv") -> ProtocolVersion:
    protocols.load_library(by=SYSTEM, at=NOW)
    return ProtocolVersion.objects.filter(key=key).order_by("-version").first()


def weigh(patient: Patient, weight_kg: str, *, by: StaffMember, at: datetime = NOW, height_cm: str = "") -> None:
    values: dict[str, Any] = {"weight_kg": Decimal(weight_kg)}
    if height_cm:
        values["height_cm"] = Decimal(height_cm)
    assessments.record_facts(by=by, at=at, patient=patient, values=values, observed_at=at)


def make_eligible(patient: Patient, *, by: StaffMember, at: datetime = NOW, weight_kg: str = "70.5") -> None:
    """Chart harmless answers and sign that the patient is eligible."""
    answers = harmless_answers() | {"weight_kg": Decimal(weight_kg)}
    assessments.record_facts(by=by, at=at, patient=patient, values=answers, observed_at=at - timedelta(minutes=5))
    assessments.review_medicines(by=by, at=at, patient=patient, takes_none=True)
    picture = eligibility_picture(patient, local_day(at))
    reasons = {row.code: "Looked at together." for row in picture.results if row.state != "clear"}
    assessments.decide_eligibility(
        by=by,
        password=PASSWORD,
        at=at,
        patient=patient,
        outcome="eligible",
        seen_inputs_sha256=picture.sha256,
        overrides=reasons,
    )


def plan_for(key: str = "trd-iv", **changes: Any) -> Plan:
    """The protocol's own plan with some values changed."""
    values = starting_plan(protocol_of(version(key)))
    return Plan(**{**{name: getattr(values, name) for name in Plan.__dataclass_fields__}, **changes})


def signed_course(
    patient: Patient, *, by: StaffMember, at: datetime = NOW, key: str = "trd-iv", **changes: Any
) -> Course:
    """An eligible patient with a signed plan."""
    make_eligible(patient, by=by, at=at)
    course = services.draft_course(
        by=by, at=at, patient=patient, protocol_version=version(key), plan=plan_for(key, **changes)
    )
    return services.sign_course(by=by, password=PASSWORD, at=at, course=course)


def booked_series(course: Course, *, by: StaffMember, at: datetime = NOW, **wishes: Any) -> list[Appointment]:
    """The first option for the course, booked."""
    answer = appointments.propose_series(
        by=by, at=at, course=course, earliest_on=local_day(at) + timedelta(days=1), **wishes
    )
    return appointments.book_series(by=by, at=at, course=course, proposal=answer.options[0].proposal)
