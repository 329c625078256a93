"""What is asked of a series, what there is to give, and what comes back. All instants are aware."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from typing import Literal

from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import N_, Refused

Kind = Literal["chair", "nurse", "physician", "therapist"]
AppointmentKind = Literal["infusion", "integration"]

CLINIC = "clinic"
"""Key of the opening hours in `hours`; every appointment has to lie within them."""

PATIENT = "patient"
"""Key of the patient's own engagements in `busy`, and of the patient's wishes for the day in `hours`."""


@dataclass(frozen=True)
class Interval:
    """Half-open stretch of time: starts at `start`, is over at `end`.

    Compared in UTC, because two instants of one zone compare by the wall clock, which runs twice in autumn.
    """

    start: datetime
    end: datetime

    @cached_property
    def utc(self) -> tuple[datetime, datetime]:
        return self.start.astimezone(UTC), self.end.astimezone(UTC)

    def overlaps(self, other: Interval) -> bool:
        return self.utc[0] < other.utc[1] and other.utc[0] < self.utc[1]

    def contains(self, other: Interval) -> bool:
        return self.utc[0] <= other.utc[0] and other.utc[1] <= self.utc[1]


@dataclass(frozen=True)
class OpenHours:
    """Local working time on one weekday (0 is Monday). Several rows make split days."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True)
class Calendar:
    """Weekly hours with exceptions. `closed_on`: holidays, absence. No rows at all means never there."""

    weekly: tuple[OpenHours, ...] = ()
    closed_on: frozenset[date] = frozenset()

    def open_on(self, day: date, zone: tzinfo) -> list[Interval]:
        """Working stretches of that local day; a wall time that the clock skips is left out."""
        if day in self.closed_on:
            return []
        rows = []
        for row in self.weekly:
            start, end = local(day, row.opens, zone), local(day, row.closes, zone)
            if row.weekday == day.weekday() and start and end and row.opens < row.closes:
                rows.append(Interval(start, end))
        return rows


@dataclass(frozen=True)
class Resource:
    """A chair or a person in one role; each `id` occurs once.

    `capacity`: how many patients at once (a nurse may watch two resting patients).
    """

    id: str
    kind: Kind
    name: str
    chair_kind: str = ""
    capacity: int = 1


@dataclass(frozen=True)
class Durations:
    """Minutes of the phases, in order. The patient stays for the first three; the chair is held for all."""

    preparation: int = 15
    infusion: int = 40
    rest: int = 60
    cleaning: int = 15

    @property
    def stay(self) -> int:
        return self.preparation + self.infusion + self.rest


@dataclass(frozen=True)
class SeriesRequest:
    """One patient's series. Days are local calendar days of `zone`; gaps are counted in them.

    `block_max`: at most this many infusions in any `block_days` consecutive days. `preferred`: local stretches
    of the day that are tried first. `integration_days`: smallest and largest number of days after an infusion.
    """

    infusions: int
    gap_min_days: int
    gap_max_days: int
    earliest_on: date
    zone: tzinfo
    latest_start_on: date | None = None
    search_days: int = 28
    preferred: tuple[tuple[time, time], ...] = ()
    block_days: int = 14
    block_max: int | None = None
    durations: Durations = Durations()
    chair_kinds: tuple[str, ...] = ()
    needs_nurse: bool = True
    needs_physician: bool = True
    physician_min: int = 10
    needs_integration: bool = True
    integration_min: int = 50
    integration_days: tuple[int, int] = (1, 1)
    therapist_id: str = ""
    grid_min: int = 15

    def last_start_on(self) -> date:
        return self.latest_start_on or self.earliest_on + timedelta(days=self.search_days)


@dataclass(frozen=True)
class SeriesAppointment:
    """One appointment. `number` counts infusions from 1; an integration carries the number of its infusion.

    `end` is when the patient leaves. `held`: for each resource id, how long it is taken.
    """

    kind: AppointmentKind
    number: int
    start: datetime
    end: datetime
    held: Mapping[str, Interval] = field(default_factory=dict)
    roles: Mapping[Kind, str] = field(default_factory=dict)
    infusion_start: datetime | None = None
    infusion_end: datetime | None = None

    @property
    def stay(self) -> Interval:
        return Interval(self.start, self.end)


@dataclass(frozen=True)
class Proposal:
    """A whole series in order of time: every infusion with its integration, or nothing."""

    appointments: tuple[SeriesAppointment, ...]

    @property
    def infusions(self) -> tuple[SeriesAppointment, ...]:
        return tuple(one for one in self.appointments if one.kind == "infusion")


@dataclass(frozen=True)
class DayReason:
    """Why an infusion cannot be on that local day. `resource` is the binding kind, "" when it is the day itself."""

    number: int
    on: date
    resource: str
    reason: Reason


@dataclass(frozen=True)
class NoSeries:
    """No complete series. `summary` says how far it went; `days` explain every day that was tried there."""

    summary: Reason
    days: tuple[DayReason, ...] = ()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return (self.summary, *(day.reason for day in self.days))


Busy = Mapping[str, Sequence[Interval]]
Hours = Mapping[str, Calendar]


def local(day: date, wall: time, zone: tzinfo) -> datetime | None:
    """The instant of a wall time on that day; None for a time that the clock skips in spring."""
    at = datetime.combine(day, wall, tzinfo=zone)
    back = at.astimezone(UTC).astimezone(zone)
    return at if (back.date(), back.time()) == (day, wall) else None


def later(at: datetime, minutes: int) -> datetime:
    """`minutes` of real time after `at`, also across a change of the clock, in the zone of `at`."""
    return (at.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(at.tzinfo)


def check_request(request: SeriesRequest) -> None:
    """Raises `Refused` naming the field for a request that no calendar could ever meet."""
    if request.infusions < 1:
        raise Refused(N_("A series has at least one infusion."), field="infusions")
    if request.gap_min_days < 1:
        raise Refused(N_("There is at least one day from one infusion to the next."), field="gap_min_days")
    if request.gap_max_days < request.gap_min_days:
        raise Refused(N_("The smallest gap is above the largest."), field="gap_max_days")
    if request.block_max is not None and request.block_max < 1:
        raise Refused(N_("A block has at least one infusion."), field="block_max")
    if request.grid_min < 1 or min(request.durations.infusion, request.durations.rest) < 0:
        raise Refused(N_("Durations must be above zero minutes."), field="durations")
    low, high = request.integration_days
    if not 0 < low <= high:
        raise Refused(N_("Integration takes place at least one day after."), field="integration_days")
    if request.last_start_on() < request.earliest_on:
        raise Refused(N_("The latest first day is before the earliest."), field="latest_start_on")
