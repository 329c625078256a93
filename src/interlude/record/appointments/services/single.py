from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction

from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import N_, Refused
from interlude.domain.timetabling import PATIENT, Interval
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import CLINICAL
from interlude.record.appointments.models import FREED_STATES, Appointment, Kind, Part, ReasonClass, State
from interlude.record.appointments.services.locks import lock
from interlude.record.appointments.services.rows import Held, create, let_therapists_see, step, tell_open_pages
from interlude.record.appointments.services.series import gap_reasons
from interlude.record.appointments.timetable import (
    CLEANING_MIN,
    PHYSICIAN_MIN,
    PREPARATION_MIN,
    clinic_now,
    durations_of,
    engagements,
)
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.clinic.models import Chair
from interlude.record.clinic.queries import clinic_zone
from interlude.record.patients.models import Patient
from interlude.record.plans.models import Course
from interlude.record.plans.order import therapy
from interlude.record.worklist import services as worklist

SHORTEST_MIN, LONGEST_MIN = 10, 480


@dataclass(frozen=True)
class Slot:
    """What one appointment takes: the patient's stay, a chair with its cleaning, people."""

    stay: Interval
    chair: Chair | None
    chair_until: datetime | None
    people: tuple[Held, ...]


def check_slot(slot: Slot, patient_id: UUID, *, without: Sequence[UUID] = ()) -> None:
    """Raises `Refused` in words when the clinic is closed, or the chair, a person or the patient is not free."""
    zone, rows, hours = clinic_now()
    names = {row.id: row.name for row in rows}
    last = slot.chair_until or slot.stay.end
    busy = engagements(patient_id, slot.stay.start - timedelta(days=1), last + timedelta(days=1), without=without)
    place = hours.get(str(slot.chair.pk)) if slot.chair else None
    day = slot.stay.start.astimezone(zone).date()
    open_ = (place or hours["clinic"]).open_on(day, zone)
    if not any(row.contains(slot.stay) for row in open_):
        raise _closed(open_, slot.stay, day)
    if slot.chair is not None and not slot.chair.is_active:
        raise Refused(N_("{chair} is out of use."), field="chair", chair=slot.chair.name)
    wanted = [(PATIENT, slot.stay, "starts_at", N_("The patient has another appointment from {start} to {end}."))]
    if slot.chair is not None and slot.chair_until is not None:
        text = N_("{who} is taken from {start} to {end}.")
        wanted.append((str(slot.chair.pk), Interval(slot.stay.start, slot.chair_until), "chair", text))
    for one in slot.people:
        if str(one.staff_id) not in names:
            raise Refused(N_("This person cannot be booked."), field=one.part)
        text = N_("{who} is taken from {start} to {end}.")
        wanted.append((str(one.staff_id), Interval(one.since, one.until), one.part, text))
    for resource, stretch, field, text in wanted:
        for other in sorted(busy.get(resource, ()), key=lambda row: row.utc):
            if stretch.overlaps(other):
                start, end = (moment.astimezone(zone).time() for moment in (other.start, other.end))
                raise Refused(text, field=field, who=names.get(resource, ""), start=start, end=end)


def _closed(open_: Sequence[Interval], stay: Interval, day: object) -> Refused:
    if not open_:
        return Refused(N_("The clinic is closed on {day}."), field="starts_at", day=day)
    return Refused(
        N_("The clinic is open from {opens} to {closes} on {day}; this visit would end at {end}."),
        field="starts_at",
        opens=open_[0].start.time(),
        closes=open_[-1].end.time(),
        day=day,
        end=stay.end.astimezone(open_[0].start.tzinfo).time(),
    )


def check_session_day(course: Course, starts_at: datetime, *, without: Sequence[UUID] = ()) -> None:
    """Raises `Refused` when a session on that local day breaks the plan's gaps or blocks."""
    zone = clinic_zone()
    rows = course.appointments.filter(kind=Kind.INFUSION).exclude(state__in=FREED_STATES).exclude(pk__in=without)
    days = [row.astimezone(zone).date() for row in rows.values_list("starts_at", flat=True)]
    reasons: list[Reason] = gap_reasons(course, [*days, starts_at.astimezone(zone).date()])
    if reasons:
        raise Refused(reasons[0].template, field="starts_at", **reasons[0].params)


def _check_people(people: Sequence[tuple[StaffMember, str]]) -> None:
    for staff, part in people:
        if not staff.is_active or staff.role not in CLINICAL or part != staff.role:
            raise Refused(N_("{name} cannot be booked for this part."), field=part, name=staff.display_name)


def _slot(
    kind: str,
    course: Course | None,
    starts_at: datetime,
    minutes: int | None,
    chair: Chair | None,
    people: Sequence[tuple[StaffMember, str]],
) -> Slot:
    """A session takes what its plan says; any other visit takes its people and chair for its whole length."""
    if kind == Kind.INFUSION and course is not None:
        times = durations_of(course)
        end = starts_at + timedelta(minutes=times.stay)
        begin = starts_at + timedelta(minutes=PREPARATION_MIN)
        short = (begin, begin + timedelta(minutes=PHYSICIAN_MIN))
        held = tuple(
            Held(who.pk, part, *(short if part == Part.PHYSICIAN else (starts_at, end))) for who, part in people
        )
        return Slot(Interval(starts_at, end), chair, end + timedelta(minutes=CLEANING_MIN), held)
    if minutes is None or not SHORTEST_MIN <= minutes <= LONGEST_MIN:
        raise Refused(N_("Enter {low} to {high} minutes."), field="minutes", low=SHORTEST_MIN, high=LONGEST_MIN)
    end = starts_at + timedelta(minutes=minutes)
    held = tuple(Held(who.pk, part, starts_at, end) for who, part in people)
    return Slot(Interval(starts_at, end), chair, end if chair else None, held)


def _check_kind(kind: str, course: Course | None, patient: Patient, element: str, chair: Chair | None) -> None:
    if kind not in Kind.values:
        raise Refused(N_("Choose what the appointment is for."), field="kind")
    if course is not None and course.patient_id != patient.pk:
        raise Refused(N_("This is another person's course."), field="course")
    if kind == Kind.INFUSION:
        if course is None or not course.is_open:
            raise Refused(N_("A session needs a signed plan."), field="kind")
        if chair is None:
            raise Refused(N_("Choose a chair."), field="chair")
    if kind == Kind.COMPLEMENTARY and therapy(element) is None:
        raise Refused(N_("Choose which therapy it is."), field="element")


def _next_number(course: Course) -> int:
    rows = course.appointments.filter(kind=Kind.INFUSION).exclude(state__in=FREED_STATES)
    taken = set(rows.values_list("number", flat=True))
    number = next(n for n in range(1, len(taken) + 2) if n not in taken)
    if number > course.planned_sessions:
        raise Refused(N_("Every session of this plan is booked or done."), field="kind")
    return number


@transaction.atomic
def book(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    kind: str,
    starts_at: datetime,
    minutes: int | None = None,
    course: Course | None = None,
    element: str = "",
    chair: Chair | None = None,
    people: Sequence[tuple[StaffMember, str]] = (),
) -> Appointment:
    """Book one appointment. A ketamine session (`kind` "infusion") takes its length and number from the plan.

    `people`: (person, part); the part is the person's role. Raises `Refused` beside its field (`starts_at`,
    `minutes`, `chair`, `element`, `kind`, or the part of the person who is not free).
    """
    _check_kind(kind, course, patient, element, chair)
    _check_people(people)
    if kind in (Kind.CONSULTATION, Kind.INTEGRATION, Kind.COMPLEMENTARY) and not people:
        raise Refused(N_("Choose who sees the patient."), field=Part.THERAPIST)
    if starts_at <= at:
        raise Refused(N_("This time lies in the past."), field="starts_at")
    chair_ids = [chair.pk] if chair else []
    lock(patient_id=patient.pk, chair_ids=chair_ids, staff_ids=[staff.pk for staff, _part in people])
    slot = _slot(kind, course, starts_at, minutes, chair, people)
    number = None
    if kind == Kind.INFUSION and course is not None:
        number = _next_number(course)
        check_session_day(course, starts_at)
    check_slot(slot, patient.pk)
    appointment = Appointment(
        patient=patient,
        course=course,
        kind=kind,
        element=element if kind == Kind.COMPLEMENTARY else "",
        number=number,
        starts_at=slot.stay.start.astimezone(UTC),
        ends_at=slot.stay.end.astimezone(UTC),
        chair=chair,
        chair_until=slot.chair_until,
        booked_at=at,
    )
    create([(appointment, list(slot.people))], by=by, at=at)
    _audit(by, at, "appointments.booked", appointment, {"kind": kind, "starts_at": appointment.starts_at.isoformat()})
    let_therapists_see(patient, [staff.pk for staff, _part in people], by=by, at=at)
    tell_open_pages([appointment])
    return appointment


def _audit(by: Actor, at: datetime, what: str, appointment: Appointment, detail: dict[str, object]) -> None:
    audit.record(by=by, at=at, what=what, about=appointment, patient_id=appointment.patient_id, detail=detail)


def locked(appointment: Appointment, seen_version: int | None) -> Appointment:
    """The row, held until this transaction ends. Raises `Refused` when the page shows an older state of it."""
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("patient", "course", "chair")
    row = rows.get(pk=appointment.pk)
    if seen_version is not None and seen_version != row.version:
        raise Refused(N_("This appointment was changed meanwhile. Nothing was saved: look at it again first."))
    return row


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
    _check_people([(who, who.role) for who in staff or ()])
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
    _audit(by, at, "appointments.moved", row, detail)
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
    _audit(by, at, "appointments.cancelled", row, detail)
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
