"""Several ways to book one series, each with what it does not keep of the wishes, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta, tzinfo

from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import N_
from interlude.domain.timetabling import (
    PATIENT,
    Calendar,
    Interval,
    NoSeries,
    Proposal,
    Resource,
    SeriesAppointment,
    SeriesRequest,
)
from interlude.record.appointments.timetable import days_only

MOST_OPTIONS = 3
USUAL_HOURS = (time(8, 0), time(18, 0))
"""Tried first when nothing is wished for: a clinic that is open at night does not begin its series there."""
Proposer = Callable[..., Proposal | NoSeries]


@dataclass(frozen=True)
class Wishes:
    """What the patient would like. `weekdays`: 0 is Monday, empty means any. `between`: local wall times."""

    weekdays: tuple[int, ...] = ()
    between: tuple[time, time] | None = None
    therapist_id: str = ""


@dataclass(frozen=True)
class Option:
    """One bookable series. `breaks`: wishes that it does not keep; empty means that it keeps them all."""

    proposal: Proposal
    breaks: tuple[Reason, ...]

    @property
    def missed(self) -> int:
        """How many visits are not as wished for, by any wish."""
        return sum(int(str(reason.params["count"])) for reason in self.breaks)


@dataclass(frozen=True)
class SeriesAnswer:
    """Options, best first. `why_not`: why not everything that was wished for is possible, or nothing at all.

    `numbers`: the session numbers of the plan that the proposed sessions get, in order.
    """

    options: tuple[Option, ...]
    why_not: tuple[Reason, ...] = ()
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Question:
    """The domain's four arguments, and the proposer that answers them."""

    proposer: Proposer
    request: SeriesRequest
    busy: dict[str, list[Interval]]
    hours: dict[str, Calendar]
    resources: Sequence[Resource]
    weekdays: tuple[int, ...] = field(default=())

    def ask(self) -> Proposal | NoSeries:
        hours = dict(self.hours)
        if self.weekdays:
            hours[PATIENT] = days_only(self.weekdays)
        return self.proposer(self.request, self.busy, hours, self.resources)


def answer(question: Question, wishes: Wishes) -> SeriesAnswer:
    """The strictest attempt that has an answer, the soonest of all, and later starts; best first."""
    attempts = list(_attempts(question, wishes))
    replies: list[Proposal] = []
    why_not: tuple[Reason, ...] = ()
    for attempt in attempts:
        reply = attempt.ask()
        if isinstance(reply, Proposal):
            replies = [reply, *_soonest(attempts, attempt), *_later(attempt, reply)]
            break
        why_not = why_not or reply.reasons
    options = {_key(reply): Option(reply, tuple(_breaks(reply, question.request, wishes))) for reply in replies}
    found = sorted(options.values(), key=lambda option: (option.missed, _key(option.proposal)))
    best = tuple(found[:MOST_OPTIONS])
    keeps_all = bool(best) and not best[0].breaks
    return SeriesAnswer(best, () if keeps_all else why_not)


def _key(proposal: Proposal) -> tuple[datetime, ...]:
    return tuple(one.start.astimezone(UTC) for one in proposal.appointments)


def _attempts(question: Question, wishes: Wishes) -> Iterator[Question]:
    """From strict to free: every wish; visits on the days after; any day; any therapist; integration later."""
    request = question.request
    request = replace(request, preferred=(wishes.between or USUAL_HOURS,))
    first_day = request.integration_days[0]
    request = replace(
        request,
        therapist_id=wishes.therapist_id,
        integration_days=(first_day, first_day),
        gap_min_days=_day_between(request, first_day),
    )
    if wishes.weekdays:
        next_days = tuple(sorted({(day + first_day) % 7 for day in wishes.weekdays} | set(wishes.weekdays)))
        yield replace(question, request=request, weekdays=wishes.weekdays)
        yield replace(question, request=request, weekdays=next_days)
    yield replace(question, request=request, weekdays=())
    if wishes.therapist_id:
        request = replace(request, therapist_id="")
        yield replace(question, request=request, weekdays=())
    last_day = question.request.integration_days[1]
    if last_day > first_day and last_day < request.gap_max_days:
        gap = _day_between(question.request, last_day)
        wide = replace(request, integration_days=(first_day, last_day), gap_min_days=gap)
        yield replace(question, request=wide, weekdays=())


def _day_between(request: SeriesRequest, last_visit_day: int) -> int:
    """The shortest gap by which the visit after a session does not meet the next session on one day, where the
    plan has room for it: easier for the patient, and the search stays short."""
    gap = max(request.gap_min_days, last_visit_day + 1) if request.needs_integration else request.gap_min_days
    return gap if gap <= request.gap_max_days else request.gap_min_days


def _soonest(attempts: list[Question], used: Question) -> list[Proposal]:
    """What is possible first when weekdays do not matter, where they were asked for."""
    if not used.weekdays:
        return []
    free = next(attempt for attempt in attempts if not attempt.weekdays)
    reply = free.ask()
    return [reply] if isinstance(reply, Proposal) else []


def _later(attempt: Question, first: Proposal) -> list[Proposal]:
    """Further choices of the same kind: the first session one or more days after the first answer's."""
    found: list[Proposal] = []
    start_on = first.infusions[0].start.astimezone(attempt.request.zone).date()
    last = attempt.request.last_start_on()
    for days in (1, 2, 3, 7):
        earliest_on = start_on + timedelta(days=days)
        if len(found) >= MOST_OPTIONS - 1 or earliest_on > last:
            break
        request = replace(attempt.request, earliest_on=earliest_on, latest_start_on=last)
        reply = replace(attempt, request=request).ask()
        if isinstance(reply, NoSeries):
            break
        found.append(reply)
    return found


def _breaks(proposal: Proposal, request: SeriesRequest, wishes: Wishes) -> Iterator[Reason]:
    zone = request.zone
    local = {id(one): one.start.astimezone(zone) for one in proposal.appointments}
    sessions = proposal.infusions
    if wishes.weekdays:
        off = [one for one in sessions if local[id(one)].weekday() not in wishes.weekdays]
        if off:
            yield _counted(N_("{count} of {all} sessions on another weekday: {days}."), off, sessions, zone)
    if wishes.between is not None:
        low, high = wishes.between
        off = [one for one in sessions if not low <= local[id(one)].time() < high]
        if off:
            yield _counted(N_("{count} of {all} sessions at another time of day: {days}."), off, sessions, zone)
    visits = [one for one in proposal.appointments if one.kind == "integration"]
    on = {one.number: local[id(one)].date() for one in sessions}
    late = [one for one in visits if (local[id(one)].date() - on[one.number]).days > 1]
    if late:
        yield _counted(N_("{count} of {all} integration visits later than the next day: {days}."), late, visits, zone)
    if wishes.therapist_id:
        others = [one for one in visits if wishes.therapist_id not in one.held]
        if others:
            yield _counted(
                N_("{count} of {all} integration visits with another therapist: {days}."), others, visits, zone
            )


def _counted(
    template: str, some: Sequence[SeriesAppointment], every: Sequence[SeriesAppointment], zone: tzinfo
) -> Reason:
    days = tuple(one.start.astimezone(zone).date() for one in some)
    return Reason(template, {"count": len(some), "all": len(every), "days": days})
