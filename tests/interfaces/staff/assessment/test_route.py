"""Vein or muscle at the consultation, and what the plan builder makes of the answer."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import queries, services
from interlude.record.audit.models import AuditEntry
from interlude.record.patients.models import Patient
from tests.interfaces.staff.people.conftest import Browser
from tests.record.plans.support import version

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
TODAY = {"asked_on_day": "12", "asked_on_month": "3", "asked_on_year": "2026"}


def address(patient: Patient) -> str:
    return f"/patients/{patient.pk}/consultation/route"


def test_the_comparison_stands_beside_the_questions(browser: Browser, lena: StaffMember, noor: Patient) -> None:
    page = browser(lena).get(f"/patients/{noor.pk}/consultation").content.decode()
    for text in ("Vein or muscle", "Once it is given it cannot be slowed or stopped.", "proposed default"):
        assert text in page


def test_answers_are_charted_as_dated_facts(browser: Browser, amal: StaffMember, noor: Patient) -> None:
    sent = {"route_preference": "muscle", "fear_of_needles": "strong", **TODAY}
    card = browser(amal).post(address(noor), sent, headers=HTMX).content.decode()
    assert "Saved" in card
    facts = queries.facts_of(noor)
    assert (facts["route_preference"].value, facts["fear_of_needles"].value) == ("muscle", "strong")
    assert AuditEntry.objects.filter(what="assessments.facts.recorded").count() == 1


def test_only_what_was_answered_is_charted_and_not_known_is_no_answer(
    browser: Browser, amal: StaffMember, noor: Patient
) -> None:
    browser(amal).post(address(noor), {"route_preference": "vein", **TODAY})
    assert set(queries.fact_rows(noor)) == {"route_preference"}
    browser(amal).post(address(noor), {"route_preference": "not_known", **TODAY})
    assert "route_preference" not in queries.facts_of(noor)
    assert queries.fact_rows(noor)["route_preference"].value is None


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (TODAY, "Answer at least one question."),
        ({"route_preference": "nose", **TODAY}, "Select a valid choice"),
        ({"route_preference": "vein", **TODAY, "asked_on_day": "13"}, "in the future"),
    ],
)
def test_what_is_refused(browser: Browser, amal: StaffMember, noor: Patient, sent: dict[str, str], words: str) -> None:
    answer = browser(amal).post(address(noor), sent, headers=HTMX)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert queries.fact_rows(noor) == {}


@pytest.mark.parametrize(
    ("preference", "protocol", "words"),
    [
        ("muscle", "trd-iv", "The patient prefers the muscle. This plan uses a vein."),
        ("vein", "trd-im", "The patient prefers the vein. This plan uses a muscle."),
        ("vein", "trd-iv", ""),
        ("no_preference", "trd-im", ""),
    ],
)
def test_the_builder_says_when_the_plan_is_not_what_the_patient_prefers(
    browser: Browser,
    lena: StaffMember,
    noor: Patient,
    now: datetime,
    preference: str,
    protocol: str,
    words: str,
) -> None:
    values = {"route_preference": preference, "fear_of_needles": "strong", "weight_kg": Decimal(70)}
    services.record_facts(by=lena, at=now, patient=noor, values=values, observed_at=now)
    url = reverse("staff:plan", args=[noor.pk]) + f"?protocol={version(protocol).pk}"
    page = browser(lena).get(url).content.decode()
    assert ("The patient prefers" in page) == bool(words)
    assert words in page
    assert "Strong fear of needles" in page
    assert "Vein and muscle in words" in page


def test_an_old_answer_is_asked_again(browser: Browser, lena: StaffMember, noor: Patient, now: datetime) -> None:
    long_ago = now.replace(year=2025, month=6)
    services.record_fact(by=lena, at=now, patient=noor, code="route_preference", value="muscle", observed_at=long_ago)
    card = browser(lena).get(f"/patients/{noor.pk}/consultation").content.decode()
    assert "Too old: ask again" in card
