"""A clinic in which sessions can be given in a few lines."""

from __future__ import annotations

from datetime import datetime, timedelta

from interlude.record.accounts.models import StaffMember
from interlude.record.dosing import services as dosing
from interlude.record.dosing.models import Session
from interlude.record.measures import services as measures
from interlude.record.patients.models import Patient
from interlude.record.plans.models import Course
from tests.record.dosing.builders import Clinic, fresh


def give_session(clinic: Clinic, minutes: int = 40, **which: object) -> Session:
    """A first session whose dose ran for `minutes` and was completed."""
    session = clinic.running(**which)
    at = clinic.at + timedelta(minutes=1 + minutes)
    dosing.complete(by=clinic.nurse, at=at, session=session)
    return fresh(session)


def leave(clinic: Clinic, session: Session) -> Session:
    """The chair is free again."""
    dosing.end_early(by=clinic.physician, at=clinic.at + timedelta(hours=2), session=session, note="Felt well")
    return fresh(session)


def next_session(clinic: Clinic, course: Course) -> Session:
    """One more session of the course at the clinic's time."""
    appointment = clinic.appointment(course)
    session = dosing.open_session(by=clinic.nurse, at=clinic.at, appointment=appointment)
    dosing.sign_order(by=clinic.physician, password="a long test password", at=clinic.at, session=session)
    clinic.answer_gate(session)
    dosing.start_infusion(by=clinic.nurse, at=clinic.at + timedelta(minutes=1), session=fresh(session), lot=clinic.lot)
    dosing.complete(by=clinic.nurse, at=clinic.at + timedelta(minutes=41), session=fresh(session))
    return leave(clinic, fresh(session))


def score(by: StaffMember, patient: Patient, digits: str, at: datetime, instrument: str = "phq9") -> None:
    """A questionnaire on paper, one digit for each answer ("-" left out)."""
    answers = {str(n): int(digit) for n, digit in enumerate(digits, 1) if digit != "-"}
    measures.enter_paper(by=by, at=at, patient=patient, instrument=instrument, answers=answers, answered_at=at)
