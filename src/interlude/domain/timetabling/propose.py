"""A whole series at once, by depth-first search: earliest days and preferred times first, nothing half-booked.

Deterministic: the same question gives the same answer. Complete within the grid: if it says that there is no
series, there is none (unless it stopped at `max_steps`, which it then says).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta

from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import N_
from interlude.domain.timetabling.day import Clinic, infusions_on, integrations_for, why_not
from interlude.domain.timetabling.requests import (
    Busy,
    DayReason,
    Hours,
    NoSeries,
    Proposal,
    Resource,
    SeriesAppointment,
    SeriesRequest,
    check_request,
)

Chosen = tuple[SeriesAppointment, ...]

MAX_EXPLAINED = 20
"""Beginnings of a series whose next infusion is explained; more would only repeat the same days."""


def propose_series(
    request: SeriesRequest, busy: Busy, hours: Hours, resources: Sequence[Resource], *, max_steps: int = 20_000
) -> Proposal | NoSeries:
    """The earliest series that keeps every rule, or why there is none.

    `busy`: engagements by resource id, and under "patient" the patient's own. `hours`: calendars by resource
    id and under "clinic" the opening hours (a person without a calendar is never there; a chair follows the
    clinic; "patient" limits when the patient can come). Raises `Refused` for an impossible request.
    """
    check_request(request)
    search = _Search(request, Clinic(busy, hours, resources), max_steps)
    found = search.place(1, ())
    if found is not None:
        ordered = sorted(found, key=lambda one: (one.start.astimezone(UTC), one.kind))
        return Proposal(tuple(ordered))
    return search.explanation()


class _Search:
    """State of one search: steps used, dead ends already seen, and where it got stuck furthest along."""

    def __init__(self, request: SeriesRequest, clinic: Clinic, max_steps: int) -> None:
        self.request = request
        self.clinic = clinic
        self.steps_left = max_steps
        self.dead: set[tuple[object, ...]] = set()
        self.stuck_at = 0
        self.stuck_chosen: list[Chosen] = []
        self.best_on: dict[date, Chosen | None] = {}
        # Appointments of different numbers can meet on one day only if therapy reaches the next infusion day.
        self.days_meet = request.needs_integration and request.integration_days[1] >= request.gap_min_days

    def place(self, number: int, chosen: Chosen) -> Chosen | None:
        """Complete the series from infusion `number` on; None if that is impossible."""
        if number > self.request.infusions:
            return chosen
        state = self._state(number, chosen)
        if state in self.dead:
            return None
        if number > self.stuck_at:
            self.stuck_at, self.stuck_chosen = number, []
        if number == self.stuck_at and len(self.stuck_chosen) < MAX_EXPLAINED:
            self.stuck_chosen.append(chosen)
        for day in self.days(number, chosen):
            for visit in self._visits(number, day, chosen):
                if self.steps_left <= 0:
                    return None
                self.steps_left -= 1
                done = self.place(number + 1, (*chosen, *visit))
                if done is not None:
                    return done
        self.dead.add(state)
        return None

    def days(self, number: int, chosen: Chosen) -> list[date]:
        """Local days that gap and block rules leave for this infusion, earliest first."""
        days = [self._day(one) for one in chosen if one.kind == "infusion"]
        if not days:
            span = (self.request.last_start_on() - self.request.earliest_on).days
            return [self.request.earliest_on + timedelta(days=n) for n in range(span + 1)]
        gaps = range(self.request.gap_min_days, self.request.gap_max_days + 1)
        return [day for gap in gaps if self._block_allows(days, day := days[-1] + timedelta(days=gap))]

    def _block_allows(self, days: Sequence[date], day: date) -> bool:
        limit = self.request.block_max
        first = day - timedelta(days=self.request.block_days - 1)
        return limit is None or sum(first <= one for one in days) < limit

    def _visits(self, number: int, day: date, chosen: Chosen) -> Iterator[Chosen]:
        """Infusion with its integration on that day. Where appointments of different numbers cannot meet, the
        best one is as good as any, and does not depend on the rest of the series."""
        if self.days_meet:
            yield from self._all_visits(number, day, chosen)
            return
        if day not in self.best_on:
            self.best_on[day] = next(self._all_visits(0, day, ()), None)
        best = self.best_on[day]
        if best is not None:
            yield tuple(replace(one, number=number) for one in best)

    def _all_visits(self, number: int, day: date, chosen: Chosen) -> Iterator[Chosen]:
        for infusion in infusions_on(self.request, self.clinic, day, number, chosen):
            if not self.request.needs_integration:
                yield (infusion,)
                continue
            found = False
            for therapy in integrations_for(self.request, self.clinic, infusion, (*chosen, infusion)):
                found = True
                yield (infusion, therapy)
            if not found:  # therapy is on another day: another start of the infusion cannot help
                return

    def _day(self, appointment: SeriesAppointment) -> date:
        return appointment.start.astimezone(self.request.zone).date()

    def _state(self, number: int, chosen: Chosen) -> tuple[object, ...]:
        """All of the past that can still matter: days within a block, and the last visit if days can meet."""
        days = tuple(self._day(one) for one in chosen if one.kind == "infusion")
        recent = tuple(day for day in days if (days[-1] - day).days < self.request.block_days)
        reach = self.request.integration_days[1]
        near = tuple(
            (one.start, *sorted(one.held))
            for one in chosen
            if self.days_meet and (days[-1] - self._day(one)).days <= reach
        )
        return (number, recent, near)

    def explanation(self) -> NoSeries:
        """Why it failed, at the infusion that was hardest to reach."""
        if self.steps_left <= 0:
            return NoSeries(Reason(N_("No series was found in the time allowed: widen the dates or the gaps.")))
        number = self.stuck_at
        tried: dict[date, DayReason] = {}
        for chosen in self.stuck_chosen:
            for day in self.days(number, chosen):
                if day not in tried:
                    tried[day] = why_not(self.request, self.clinic, day, number, chosen)
        rows = [tried[day] for day in sorted(tried)]
        if not rows:
            template = N_("Infusion {number} has no possible day: the block holds at most {limit} in {days} days.")
            params: dict[str, object] = {"limit": self.request.block_max, "days": self.request.block_days}
            return NoSeries(Reason(template, {"number": number, **params}))
        template = N_("Infusion {number} of {infusions} finds no place from {first} to {last}.")
        summary = {"number": number, "infusions": self.request.infusions}
        span = {"first": rows[0].on, "last": rows[-1].on}
        return NoSeries(Reason(template, {**summary, **span}), tuple(rows))
