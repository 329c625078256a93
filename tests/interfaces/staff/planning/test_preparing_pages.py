"""Consent on paper, comfort wishes, and the course page that says what is missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from interlude.record.accounts.models import StaffMember
from interlude.record.audit.actors import SYSTEM
from interlude.record.patients.services import join_care_team
from interlude.record.plans import queries, services
from interlude.record.plans.models import Consent, Course

SignIn = Callable[[StaffMember], Client]


@pytest.fixture
def course(signed: Course, today: datetime) -> Course:
    services.load_consent_texts(by=SYSTEM, at=today)
    return signed


def test_the_course_page_says_what_is_missing(course: Course, as_: SignIn, lena: StaffMember) -> None:
    page = as_(lena).get(reverse("staff:course", args=[course.pk])).content.decode()
    for text in (
        "No consent yet.",
        "Book the series",
        "0 of 3 sessions",
        "Not asked yet",
        "Plan signed",
        "Not approved",
    ):
        assert text in page


def test_a_signed_paper_is_recorded(course: Course, as_: SignIn, amal: StaffMember, today: datetime) -> None:
    url = reverse("staff:consent", args=[course.pk])
    page = as_(amal).get(url).content.decode()
    assert "is not licensed anywhere" in page
    text = queries.newest_text("en")
    empty = as_(amal).post(url, {"text_sha256": text.sha256, "signed_name": " ", "channel": "paper"})
    assert empty.status_code == 422
    assert not Consent.objects.exists()
    assert (
        as_(amal).post(url, {"text_sha256": text.sha256, "signed_name": "Noor Haas", "channel": "paper"}).status_code
        == 302
    )
    assert queries.consent_state(course, today).is_valid
    as_(amal).post(reverse("staff:consent_withdraw", args=[course.pk]))
    assert queries.consent_state(course, today).code == "withdrawn"


def test_the_text_in_german_and_on_paper(course: Course, as_: SignIn, amal: StaffMember) -> None:
    page = as_(amal).get(reverse("staff:consent", args=[course.pk]) + "?language=de").content.decode()
    assert "nirgends zugelassen" in page
    pdf = as_(amal).get(reverse("staff:consent_print", args=[course.pk]) + "?language=de")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")


def test_comfort_is_asked_and_kept(course: Course, as_: SignIn, amal: StaffMember) -> None:
    url = reverse("staff:comfort", args=[course.pk])
    answers = {"seat": "bed", "headphones": "own", "eye_mask": "yes", "blanket": "no", "music": "Slow piano"}
    assert as_(amal).post(url, answers).status_code == 302
    row = queries.comfort_of(course)
    assert (row.seat, row.eye_mask, row.blanket, row.music) == ("bed", True, False, "Slow piano")
    page = as_(amal).get(url).content.decode()
    assert 'value="Slow piano"' in page
    long = as_(amal).post(url, {**answers, "intention": "x" * 700})
    assert long.status_code == 422
    assert "Use at most 600 letters." in long.content.decode()


# page | who may open it
OPEN_TO = """
    protocols | physician nurse therapist pharmacy administrator
    course    | physician nurse therapist
    consent   | physician nurse therapist
    comfort   | physician nurse therapist
    series    | physician nurse therapist front_desk
    calendar  | physician nurse therapist front_desk
    book      | physician nurse therapist front_desk
    plan      | physician therapist
"""
ROLES = ("physician", "nurse", "therapist", "front_desk", "pharmacy", "researcher", "administrator")


@pytest.mark.parametrize(
    "line", [line.strip() for line in OPEN_TO.strip().splitlines()], ids=lambda line: line.split()[0]
)
def test_roles(line: str, course: Course, as_: SignIn, staff: Callable[..., StaffMember], today: datetime) -> None:
    name, allowed = (part.strip() for part in line.split("|"))
    args = {"protocols": [], "calendar": [], "book": [], "plan": [course.patient_id]}.get(name, [course.pk])
    for role in ROLES:
        who = staff(role, f"role{role.replace('_', '')}")
        join_care_team(by=who, at=today, patient=course.patient, staff=who)
        status = as_(who).get(reverse(f"staff:{name}", args=args)).status_code
        assert (role, status) == (role, 200 if role in allowed.split() else 403)


def test_another_therapists_patient_is_not_found(
    course: Course, as_: SignIn, staff: Callable[..., StaffMember]
) -> None:
    stranger = staff("therapist", "stranger")
    for name in ("course", "consent", "comfort", "series"):
        assert as_(stranger).get(reverse(f"staff:{name}", args=[course.pk])).status_code == 404
