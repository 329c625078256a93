from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction

from interlude.domain.refusals import N_, Refused
from interlude.domain.timetabling import Interval
from interlude.record.accounts.models import StaffMember
from interlude.record.appointments.models import Appointment, Kind, ReasonClass, State
from interlude.record.appointments.services.locks import lock
from interlude.record.appointments.services.rows import (
    Held,
    audit_one,
    let_therapists_see,
    locked,
    step,
    tell_open_pages,
)
from interlude.record.appointments.services.slots import Slot, check_people, check_session_day, check_slot
from interlude.record.audit.actors import Actor
from interlude.record.clinic.models import Chair
from interlude.record.clinic.queries import clinic_zone
from interlude.record.worklist import services as worklist


def _shifted(row: Appointment, starts_at: datetime, chair: Chair | None, staff: Sequence[StaffMember] | None) -> Slot:
    """The same appointment at another time: everything that it takes moves along."""
    delta = starts_at.astimezone(UTC) - row.starts_at
    held = [Held(one.staff_id, one.part, one.held_from + delta, one.held_until + delta) for one in row.staffing.all()]
    if staff is not None:
        by_part = {one.part: one for one in held}
        held = []
        for who in staff:
            before = by_part.get(who.role)
            stay = (row.starts_at + delta, row.ends_at + delta)
            held.append(Held(who.pk, who.role, *((before.since, before.until) if before else stay)))
    until = row.chair_until + delta if row.chair_until and chair else None
    return Slot(Interval(row.starts_at + delta, row.ends_at + delta), chair, until, tuple(held))


@transaction.atomic
def move(
    *,
    by: Actor,
    at: datetime,
    appointment: Appointment,
    starts_at: datetime,
    chair: Chair | None = None,
    staff: Sequence[StaffMember] | None = None,
    reason_class: str = "",
    note: str = "",
    seen_version: int | None = None,
) -> Appointment:
    """Move an appointment to another time, chair or people (`staff` replaces them; their parts are their roles).

    A session's next-day visit moves along by the same number of days. Raises `Refused` beside its field when
    anything is not free, or the plan's gaps would be broken; then nothing is changed.
    """
    row = locked(appointment, seen_version)
    if row.state not in (State.BOOKED, State.CONFIRMED):
        raise Refused(N_("Only an appointment that has not begun can be moved."))
    if starts_at <= at:
        raise Refused(N_("This time lies in the past."), field="starts_at")
    if reason_class and reason_class not in ReasonClass.values:
        raise Refused(N_("Choose one of the list."), field="reason_class")
    chair = chair or row.chair
    check_people([(who, who.role) for who in staff or ()])
    follower = _follower(row)
    slot = _shifted(row, starts_at, chair, staff)
    pairs = [(row, slot)]
    if follower is not None:
        pairs.append((follower, _shifted(follower, _along(follower, row, starts_at), follower.chair, None)))
    people = {one.staff_id for _row, one_slot in pairs for one in one_slot.people}
    lock(patient_id=row.patient_id, chair_ids=[chair.pk] if chair else [], staff_ids=people)
    without = [one.pk for one, _slot in pairs]
    if row.kind == Kind.INFUSION and row.course is not None:
        check_session_day(row.course, starts_at, without=[row.pk])
    for one, one_slot in pairs:
        try:
            check_slot(one_slot, row.patient_id, without=without)
        except Refused as refused:
            if one is row:
                raise
            raise Refused(
                N_("The integration visit after it cannot move along: {why}"), field="starts_at", why=refused
            ) from refused
    before = row.starts_at
    for one, one_slot in pairs:
        _save_moved(one, one_slot, by=by, at=at, reason_class=reason_class, note=note if one is row else "")
    detail: dict[str, object] = {"from": before.isoformat(), "to": row.starts_at.isoformat()}
    detail |= {"chair": str(chair.pk) if chair else None, "along": str(follower.pk) if follower else None}
    audit_one(by, at, "appointments.moved", row, detail)
    let_therapists_see(row.patient, people, by=by, at=at)
    tell_open_pages([one for one, _slot in pairs])
    return row


def _follower(row: Appointment) -> Appointment | None:
    """The integration visit that belongs to a ketamine session and has not begun."""
    if row.kind != Kind.INFUSION or row.course_id is None:
        return None
    return Appointment.objects.filter(
        course_id=row.course_id,
        kind=Kind.INTEGRATION,
        number=row.number,
        state__in=(State.BOOKED, State.CONFIRMED),
    ).first()


def _along(follower: Appointment, row: Appointment, starts_at: datetime) -> datetime:
    """The follower's wall time, as many local days later as the session moves (also when clocks change)."""
    zone = clinic_zone()
    old_day, new_day = (moment.astimezone(zone).date() for moment in (row.starts_at, starts_at))
    local = follower.starts_at.astimezone(zone)
    return (local.replace(tzinfo=None) + (new_day - old_day)).replace(tzinfo=zone)


def _save_moved(row: Appointment, slot: Slot, *, by: Actor, at: datetime, reason_class: str, note: str) -> None:
    before = row.starts_at
    row.starts_at, row.ends_at = slot.stay.start, slot.stay.end
    row.chair, row.chair_until = slot.chair, slot.chair_until
    row.state, row.version = State.BOOKED, row.version + 1
    row.save(update_fields=["starts_at", "ends_at", "chair", "chair_until", "state", "version"])
    row.staffing.all().delete()
    row.staffing.bulk_create(
        [
            row.staffing.model(
                appointment=row, staff_id=one.staff_id, part=one.part, held_from=one.since, held_until=one.until
            )
            for one in slot.people
        ]
    )
    step(row, by=by, at=at, moved_from=before, reason_class=reason_class, note=note).save(force_insert=True)


@transaction.atomic
def cancel(
    *,
    by: Actor,
    at: datetime,
    appointment: Appointment,
    reason_class: str,
    note: str = "",
    seen_version: int | None = None,
) -> Appointment:
    """Cancel an appointment with a reason that can be counted; a session takes its next-day visit along.

    A cancelled session leaves a hole in the series, so a task to plan it again is opened.
    """
    row = locked(appointment, seen_version)
    if row.state not in (State.BOOKED, State.CONFIRMED, State.ARRIVED):
        raise Refused(N_("This appointment cannot be cancelled any more."))
    if reason_class not in ReasonClass.values:
        raise Refused(N_("Choose why it is cancelled."), field="reason_class")
    if reason_class == ReasonClass.OTHER and not note.strip():
        raise Refused(N_("Write the reason in a few words."), field="note")
    follower = _follower(row)
    rows = [row] + ([follower] if follower else [])
    for one in rows:
        one.state = State.CANCELLED
        one.version += 1
        one.save(update_fields=["state", "version"])
        text = note if one is row else ""
        step(one, by=by, at=at, reason_class=reason_class, note=text).save(force_insert=True)
    detail: dict[str, object] = {"reason_class": str(reason_class), "along": str(follower.pk) if follower else None}
    audit_one(by, at, "appointments.cancelled", row, detail)
    if row.kind == Kind.INFUSION and row.course is not None and row.course.is_open:
        worklist.open_task(
            by=by,
            at=at,
            kind="series",
            title=N_("Plan the series again: session {number} was cancelled"),
            title_params={"number": row.number},
            patient=row.patient,
            owner_role="front_desk",
            url_name="staff:series",
            url_args=[str(row.course_id)],
            key=f"book-series:{row.course_id}",
        )
    tell_open_pages(rows)
    return row
