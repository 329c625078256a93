"""The clinic's rows as the timetabling domain reads them: resources, hours, engagements, and a course's request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from interlude.domain.protocol.schema import Protocol
from interlude.domain.timetabling import (
    CLINIC,
    PATIENT,
    Calendar,
    Durations,
    Interval,
    OpenHours,
    Resource,
    SeriesRequest,
)
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.queries import active_staff
from interlude.record.accounts.roles import CLINICAL
from interlude.record.appointments.models import FREED_STATES, Appointment, AppointmentStaff, Kind, State
from interlude.record.clinic.models import Chair
from interlude.record.clinic.queries import active_chairs, clinic_zone, opening_hours
from interlude.record.plans.models import Course, CourseElement
from interlude.record.plans.order import timing_of
from interlude.record.plans.queries import comfort_of
from interlude.record.protocols.queries import protocol_of

PREPARATION_MIN = 15
CLEANING_MIN = 15
INJECTION_MIN = 5
PHYSICIAN_MIN = 10
"""Working times of the clinic, not clinical limits: what a session takes of chair and people beside the infusion."""


def durations_of(course: Course) -> Durations:
    """Minutes of one session: the rest is the longer of the protocol's two minimum stays."""
    protocol = protocol_of(course.protocol_version)
    infusion = course.minutes or INJECTION_MIN
    after_end = int(protocol.discharge.min_after_end_min.value)
    after_start = int(protocol.discharge.min_after_start_min.value)
    return Durations(
        preparation=PREPARATION_MIN,
        infusion=infusion,
        rest=max(after_end, after_start - infusion),
        cleaning=CLEANING_MIN,
    )


def follows_each_session(course: Course) -> CourseElement | None:
    """The therapy whose visits are booked along with the series: the first that follows each session."""
    for element in course.elements.all():
        timing = timing_of(element.kind, element.timing)
        if timing is not None and timing.after_infusion_min_h is not None and not timing.same_day_allowed:
            return element
    return None


def integration_days(element: CourseElement) -> tuple[int, int]:
    """Hours after the infusion as local days: 24-48 h are the next day and the one after."""
    timing = timing_of(element.kind, element.timing)
    if timing is None or timing.after_infusion_min_h is None:
        return 1, 1
    first = max(1, int(timing.after_infusion_min_h.value) // 24)
    last = int(timing.after_infusion_max_h.value) // 24 if timing.after_infusion_max_h else first
    return first, max(first, last)


def integration_minutes(element: CourseElement) -> int:
    timing = timing_of(element.kind, element.timing)
    return int(timing.minutes.value) if timing and timing.minutes else 50


def sessions_of(course: Course, states: Iterable[str]) -> list[Appointment]:
    """Ketamine sessions of the course in these states, in order of time."""
    rows = course.appointments.filter(kind=Kind.INFUSION, state__in=list(states))
    return list(rows.order_by("starts_at"))


def given_days(course: Course, zone: ZoneInfo) -> list[date]:
    """Local days of the sessions that took place or are under way."""
    return [row.starts_at.astimezone(zone).date() for row in sessions_of(course, (State.DONE, State.ARRIVED))]


def request_of(course: Course, *, infusions: int, earliest_on: date, zone: ZoneInfo) -> SeriesRequest:
    """What the course asks of a timetable for its next `infusions` sessions."""
    protocol: Protocol = protocol_of(course.protocol_version)
    follows = follows_each_session(course)
    comfort = comfort_of(course)
    seat = comfort.seat if comfort else ""
    kinds = (seat,) if seat and Chair.objects.filter(is_active=True, kind=seat).exists() else ()
    request = SeriesRequest(
        infusions=infusions,
        gap_min_days=course.gap_min_days,
        gap_max_days=course.gap_max_days,
        earliest_on=earliest_on,
        zone=zone,
        block_days=int(protocol.series.block_days.value),
        block_max=int(protocol.series.block_max.value),
        durations=durations_of(course),
        chair_kinds=kinds,
        physician_min=PHYSICIAN_MIN,
        needs_integration=follows is not None,
    )
    if follows is not None:
        request = replace(
            request, integration_min=integration_minutes(follows), integration_days=integration_days(follows)
        )
    return request


def resources() -> list[Resource]:
    """Chairs and people that can be booked, in the order of their names."""
    chairs = [Resource(str(chair.pk), "chair", chair.name, chair_kind=chair.kind) for chair in active_chairs()]
    return chairs + [_person(staff) for staff in active_staff() if staff.role in CLINICAL]


def _person(staff: StaffMember) -> Resource:
    return Resource(str(staff.pk), staff.role, staff.display_name)  # type: ignore[arg-type]


def working_hours(rows: Iterable[Resource]) -> dict[str, Calendar]:
    """Opening hours: the clinic's are those of all its sites together, a chair's those of its site; people work
    while the clinic is open."""
    by_site: dict[UUID, list[OpenHours]] = defaultdict(list)
    for span in opening_hours():
        by_site[span.site_id].append(OpenHours(span.weekday, span.opens_at, span.closes_at))
    week = Calendar(tuple(_merged([span for spans in by_site.values() for span in spans])))
    hours = {CLINIC: week}
    for chair in active_chairs():
        hours[str(chair.pk)] = Calendar(tuple(by_site[chair.room.site_id]))
    hours.update({row.id: week for row in rows if row.kind != "chair"})
    return hours


def _merged(spans: list[OpenHours]) -> list[OpenHours]:
    """Spans of several sites with overlaps joined, so that a stretch lies within one of them."""
    joined: list[OpenHours] = []
    for span in sorted(spans, key=lambda row: (row.weekday, row.opens)):
        last = joined[-1] if joined else None
        if last and last.weekday == span.weekday and span.opens <= last.closes:
            joined[-1] = OpenHours(last.weekday, last.opens, max(last.closes, span.closes))
        else:
            joined.append(span)
    return joined


def days_only(weekdays: Iterable[int]) -> Calendar:
    """A patient who can come on these weekdays only (0 is Monday)."""
    return Calendar(tuple(OpenHours(day, time(0, 0), time(23, 59)) for day in sorted(set(weekdays))))


def engagements(
    patient_id: UUID, since: datetime, until: datetime, *, without: Iterable[UUID] = ()
) -> dict[str, list[Interval]]:
    """What is taken between two instants: by chair id, person id, and "patient" for this patient's own visits.

    `without`: appointments that are about to be given up.
    """
    busy: dict[str, list[Interval]] = defaultdict(list)
    window = Appointment.objects.exclude(state__in=FREED_STATES).exclude(pk__in=list(without))
    span = timedelta(hours=24)
    rows = window.filter(starts_at__lt=until, starts_at__gt=since - span)
    for row in rows.only("id", "patient_id", "starts_at", "ends_at", "chair_id", "chair_until"):
        if row.chair_id is not None:
            busy[str(row.chair_id)].append(Interval(row.starts_at, row.chair_until or row.ends_at))
        if row.patient_id == patient_id:
            busy[PATIENT].append(Interval(row.starts_at, row.ends_at))
    people = AppointmentStaff.objects.filter(appointment__in=rows)
    for staff_id, held_from, held_until in people.values_list("staff_id", "held_from", "held_until"):
        busy[str(staff_id)].append(Interval(held_from, held_until))
    return dict(busy)


def clinic_now() -> tuple[ZoneInfo, list[Resource], dict[str, Calendar]]:
    """Time zone, resources and hours as they are set now."""
    rows = resources()
    return clinic_zone(), rows, working_hours(rows)
