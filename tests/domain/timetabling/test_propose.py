"""Whole series, all or nothing: what is proposed, and why something is not."""

from __future__ import annotations

from datetime import UTC, date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from interlude.domain.refusals import Refused
from interlude.domain.timetabling import (
    Calendar,
    Durations,
    NoSeries,
    OpenHours,
    Proposal,
    Resource,
    check_series,
    propose_series,
)
from tests.domain.timetabling.clinic import (
    AMAL,
    BERLIN,
    HOURS,
    JONAS,
    LENA,
    MONDAY,
    TEAM,
    WEEK,
    at,
    away,
    request,
    taken,
)


def series(req: object = None, busy: object = None, hours: object = None, team: object = None) -> Proposal:
    result = propose_series(req or request(), busy or {}, hours or HOURS, team or TEAM)  # type: ignore[arg-type]
    assert isinstance(result, Proposal), [str(reason) for reason in result.reasons]
    assert check_series(result.appointments, req or request(), busy or {}, hours or HOURS, team or TEAM) == []  # type: ignore[arg-type]
    return result


def refused(req: object = None, busy: object = None, hours: object = None, team: object = None) -> NoSeries:
    result = propose_series(req or request(), busy or {}, hours or HOURS, team or TEAM)  # type: ignore[arg-type]
    assert isinstance(result, NoSeries)
    return result


def weekdays(result: Proposal) -> str:
    return " ".join(one.start.strftime("%a") for one in result.infusions)


def test_three_infusions_with_integration_the_next_day() -> None:
    result = series()
    # Friday is no infusion day: integration would fall on Saturday. Monday-Wednesday leads nowhere either.
    assert weekdays(result) == "Mon Thu Mon"
    first, therapy = result.appointments[:2]
    assert (first.kind, first.start, first.end) == ("infusion", at(0, 8), at(0, 9, 55))
    assert (first.infusion_start, first.infusion_end) == (at(0, 8, 15), at(0, 8, 55))
    assert first.roles == {"chair": "chair-1", "nurse": "amal", "physician": "lena"}
    assert first.held["chair-1"].end == at(0, 10, 10)  # cleaned
    assert first.held["lena"].start == at(0, 8, 15)  # free at the start of the infusion, for ten minutes
    assert first.held["lena"].end == at(0, 8, 25)
    assert (therapy.kind, therapy.number, therapy.start, therapy.end) == ("integration", 1, at(1, 8), at(1, 8, 50))


def test_preferred_times_come_first() -> None:
    result = series(request(preferred=((time(14), time(16)),)))
    assert {one.start.astimezone(BERLIN).hour for one in result.infusions} == {14}
    assert all(one.start.astimezone(BERLIN).hour == 14 for one in result.appointments)


def test_the_same_question_has_the_same_answer() -> None:
    assert series() == series()


def test_a_holiday_and_a_taken_chair_are_walked_around() -> None:
    hours = HOURS | {"clinic": away(0)}
    busy = {"chair-1": [taken(1, 8, 12)]}
    result = series(hours=hours, busy=busy)
    assert result.infusions[0].start == at(1, 12)


def test_blocks_of_fourteen_days_hold_at_most_four() -> None:
    result = series(request(infusions=6, needs_integration=False))
    days = [(one.start.date() - MONDAY).days for one in result.infusions]
    assert all(later - earlier >= 14 for earlier, later in zip(days, days[4:], strict=False))
    loose = series(request(infusions=6, needs_integration=False, block_max=None))
    assert (loose.infusions[-1].start.date() - MONDAY).days < days[-1]


def test_a_nurse_may_watch_two_patients_if_her_capacity_says_so() -> None:
    busy = {"amal": [taken(day) for day in range(60)]}
    assert "nurse" in refused(busy=busy).days[0].resource
    two = [Resource("amal", "nurse", "Amal", capacity=2) if one is AMAL else one for one in TEAM]
    assert weekdays(series(busy=busy, team=two)) == "Mon Thu Mon"


def test_daily_doses_with_therapy_on_the_next_infusion_day_do_not_overlap() -> None:
    result = series(request(infusions=2, gap_min_days=1, gap_max_days=1))
    assert weekdays(result) == "Mon Tue"
    tuesday = [one for one in result.appointments if one.start.date() == MONDAY + timedelta(days=1)]
    assert [one.kind for one in tuesday] == ["integration", "infusion"]
    assert tuesday[0].end <= tuesday[1].start


def test_therapy_may_have_a_wider_window() -> None:
    result = series(request(infusions=1, earliest_on=MONDAY + timedelta(days=4), integration_days=(1, 3)))
    assert [one.start.strftime("%a") for one in result.appointments] == ["Fri", "Mon"]


@pytest.mark.parametrize(
    ("change", "resource", "words"),
    [
        ({"team": [one for one in TEAM if one is not AMAL]}, "nurse", "2026-03-09: no nurse is free"),
        ({"team": [one for one in TEAM if one is not LENA]}, "physician", "2026-03-09: no physician is free"),
        ({"team": [one for one in TEAM if one is not JONAS]}, "therapist", "2026-03-09: no therapist is free"),
        ({"req": request(chair_kinds=("bed",))}, "chair", "2026-03-09: no bed is free long enough."),
        ({"busy": {"patient": [taken(day) for day in range(60)]}}, "patient", "2026-03-09: the patient has another"),
        ({"hours": HOURS | {"clinic": Calendar()}}, "", "2026-03-09: the clinic is closed."),
        ({"req": request(durations=Durations(infusion=600))}, "", "2026-03-09: the opening hours are too short"),
        ({"team": [JONAS]}, "several", "2026-03-09: several things are missing at once"),
    ],
    ids=["nurse", "physician", "therapist", "chair", "patient", "closed", "too long", "several"],
)  # fmt: skip
def test_a_refusal_names_the_binding_resource_and_the_day(change: dict[str, object], resource: str, words: str) -> None:
    result = refused(**change)  # type: ignore[arg-type]
    assert result.days[0].resource == resource
    assert str(result.reasons[1]).startswith(words)
    assert str(result.reasons[0]) == "Infusion 1 of 3 finds no place from 2026-03-09 to 2026-04-06."


def test_the_furthest_infusion_is_explained_and_nothing_is_half_booked() -> None:
    hours = HOURS | {"amal": away(*range(7, 60))}
    result = refused(hours=hours)
    assert str(result.reasons[0]).startswith("Infusion 3 of 3 finds no place")
    assert {day.resource for day in result.days} == {"", "nurse", "therapist"}


def test_a_block_that_leaves_no_day_is_said_so() -> None:
    req = request(infusions=5, gap_max_days=2, needs_integration=False)
    hours = {key: Calendar(tuple(OpenHours(d, time(8), time(18)) for d in range(7))) for key in HOURS}
    assert "the block holds at most 4 in 14 days" in str(refused(req, hours=hours).reasons[0])


def test_a_search_that_is_cut_short_says_so() -> None:
    result = propose_series(request(), {}, HOURS, TEAM, max_steps=1)
    assert isinstance(result, NoSeries)
    assert "time allowed" in str(result.reasons[0])


@pytest.mark.parametrize("earliest", [date(2026, 3, 26), date(2026, 10, 22)], ids=["spring", "autumn"])
def test_the_clock_change_neither_shifts_times_nor_gaps(earliest: date) -> None:
    all_week = Calendar(tuple(OpenHours(day, time(8), time(18)) for day in range(7)))
    hours = dict.fromkeys(HOURS, all_week)
    result = series(request(earliest_on=earliest, gap_min_days=3, gap_max_days=3), hours=hours)
    assert [one.start.astimezone(BERLIN).hour for one in result.infusions] == [8, 8, 8]
    assert len({one.start.utcoffset() for one in result.infusions}) == 2
    stays = {one.end.astimezone(UTC) - one.start.astimezone(UTC) for one in result.infusions}
    assert stays == {timedelta(minutes=115)}


def test_a_wall_time_that_the_clock_skips_is_never_offered() -> None:
    night = Calendar((OpenHours(6, time(1), time(6)),))
    sunday = date(2026, 3, 29)  # 02:00-03:00 does not exist in Berlin
    req = request(
        infusions=1, earliest_on=sunday, search_days=0, needs_integration=False, preferred=((time(2), time(3)),)
    )
    result = series(req, hours=dict.fromkeys(HOURS, night))
    assert result.infusions[0].start.hour == 1


def test_another_zone_counts_its_own_days() -> None:
    zone = ZoneInfo("Pacific/Auckland")
    result = series(request(zone=zone))
    assert [one.start.astimezone(zone).strftime("%a") for one in result.infusions] == ["Mon", "Thu", "Mon"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"infusions": 0}, "infusions"),
        ({"gap_min_days": 0}, "gap_min_days"),
        ({"gap_min_days": 5}, "gap_max_days"),
        ({"block_max": 0}, "block_max"),
        ({"integration_days": (0, 1)}, "integration_days"),
        ({"latest_start_on": MONDAY - timedelta(days=1)}, "latest_start_on"),
    ],
)
def test_an_impossible_request_is_refused_beside_its_field(changes: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        propose_series(request(**changes), {}, HOURS, TEAM)
    assert refusal.value.field == field


def test_a_long_series_in_a_full_clinic_is_answered_quickly() -> None:
    busy = {"chair-1": [taken(day, 8, 16) for day in range(0, 80, 3)], "jonas": [taken(day) for day in range(25, 90)]}
    result = propose_series(request(infusions=12, block_max=None), busy, HOURS, TEAM, max_steps=3000)
    assert isinstance(result, NoSeries)
    assert "therapist" in {day.resource for day in result.days}
    assert WEEK.weekly
