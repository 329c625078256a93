"""Each value that is not the protocol's own is written down with its reason, when and by whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from interlude.domain.protocol.library import load_library
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.services import content_hash
from interlude.record.assessments.queries import latest_decision
from interlude.record.assessments.queries.eligibility import reason_of
from interlude.record.audit.models import AuditEntry
from interlude.record.patients.models import Patient
from interlude.record.plans import queries, services
from interlude.record.plans.deviations import deviations
from interlude.record.plans.models import Course, PlanDeviation
from interlude.record.plans.order import Element, Plan, starting_plan
from tests.conftest import PASSWORD
from tests.record.plans.support import make_eligible, plan_for, signed_course, version

PROTOCOLS = sorted(load_library().protocols)
WEIGHT = Decimal(70)


@pytest.mark.parametrize("code", PROTOCOLS)
@pytest.mark.parametrize("block", [1, 2])
def test_the_protocols_own_plan_differs_in_nothing(code: str, block: int) -> None:
    protocol = load_library().protocol(code)
    assert deviations(protocol, starting_plan(protocol, block=block), WEIGHT, block=block) == []


@given(
    dose=st.decimals("0.30", "0.90", places=2),
    minutes=st.integers(36, 120),
    sessions=st.integers(1, 12),
    gap=st.integers(1, 9),
)
def test_a_number_is_named_exactly_when_it_is_not_the_protocols_own(
    dose: Decimal, minutes: int, sessions: int, gap: int
) -> None:
    protocol = load_library().protocol("trd-iv")
    own = starting_plan(protocol)
    plan = Plan(dose, minutes, sessions, gap, max(gap, 4), own.elements)
    named = {one.code for one in deviations(protocol, plan, WEIGHT)}
    for name in ("dose_mg_per_kg", "minutes", "planned_sessions", "gap_min_days", "gap_max_days"):
        assert (name in named) == (getattr(plan, name) != getattr(own, name)), name


# what is changed in the plan | code | kind | planned | protocol
CHANGES: list[tuple[dict[str, Any], str, str, str, str]] = [
    ({"minutes": 45}, "minutes", "adapted", "45", "40"),
    (
        {"dose_mg_per_kg": Decimal("0.60"), "limit_reasons": {"dose_mg_per_kg_above_soft": "Why."}},
        "dose_mg_per_kg",
        "beyond",
        "0.6",
        "0.5",
    ),
    ({"elements": (Element("cbt", "weekly", 12),)}, "with_integration", "adapted", "no", "yes"),
    (
        {"elements": (Element("cbt", "weekly", 8), Element("integration", "next_day", 3))},
        "sessions_cbt",
        "adapted",
        "8",
        "12",
    ),
]


@pytest.mark.parametrize(("changes", "code", "kind", "planned", "own"), CHANGES, ids=[row[1] for row in CHANGES])
def test_a_change_is_one_row(
    changes: dict[str, Any],
    code: str,
    kind: str,
    planned: str,
    own: str,
    noor: Patient,
    lena: StaffMember,
    now: datetime,
) -> None:
    make_eligible(noor, by=lena)
    course = services.draft_course(by=lena, at=now, patient=noor, protocol_version=version(), plan=plan_for(**changes))
    (row,) = queries.deviations_now(course)
    assert (row.code, row.kind, row.planned, row.protocol, row.by) == (code, kind, planned, own, lena)


@pytest.fixture
def draft(noor: Patient, lena: StaffMember, now: datetime) -> Course:
    make_eligible(noor, by=lena)
    return services.draft_course(
        by=lena, at=now, patient=noor, protocol_version=version(), plan=plan_for(minutes=45, reason="First words.")
    )


def test_the_log_keeps_who_changed_what_and_when_it_went_back(
    draft: Course, lena: StaffMember, tomasz: StaffMember, now: datetime
) -> None:
    later, last = now + timedelta(hours=1), now + timedelta(hours=2)
    services.change_course(by=tomasz, at=later, course=draft, plan=plan_for(minutes=50, reason="First words."))
    services.change_course(by=tomasz, at=later, course=draft, plan=plan_for(minutes=50, reason="First words."))
    services.change_course(by=lena, at=last, course=draft, plan=plan_for())
    rows = [(row.kind, row.planned, row.reason, row.by, row.at) for row in queries.deviation_log(draft)]
    assert rows == [
        ("adapted", "45", "First words.", lena, now),
        ("adapted", "50", "First words.", tomasz, later),
        ("ended", "40", "", lena, last),
    ]
    assert queries.deviations_now(draft) == []


def test_the_log_cannot_be_changed(draft: Course) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        PlanDeviation.objects.filter(course=draft).update(planned="40")
    with pytest.raises(DatabaseError), transaction.atomic():
        PlanDeviation.objects.filter(course=draft).delete()


def test_the_log_belongs_to_the_one_audit_entry_of_the_change(draft: Course, lena: StaffMember, now: datetime) -> None:
    before = AuditEntry.objects.count()
    services.change_course(by=lena, at=now, course=draft, plan=plan_for(minutes=50))
    assert AuditEntry.objects.count() == before + 1


def test_the_signature_names_the_decision_that_it_rests_on(noor: Patient, lena: StaffMember, now: datetime) -> None:
    course = Course.objects.get(pk=signed_course(noor, by=lena).pk)
    decision = latest_decision(noor)
    assert decision is not None
    assert course.eligibility_decision == decision
    assert queries.content_to_sign(course)["eligibility_decision"] == str(decision.pk)
    assert course.signature.content_sha256 == content_hash(queries.content_to_sign(course))
    later = now + timedelta(hours=1)
    make_eligible(noor, by=lena, at=later)
    assert queries.plan_basis(course, later.date()).decision == decision


def test_a_frozen_reason_is_written_again_as_it_was(noor: Patient, lena: StaffMember, now: datetime) -> None:
    make_eligible(noor, by=lena)
    decision = latest_decision(noor)
    assert decision is not None
    assert decision.signature.staff == lena
    course = services.draft_course(by=lena, at=now, patient=noor, protocol_version=version())
    services.sign_course(by=lena, password=PASSWORD, at=now, course=course)
    rules = [row for row in decision.rows if row["code"] != "medicines"]
    assert rules
    assert [str(reason_of(row)) for row in rules] == [row["reason"] for row in rules]
