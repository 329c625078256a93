"""The page on which a second person computes the dose: it never shows the first result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from interlude.record.accounts.models import StaffMember
from interlude.record.plans import services
from interlude.record.plans.models import Course, DoseCheck

SignIn = Callable[[StaffMember], Client]


def address(course: Course) -> str:
    return reverse("staff:plan_check", args=[course.pk])


def course_page(course: Course, client: Client) -> str:
    return client.get(reverse("staff:course", args=[course.pk])).content.decode()


def test_the_page_shows_what_to_compute_from_and_not_the_result(signed: Course, as_: SignIn, amal: StaffMember) -> None:
    page = as_(amal).get(address(signed)).content.decode()
    assert "0.5 mg/kg" in page
    assert "70.5 kg" in page
    for shown in ("35.25", "35,25", "35250", "52.875"):
        assert shown not in page


# typed | status | what the page that follows says
TYPED = [
    ("35,25", 302, "Checked by Amal"),
    ("35.25", 302, "Checked by Amal"),
    ("35.3", 302, "A second person computed another dose"),
    ("35.250", 422, "35.250 can be read as 35.25 or as 35250"),
    ("", 422, "Enter"),
    ("0", 422, "Enter the dose of one session in mg."),
    ("35 mg", 422, "not a plain number"),
]


@pytest.mark.parametrize(("typed", "status", "words"), TYPED)
def test_what_is_typed(typed: str, status: int, words: str, signed: Course, as_: SignIn, amal: StaffMember) -> None:
    client = as_(amal)
    answer = client.post(address(signed), {"typed_mg": typed})
    assert answer.status_code == status
    page = answer.content.decode() if status == 422 else course_page(signed, client)
    assert words in page
    assert DoseCheck.objects.count() == (1 if status == 302 else 0)
    if status == 422:
        assert "35.25 mg" not in page
        assert f'value="{typed}"' in page or not typed


def test_the_plan_says_who_checked_and_who_has_to(
    signed: Course, as_: SignIn, lena: StaffMember, amal: StaffMember, today: datetime
) -> None:
    page = course_page(signed, as_(amal))
    assert "Not checked by a second person yet" in page
    assert address(signed) in page
    own = course_page(signed, as_(lena))  # she signed it
    assert address(signed) not in own
    assert "Somebody else computes the dose" in as_(lena).get(address(signed)).content.decode()
    services.check_dose(by=amal, at=today, course=signed, typed_mg=Decimal("352.5"))
    page = course_page(signed, as_(lena))
    assert "Amal computed 352.5 mg, the plan says 35.25 mg" in page
    assert "Does not agree" in page


def test_roles(signed: Course, as_: SignIn, staff: Callable[..., StaffMember]) -> None:
    for role in ("therapist", "front_desk", "pharmacy", "researcher", "administrator"):
        assert as_(staff(role)).get(address(signed)).status_code == 403
        assert as_(staff(role)).post(address(signed), {"typed_mg": "35.25"}).status_code == 403


def test_the_course_page_asks_as_often_for_one_check_as_for_many(
    signed: Course, as_: SignIn, amal: StaffMember, today: datetime
) -> None:
    client = as_(amal)
    counts = []
    course_page(signed, client)
    for typed in ("1", "2", "35.25"):
        services.check_dose(by=amal, at=today, course=signed, typed_mg=Decimal(typed))
        with CaptureQueriesContext(connection) as asked:
            course_page(signed, client)
        counts.append(len(asked))
    assert len(set(counts)) == 1, counts
