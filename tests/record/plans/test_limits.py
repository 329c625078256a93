"""What a physician may plan, for one patient of 70 kg on the depression infusion protocol."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.patients.models import Patient
from interlude.record.plans import services
from interlude.record.plans.models import Course
from interlude.record.plans.order import Element, reason_field
from tests.record.plans.support import plan_for, version, weigh

# protocol | changed value | what happens | field
PLANS = """
    trd-iv   | dose_mg_per_kg=0.5     | accepted     |
    trd-iv   | dose_mg_per_kg=0.51    | needs reason | reason_dose_mg_per_kg_above_soft
    trd-iv   | dose_mg_per_kg=0.49    | needs reason | reason_dose_mg_per_kg_below_soft
    trd-iv   | dose_mg_per_kg=1.01    | refused      | dose_mg_per_kg
    trd-iv   | dose_mg_per_kg=0.09    | refused      | dose_mg_per_kg
    trd-iv   | dose_mg_per_kg=0       | refused      | dose_mg_per_kg
    trd-iv   | dose_mg_per_kg=0.5001  | refused      | dose_mg_per_kg
    trd-iv   | minutes=39             | needs reason | reason_minutes_below_soft
    trd-iv   | minutes=61             | needs reason | reason_minutes_above_soft
    trd-iv   | minutes=19             | refused      | minutes
    trd-iv   | minutes=101            | refused      | minutes
    trd-iv   | planned_sessions=6     | accepted     |
    trd-iv   | planned_sessions=7     | needs reason | reason_number_above_soft
    trd-iv   | planned_sessions=0     | refused      | planned_sessions
    trd-iv   | gap_min_days=1         | needs reason | reason_gap_below_soft
    trd-iv   | gap_max_days=5         | needs reason | reason_gap_above_soft
    trd-iv   | gap_min_days=0         | refused      | gap_min_days
    trd-iv   | gap_max_days=1         | refused      | gap_max_days
    trd-im   | dose_mg_per_kg=0.5     | accepted     |
    trd-im   | dose_mg_per_kg=0.51    | refused      | dose_mg_per_kg
    trd-im   | minutes=40             | refused      | minutes
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


@pytest.mark.parametrize("row", rows(PLANS), ids=lambda row: f"{row[0]} {row[1]}")
def test_limits(row: list[str], noor: Patient, lena: StaffMember, now: datetime) -> None:
    weigh(noor, "70", by=lena)
    name, text = row[1].split("=")
    value = Decimal(text) if name == "dose_mg_per_kg" else int(text)
    plan = plan_for(row[0], **{name: value})
    outcome, field = "accepted", ""
    try:
        services.draft_course(by=lena, at=now, patient=noor, protocol_version=version(row[0]), plan=plan)
    except Refused as refused:
        field = refused.field
        outcome = "needs reason" if field.startswith("reason_") else "refused"
    assert [outcome, field] == row[2:]
    assert Course.objects.exists() == (outcome == "accepted")


def test_a_soft_limit_is_passed_with_a_reason_that_is_kept(noor: Patient, lena: StaffMember, now: datetime) -> None:
    weigh(noor, "70", by=lena)
    code = "dose_mg_per_kg_above_soft"
    plan = plan_for(dose_mg_per_kg=Decimal("0.6"), limit_reasons={code: " Little effect of 0.5. ", "other": "x"})
    course = services.draft_course(by=lena, at=now, patient=noor, protocol_version=version(), plan=plan)
    assert Course.objects.get(pk=course.pk).limit_reasons == {code: "Little effect of 0.5."}
    assert reason_field(code) == f"reason_{code}"


def test_without_a_weight_there_is_no_plan(noor: Patient, lena: StaffMember, now: datetime) -> None:
    with pytest.raises(Refused) as refused:
        services.draft_course(by=lena, at=now, patient=noor, protocol_version=version())
    assert refused.value.field == "weight_kg"


def test_a_protocol_that_needs_therapy_is_not_planned_without(noor: Patient, lena: StaffMember, now: datetime) -> None:
    weigh(noor, "70", by=lena)
    with pytest.raises(Refused) as refused:
        services.draft_course(
            by=lena, at=now, patient=noor, protocol_version=version("aud-iv"), plan=plan_for("aud-iv", elements=())
        )
    assert refused.value.field == "elements"


def test_a_therapy_of_another_indication_is_refused(noor: Patient, lena: StaffMember, now: datetime) -> None:
    weigh(noor, "70", by=lena)
    plan = plan_for(elements=(Element("relapse_prevention", "around", 7),))
    with pytest.raises(Refused) as refused:
        services.draft_course(by=lena, at=now, patient=noor, protocol_version=version(), plan=plan)
    assert refused.value.field == "elements"
