"""A small clinic for the timetabling tests: one chair, one nurse, one physician, one therapist, weekdays 8-18."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from interlude.domain.timetabling import Calendar, Interval, OpenHours, Resource, SeriesRequest

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 3, 9)
WEEK = Calendar(tuple(OpenHours(day, time(8), time(18)) for day in range(5)))
CHAIR = Resource("chair-1", "chair", "Chair 1", "recliner")
AMAL = Resource("amal", "nurse", "Amal")
LENA = Resource("lena", "physician", "Lena")
JONAS = Resource("jonas", "therapist", "Jonas")
TEAM = [CHAIR, AMAL, LENA, JONAS]
HOURS = {"clinic": WEEK, "amal": WEEK, "lena": WEEK, "jonas": WEEK}


def request(**changes: object) -> SeriesRequest:
    values: dict[str, object] = {
        "infusions": 3, "gap_min_days": 2, "gap_max_days": 4, "earliest_on": MONDAY, "zone": BERLIN,
        "block_max": 4, "chair_kinds": ("recliner",),
    }  # fmt: skip
    return SeriesRequest(**(values | changes))  # type: ignore[arg-type]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A wall time in Berlin, `day` days after the Monday."""
    return datetime.combine(MONDAY + timedelta(days=day), time(hour, minute), tzinfo=BERLIN)


def taken(day: int, first: int = 8, last: int = 18) -> Interval:
    return Interval(at(day, first), at(day, last))


def away(*days: int) -> Calendar:
    return Calendar(WEEK.weekly, frozenset(MONDAY + timedelta(days=day) for day in days))
