"""The dose computed by a second person without seeing the first result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from interlude.domain.protocol import dose_for
from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.models import AuditEntry
from interlude.record.patients.models import Patient
from interlude.record.plans import queries, services
from interlude.record.plans.models import Course, DoseCheck
from interlude.record.plans.recompute import whole_micrograms
from interlude.record.plans.services.dose_check import dose_check_task_key
from interlude.record.worklist.models import Task
from tests.record.plans.support import make_eligible, plan_for, signed_course, version


@pytest.fixture
def course(noor: Patient, lena: StaffMember) -> Course:
    return signed_course(noor, by=lena)  # 0.5 mg/kg x 70.5 kg = 35.25 mg


@given(
    dose=st.decimals("0.001", "2", places=3),
    weight=st.decimals("20", "350", places=2),
)
def test_the_exact_product_agrees_and_a_microgram_more_or_less_does_not(dose: Decimal, weight: Decimal) -> None:
    ordered = dose_for(weight, dose)
    assert whole_micrograms(dose * weight) == ordered
    assert whole_micrograms(Decimal(ordered + 1).scaleb(-3)) != ordered
    assert whole_micrograms(Decimal(ordered - 1).scaleb(-3)) != ordered


# typed | agrees
TYPED = [
    ("35.25", True),
    ("35.250", True),
    ("35.2509", True),  # finer than a microgram is dropped, as in the order
    ("35.251", False),
    ("35.249", False),
    ("35.3", False),
    ("352.5", False),
    ("3.525", False),
    ("21.15", False),
]


@pytest.mark.parametrize(("typed", "agrees"), TYPED)
def test_agreement_is_to_the_microgram(
    typed: str, agrees: bool, course: Course, amal: StaffMember, now: datetime
) -> None:
    before = AuditEntry.objects.filter(what="plans.dose.checked").count()
    row = services.check_dose(by=amal, at=now, course=course, typed_mg=Decimal(typed))
    assert row.agrees is agrees
    assert row.is_blind
    assert queries.dose_checks_of(course) == [row]
    assert AuditEntry.objects.filter(what="plans.dose.checked").count() == before + 1
    assert Task.objects.filter(key=dose_check_task_key(course)).exists() is not agrees


@pytest.mark.parametrize("typed", ["0", "-35.25", "0.0001", "NaN", "Infinity", "10000.001"])
def test_what_is_no_dose_is_refused(typed: str, course: Course, amal: StaffMember, now: datetime) -> None:
    with pytest.raises(Refused) as refused:
        services.check_dose(by=amal, at=now, course=course, typed_mg=Decimal(typed))
    assert refused.value.field == "typed_mg"
    assert not DoseCheck.objects.exists()


def test_a_disagreement_is_an_urgent_task_and_stops_nothing(
    course: Course, amal: StaffMember, tomasz: StaffMember, now: datetime
) -> None:
    services.check_dose(by=amal, at=now, course=course, typed_mg=Decimal("352.5"))
    task = Task.objects.get(key=dose_check_task_key(course))
    assert (task.owner_role, task.is_urgent, task.state) == ("physician", True, "open")
    assert services.begin_course(by=amal, at=now, course=course).state == "running"
    again = services.check_dose(by=amal, at=now + timedelta(minutes=1), course=course, typed_mg=Decimal("35.2"))
    assert not again.is_blind
    last = services.check_dose(by=tomasz, at=now + timedelta(minutes=5), course=course, typed_mg=Decimal("35.25"))
    assert last.agrees
    assert last.is_blind
    task.refresh_from_db()
    assert task.state == "done"
    assert [row.agrees for row in queries.dose_checks_of(course)] == [True, False, False]


@pytest.mark.parametrize("role", ["therapist", "front_desk", "pharmacy", "researcher", "administrator"])
def test_who_does_not_compute(role: str, course: Course, staff: Callable[..., StaffMember], now: datetime) -> None:
    with pytest.raises(Refused, match="Physicians and nurses"):
        services.check_dose(by=staff(role), at=now, course=course, typed_mg=Decimal("35.25"))


def test_whoever_signed_is_not_the_second_person(course: Course, lena: StaffMember, now: datetime) -> None:
    with pytest.raises(Refused, match="Somebody else"):
        services.check_dose(by=lena, at=now, course=course, typed_mg=Decimal("35.25"))
    assert not services.may_check_dose(lena, course)


def test_whoever_wrote_the_plan_is_not_the_second_person(
    noor: Patient, lena: StaffMember, tomasz: StaffMember, now: datetime
) -> None:
    make_eligible(noor, by=lena)
    draft = services.draft_course(by=tomasz, at=now, patient=noor, protocol_version=version(), plan=plan_for())
    course = services.sign_course(by=lena, password="a long test password", at=now, course=draft)
    with pytest.raises(Refused, match="Somebody else"):
        services.check_dose(by=tomasz, at=now, course=course, typed_mg=Decimal("35.25"))


def test_a_draft_and_an_ended_plan_are_not_checked(
    noor: Patient, lena: StaffMember, amal: StaffMember, now: datetime
) -> None:
    make_eligible(noor, by=lena)
    draft = services.draft_course(by=lena, at=now, patient=noor, protocol_version=version())
    with pytest.raises(Refused, match="when the plan is signed"):
        services.check_dose(by=amal, at=now, course=draft, typed_mg=Decimal("35.25"))
    services.discard_draft(by=lena, at=now, course=draft)
    with pytest.raises(Refused, match="when the plan is signed"):
        services.check_dose(by=amal, at=now, course=draft, typed_mg=Decimal("35.25"))


def test_the_rows_cannot_be_changed_and_cannot_lie(course: Course, amal: StaffMember, now: datetime) -> None:
    row = services.check_dose(by=amal, at=now, course=course, typed_mg=Decimal("35"))
    with pytest.raises(DatabaseError), transaction.atomic():
        DoseCheck.objects.filter(pk=row.pk).update(agrees=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        DoseCheck.objects.filter(pk=row.pk).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        DoseCheck.objects.create(
            course=course, patient=course.patient, typed_ug=1, dose_ug=2, agrees=True, is_blind=True, at=now, by=amal
        )
