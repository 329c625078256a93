from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from interlude.domain.instruments import instrument as instrument_of
from interlude.domain.refusals import N_, Refused
from interlude.record import live
from interlude.record.accounts.models import StaffMember
from interlude.record.audit import services as audit
from interlude.record.audit.actors import SYSTEM, Actor
from interlude.record.measures.models import Assignment, AssignmentState, AssignmentStep
from interlude.record.patients.models import Patient

# How long a questionnaire that was sent by hand may be answered: a proposed default, a clinic may give another end.
STAYS_OPEN = timedelta(days=7)


def step(assignment: Assignment, state: str, by: Actor, at: datetime) -> None:
    """Note one change of state in the history and beside it."""
    assignment.state = state
    assignment.save(update_fields=["state", "due_at", "opens_at", "closes_at"])
    AssignmentStep.objects.create(
        assignment=assignment,
        state=state,
        due_at=assignment.due_at,
        at=at,
        actor_kind=by.actor_kind,
        actor_id=by.actor_id,
    )


def _check_window(opens_at: datetime, due_at: datetime, closes_at: datetime) -> None:
    if not opens_at <= due_at <= closes_at or opens_at == closes_at:
        raise Refused(N_("The questionnaire must be due between its opening and its end."), field="due_at")


@transaction.atomic
def assign(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    instrument: str,
    due_at: datetime,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    anchor: str = "sent",
    session_id: UUID | None = None,
    appointment_id: UUID | None = None,
    course_id: UUID | None = None,
    key: str = "",
) -> Assignment:
    """Give a patient one questionnaire. `key` makes a second call return the one that exists already."""
    instrument_of(instrument)
    if key:
        existing = Assignment.objects.filter(patient=patient, key=key).first()
        if existing:
            return existing
    opens_at = min(at, due_at) if opens_at is None else opens_at
    closes_at = due_at + STAYS_OPEN if closes_at is None else closes_at
    _check_window(opens_at, due_at, closes_at)
    if closes_at <= at and anchor == "sent":
        raise Refused(N_("This day has passed already."), field="due_at")
    assignment = Assignment(
        patient=patient,
        instrument=instrument,
        anchor=anchor,
        due_at=due_at,
        opens_at=opens_at,
        closes_at=closes_at,
        session_id=session_id,
        appointment_id=appointment_id,
        course_id=course_id,
        key=key,
        assigned_at=at,
        assigned_by=by if isinstance(by, StaffMember) else None,
    )
    assignment.save(force_insert=True)
    step(assignment, AssignmentState.OPEN, by, at)
    audit.record(
        by=by,
        at=at,
        what="measures.assigned",
        about=assignment,
        patient_id=patient.pk,
        detail={"instrument": instrument, "anchor": anchor},
    )
    return assignment


def check_is_open(assignment: Assignment) -> None:
    if assignment.state in (AssignmentState.ANSWERED, AssignmentState.COVERED):
        raise Refused(N_("This questionnaire has been answered already."))
    if assignment.state != AssignmentState.OPEN:
        raise Refused(N_("This questionnaire is no longer open."))


@transaction.atomic
def move(
    *,
    by: Actor,
    at: datetime,
    assignment: Assignment,
    due_at: datetime,
    opens_at: datetime,
    closes_at: datetime,
) -> Assignment:
    """Give an open questionnaire another day, when what it is anchored to has moved."""
    assignment = Assignment.objects.select_for_update().get(pk=assignment.pk)
    check_is_open(assignment)
    _check_window(opens_at, due_at, closes_at)
    assignment.due_at, assignment.opens_at, assignment.closes_at = due_at, opens_at, closes_at
    step(assignment, AssignmentState.OPEN, by, at)
    audit.record(
        by=by,
        at=at,
        what="measures.moved",
        about=assignment,
        patient_id=assignment.patient_id,
        detail={"due_at": due_at.isoformat()},
    )
    return assignment


@transaction.atomic
def withdraw(*, by: Actor, at: datetime, assignment: Assignment) -> Assignment:
    """Take back a questionnaire that is not needed any more."""
    assignment = Assignment.objects.select_for_update().get(pk=assignment.pk)
    check_is_open(assignment)
    step(assignment, AssignmentState.WITHDRAWN, by, at)
    audit.record(by=by, at=at, what="measures.withdrawn", about=assignment, patient_id=assignment.patient_id)
    return assignment


@transaction.atomic
def mark_missed(*, at: datetime, by: Actor = SYSTEM) -> list[Assignment]:
    """Note every questionnaire whose time has passed as missing. Called by the task loop."""
    late = list(Assignment.objects.select_for_update().filter(state=AssignmentState.OPEN, closes_at__lte=at))
    for assignment in late:
        step(assignment, AssignmentState.MISSED, by, at)
        audit.record(by=by, at=at, what="measures.missed", about=assignment, patient_id=assignment.patient_id)
    if late:
        live.publish("today", "today.changed", {})
    return late
