from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import N_, Refused
from interlude.domain.timetabling import Proposal, SeriesAppointment, SeriesRequest, check_series
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.appointments.models import (
    FREED_STATES,
    Appointment,
    AppointmentStep,
    Kind,
    ReasonClass,
    State,
)
from interlude.record.appointments.options import Question, SeriesAnswer, Wishes, answer
from interlude.record.appointments.services.locks import lock, lock_patient
from interlude.record.appointments.services.rows import Held, create, let_therapists_see, step, tell_open_pages
from interlude.record.appointments.timetable import (
    clinic_now,
    engagements,
    follows_each_session,
    given_days,
    request_of,
)
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.patients.queries import care_team_of
from interlude.record.plans.models import Course
from interlude.record.plans.services.signing import series_task_key
from interlude.record.protocols.queries import protocol_of
from interlude.record.worklist import services as worklist

WAITING = (State.BOOKED, State.CONFIRMED)
LONGEST_SERIES = timedelta(days=400)


class SeriesRefused(Refused):
    """A series that cannot be booked as it is; `reasons` say everything that stands against it."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__(N_("Nothing was booked. {first}"), first=reasons[0])
        self.reasons = tuple(reasons)


def check_may_book_series(course: Course) -> int:
    """How many sessions are still to be booked. Raises `Refused` for an unsigned or complete course."""
    if not course.is_open:
        raise Refused(N_("A series is booked for a signed plan."))
    states = list(course.appointments.filter(kind=Kind.INFUSION).values_list("state", flat=True))
    left = course.planned_sessions - sum(state not in FREED_STATES for state in states)
    if left < 1:
        raise Refused(N_("Every session of this plan is booked or done."))
    if any(state in WAITING for state in states):
        raise Refused(N_("A part of the series is booked. Plan again everything that has not taken place."))
    return left


def _left(course: Course, replacing: bool) -> int:
    """Sessions to book: all that are not booked, or all that have not taken place when they are replaced."""
    if not replacing:
        return check_may_book_series(course)
    if not course.is_open:
        raise Refused(N_("A series is booked for a signed plan."))
    fixed = course.appointments.filter(kind=Kind.INFUSION).exclude(state__in=(*FREED_STATES, *WAITING)).count()
    left = course.planned_sessions - fixed
    if left < 1:
        raise Refused(N_("Every session of this plan is booked or done."))
    return left


def _question(course: Course, *, earliest_on: date, at: datetime, replacing: bool) -> tuple[Question, list[UUID]]:
    zone, rows, hours = clinic_now()
    left = _left(course, replacing)
    without = _given_up_ids(course) if replacing else []
    request = request_of(course, infusions=left, earliest_on=max(earliest_on, _tomorrow(at, zone)), zone=zone)
    request = _after_given(request, course, given_days(course, zone))
    since = datetime.combine(request.earliest_on, time.min, tzinfo=zone).astimezone(UTC)
    busy = engagements(course.patient_id, since - timedelta(days=1), since + LONGEST_SERIES, without=without)
    proposer = import_string(settings.INTERLUDE_PROPOSER)
    return Question(proposer, request, busy, hours, rows), without


def _given_up_ids(course: Course) -> list[UUID]:
    """Waiting sessions, and waiting visits but for those after a session that took place or is under way."""
    stays = course.appointments.filter(kind=Kind.INFUSION, state__in=(State.ARRIVED, State.DONE))
    waiting = course.appointments.filter(state__in=WAITING, kind__in=(Kind.INFUSION, Kind.INTEGRATION))
    return list(waiting.exclude(number__in=stays.values("number")).values_list("pk", flat=True))


def _tomorrow(at: datetime, zone: object) -> date:
    """The first day that can be booked: a series never starts within the day it is booked on."""
    return at.astimezone(zone).date() + timedelta(days=1)  # type: ignore[arg-type]


def _after_given(request: SeriesRequest, course: Course, days: Sequence[date]) -> SeriesRequest:
    """After sessions that took place, the next one keeps the gap to the last."""
    if not days:
        return request
    first = max(request.earliest_on, max(days) + timedelta(days=course.gap_min_days))
    return replace(request, earliest_on=first)


def propose_series(
    *,
    by: StaffMember,
    at: datetime,
    course: Course,
    earliest_on: date,
    weekdays: Sequence[int] = (),
    between: tuple[time, time] | None = None,
    replacing: bool = False,
) -> SeriesAnswer:
    """Options for the sessions that are left, with their next-day visits. Writes nothing.

    `weekdays`: days the patient would like (0 is Monday); `between`: time of day the patient would like.
    `replacing`: plan again what is booked but has not taken place. Raises `Refused` with the reason.
    """
    course = Course.objects.select_related("patient", "protocol_version").get(pk=course.pk)
    question, without = _question(course, earliest_on=earliest_on, at=at, replacing=replacing)
    therapists = [m.staff_id for m in care_team_of(course.patient_id) if m.staff.role == Role.THERAPIST]
    wishes = Wishes(
        weekdays=tuple(sorted(set(weekdays))),
        between=between,
        therapist_id=str(therapists[0]) if therapists else "",
    )
    return replace(answer(question, wishes), numbers=tuple(_free_numbers(course, without)))


def gap_reasons(course: Course, days: Sequence[date]) -> list[Reason]:
    """What is wrong with the local days of all sessions of a course together: gaps and blocks."""
    found: list[Reason] = []
    ordered = sorted(days)
    for one, two in pairwise(ordered):
        gap = (two - one).days
        params: dict[str, object] = {"one": one, "two": two, "days": gap}
        if gap < course.gap_min_days:
            text = N_("The sessions of {one} and {two} are {days} days apart; at least {limit} are needed.")
            found.append(Reason(text, {**params, "limit": course.gap_min_days}))
        if gap > course.gap_max_days:
            text = N_("The sessions of {one} and {two} are {days} days apart; at most {limit} are planned.")
            found.append(Reason(text, {**params, "limit": course.gap_max_days}))
    series = protocol_of(course.protocol_version).series
    size, span = int(series.block_max.value), int(series.block_days.value)
    for index in range(len(ordered) - size):
        if (ordered[index + size] - ordered[index]).days < span:
            text = N_("More than {limit} sessions within {days} days, up to {on}.")
            found.append(Reason(text, {"limit": size, "days": span, "on": ordered[index + size]}))
    return found


def _violations(question: Question, proposal: Proposal, course: Course, at: datetime) -> list[Reason]:
    """Everything against this proposal as the calendar is now, found by other code than the proposer's."""
    request = question.request
    first_on = min(request.earliest_on, *(a.start.astimezone(request.zone).date() for a in proposal.infusions))
    wide = replace(request, earliest_on=first_on, search_days=LONGEST_SERIES.days)
    found = [
        one.reason
        for one in check_series(proposal.appointments, wide, question.busy, question.hours, question.resources)
    ]
    given = given_days(course, request.zone)  # type: ignore[arg-type]
    planned = [one.start.astimezone(request.zone).date() for one in proposal.infusions]
    if given:
        found += [reason for reason in gap_reasons(course, [*given, *planned]) if reason not in found]
    known = {row.id for row in question.resources}
    if any(resource not in known for one in proposal.appointments for resource in one.held):
        found.append(Reason(N_("A chair or a person of this proposal is no longer there.")))
    if any(one.start.astimezone(UTC) <= at.astimezone(UTC) for one in proposal.appointments):
        found.append(Reason(N_("The proposal lies in the past. Ask for a new one.")))
    return found


def _resource_ids(question: Question, proposal: Proposal) -> tuple[set[UUID], set[UUID]]:
    kinds = {row.id: row.kind for row in question.resources}
    held = {UUID(resource) for one in proposal.appointments for resource in one.held}
    chairs = {one for one in held if kinds.get(str(one)) == "chair"}
    return chairs, held - chairs


def _free_numbers(course: Course, without: Sequence[UUID]) -> list[int]:
    """Numbers of sessions that are not taken by a session that stays, ascending."""
    stays = course.appointments.filter(kind=Kind.INFUSION).exclude(state__in=FREED_STATES).exclude(pk__in=without)
    taken = set(stays.values_list("number", flat=True))
    return [number for number in range(1, course.planned_sessions + 1) if number not in taken]


def _row(
    one: SeriesAppointment, course: Course, numbers: Sequence[int], element: str, at: datetime
) -> tuple[Appointment, list[Held]]:
    chair = one.roles.get("chair")
    appointment = Appointment(
        patient_id=course.patient_id,
        course=course,
        kind=one.kind,
        element=element if one.kind == Kind.INTEGRATION else "",
        number=numbers[one.number - 1],
        starts_at=one.start.astimezone(UTC),
        ends_at=one.end.astimezone(UTC),
        chair_id=UUID(chair) if chair else None,
        chair_until=one.held[chair].end.astimezone(UTC) if chair else None,
        booked_at=at,
    )
    people = [
        Held(UUID(who), part, one.held[who].start.astimezone(UTC), one.held[who].end.astimezone(UTC))
        for part, who in one.roles.items()
        if part != "chair"
    ]
    return appointment, people


@transaction.atomic
def book_series(
    *,
    by: Actor,
    at: datetime,
    course: Course,
    proposal: Proposal,
    replacing: bool = False,
    reason_class: str = "",
) -> list[Appointment]:
    """Book every appointment of a proposal, or none.

    The calendar is locked and the proposal checked against it as it is now. `replacing` gives up what is booked
    and has not taken place, for a `reason_class`. Raises `SeriesRefused` with every reason; nothing is changed.
    """
    if replacing and reason_class not in ReasonClass.values:
        raise Refused(N_("Choose why the series is planned again."), field="reason_class")
    lock_patient(course.patient_id)
    course = (
        Course.objects.select_for_update(of=("self",)).select_related("patient", "protocol_version").get(pk=course.pk)
    )
    rough, _without = _question(course, earliest_on=date.min, at=at, replacing=replacing)
    chairs, people = _resource_ids(rough, proposal)
    lock(patient_id=course.patient_id, chair_ids=chairs, staff_ids=people)
    question, without = _question(course, earliest_on=date.min, at=at, replacing=replacing)
    if reasons := _violations(question, proposal, course, at):
        raise SeriesRefused(reasons)
    given_up = _give_up(without, by=by, at=at, reason_class=reason_class)
    numbers = _free_numbers(course, without)
    element = follows_each_session(course)
    rows = [_row(one, course, numbers, element.kind if element else "", at) for one in proposal.appointments]
    booked = create(rows, by=by, at=at)
    detail = {"appointments": [str(row.pk) for row in booked], "given_up": [str(row.pk) for row in given_up]}
    audit.record(
        by=by,
        at=at,
        what="appointments.series.booked",
        about=course,
        patient_id=course.patient_id,
        detail=detail,
    )
    let_therapists_see(course.patient, people, by=by, at=at)
    worklist.close_by_key(by=by, at=at, key=series_task_key(course))
    tell_open_pages([*booked, *given_up])
    return booked


def _give_up(ids: Sequence[UUID], *, by: Actor, at: datetime, reason_class: str) -> list[Appointment]:
    rows = list(Appointment.objects.select_for_update().filter(pk__in=ids, state__in=WAITING))
    for row in rows:
        row.state = State.CANCELLED
        row.version += 1
    Appointment.objects.bulk_update(rows, ["state", "version"])
    AppointmentStep.objects.bulk_create([step(row, by=by, at=at, reason_class=reason_class) for row in rows])
    return rows


@transaction.atomic
def cancel_remaining(
    *, by: Actor, at: datetime, course: Course, reason_class: str = ReasonClass.COURSE_ENDED
) -> list[Appointment]:
    """Cancel whatever of a course is booked and has not begun, for instance when it ends early."""
    ids = list(course.appointments.filter(state__in=WAITING, starts_at__gt=at).values_list("pk", flat=True))
    rows = _give_up(ids, by=by, at=at, reason_class=reason_class)
    detail = {"appointments": [str(row.pk) for row in rows], "reason_class": str(reason_class)}
    audit.record(
        by=by,
        at=at,
        what="appointments.series.cancelled",
        about=course,
        patient_id=course.patient_id,
        detail=detail,
    )
    tell_open_pages(rows)
    return rows
