"""The plan builder: limits beside the fields, bad input kept, one dose computed twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from interlude.record.accounts.models import StaffMember
from interlude.record.assessments.services import record_fact
from interlude.record.audit.models import AuditEntry
from interlude.record.patients.models import Patient
from interlude.record.patients.services import join_care_team
from interlude.record.plans.models import Course
from tests.conftest import PASSWORD
from tests.record.plans.support import version, weigh

SignIn = Callable[[StaffMember], Client]


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip("\n").splitlines()]


GOOD = {
    "dose_mg_per_kg": "0.5",
    "minutes": "40",
    "planned_sessions": "3",
    "gap_min_days": "2",
    "gap_max_days": "4",
    "with_integration": "on",
    "timing_integration": "next_day",
    "sessions_integration": "3",
}


def address(patient: Patient, key: str = "trd-iv") -> str:
    return reverse("staff:plan", args=[patient.pk]) + f"?protocol={version(key).pk}"


def test_the_choice_starts_with_the_indication_and_its_honest_text(
    eligible: Patient, as_: SignIn, lena: StaffMember, today: datetime
) -> None:
    page = as_(lena).get(reverse("staff:plan", args=[eligible.pk])).content.decode()
    version()
    assert "Start a plan" in page
    record_fact(by=lena, at=today, patient=eligible, code="indication", value="dementia", observed_at=today)
    page = as_(lena).get(reverse("staff:plan", args=[eligible.pk])).content.decode()
    assert "No trial of ketamine for thinking or memory in dementia was found." in page
    assert "There is none." in page
    assert "Look at this instead" in page


def test_the_form_starts_with_the_protocols_own_values(eligible: Patient, as_: SignIn, lena: StaffMember) -> None:
    page = as_(lena).get(address(eligible)).content.decode()
    assert 'name="dose_mg_per_kg" value="0.5"' in page
    assert "35.25 mg" in page  # 0.5 mg/kg x 70.5 kg
    assert "Computed twice" in page
    assert "off-label" in page


# what is typed | status | what the page says (all but the last line: nothing is saved)
TYPED = """
    dose_mg_per_kg=1.000  | 422 | 1.000 can be read as 1 or as 1000. Write 1 or 1000.
    dose_mg_per_kg=12O    | 422 | 12O
    dose_mg_per_kg=       | 422 | Enter “Dose”.
    dose_mg_per_kg=1.2    | 422 | The dose 1.2 mg/kg is above 1 mg/kg.
    dose_mg_per_kg=0.6    | 422 | Write why you go beyond this limit.
    minutes=19            | 422 | 1.579 mg/kg/h
    minutes=40.5          | 422 | Enter a whole number.
    planned_sessions=0    | 422 | Plan at least one session.
    gap_max_days=1        | 422 | The longest gap is shorter than the shortest.
    sessions_integration= | 422 | Enter 1 to 60 sessions.
    dose_mg_per_kg=0,5    | 302 |
"""


@pytest.mark.parametrize("row", rows(TYPED), ids=lambda r: r[0])
def test_what_is_typed(row: list[str], eligible: Patient, as_: SignIn, lena: StaffMember) -> None:
    name, value = row[0].split("=")
    answer = as_(lena).post(address(eligible), {**GOOD, name: value})
    assert answer.status_code == int(row[1])
    if answer.status_code == 422:
        page = answer.content.decode()
        assert row[2] in page
        assert "There is a problem" in page
        assert f'value="{value}"' in page or not value
    assert Course.objects.count() == (1 if answer.status_code == 302 else 0)


def test_a_reason_takes_the_plan_past_a_soft_limit(eligible: Patient, as_: SignIn, lena: StaffMember) -> None:
    reason = {"reason_dose_mg_per_kg_above_soft": "Half a response to 0.5."}
    answer = as_(lena).post(address(eligible), {**GOOD, "dose_mg_per_kg": "0.6", **reason})
    assert answer.status_code == 302
    page = as_(lena).get(answer["Location"]).content.decode()
    assert "Beyond the protocol, with reason" in page
    assert "Half a response to 0.5." in page


def test_the_preview_speaks_and_writes_nothing(eligible: Patient, as_: SignIn, lena: StaffMember) -> None:
    url = reverse("staff:plan_preview", args=[eligible.pk]) + f"?protocol={version().pk}"
    before = AuditEntry.objects.count()
    fine = as_(lena).post(url, {**GOOD, "dose_mg_per_kg": "0,4", "minutes": "50"}).content.decode()
    assert "28.2 mg" in fine
    assert "0.48</strong> mg/kg/h" in fine
    assert 'name="reason_dose_mg_per_kg_below_soft"' in fine  # the reason box opens beside the field
    assert (
        "The dose 1.2 mg/kg is above 1 mg/kg."
        in as_(lena).post(url, {**GOOD, "dose_mg_per_kg": "1.2"}).content.decode()
    )
    unread = as_(lena).post(url, {**GOOD, "dose_mg_per_kg": "1.000"}).content.decode()
    assert "1.000 can be read as" in unread
    assert "mg/kg/h" not in unread
    assert AuditEntry.objects.count() == before
    assert not Course.objects.exists()


def test_without_a_weight_the_page_says_where_to_get_one(noor: Patient, as_: SignIn, lena: StaffMember) -> None:
    page = as_(lena).get(address(noor)).content.decode()
    assert "No weight is charted." in page
    assert as_(lena).post(address(noor), GOOD).status_code == 422


def test_an_injection_has_no_minutes_and_a_range_instead_of_a_line(
    eligible: Patient, as_: SignIn, lena: StaffMember
) -> None:
    page = as_(lena).get(address(eligible, "trd-im")).content.decode()
    assert 'name="minutes"' not in page
    assert "No published model covers the muscle route" in page
    good = {key: value for key, value in GOOD.items() if key != "minutes"} | {"dose_mg_per_kg": "0.25"}
    assert as_(lena).post(address(eligible, "trd-im"), good).status_code == 302


def test_a_body_mass_index_of_thirty_is_noted(
    eligible: Patient, as_: SignIn, lena: StaffMember, today: datetime
) -> None:
    weigh(eligible, "98", by=lena, at=today, height_cm="172")
    assert "consider the ideal body weight" in as_(lena).get(address(eligible)).content.decode()


def test_a_stale_page_changes_nothing(draft: Course, as_: SignIn, lena: StaffMember) -> None:
    url = reverse("staff:plan_change", args=[draft.pk])
    assert as_(lena).post(url, {**GOOD, "seen_version": "1", "planned_sessions": "4"}).status_code == 302
    answer = as_(lena).post(url, {**GOOD, "seen_version": "1", "planned_sessions": "5"})
    assert answer.status_code == 422
    assert "The plan was changed meanwhile." in answer.content.decode()
    assert Course.objects.get(pk=draft.pk).planned_sessions == 4


def test_the_physician_checks_and_signs(draft: Course, as_: SignIn, lena: StaffMember) -> None:
    url = reverse("staff:plan_sign", args=[draft.pk])
    page = as_(lena).get(url).content.decode()
    for text in ("35.25 mg", "0.5 mg/kg × 70.5 kg", "Cognitive behavioural therapy", "Not approved", "No consent yet."):
        assert text in page
    wrong = as_(lena).post(url, {"password": "x", "seen_version": "1"})
    assert wrong.status_code == 422
    assert "The password is not right." in wrong.content.decode()
    stale = as_(lena).post(url, {"password": PASSWORD, "seen_version": "7"})
    assert "The plan was changed meanwhile." in stale.content.decode()
    assert as_(lena).post(url, {"password": PASSWORD}).status_code == 422
    answer = as_(lena).post(url, {"password": PASSWORD, "seen_version": "1"})
    assert answer["Location"] == reverse("staff:course", args=[draft.pk])
    assert Course.objects.get(pk=draft.pk).state == "signed"


def test_a_therapist_prepares_but_does_not_sign(
    draft: Course, as_: SignIn, jonas: StaffMember, lena: StaffMember, today: datetime
) -> None:

    join_care_team(by=lena, at=today, patient=draft.patient, staff=jonas)
    url = reverse("staff:plan_sign", args=[draft.pk])
    page = as_(jonas).get(url).content.decode()
    assert "Only a physician signs a plan." in page
    assert as_(jonas).post(url, {"password": PASSWORD}).status_code == 403


def test_a_draft_is_discarded(draft: Course, as_: SignIn, lena: StaffMember) -> None:
    as_(lena).post(reverse("staff:plan_discard", args=[draft.pk]))
    assert Course.objects.get(pk=draft.pk).state == "ended"


def test_the_course_page_asks_as_often_for_many_elements(
    draft: Course, as_: SignIn, lena: StaffMember, django_assert_max_num_queries: Any
) -> None:
    client, url = as_(lena), reverse("staff:course", args=[draft.pk])
    client.get(url)
    counts = []
    for sessions in ("3", "4", "5"):
        data = {**GOOD, "planned_sessions": sessions, "with_cbt": "on", "sessions_cbt": "12", "timing_cbt": "weekly"}
        client.post(reverse("staff:plan_change", args=[draft.pk]), data | {"seen_version": str(Decimal(sessions) - 2)})
        with django_assert_max_num_queries(32) as asked:
            client.get(url)
        counts.append(len(asked))
    assert len(set(counts)) == 1
