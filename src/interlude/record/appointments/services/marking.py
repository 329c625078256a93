from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from interlude.domain.refusals import N_, Refused
from interlude.domain.timetabling import Interval
from interlude.record.appointments.models import Appointment, State
from interlude.record.appointments.services.rows import Held, locked, step, tell_open_pages
from interlude.record.appointments.services.slots import Slot, check_slot
from interlude.record.appointments.states import may_become
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.clinic.queries import local_day


def check_may_mark(appointment: Appointment, state: str, at: datetime) -> None:
    """Raises `Refused` for a step that the table of states does not have, or that comes too early.

    Arrival is marked on the day itself, a missed appointment once its time has come.
    """
    if state == State.CANCELLED or not may_become(appointment.state, state):
        raise Refused(N_("The appointment is in another state by now. Reload the page."))
    if state == State.ARRIVED and local_day(appointment.starts_at) != local_day(at):
        raise Refused(N_("Arrival is marked on the day of the appointment."))
    if state == State.MISSED and at < appointment.starts_at:
        raise Refused(N_("It can be missed only once its time has come."))


def may_mark(appointment: Appointment, state: str, at: datetime) -> bool:
    """The answer to `check_may_mark` without its reason."""
    try:
        check_may_mark(appointment, state, at)
    except Refused:
        return False
    return True


@transaction.atomic
def mark(
    *, by: Actor, at: datetime, appointment: Appointment, state: str, seen_version: int | None = None
) -> Appointment:
    """Write down that an appointment is confirmed, arrived, done or missed. Saying it twice changes nothing."""
    row = locked(appointment, seen_version)
    if row.state == state:
        return row
    check_may_mark(row, state, at)
    if row.state == State.MISSED:
        _take_back_place(row)
    row.state = state
    row.version += 1
    row.save(update_fields=["state", "version"])
    if state == State.DONE:
        _release(row, at)
    step(row, by=by, at=at).save(force_insert=True)
    audit.record(by=by, at=at, what=f"appointments.{state}", about=row, patient_id=row.patient_id)
    tell_open_pages([row])
    return row


def _release(row: Appointment, at: datetime) -> None:
    """A visit that is over before its time gives chair and people free for others."""
    shortest = timedelta(minutes=1)
    if row.chair_until is not None and at < row.chair_until:
        row.chair_until = max(at, row.starts_at + shortest)
        row.save(update_fields=["chair_until"])
    for one in row.staffing.all():
        if at < one.held_until:
            one.held_until = max(at, one.held_from + shortest)
            one.save(update_fields=["held_until"])


def _take_back_place(row: Appointment) -> None:
    """A patient who comes after all is received while chair and people were not given to somebody else."""
    people = tuple(Held(one.staff_id, one.part, one.held_from, one.held_until) for one in row.staffing.all())
    slot = Slot(Interval(row.starts_at, row.ends_at), row.chair, row.chair_until, people)
    check_slot(slot, row.patient_id, without=[row.pk])
