"""A series is booked whole or not at all, and never against a rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlude.domain.refusals import Refused
from interlude.domain.timetabling import NoSeries, check_series
from interlude.record.accounts.models import StaffMember
from interlude.record.appointments import queries, services
from interlude.record.appointments.models import Appointment, AppointmentStep, ReasonClass
from interlude.record.appointments.services.series import SeriesRefused
from interlude.record.audit.models import AuditEntry
from interlude.record.clinic.models import Chair
from interlude.record.patients.models import Patient
from interlude.record.plans import services as plans
from interlude.record.plans.models import Course
from interlude.record.worklist.models import Task
from tests.record.plans.support import another_patient, booked_series, signed_course

BERLIN = ZoneInfo("Europe/Berlin")
TOMORROW = date(2026, 3, 13)


@pytest.fixture
def team(lena: StaffMember, amal: StaffMember, jonas: StaffMember) -> None:
    """One physician, one nurse, one therapist: two chairs, but one session at a time."""


@pytest.fixture
def course(noor: Patient, lena: StaffMember, team: None) -> Course:
    return signed_course(noor, by=lena)


def propose(course: Course, lena: StaffMember, now: datetime, **wishes: Any) -> Any:
    return services.propose_series(by=lena, at=now, course=course, **{"earliest_on": TOMORROW, **wishes})


def local_days(rows: list[Appointment]) -> list[date]:
    return [row.starts_at.astimezone(BERLIN).date() for row in rows]


def test_a_series_with_its_next_day_visits(course: Course, lena: StaffMember, now: datetime) -> None:
    booked = booked_series(course, by=lena)
    assert [(row.kind, row.number) for row in queries.series_of(course)] == [
        (kind, number) for number in (1, 2, 3) for kind in ("infusion", "integration")
    ]
    sessions = queries.sessions_of(course)
    days = local_days(sessions)
    assert all(2 <= (b - a).days <= 4 for a, b in pairwise(days))
    for row in sessions:
        visit = queries.integration_after(row)
        assert (local_days([visit])[0] - local_days([row])[0]).days in (1, 2)
    assert {one.part for one in sessions[0].staffing.all()} == {"nurse", "physician"}
    assert AppointmentStep.objects.filter(state="booked").count() == len(booked) == 6
    assert AuditEntry.objects.filter(what="appointments.series.booked").count() == 1
    assert Task.objects.get(key=f"book-series:{course.pk}").state == "done"


def test_a_session_takes_what_the_plan_says(course: Course, lena: StaffMember) -> None:
    row = next(row for row in booked_series(course, by=lena) if row.kind == "infusion")
    assert row.ends_at - row.starts_at == timedelta(minutes=15 + 40 + 80)  # 120 min from the start of the infusion
    assert row.chair_until - row.ends_at == timedelta(minutes=15)


def test_the_options_differ_and_keep_the_wishes_first(course: Course, lena: StaffMember, now: datetime) -> None:
    answer = propose(course, lena, now, weekdays=[0, 1, 3], between=(time(8), time(12)))
    assert 2 <= len(answer.options) <= 3
    starts = {tuple(one.start for one in option.proposal.appointments) for option in answer.options}
    assert len(starts) == len(answer.options)
    assert answer.options[0].breaks == ()
    assert [one.start.weekday() for one in answer.options[0].proposal.infusions] == [0, 3, 0]
    assert all(len(a.breaks) <= len(b.breaks) for a, b in pairwise(answer.options))


def test_a_wish_that_cannot_be_kept_is_said_in_words(course: Course, lena: StaffMember, now: datetime) -> None:
    answer = propose(course, lena, now, weekdays=[0])  # Mondays are seven days apart; four are planned at most
    words = [reason.template for option in answer.options for reason in option.breaks]
    assert any("another weekday" in text for text in words)
    assert "finds no place" in str(answer.why_not[0])


def test_no_series_at_all_says_why(noor: Patient, lena: StaffMember, amal: StaffMember, now: datetime) -> None:
    course = signed_course(noor, by=lena)  # the plan has integration, and there is no therapist
    answer = propose(course, lena, now)
    assert answer.options == ()
    assert "Infusion 1 of 3 finds no place" in str(answer.why_not[0])
    assert any("therap" in str(reason) for reason in answer.why_not)


def test_of_two_patients_with_one_proposal_the_second_is_refused_whole(
    course: Course, lena: StaffMember, now: datetime
) -> None:
    other = signed_course(another_patient(1, lena), by=lena)
    first, second = (propose(one, lena, now).options[0].proposal for one in (course, other))
    services.book_series(by=lena, at=now, course=course, proposal=first)
    with pytest.raises(SeriesRefused) as refused:
        services.book_series(by=lena, at=now, course=other, proposal=second)
    assert any("taken twice" in str(reason) for reason in refused.value.reasons)
    assert not other.appointments.exists()


def shift(proposal: Any, number: int, days: int) -> Any:
    """The same proposal with one session (and its visit) on another day."""

    def moved(one: Any) -> Any:
        if one.number != number:
            return one
        delta = timedelta(days=days)
        held = {key: replace(row, start=row.start + delta, end=row.end + delta) for key, row in one.held.items()}
        return replace(one, start=one.start + delta, end=one.end + delta, held=held)

    return replace(proposal, appointments=tuple(moved(one) for one in proposal.appointments))


# session that is put elsewhere | days | what is said
TAMPERED = """
    3 | 7   | at most 4 are allowed
    2 | -1  | apart
    1 | -2  | Outside the hours
    1 | -14 | lies in the past
"""


@pytest.mark.parametrize(
    "row",
    [[cell.strip() for cell in line.split("|")] for line in TAMPERED.strip().splitlines()],
    ids=lambda row: row[2],
)
def test_a_changed_proposal_is_refused(row: list[str], course: Course, lena: StaffMember, now: datetime) -> None:
    proposal = shift(propose(course, lena, now).options[0].proposal, int(row[0]), int(row[1]))
    with pytest.raises(SeriesRefused) as refused:
        services.book_series(by=lena, at=now, course=course, proposal=proposal)
    assert any(row[2] in str(reason) for reason in refused.value.reasons)
    assert not Appointment.objects.exists()


def test_a_series_that_is_short_is_refused(course: Course, lena: StaffMember, now: datetime) -> None:
    proposal = propose(course, lena, now).options[0].proposal
    with pytest.raises(SeriesRefused):
        services.book_series(
            by=lena, at=now, course=course, proposal=replace(proposal, appointments=proposal.appointments[:4])
        )


def test_an_unsigned_plan_is_not_booked(course: Course, lena: StaffMember, now: datetime) -> None:
    plans.end_course(by=lena, at=now, course=course)
    with pytest.raises(Refused, match="signed plan"):
        propose(course, lena, now)


def test_a_booked_series_is_not_booked_again(course: Course, lena: StaffMember, now: datetime) -> None:
    booked_series(course, by=lena)
    with pytest.raises(Refused, match="Every session"):
        propose(course, lena, now)


def test_planning_again_after_the_first_session(course: Course, lena: StaffMember, now: datetime) -> None:
    booked_series(course, by=lena)
    first = queries.sessions_of(course)[0]
    Appointment.objects.filter(pk=first.pk).update(state="done")
    later = first.starts_at + timedelta(hours=6)
    answer = propose(course, lena, later, earliest_on=later.date(), replacing=True, between=(time(13), time(18)))
    services.book_series(
        by=lena,
        at=later,
        course=course,
        proposal=answer.options[0].proposal,
        replacing=True,
        reason_class="patient_ill",
    )
    sessions = queries.sessions_of(course)
    assert [row.number for row in sessions] == [1, 2, 3]
    days = local_days(sessions)
    assert all(2 <= (b - a).days <= 4 for a, b in pairwise(days))
    assert course.appointments.filter(state="cancelled", kind="infusion").count() == 2
    given_up = AppointmentStep.objects.filter(state="cancelled")
    assert {step.reason_class for step in given_up} == {ReasonClass.PATIENT_ILL}


def test_planning_again_needs_its_reason(course: Course, lena: StaffMember, now: datetime) -> None:
    booked_series(course, by=lena)
    answer = propose(course, lena, now, replacing=True)
    with pytest.raises(Refused) as refused:
        services.book_series(by=lena, at=now, course=course, proposal=answer.options[0].proposal, replacing=True)
    assert refused.value.field == "reason_class"


def test_ending_a_course_cancels_what_is_left(course: Course, lena: StaffMember, now: datetime) -> None:
    booked_series(course, by=lena)
    services.cancel_remaining(by=lena, at=now, course=course)
    assert queries.series_of(course) == []
    assert AuditEntry.objects.filter(what="appointments.series.cancelled").count() == 1


def test_a_therapist_who_is_booked_sees_the_patient(course: Course, lena: StaffMember, jonas: StaffMember) -> None:
    assert not queries.appointments_for(jonas).exists()
    booked_series(course, by=lena)
    assert queries.appointments_for(jonas).count() == 6


def test_days_are_local_days_when_clocks_change(course: Course, lena: StaffMember, now: datetime) -> None:
    """Clocks go forward on Sunday 29-Mar-2026: Thursday 09:00 to Monday 09:00 are four days, though 95 hours."""
    at = datetime(2026, 3, 25, 8, tzinfo=UTC)
    booked_series(course, by=lena, at=at, between=(time(9), time(10)))
    rows = queries.sessions_of(course)
    assert local_days(rows)[0] == date(2026, 3, 26)
    assert {row.starts_at.astimezone(BERLIN).time() for row in rows} == {time(9)}
    assert rows[0].starts_at.astimezone(UTC).hour != rows[-1].starts_at.astimezone(UTC).hour
    start, end = queries.day_bounds(date(2026, 3, 29))
    assert end - start == timedelta(hours=23)


def nothing_fits(request: Any, busy: Any, hours: Any, resources: Any) -> NoSeries:
    from interlude.domain.instruments.data import Reason

    return NoSeries(Reason("The other proposer says no."))


@override_settings(INTERLUDE_PROPOSER=f"{__name__}.nothing_fits")
def test_a_clinic_may_name_another_proposer(course: Course, lena: StaffMember, now: datetime) -> None:
    assert [str(reason) for reason in propose(course, lena, now).why_not] == ["The other proposer says no."]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sessions=st.integers(1, 4),
    gaps=st.sampled_from([(1, 3), (2, 4), (3, 3), (2, 7)]),
    weekdays=st.sets(st.integers(0, 4)),
    early=st.booleans(),
    start=st.integers(1, 20),
)
def test_whatever_is_booked_passes_the_independent_check(
    course: Course,
    lena: StaffMember,
    now: datetime,
    sessions: int,
    gaps: tuple[int, int],
    weekdays: set[int],
    early: bool,
    start: int,
) -> None:
    from django.db import transaction

    from interlude.record.appointments.timetable import clinic_now, request_of

    with transaction.atomic():
        Course.objects.filter(pk=course.pk).update(
            planned_sessions=sessions, gap_min_days=gaps[0], gap_max_days=gaps[1]
        )
        mine = Course.objects.get(pk=course.pk)
        between = (time(8), time(12)) if early else None
        first_on = now.date() + timedelta(days=start)
        answer = propose(mine, lena, now, earliest_on=first_on, weekdays=weekdays, between=between)
        zone, resources, hours = clinic_now()
        request = request_of(mine, infusions=sessions, earliest_on=first_on, zone=zone)
        for option in answer.options:
            assert check_series(option.proposal.appointments, request, {}, hours, resources) == []
        if answer.options:
            services.book_series(by=lena, at=now, course=mine, proposal=answer.options[-1].proposal)
            assert len(queries.sessions_of(mine)) == sessions
        transaction.set_rollback(True)


def test_a_bed_is_wished_for(course: Course, lena: StaffMember, now: datetime) -> None:
    bed = Chair.objects.order_by("name").last()
    Chair.objects.filter(pk=bed.pk).update(kind="bed")
    plans.state_comfort(by=course.patient, at=now, patient=course.patient, course=course, seat="bed")
    assert {row.chair_id for row in booked_series(course, by=lena) if row.kind == "infusion"} == {bed.pk}
