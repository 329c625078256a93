"""What one appointment takes of the clinic, and whether all of it is free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import N_, Refused
from interlude.domain.timetabling import PATIENT, Interval
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import CLINICAL
from interlude.record.appointments.models import FREED_STATES, Kind, Part
from interlude.record.appointments.services.rows import Held
from interlude.record.appointments.services.series import gap_reasons
from interlude.record.appointments.timetable import (
    CLEANING_MIN,
    PHYSICIAN_MIN,
    PREPARATION_MIN,
    clinic_now,
    durations_of,
    engagements,
)
from interlude.record.clinic.models import Chair
from interlude.record.clinic.queries import clinic_zone
from interlude.record.plans.models import Course

SHORTEST_MIN, LONGEST_MIN = 10, 480
# Hours of a day can only be written up to 23:59:59.
MIDNIGHT_GAP = timedelta(seconds=1)


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
    opening = place or hours["clinic"]
    open_ = _round_the_clock(opening.open_on(day, zone), opening.open_on(day + timedelta(days=1), zone))
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


def _round_the_clock(today: Sequence[Interval], tomorrow: Sequence[Interval]) -> list[Interval]:
    """The day's opening hours; where they run to midnight and go on at once, a visit may cross it."""
    rows = list(today)
    if rows and tomorrow and tomorrow[0].start - rows[-1].end <= MIDNIGHT_GAP:
        rows[-1] = Interval(rows[-1].start, tomorrow[0].end)
    return rows


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


def check_people(people: Sequence[tuple[StaffMember, str]]) -> None:
    for staff, part in people:
        if not staff.is_active or staff.role not in CLINICAL or part != staff.role:
            raise Refused(N_("{name} cannot be booked for this part."), field=part, name=staff.display_name)


def slot_of(
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
