"""The taper page, and where else its steps are read: the plan and the page before a session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import services as assessments
from interlude.record.assessments.models import MedicineStatement
from interlude.record.assessments.queries import medicines_of
from interlude.record.plans import services
from interlude.record.plans.models import Course, TaperStep

SignIn = Callable[[StaffMember], Client]


@pytest.fixture
def lorazepam(signed: Course, lena: StaffMember, today: datetime) -> MedicineStatement:
    return assessments.state_medicine(by=lena, at=today, patient=signed.patient, name="Lorazepam", dose="1 mg")


def address(course: Course) -> str:
    return reverse("staff:taper", args=[course.pk])


def form(listed: MedicineStatement, days: int = 0, **changes: str) -> dict[str, Any]:
    day = timezone.localdate() + timedelta(days=days)
    return {
        "medicine": str(listed.pk),
        "on_day": str(day.day),
        "on_month": str(day.month),
        "on_year": str(day.year),
        "dose": "0.5 mg in the evening",
        "prescriber": "Dr Olga Stein",
        **changes,
    }


def test_a_step_is_written_down_and_marked(
    signed: Course, lorazepam: MedicineStatement, as_: SignIn, amal: StaffMember
) -> None:
    client = as_(amal)
    empty = client.get(address(signed)).content.decode()
    assert "never stop abruptly" in empty.lower()
    assert "No medicine is being reduced." in empty
    assert client.post(address(signed), form(lorazepam)).status_code == 302
    page = client.get(address(signed)).content.decode()
    for text in ("Due: ask", "0.5 mg in the evening", "Agreed with Dr Olga Stein", "Prescriber not informed yet"):
        assert text in page
    step = TaperStep.objects.get()
    client.post(address(signed), {"verb": "informed", "id": str(step.pk)})
    client.post(address(signed), {"verb": "done", "id": str(step.pk)})
    page = client.get(address(signed)).content.decode()
    assert "informed by Amal" in page
    assert "Step made: Amal" in page
    assert [row.name for row in medicines_of(signed.patient)] == ["Lorazepam"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dose": ""}, "Enter “Dose from this day on”."),
        ({"prescriber": ""}, "Enter “Agreed with (prescriber)”."),
        ({"on_day": "32"}, "The day must be a number from 1 to 31."),
        ({"medicine": "x"}, "Select a valid choice"),
    ],
)
def test_bad_input_stays_and_writes_nothing(
    changes: dict[str, str],
    words: str,
    signed: Course,
    lorazepam: MedicineStatement,
    as_: SignIn,
    amal: StaffMember,
) -> None:
    answer = as_(amal).post(address(signed), form(lorazepam, **changes))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "Dr Olga Stein" in page or "prescriber" in changes
    assert not TaperStep.objects.exists()


def test_steps_too_close_are_said_with_the_source_and_not_refused(
    signed: Course, lorazepam: MedicineStatement, as_: SignIn, amal: StaffMember
) -> None:
    client = as_(amal)
    client.post(address(signed), form(lorazepam))
    client.post(address(signed), form(lorazepam, 7))
    page = client.get(address(signed)).content.decode()
    assert "Two steps are 7 days apart; at least 14 stable days are proposed." in page
    assert "no published authority" in page
    assert TaperStep.objects.count() == 2


def test_the_course_names_what_is_due(
    signed: Course, lorazepam: MedicineStatement, as_: SignIn, amal: StaffMember
) -> None:
    client = as_(amal)
    client.post(address(signed), form(lorazepam, -1))
    page = client.get(reverse("staff:course", args=[signed.pk])).content.decode()
    assert "Medicine taper: ask about the step" in page
    assert "0.5 mg in the evening" in page


def test_a_mark_on_another_patients_step_is_not_found(
    signed: Course, lorazepam: MedicineStatement, as_: SignIn, amal: StaffMember
) -> None:
    unknown = {"verb": "done", "id": "00000000-0000-0000-0000-000000000000"}
    assert as_(amal).post(address(signed), unknown).status_code == 404


def test_roles(signed: Course, as_: SignIn, staff: Callable[..., StaffMember], jonas: StaffMember) -> None:
    for role in ("front_desk", "pharmacy", "researcher", "administrator"):
        assert as_(staff(role)).get(address(signed)).status_code == 403
    assert as_(jonas).post(address(signed), {}).status_code == 403


def test_the_pages_ask_as_often_for_one_step_as_for_many(
    signed: Course, lorazepam: MedicineStatement, as_: SignIn, lena: StaffMember, today: datetime
) -> None:
    client = as_(lena)
    for url in (address(signed), reverse("staff:course", args=[signed.pk])):
        counts = []
        for days in (0, 14, 28):
            day = timezone.localdate() + timedelta(days=days + (100 if "taper" in url else 0))
            services.plan_taper_step(
                by=lena,
                at=today,
                course=signed,
                medicine=lorazepam,
                on=day,
                dose="0.5 mg",
                prescriber="Dr Olga Stein",
                is_informed=True,
            )
            client.get(url)
            with CaptureQueriesContext(connection) as asked:
                client.get(url)
            counts.append(len(asked))
        assert len(set(counts)) == 1, (url, counts)
