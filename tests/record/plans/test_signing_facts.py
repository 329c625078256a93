"""A decision is no passport: what was charted since, and what is not answered, keeps a plan from being signed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import services as assessments
from interlude.record.assessments.queries import is_eligible
from interlude.record.patients.models import Patient
from interlude.record.plans import services
from interlude.record.plans.models import Course
from tests.conftest import PASSWORD
from tests.record.plans.support import make_eligible, version


@pytest.fixture
def draft(noor: Patient, lena: StaffMember, now: datetime) -> Course:
    make_eligible(noor, by=lena)
    return services.draft_course(by=lena, at=now, patient=noor, protocol_version=version())


def chart(patient: Patient, by: StaffMember, at: datetime, facts: dict[str, Any]) -> None:
    assessments.record_facts(by=by, at=at, patient=patient, values=facts, observed_at=at)


# charted after the decision | what the refusal says
AFTER: list[tuple[dict[str, Any], str]] = [
    ({"psychosis_active": True}, "Psychosis: this stops treatment"),
    ({"pregnant": True, "can_become_pregnant": True}, "Pregnancy: this stops treatment"),
    ({"allergy_ketamine": True}, "Allergy to ketamine: this stops treatment"),
    ({"capacity_to_consent": False}, "this stops treatment"),
    ({"psychosis_active": None}, "Psychosis: an answer is missing"),
    ({"can_become_pregnant": None, "pregnant": None}, "Pregnancy: an answer is missing"),
    ({"can_become_pregnant": True, "pregnant": None}, "Pregnancy: an answer is missing"),
    ({"capacity_to_consent": None}, "an answer is missing"),
]


@pytest.mark.parametrize(("facts", "words"), AFTER)
def test_what_was_charted_since_the_decision_counts(
    facts: dict[str, Any], words: str, draft: Course, noor: Patient, lena: StaffMember, now: datetime
) -> None:
    assert services.may_sign(lena, draft, now)
    later = now + timedelta(minutes=1)
    chart(noor, lena, later, facts)
    assert is_eligible(noor)  # the decision stands as it was signed
    with pytest.raises(Refused, match=words):
        services.sign_course(by=lena, password=PASSWORD, at=later, course=draft)
    assert Course.objects.get(pk=draft.pk).state == "draft"


def test_an_answer_on_psychosis_does_not_last_for_ever(draft: Course, lena: StaffMember, now: datetime) -> None:
    assert services.may_sign(lena, draft, now + timedelta(days=29))
    assert not services.may_sign(lena, draft, now + timedelta(days=31))


def test_after_a_new_decision_the_plan_is_signed(
    draft: Course, noor: Patient, lena: StaffMember, now: datetime
) -> None:
    chart(noor, lena, now, {"psychosis_active": True})
    assert not services.may_sign(lena, draft, now)
    later = now + timedelta(days=14)
    make_eligible(noor, by=lena, at=later)
    assert services.sign_course(by=lena, password=PASSWORD, at=later, course=draft).state == "signed"


def test_a_rise_that_only_needs_a_look_stops_no_signature(
    draft: Course, noor: Patient, lena: StaffMember, now: datetime
) -> None:
    chart(noor, lena, now, {"glp1_medicine": True, "bipolar_disorder": False, "intraocular_pressure": True})
    assert services.may_sign(lena, draft, now)
