"""An independent check of a series: shares no search code with the proposer, so that one can catch the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from itertools import combinations, pairwise

from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import N_
from interlude.domain.timetabling.requests import (
    CLINIC,
    PATIENT,
    Busy,
    Hours,
    Interval,
    Resource,
    SeriesAppointment,
    SeriesRequest,
)


@dataclass(frozen=True)
class Violation:
    """A broken rule in words. `number`: the infusion it belongs to; `resource`: id or "" ."""

    rule: str
    number: int
    reason: Reason
    resource: str = ""


def check_series(
    appointments: Sequence[SeriesAppointment],
    request: SeriesRequest,
    busy: Busy,
    hours: Hours,
    resources: Sequence[Resource],
) -> list[Violation]:
    """Everything that is wrong with these appointments; an empty list means that the series may be booked."""
    infusions = sorted((a for a in appointments if a.kind == "infusion"), key=lambda a: a.start.astimezone(UTC))
    found = _count(infusions, request)
    found += _gaps(infusions, request)
    found += _blocks(infusions, request)
    found += _lengths(infusions, request)
    found += _therapy(appointments, infusions, request)
    found += _hours(appointments, request, hours, resources)
    found += _needs(appointments, request, resources)
    found += _conflicts(appointments, request, busy, resources)
    return found


def _on(appointment: SeriesAppointment, request: SeriesRequest) -> date:
    return appointment.start.astimezone(request.zone).date()


def _count(infusions: Sequence[SeriesAppointment], request: SeriesRequest) -> list[Violation]:
    found = []
    if len(infusions) != request.infusions:
        reason = Reason(
            N_("{count} infusions instead of {wanted}: a series is booked whole or not at all."),
            {"count": len(infusions), "wanted": request.infusions},
        )
        found.append(Violation("count", 0, reason))
    if infusions and _on(infusions[0], request) < request.earliest_on:
        reason = Reason(
            N_("The series starts on {on}, before {earliest}."),
            {"on": _on(infusions[0], request), "earliest": request.earliest_on},
        )
        found.append(Violation("too_early", infusions[0].number, reason))
    if infusions and _on(infusions[0], request) > request.last_start_on():
        reason = Reason(
            N_("The series starts on {on}, after {latest}."),
            {"on": _on(infusions[0], request), "latest": request.last_start_on()},
        )
        found.append(Violation("too_late", infusions[0].number, reason))
    return found


def _gaps(infusions: Sequence[SeriesAppointment], request: SeriesRequest) -> list[Violation]:
    found = []
    for one, two in pairwise(infusions):
        days = (_on(two, request) - _on(one, request)).days
        params: dict[str, object] = {"first": one.number, "second": two.number, "days": days}
        if days < request.gap_min_days:
            reason = Reason(
                N_("Infusions {first} and {second} are {days} days apart; at least {limit} are needed."),
                {**params, "limit": request.gap_min_days},
            )
            found.append(Violation("gap_too_short", two.number, reason))
        if days > request.gap_max_days:
            reason = Reason(
                N_("Infusions {first} and {second} are {days} days apart; at most {limit} are allowed."),
                {**params, "limit": request.gap_max_days},
            )
            found.append(Violation("gap_too_long", two.number, reason))
    return found


def _blocks(infusions: Sequence[SeriesAppointment], request: SeriesRequest) -> list[Violation]:
    if request.block_max is None:
        return []
    found = []
    size = request.block_max + 1
    for index in range(len(infusions) - size + 1):
        first, last = infusions[index], infusions[index + size - 1]
        if (_on(last, request) - _on(first, request)).days < request.block_days:
            reason = Reason(
                N_("More than {limit} infusions within {days} days, up to infusion {number}."),
                {"limit": request.block_max, "days": request.block_days, "number": last.number},
            )
            found.append(Violation("block", last.number, reason))
    return found


def _lengths(infusions: Sequence[SeriesAppointment], request: SeriesRequest) -> list[Violation]:
    needed = timedelta(minutes=request.durations.stay)
    return [
        Violation(
            "too_short",
            one.number,
            Reason(
                N_("Infusion {number} is shorter than {minutes} minutes."),
                {"number": one.number, "minutes": needed.seconds // 60},
            ),
        )
        for one in infusions
        if one.end.astimezone(UTC) - one.start.astimezone(UTC) < needed
    ]


def _therapy(
    appointments: Sequence[SeriesAppointment], infusions: Sequence[SeriesAppointment], request: SeriesRequest
) -> list[Violation]:
    if not request.needs_integration:
        return []
    found = []
    low, high = request.integration_days
    for one in infusions:
        theirs = [a for a in appointments if a.kind == "integration" and a.number == one.number]
        days = [(_on(a, request) - _on(one, request)).days for a in theirs]
        if len(theirs) != 1:
            reason = Reason(
                N_("Infusion {number} has {count} integration sessions instead of one."),
                {"number": one.number, "count": len(theirs)},
            )
            found.append(Violation("integration", one.number, reason))
        elif not low <= days[0] <= high:
            reason = Reason(
                N_("Integration after infusion {number} is {days} days later; {low} to {high} are wanted."),
                {"number": one.number, "days": days[0], "low": low, "high": high},
            )
            found.append(Violation("integration", one.number, reason))
    return found


def _hours(
    appointments: Sequence[SeriesAppointment], request: SeriesRequest, hours: Hours, resources: Sequence[Resource]
) -> list[Violation]:
    found = []
    kinds = {resource.id: resource.kind for resource in resources}
    for one in appointments:
        day = _on(one, request)
        wanted = [(CLINIC, one.stay)] + ([(PATIENT, one.stay)] if PATIENT in hours else [])
        wanted += [(r, held) for r, held in one.held.items() if kinds.get(r) != "chair" or r in hours]
        for resource, stretch in wanted:
            rows = hours[resource].open_on(day, request.zone) if resource in hours else []
            begin, finish = stretch.start.astimezone(UTC), stretch.end.astimezone(UTC)
            if not any(row.start.astimezone(UTC) <= begin and finish <= row.end.astimezone(UTC) for row in rows):
                reason = Reason(
                    N_("Outside the hours on {on}: {resource}."), {"on": day, "resource": _name(resource, resources)}
                )
                found.append(Violation("hours", one.number, reason, resource))
    return found


def _needs(
    appointments: Sequence[SeriesAppointment], request: SeriesRequest, resources: Sequence[Resource]
) -> list[Violation]:
    found = []
    by_id = {resource.id: resource for resource in resources}
    for one in appointments:
        if one.kind == "integration":
            wanted = {"therapist"}
        else:
            wanted = {"chair"} | ({"nurse"} if request.needs_nurse else set())
            wanted |= {"physician"} if request.needs_physician else set()
        have = {by_id[i].kind for i in one.held if i in by_id}
        if wanted - have:
            reason = Reason(
                N_("Appointment {number} on {on} lacks: {kinds}."),
                {"number": one.number, "on": _on(one, request), "kinds": ", ".join(sorted(wanted - have))},
            )
            found.append(Violation("needs", one.number, reason))
        chairs = [by_id[i] for i in one.held if i in by_id and by_id[i].kind == "chair"]
        if request.chair_kinds and any(chair.chair_kind not in request.chair_kinds for chair in chairs):
            reason = Reason(N_("Infusion {number} is on a chair of another kind."), {"number": one.number})
            found.append(Violation("chair_kind", one.number, reason, chairs[0].id))
    return found


def _conflicts(
    appointments: Sequence[SeriesAppointment], request: SeriesRequest, busy: Busy, resources: Sequence[Resource]
) -> list[Violation]:
    capacity = defaultdict(lambda: 1, {resource.id: resource.capacity for resource in resources})
    taken: dict[str, list[tuple[Interval, int]]] = defaultdict(list)
    for resource, rows in busy.items():
        taken[resource] += [(row, 0) for row in rows]
    for one in appointments:
        taken[PATIENT].append((one.stay, one.number))
        for resource, stretch in one.held.items():
            taken[resource].append((stretch, one.number))
    found = []
    for resource, held in taken.items():
        for group in combinations(held, capacity[resource] + 1):
            start = max(row.start.astimezone(UTC) for row, _ in group)
            end = min(row.end.astimezone(UTC) for row, _ in group)
            number = max(n for _, n in group)
            if start < end and number > 0:
                reason = Reason(
                    N_("{resource} is taken twice on {on}."),
                    {"resource": _name(resource, resources), "on": start.astimezone(request.zone).date()},
                )
                found.append(Violation("overlap", number, reason, resource))
    return found


def _name(resource: str, resources: Sequence[Resource]) -> str:
    return next((one.name for one in resources if one.id == resource), resource)
