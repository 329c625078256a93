"""Proposing and accepting a series; what cannot be booked is said in words and books nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse

from interlude.record.accounts.models import StaffMember
from interlude.record.appointments.models import Appointment
from interlude.record.appointments.queries import sessions_of
from interlude.record.clinic.queries import local_day
from interlude.record.plans.models import Course
from tests.record.plans.support import another_patient, booked_series, signed_course

SignIn = Callable[[StaffMember], Client]


def address(course: Course) -> str:
    return reverse("staff:series", args=[course.pk])


def propose(client: Client, course: Course, today: datetime, **wishes: Any) -> str:
    on = local_day(today) + timedelta(days=1)
    query = {"earliest_on_day": on.day, "earliest_on_month": on.month, "earliest_on_year": on.year, "between": ""}
    return client.get(f"{address(course)}?{urlencode(query | wishes, doseq=True)}").content.decode()


def tokens(page: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'name="token" value="([^"]+)"', page)]


def test_options_are_proposed_and_one_is_booked(
    signed: Course, as_: SignIn, mira: StaffMember, today: datetime
) -> None:
    page = propose(as_(mira), signed, today)
    assert "Option A" in page
    assert "Keeps every wish" in page
    assert "Book all 6 appointments" in page
    answer = as_(mira).post(address(signed), {"token": tokens(page)[0]})
    assert answer.status_code == 302
    assert len(sessions_of(signed)) == 3
    booked = as_(mira).get(address(signed)).content.decode()
    assert "3 of 3 sessions booked" in booked
    assert "Plan the rest again" in booked


def test_a_token_of_another_plan_or_a_changed_one_books_nothing(
    signed: Course, as_: SignIn, mira: StaffMember, lena: StaffMember, today: datetime
) -> None:
    other = signed_course(another_patient(1, lena), by=lena, at=today)
    token = tokens(propose(as_(mira), other, today))[0]
    for bad in (token, token[:-4] + "abcd", "nonsense"):
        answer = as_(mira).post(address(signed), {"token": bad})
        assert answer.status_code == 422
        assert "There is a problem" in answer.content.decode()
    assert not Appointment.objects.exists()


def test_what_was_booked_meanwhile_is_said_in_words(
    signed: Course, as_: SignIn, mira: StaffMember, lena: StaffMember, today: datetime
) -> None:
    token = tokens(propose(as_(mira), signed, today))[0]
    booked_series(signed_course(another_patient(1, lena), by=lena, at=today), by=lena, at=today)
    answer = as_(mira).post(address(signed), {"token": token})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Nothing was booked" in page
    assert "is taken twice on" in page
    assert not signed.appointments.exists()


def test_planning_again_asks_why(signed: Course, as_: SignIn, mira: StaffMember, today: datetime) -> None:
    booked_series(signed, by=mira, at=today)
    token = tokens(propose(as_(mira), signed, today, weekdays=["1", "3"]))[0]
    refused = as_(mira).post(address(signed), {"token": token, "replacing": "1", "reason_class": ""})
    assert refused.status_code == 422
    assert "Choose why the series is planned again." in refused.content.decode()
    fine = as_(mira).post(address(signed), {"token": token, "replacing": "1", "reason_class": "patient_wish"})
    assert fine.status_code == 302
    assert signed.appointments.filter(state="cancelled").count() == 6
    assert len(sessions_of(signed)) == 3


def test_days_of_one_reason_stand_together(signed: Course, as_: SignIn, mira: StaffMember, today: datetime) -> None:
    page = propose(as_(mira), signed, today, weekdays=["0"])
    assert "Why not every wish" in page
    assert "more days: " in page


def test_an_unsigned_plan_has_no_series(draft: Course, as_: SignIn, mira: StaffMember) -> None:
    page = as_(mira).get(address(draft)).content.decode()
    assert "A series is booked for a signed plan." in page
    assert "Propose" not in page


def test_front_desk_sees_no_dose(signed: Course, as_: SignIn, mira: StaffMember, today: datetime) -> None:
    page = propose(as_(mira), signed, today)
    assert "mg" not in re.sub(r"<[^>]+>", " ", page.split('id="main"')[1]).split()


def test_the_page_asks_as_often_for_one_session_as_for_three(
    signed: Course, as_: SignIn, lena: StaffMember, today: datetime, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for number in (1, 3):
        course = signed_course(another_patient(number, lena), by=lena, at=today, planned_sessions=number)
        booked_series(course, by=lena, at=today + timedelta(days=14 * number))
        as_(lena).get(address(course))
        with django_assert_max_num_queries(32) as asked:
            as_(lena).get(address(course))
        counts.append(len(asked))
    assert counts[0] == counts[1]
