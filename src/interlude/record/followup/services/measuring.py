"""Give out the questionnaires that the protocol asks for, anchored to sessions, and move them when sessions move."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from interlude.domain.protocol import Protocol
from interlude.domain.protocol.schema import Measure
from interlude.record.appointments.models import Appointment, Kind
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.clinic.queries import clinic_zone
from interlude.record.dosing.models import Session
from interlude.record.followup import windows
from interlude.record.followup.models import MeasuresPlanned
from interlude.record.followup.windows import Window
from interlude.record.measures import services as measures
from interlude.record.measures.models import Assignment, AssignmentState
from interlude.record.patients.models import Patient
from interlude.record.plans.models import Course
from interlude.record.protocols.queries import protocol_of

BEFORE, AFTER, LAST = "before", "after", "after_last"


def _rows(protocol: Protocol, when: str) -> list[Measure]:
    return [row for row in protocol.measurement if row.when == when and not row.only_if_licensed]


def _give_or_move(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    instrument: str,
    anchor: str,
    key: str,
    window: Window,
    existing: Assignment | None,
    course: Course,
    session: Session | None = None,
    appointment: Appointment | None = None,
) -> Assignment | None:
    """Make the assignment of a key, or give an open one its new day. What has passed already is not given out."""
    if existing is not None:
        if existing.state == AssignmentState.OPEN and existing.due_at != window.due_at:
            return measures.move(
                by=by,
                at=at,
                assignment=existing,
                due_at=window.due_at,
                opens_at=window.opens_at,
                closes_at=window.closes_at,
            )
        return existing
    if window.closes_at <= at:
        return None
    return measures.assign(
        by=by,
        at=at,
        patient=patient,
        instrument=instrument,
        due_at=window.due_at,
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        anchor=anchor,
        session_id=session.pk if session else None,
        appointment_id=appointment.pk if appointment else None,
        course_id=course.pk,
        key=key,
    )


@transaction.atomic
def plan_before(*, by: Actor, at: datetime, course: Course) -> list[Assignment]:
    """PHQ-9, GAD-7 and what else the protocol wants before each booked session of a course.

    Called again after a session was moved or cancelled it moves or withdraws them.
    """
    protocol = protocol_of(course.protocol_version)
    patient = course.patient
    appointments = Appointment.objects.filter(course=course, kind=Kind.INFUSION)
    given = {
        (row.appointment_id, row.instrument): row
        for row in Assignment.objects.filter(patient=patient, course_id=course.pk, anchor__startswith=f"{BEFORE}:")
    }
    planned = []
    for appointment in appointments:
        for row in _rows(protocol, "before_each"):
            existing = given.get((appointment.pk, row.instrument))
            if not appointment.is_live:
                if existing and existing.state == AssignmentState.OPEN and appointment.state in ("cancelled", "missed"):
                    measures.withdraw(by=by, at=at, assignment=existing)
                continue
            assignment = _give_or_move(
                by=by,
                at=at,
                patient=patient,
                instrument=row.instrument,
                anchor=f"{BEFORE}:{appointment.number}",
                key=f"{BEFORE}:{appointment.pk}:{row.instrument}",
                window=windows.before_session(appointment.starts_at),
                existing=existing,
                course=course,
                appointment=appointment,
            )
            planned += [assignment] if assignment else []
    return planned


@transaction.atomic
def plan_intake(*, by: Actor, at: datetime, course: Course) -> list[Assignment]:
    """The first questionnaires of a course, once: they give the baseline."""
    protocol = protocol_of(course.protocol_version)
    planned = []
    for row in _rows(protocol, "intake"):
        key = f"intake:{course.pk}:{row.instrument}"
        assignment = _give_or_move(
            by=by,
            at=at,
            patient=course.patient,
            instrument=row.instrument,
            anchor="intake",
            key=key,
            window=windows.intake(at),
            existing=Assignment.objects.filter(patient=course.patient, key=key).first(),
            course=course,
        )
        planned += [assignment] if assignment else []
    return planned


@transaction.atomic
def plan_measures(*, by: Actor, at: datetime, session: Session) -> list[Assignment]:
    """Plan what follows a session, anchored to the end of its dose. A second call changes nothing.

    The rhythm after the last session hangs on whichever session is the last so far: open ones of an earlier
    session move to the new anchor.
    """
    anchor_at = session.stopped_at
    if anchor_at is None or MeasuresPlanned.objects.filter(session=session).exists():
        return []
    protocol = protocol_of(session.protocol_version)
    planned = _after_each(by, at, session, protocol, anchor_at) + _after_last(by, at, session, protocol, anchor_at)
    row = MeasuresPlanned.objects.create(session=session, anchor_at=anchor_at, planned_at=at)
    audit.record(
        by=by,
        at=at,
        what="followup.measures.planned",
        about=row,
        patient_id=session.patient_id,
        detail={"count": len(planned)},
    )
    return planned


def _after_each(by: Actor, at: datetime, session: Session, protocol: Protocol, anchor_at: datetime) -> list[Assignment]:
    planned = []
    for row in _rows(protocol, "after_each"):
        hours = float(row.after_h.value) if row.after_h else 0.0
        due_at = anchor_at + timedelta(hours=hours)
        assignment = _give_or_move(
            by=by,
            at=at,
            patient=session.patient,
            instrument=row.instrument,
            anchor=f"{AFTER}:{session.number}:{hours:g}h",
            key=f"{AFTER}:{session.pk}:{row.instrument}:{hours:g}h",
            window=windows.after_session(due_at, hours),
            existing=None,
            course=session.course,
            session=session,
        )
        planned += [assignment] if assignment else []
    return planned


def _after_last(by: Actor, at: datetime, session: Session, protocol: Protocol, anchor_at: datetime) -> list[Assignment]:
    waiting = {
        (row.instrument, row.anchor): row
        for row in Assignment.objects.filter(
            patient_id=session.patient_id, anchor__startswith=f"{LAST}:", state=AssignmentState.OPEN
        )
    }
    # Days are counted on the clinic's clock, so that a change to summer time moves no questionnaire by an hour.
    local = anchor_at.astimezone(clinic_zone())
    planned = []
    for row in _rows(protocol, "after_last"):
        if row.every_days is None or row.until_day is None:
            continue
        every, until = int(row.every_days.value), int(row.until_day.value)
        first = int(row.from_day.value) if row.from_day else every
        for day in range(first, until + 1, every):
            anchor = f"{LAST}:{day}d"
            assignment = _give_or_move(
                by=by,
                at=at,
                patient=session.patient,
                instrument=row.instrument,
                anchor=anchor,
                key=f"{LAST}:{session.pk}:{row.instrument}:{day}d",
                window=windows.rhythm(local + timedelta(days=day), every),
                existing=waiting.get((row.instrument, anchor)),
                course=session.course,
                session=session,
            )
            planned += [assignment] if assignment else []
    return planned
