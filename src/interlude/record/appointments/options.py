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


@dataclass(frozen=True)
class SeriesAnswer:
    """Options, best first. `why_not`: why not everything that was wished for is possible, or nothing at all."""

    options: tuple[Option, ...]
    why_not: tuple[Reason, ...] = ()


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
    """Ask with every wish first, then with fewer, then for later starts; keep different answers, best first."""
    found: list[Option] = []
    seen: set[tuple[datetime, ...]] = set()
    why_not: tuple[Reason, ...] = ()
    for attempt in _attempts(question, wishes):
        reply = attempt.ask()
        if isinstance(reply, NoSeries):
            why_not = why_not or reply.reasons
            continue
        key = tuple(one.start.astimezone(UTC) for one in reply.appointments)
        if key not in seen:
            seen.add(key)
            found.append(Option(reply, tuple(_breaks(reply, question.request, wishes))))
    if found:
        found += _later(question, wishes, found[0], seen)
    found.sort(key=lambda option: (len(option.breaks), option.proposal.appointments[0].start.astimezone(UTC)))
    best = tuple(found[:MOST_OPTIONS])
    keeps_all = bool(best) and not best[0].breaks
    return SeriesAnswer(best, () if keeps_all else why_not)


def _attempts(question: Question, wishes: Wishes) -> Iterator[Question]:
    """From strict to free. Integration on the next day is tried before a wider window."""
    request = question.request
    if wishes.between is not None:
        request = replace(request, preferred=(wishes.between,))
    narrow = replace(request, integration_days=(request.integration_days[0],) * 2)
    therapists = [wishes.therapist_id, ""] if wishes.therapist_id else [""]
    next_days = tuple(sorted({(day + 1) % 7 for day in wishes.weekdays} | set(wishes.weekdays)))
    days = [wishes.weekdays, next_days, ()] if wishes.weekdays else [()]
    for weekdays in days:
        for therapist in therapists:
            yield replace(question, request=replace(narrow, therapist_id=therapist), weekdays=weekdays)
    if request.integration_days != narrow.integration_days:
        yield replace(question, request=request, weekdays=())


def _later(question: Question, wishes: Wishes, first: Option, seen: set[tuple[datetime, ...]]) -> list[Option]:
    """Further choices: the same wishes, with the first session one, two, ... days after the first answer's."""
    found: list[Option] = []
    start_on = first.proposal.infusions[0].start.astimezone(question.request.zone).date()
    for days in (1, 2, 3, 5, 7):
        earliest_on = start_on + timedelta(days=days)
        if len(found) >= MOST_OPTIONS or earliest_on > question.request.last_start_on():
            break
        later = replace(question.request, earliest_on=earliest_on, latest_start_on=question.request.last_start_on())
        for attempt in _attempts(replace(question, request=later), wishes):
            reply = attempt.ask()
            if isinstance(reply, NoSeries):
                continue
            key = tuple(one.start.astimezone(UTC) for one in reply.appointments)
            if key not in seen:
                seen.add(key)
                found.append(Option(reply, tuple(_breaks(reply, question.request, wishes))))
            break
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
