from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from interlude.domain.protocol.library import load_library
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import services
from interlude.record.assessments.catalogue import catalogue
from interlude.record.patients.models import Patient

# Answers under which no rule speaks up. Everything that is not named here is a "no".
HARMLESS: dict[str, Any] = {
    "indication": "depression",
    "systolic_bp_mmhg": Decimal(124),
    "diastolic_bp_mmhg": Decimal(78),
    "spo2_percent": Decimal(98),
    "heart_rate_per_min": Decimal(66),
    "weight_kg": Decimal("70.5"),
    "height_cm": Decimal(172),
    "liver_impairment": "none",
    "cssrs_tier": "none",
    "capacity_to_consent": True,
    "safe_setting": True,
}


def harmless_answers() -> dict[str, Any]:
    """One answer to every question that an eligibility rule of planning asks and that is not computed."""
    codes = {
        code for rule in load_library().rule_set.rules if "plan" in rule.stages for code in rule.fact_codes("plan")
    }
    answers = dict(HARMLESS)
    for code in sorted(codes):
        definition = catalogue().get(code)
        if definition.kind == "yes_no" and definition.asked != "computed":
            answers.setdefault(code, False)
    return answers


@pytest.fixture
def answer(noor: Patient, lena: StaffMember, now: datetime) -> Callable[..., None]:
    """`answer(pregnant=True)` charts facts; `days_ago=3` dates them back."""

    def chart(days_ago: int = 0, **values: Any) -> None:
        observed_at = now - timedelta(days=days_ago)
        services.record_facts(by=lena, at=now, patient=noor, values=values, observed_at=observed_at)

    return chart


@pytest.fixture
def everything_clear(answer: Callable[..., None], noor: Patient, lena: StaffMember, now: datetime) -> None:
    answer(**harmless_answers())
    services.review_medicines(by=lena, at=now, patient=noor, takes_none=True)
