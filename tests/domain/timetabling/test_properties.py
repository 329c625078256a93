"""Every proposal passes the independent check; and in tiny clinics trying everything agrees on what is possible."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, product

from hypothesis import given, settings
from hypothesis import strategies as st

from interlude.domain.timetabling import (
    Calendar,
    Durations,
    Interval,
    NoSeries,
    OpenHours,
    Proposal,
    Resource,
    SeriesAppointment,
    SeriesRequest,
    check_series,
    propose_series,
)
from tests.domain.timetabling.clinic import BERLIN, HOURS, MONDAY, TEAM, request

Busy = dict[str, list[Interval]]


def stretch(day: int, hour: int, hours: int) -> Interval:
    start = datetime.combine(MONDAY + timedelta(days=day), time(hour), tzinfo=BERLIN)
    return Interval(start, start + timedelta(hours=hours))


busy_times = st.dictionaries(
    st.sampled_from(["chair-1", "amal", "lena", "jonas", "patient"]),
    st.lists(st.builds(stretch, st.integers(0, 20), st.integers(7, 16), st.integers(1, 8)), max_size=8),
)


@settings(deadline=None, max_examples=60)
@given(busy_times, st.integers(1, 5), st.integers(1, 3), st.integers(0, 3), st.booleans(), st.integers(1, 2))
def test_every_proposal_passes_the_check(
    busy: Busy, infusions: int, gap: int, slack: int, therapy: bool, reach: int
) -> None:
    req = request(
        infusions=infusions,
        gap_min_days=gap,
        gap_max_days=gap + slack,
        search_days=7,
        needs_integration=therapy,
        integration_days=(1, reach),
        grid_min=60,
    )
    result = propose_series(req, busy, HOURS, TEAM, max_steps=2000)
    assert result == propose_series(req, busy, HOURS, TEAM, max_steps=2000)
    if isinstance(result, Proposal):
        assert check_series(result.appointments, req, busy, HOURS, TEAM) == []
    else:
        assert all(str(reason) for reason in result.reasons)


# A tiny clinic: open 9-13 on five days, hourly starts, an infusion of two hours, therapy of one.
TINY = Calendar(tuple(OpenHours(day, time(9), time(13)) for day in range(5)))
TINY_TEAM = [Resource("chair", "chair", "Chair", "recliner"), Resource("jonas", "therapist", "Jonas")]
TINY_HOURS = {"clinic": TINY, "jonas": TINY}
SLOTS = [(day, hour) for day in range(5) for hour in (9, 10, 11, 12)]


def tiny(gap: int, infusions: int) -> SeriesRequest:
    return SeriesRequest(
        infusions=infusions,
        gap_min_days=gap,
        gap_max_days=2,
        earliest_on=MONDAY,
        latest_start_on=MONDAY + timedelta(days=4),
        zone=BERLIN,
        durations=Durations(preparation=0, infusion=60, rest=60, cleaning=0),
        needs_nurse=False,
        needs_physician=False,
        integration_min=60,
        grid_min=60,
    )


def at_slot(kind: str, number: int, day: int, hour: int) -> SeriesAppointment:
    who, length = ("chair", 2) if kind == "infusion" else ("jonas", 1)
    held = stretch(day, hour, length)
    return SeriesAppointment(kind, number, held.start, held.end, held={who: held})  # type: ignore[arg-type]


def possible_by_trying_everything(req: SeriesRequest, busy: Busy) -> bool:
    """All infusion slots times all therapy slots on the day after, each set judged by the checker alone."""
    choices = [
        (at_slot("infusion", number, day, hour), at_slot("integration", number, day + 1, later))
        for number in (1,)
        for day, hour in SLOTS
        for later in (9, 10, 11, 12)
    ]
    for picked in product(choices, repeat=req.infusions):
        days = [pair[0].start for pair in picked]
        if any(one >= two for one, two in pairwise(days)):
            continue
        series = [
            SeriesAppointment(a.kind, n, a.start, a.end, held=a.held) for n, pair in enumerate(picked, 1) for a in pair
        ]
        if not check_series(series, req, busy, TINY_HOURS, TINY_TEAM):
            return True
    return False


tiny_busy = st.dictionaries(
    st.sampled_from(["chair", "jonas", "patient"]),
    st.lists(st.builds(stretch, st.integers(0, 4), st.integers(9, 12), st.integers(1, 3)), max_size=5),
)


@settings(deadline=None, max_examples=15)
@given(tiny_busy, st.sampled_from([1, 2]))
def test_trying_everything_agrees_on_what_is_possible(busy: Busy, gap: int) -> None:
    req = tiny(gap, infusions=2)
    found = propose_series(req, busy, TINY_HOURS, TINY_TEAM)
    assert isinstance(found, Proposal) == possible_by_trying_everything(req, busy)
    if isinstance(found, NoSeries):
        assert found.reasons


def test_gaps_are_local_days_across_the_clock_change() -> None:
    """Saturday 23:30 to Monday 00:30 is two local days, though only 24 hours apart in spring."""
    night = Calendar(tuple(OpenHours(day, time(0), time(23, 59)) for day in range(7)))
    req = request(earliest_on=date(2026, 3, 28), needs_integration=False, infusions=2, gap_min_days=1, gap_max_days=2)
    found = propose_series(req, {}, dict.fromkeys(HOURS, night), TEAM)
    assert isinstance(found, Proposal)
    first, second = found.infusions
    assert second.start.astimezone(UTC) - first.start.astimezone(UTC) == timedelta(hours=24)
    assert (second.start.date() - first.start.date()).days == 1
