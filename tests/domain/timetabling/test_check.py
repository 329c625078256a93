"""The independent check: each broken rule is found and said in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from interlude.domain.timetabling import Interval, Proposal, SeriesAppointment, check_series, propose_series
from tests.domain.timetabling.clinic import HOURS, MONDAY, TEAM, at, request, taken

REQUEST = request()
GOOD = propose_series(REQUEST, {}, HOURS, TEAM)
assert isinstance(GOOD, Proposal)
APPOINTMENTS = list(GOOD.appointments)


def moved(index: int, to: datetime) -> list[SeriesAppointment]:
    one = APPOINTMENTS[index]
    shift = to - one.start
    held = {key: Interval(row.start + shift, row.end + shift) for key, row in one.held.items()}
    changed = list(APPOINTMENTS)
    changed[index] = replace(one, start=to, end=one.end + shift, held=held)
    return changed


def rules(appointments: list[SeriesAppointment], **given: object) -> set[str]:
    busy = given.get("busy", {})
    return {v.rule for v in check_series(appointments, given.get("request", REQUEST), busy, HOURS, TEAM)}  # type: ignore[arg-type]


def words(appointments: list[SeriesAppointment]) -> list[str]:
    return [str(v.reason) for v in check_series(appointments, REQUEST, {}, HOURS, TEAM)]


def test_a_good_series_has_no_violation() -> None:
    assert rules(APPOINTMENTS) == set()


def test_gaps_are_told_in_words() -> None:
    second = next(i for i, a in enumerate(APPOINTMENTS) if a.kind == "infusion" and a.number == 2)
    short = moved(second, at(1, 10))
    assert "Infusions 1 and 2 are 1 days apart; at least 2 are needed." in words(short)
    assert "Infusions 2 and 3 are 6 days apart; at most 4 are allowed." in words(short)


@pytest.mark.parametrize(
    ("appointments", "rule"),
    [
        (APPOINTMENTS[:-2], "count"),
        (APPOINTMENTS[:1] + APPOINTMENTS[2:], "integration"),
        (moved(1, at(2, 8)), "integration"),
        (moved(0, at(0, 17)), "hours"),
        (moved(0, at(-2, 8)), "too_early"),
        ([replace(APPOINTMENTS[0], held={}), *APPOINTMENTS[1:]], "needs"),
        ([replace(APPOINTMENTS[0], end=APPOINTMENTS[0].start + timedelta(minutes=30)), *APPOINTMENTS[1:]], "too_short"),
    ],
)  # fmt: skip
def test_each_rule(appointments: list[SeriesAppointment], rule: str) -> None:
    assert rule in rules(appointments)


def test_overlaps_with_others_and_with_oneself() -> None:
    assert rules(APPOINTMENTS, busy={"chair-1": [taken(0, 9, 10)]}) == {"overlap"}
    assert rules(APPOINTMENTS, busy={"patient": [taken(0, 9, 10)]}) == {"overlap"}
    assert rules(APPOINTMENTS, busy={"lena": [taken(0, 9, 10)]}) == set()  # only needed at the start
    assert rules(APPOINTMENTS, busy={"chair-1": [Interval(at(0, 10, 10), at(0, 12))]}) == set()  # end touches start


def test_wishes_that_changed_since() -> None:
    assert rules(APPOINTMENTS, request=request(chair_kinds=("bed",))) == {"chair_kind"}
    assert rules(APPOINTMENTS, request=request(block_max=2)) == {"block"}
    assert "too_late" in rules(
        APPOINTMENTS,
        request=request(earliest_on=MONDAY - timedelta(days=9), latest_start_on=MONDAY - timedelta(days=1)),
    )
