"""What the page before the dose says about the plan: the second computation of the dose, and a medicine taper."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from interlude.record.assessments.services import record_fact, state_medicine
from interlude.record.clinic.queries import local_day
from interlude.record.dosing.models import Session
from interlude.record.plans import services as plans
from tests.record.dosing.builders import Clinic

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(client: Client, clinic: Clinic) -> Session:
    client.force_login(clinic.nurse)
    return clinic.checked_in()


def page_of(client: Client, session: Session) -> str:
    return client.get(f"/sessions/{session.pk}/gate").content.decode()


def test_the_second_computation_stands_with_the_order(client: Client, clinic: Clinic, session: Session) -> None:
    assert "Not checked by a second person yet" in page_of(client, session)
    checks = {"typed_mg": Decimal(350), "course": session.course}
    plans.check_dose(by=clinic.nurse, at=clinic.at, **checks)
    page = page_of(client, session)
    assert "computed 350 mg, the plan says 35 mg" in page
    assert "Find out which is right before the first session." in page
    plans.check_dose(by=clinic.nurse, at=clinic.at + timedelta(minutes=1), typed_mg=Decimal(35), course=session.course)
    assert "computed without seeing this dose" not in page_of(client, session)  # the same person, a second time
    plans.check_dose(by=clinic.second, at=clinic.at + timedelta(minutes=2), typed_mg=Decimal(35), course=session.course)
    assert "computed without seeing this dose, the same result" in page_of(client, session)


def test_a_check_for_an_older_weight_is_said_to_be_one(client: Client, clinic: Clinic, session: Session) -> None:
    plans.check_dose(by=clinic.nurse, at=clinic.at, typed_mg=Decimal(35), course=session.course)
    assert "was for 70 kg" not in page_of(client, session)
    record_fact(
        by=clinic.nurse,
        at=clinic.at,
        patient=session.patient,
        code="weight_kg",
        value=Decimal("72.5"),
        observed_at=clinic.at,
    )
    assert "The second computation was for 70 kg" in page_of(client, session)


def test_a_disagreement_does_not_stand_among_what_blocks(client: Client, clinic: Clinic, session: Session) -> None:
    def blockers() -> list[str]:
        answer = client.get(f"/sessions/{session.pk}/gate")
        found: list[str] = answer.context["gate"].blockers
        return found

    before = blockers()
    plans.check_dose(by=clinic.nurse, at=clinic.at, typed_mg=Decimal(350), course=session.course)
    assert blockers() == before


def test_a_taper_is_read_before_the_dose_in_a_constant_number_of_queries(
    client: Client, clinic: Clinic, session: Session
) -> None:
    assert "Medicine taper" not in page_of(client, session)
    medicine = state_medicine(by=clinic.nurse, at=clinic.at, patient=session.patient, name="Lorazepam", dose="1 mg")
    today: date = local_day(clinic.at)
    counts = []
    for days in (-14, 0, 14):
        plans.plan_taper_step(
            by=clinic.nurse,
            at=clinic.at,
            course=session.course,
            medicine=medicine,
            on=today + timedelta(days=days),
            dose=f"{days + 14} drops",
            prescriber="Dr Olga Stein",
        )
        with CaptureQueriesContext(connection) as asked:
            page = page_of(client, session)
        counts.append(len(asked))
    for text in ("Medicine taper", "Lorazepam", "0 drops", "14 drops", "28 drops", "Prescriber not informed yet"):
        assert text in page
    assert len(set(counts)) == 1, counts
