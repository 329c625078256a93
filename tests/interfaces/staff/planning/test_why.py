"""The plan explains itself: facts, rules, medicines, sources, deviations, and who went past what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from interlude.domain.protocol.library import load_library
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import services as assessments
from interlude.record.assessments.models import FactSource
from interlude.record.assessments.queries import eligibility_picture
from interlude.record.clinic.queries import local_day
from interlude.record.patients.models import Patient
from interlude.record.patients.services import join_care_team
from interlude.record.plans import services
from interlude.record.plans.models import Course
from interlude.record.plans.order import Element
from interlude.record.vault.services import erase_subject
from tests.conftest import PASSWORD
from tests.record.assessments.conftest import harmless_answers
from tests.record.plans.support import plan_for, version

SignIn = Callable[[StaffMember], Client]


@pytest.fixture
def course(noor: Patient, lena: StaffMember, today: datetime) -> Course:
    """High blood pressure gone past, lorazepam on the list, 0.6 mg/kg and a therapy left out, signed."""
    answers = harmless_answers() | {"systolic_bp_mmhg": Decimal(150)}
    assessments.record_facts(
        by=lena,
        at=today,
        patient=noor,
        values=answers,
        observed_at=today - timedelta(days=2),
        source=FactSource.REFERRAL,
    )
    assessments.state_medicine(by=lena, at=today, patient=noor, name="Lorazepam 1 mg")
    assessments.state_medicine(by=lena, at=today, patient=noor, name="Nonsensium")
    assessments.review_medicines(by=lena, at=today, patient=noor, takes_none=False)
    picture = eligibility_picture(noor, local_day(today))
    assessments.decide_eligibility(
        by=lena,
        password=PASSWORD,
        at=today,
        patient=noor,
        outcome="eligible",
        seen_inputs_sha256=picture.sha256,
        overrides={"E03": "White coat, 128/80 at home.", "medicines": "Not on the evening before."},
    )
    plan = plan_for(
        dose_mg_per_kg=Decimal("0.6"),
        limit_reasons={"dose_mg_per_kg_above_soft": "Half a response to 0.5."},
        elements=(Element("integration", "next_day", 3),),
        reason="Third episode.",
    )
    draft = services.draft_course(by=lena, at=today, patient=noor, protocol_version=version(), plan=plan)
    return services.sign_course(by=lena, password=PASSWORD, at=today, course=draft)


def why(course: Course, client: Client) -> str:
    answer = client.get(reverse("staff:plan_why", args=[course.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_reason_is_on_the_page(course: Course, as_: SignIn, lena: StaffMember) -> None:
    page = why(course, as_(lena))
    protocol = load_library().protocol("trd-iv")
    for text in (
        "White coat, 128/80 at home.",  # the rule that was gone past, and why
        "150 mmHg",
        "Referral letter",
        "Gone past by Lena",
        "Lorazepam 1 mg",
        "Nonsensium",
        "No entry does not mean no interaction",
        "Not on the evening before.",
        "version 1",
        "Half a response to 0.5.",
        "Beyond a limit, with reason",
        "0.6 mg/kg; the protocol says 0.5 mg/kg",
        "Third episode.",
        "not part of the plan; the protocol says part of the plan",
        "Integration psychotherapy × 3",
        "No trial compares the same day with the next day",
    ):
        assert text in page, text
    for statement in protocol.evidence:
        assert statement.text.replace("'", "&#x27;") in page


def test_each_number_of_the_order_has_its_source_and_certainty(course: Course, as_: SignIn, lena: StaffMember) -> None:
    answer = as_(lena).get(reverse("staff:plan_why", args=[course.pk]))
    parts = answer.context["parts"]
    assert [row["label"] for row in parts] == [
        "Dose",
        "Time",
        "Highest rate",
        "Number of sessions",
        "Gap, at least",
        "Gap, at most",
        "Review after",
        "Extended to at most",
    ]
    sources = {source.citation for source in load_library().sources.values()}
    proposed = "Proposed by this product; no published authority"
    for row in parts:
        assert row["datum"]["source"] in sources | {proposed}
        assert row["datum"]["certainty"] in ("V", "C", "R+", "R", "P")
    assert [row["label"] for row in parts if row["other"]] == ["Dose"]
    assert parts[0]["limits"]


def test_the_facts_are_those_of_the_decision_and_not_todays(
    course: Course, noor: Patient, as_: SignIn, lena: StaffMember, today: datetime
) -> None:
    later = today + timedelta(minutes=1)
    facts = {"systolic_bp_mmhg": Decimal(118), "psychosis_active": True}
    assessments.record_facts(by=lena, at=later, patient=noor, values=facts, observed_at=today)
    page = why(course, as_(lena))
    assert "150 mmHg" in page
    assert "118 mmHg" not in page
    assert "More serious since this decision" in page
    assert "psychosis" in page[page.index("More serious since") :][:400]


def test_a_draft_without_a_decision_says_so(noor: Patient, as_: SignIn, lena: StaffMember, today: datetime) -> None:
    assessments.record_fact(by=lena, at=today, patient=noor, code="weight_kg", value=Decimal(70), observed_at=today)
    draft = services.draft_course(by=lena, at=today, patient=noor, protocol_version=version())
    page = why(draft, as_(lena))
    assert "Not decided" in page
    assert "Not signed" in page
    assert "Every value is the protocol's own." in page


def test_after_the_key_is_erased_the_page_says_that_the_facts_are_gone(
    course: Course, as_: SignIn, lena: StaffMember, today: datetime
) -> None:
    erase_subject(subject_id=course.patient_id)
    page = why(course, as_(lena))
    assert "erased" in page
    assert "White coat" not in page


def test_the_course_and_check_pages_name_the_reasons_and_lead_there(
    course: Course, as_: SignIn, lena: StaffMember, today: datetime
) -> None:
    page = as_(lena).get(reverse("staff:course", args=[course.pk])).content.decode()
    for text in (
        "Why this plan",
        "White coat, 128/80 at home.",
        "Lorazepam 1 mg",
        "Not in the table",
        "Dose: 0.6 mg/kg",
    ):
        assert text in page
    assert reverse("staff:plan_why", args=[course.pk]) in page
    services.end_course(by=lena, at=today, course=course)
    draft = services.draft_course(by=lena, at=today, patient=course.patient, protocol_version=version())
    check = as_(lena).get(reverse("staff:plan_sign", args=[draft.pk])).content.decode()
    assert reverse("staff:plan_why", args=[draft.pk]) in check
    assert "White coat, 128/80 at home." in check


def test_who_reads_it(
    course: Course,
    as_: SignIn,
    staff: Callable[..., StaffMember],
    jonas: StaffMember,
    lena: StaffMember,
    today: datetime,
) -> None:
    address = reverse("staff:plan_why", args=[course.pk])
    for role in ("front_desk", "pharmacy", "researcher", "administrator"):
        assert as_(staff(role)).get(address).status_code == 403
    assert as_(jonas).get(address).status_code == 404
    join_care_team(by=lena, at=today, patient=course.patient, staff=jonas)
    assert as_(jonas).get(address).status_code == 200


def test_the_page_asks_as_often_for_one_deviation_as_for_many(
    eligible: Patient, as_: SignIn, lena: StaffMember, today: datetime
) -> None:
    draft = services.draft_course(by=lena, at=today, patient=eligible, protocol_version=version())
    client, address = as_(lena), reverse("staff:plan_why", args=[draft.pk])
    client.get(address)
    counts: list[int] = []
    changes: list[dict[str, Any]] = [{"planned_sessions": 4}, {"minutes": 45}, {"elements": ()}]
    for count, change in enumerate(changes):
        assessments.state_medicine(by=lena, at=today, patient=eligible, name=f"Diazepam {count}")
        draft = services.change_course(by=lena, at=today, course=draft, plan=plan_for(**change))
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        counts.append(len(asked))
    assert len(set(counts)) == 1, counts
