"""From a draft to a signed order, and what stops a signature."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.services import content_hash
from interlude.record.audit.models import AuditEntry
from interlude.record.patients.models import Patient
from interlude.record.plans import queries, services
from interlude.record.plans.models import Course, CourseStep
from interlude.record.worklist.models import Task
from tests.conftest import PASSWORD
from tests.record.plans.support import make_eligible, plan_for, signed_course, version, weigh


@pytest.fixture
def draft(noor: Patient, lena: StaffMember, now: datetime) -> Course:
    make_eligible(noor, by=lena)
    return services.draft_course(by=lena, at=now, patient=noor, protocol_version=version())


def sign(course: Course, by: StaffMember, now: datetime, **more: Any) -> Course:
    return services.sign_course(by=by, password=PASSWORD, at=now, course=course, **more)


def test_a_draft_starts_from_the_protocol(draft: Course) -> None:
    assert (draft.dose_mg_per_kg, draft.minutes, draft.dose_ug) == (Decimal("0.5"), 40, 35_250)
    assert (draft.planned_sessions, draft.gap_min_days, draft.gap_max_days) == (3, 2, 4)
    assert [(e.kind, e.timing) for e in draft.elements.all()] == [("cbt", "weekly"), ("integration", "next_day")]


def test_signing_covers_every_value(draft: Course, lena: StaffMember, now: datetime) -> None:
    course = sign(draft, lena, now)
    fresh = Course.objects.get(pk=course.pk)
    assert fresh.signature.content_sha256 == content_hash(queries.content_to_sign(fresh))
    assert [step.state for step in queries.steps_of(fresh)] == ["draft", "signed"]
    assert AuditEntry.objects.filter(what="plans.course.signed", patient_id=fresh.patient_id).count() == 1
    assert Task.objects.get(key=f"book-series:{fresh.pk}").owner_role == "front_desk"


def test_a_changed_value_would_no_longer_fit_the_signature(draft: Course, lena: StaffMember, now: datetime) -> None:
    course = sign(draft, lena, now)
    before = content_hash(queries.content_to_sign(Course.objects.get(pk=course.pk)))
    Course.objects.filter(pk=course.pk).update(dose_ug=course.dose_ug * 10)
    assert content_hash(queries.content_to_sign(Course.objects.get(pk=course.pk))) != before


@pytest.mark.parametrize("role", ["nurse", "therapist", "front_desk", "pharmacy", "administrator"])
def test_only_a_physician_signs(role: str, draft: Course, staff: Callable[..., StaffMember], now: datetime) -> None:
    with pytest.raises(Refused, match="Only a physician signs"):
        sign(draft, staff(role), now)


@pytest.mark.parametrize("role", ["nurse", "front_desk", "pharmacy", "researcher"])
def test_who_may_not_plan(
    role: str, noor: Patient, lena: StaffMember, staff: Callable[..., StaffMember], now: datetime
) -> None:
    weigh(noor, "70", by=lena)
    with pytest.raises(Refused, match="write plans"):
        services.draft_course(by=staff(role), at=now, patient=noor, protocol_version=version())


def test_not_without_a_decision_on_eligibility(noor: Patient, lena: StaffMember, now: datetime) -> None:
    weigh(noor, "70", by=lena)
    course = services.draft_course(by=lena, at=now, patient=noor, protocol_version=version())
    with pytest.raises(Refused, match="eligible"):
        sign(course, lena, now)


def test_not_on_an_old_weight(draft: Course, noor: Patient, lena: StaffMember, now: datetime) -> None:
    weigh(noor, "66", by=lena)
    with pytest.raises(Refused) as refused:
        sign(draft, lena, now)
    assert refused.value.field == "weight_kg"


def test_a_wrong_password_signs_nothing(draft: Course, lena: StaffMember, now: datetime) -> None:
    with pytest.raises(Refused) as refused:
        services.sign_course(by=lena, password="wrong", at=now, course=draft)
    assert refused.value.field == "password"
    assert Course.objects.get(pk=draft.pk).state == "draft"


def test_a_stale_page_signs_and_changes_nothing(draft: Course, lena: StaffMember, now: datetime) -> None:
    services.change_course(by=lena, at=now, course=draft, plan=plan_for(planned_sessions=4), seen_version=1)
    with pytest.raises(Refused, match="changed meanwhile"):
        sign(draft, lena, now, seen_version=1)
    with pytest.raises(Refused, match="changed meanwhile"):
        services.change_course(by=lena, at=now, course=draft, plan=plan_for(), seen_version=1)
    assert Course.objects.get(pk=draft.pk).planned_sessions == 4


def test_a_signed_plan_is_not_changed(draft: Course, lena: StaffMember, now: datetime) -> None:
    course = sign(draft, lena, now)
    with pytest.raises(Refused, match="A change is a new plan"):
        services.change_course(by=lena, at=now, course=course, plan=plan_for())


def test_one_open_course_at_a_time(draft: Course, noor: Patient, lena: StaffMember, now: datetime) -> None:
    sign(draft, lena, now)
    second = services.draft_course(by=lena, at=now, patient=noor, protocol_version=version())
    assert second.block == 2
    with pytest.raises(Refused, match="still open"):
        sign(second, lena, now)
    services.end_course(by=lena, at=now, course=draft, note="Pause wished for.")
    assert sign(second, lena, now).state == "signed"


def test_the_states_of_a_course_are_rows(draft: Course, lena: StaffMember, now: datetime) -> None:
    course = sign(draft, lena, now)
    services.begin_course(by=lena, at=now + timedelta(days=1), course=course)
    services.begin_course(by=lena, at=now + timedelta(days=2), course=course)
    services.end_course(by=lena, at=now + timedelta(days=30), course=course, note="Series complete.")
    steps = list(queries.steps_of(course))
    assert [step.state for step in steps] == ["draft", "signed", "running", "ended"]
    assert steps[-1].note == "Series complete."
    assert queries.current_course(course.patient) is None
    with pytest.raises(DatabaseError), transaction.atomic():
        CourseStep.objects.filter(course=course).delete()


def test_a_draft_is_discarded(draft: Course, noor: Patient, lena: StaffMember, now: datetime) -> None:
    services.discard_draft(by=lena, at=now, course=draft)
    assert queries.draft_of(noor) is None
    assert services.draft_course(by=lena, at=now, patient=noor, protocol_version=version()).block == 1


def test_one_audit_entry_for_each_write(noor: Patient, lena: StaffMember, now: datetime) -> None:
    course = signed_course(noor, by=lena)
    services.begin_course(by=lena, at=now, course=course)
    services.end_course(by=lena, at=now, course=course)
    entries = AuditEntry.objects.filter(what__startswith="plans.course").order_by("id")
    assert [entry.what.rsplit(".", 1)[1] for entry in entries] == ["drafted", "signed", "begun", "ended"]
