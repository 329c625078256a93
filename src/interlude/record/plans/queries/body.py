from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from interlude.record.assessments.queries import facts_of, latest_weight
from interlude.record.clinic.queries import local_day
from interlude.record.patients.models import Patient


def bmi_of(patient: Patient) -> Decimal | None:
    """Body mass index in kg/m2 to 0.1 from the charted weight and height; the charted index where one is
    missing; None when it is not known."""
    facts = facts_of(patient)
    weight, height = facts.get("weight_kg"), facts.get("height_cm")
    if weight and height and isinstance(weight.value, Decimal | int) and isinstance(height.value, Decimal | int):
        metres = Decimal(height.value) / 100
        return (Decimal(weight.value) / (metres * metres)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    charted = facts.get("bmi_kg_per_m2")
    return Decimal(charted.value) if charted and isinstance(charted.value, Decimal | int) else None


def charted_weight(patient: Patient) -> tuple[Decimal, date] | None:
    """The newest weight in kg to 0.01, and the local day it was measured; None while there is none."""
    newest = latest_weight(patient)
    if newest is None:
        return None
    weight_kg, observed_at = newest
    return weight_kg.quantize(Decimal("0.01"), ROUND_HALF_UP), local_day(observed_at)
