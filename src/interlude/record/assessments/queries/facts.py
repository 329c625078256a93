from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import QuerySet

from interlude.domain.protocol.facts import Fact as KnownValue
from interlude.domain.protocol.facts import FactDefinition, Value
from interlude.record.assessments.catalogue import catalogue
from interlude.record.assessments.models import Fact, FactSource, TreatmentTrial
from interlude.record.assessments.queries.statements import failed_trials
from interlude.record.patients.models import Patient


def fact_rows(patient: Patient) -> dict[str, Fact]:
    """The newest row of each code, in one query; a row may say "not known" (its value is None)."""
    rows = Fact.objects.filter(patient=patient, withdrawal=None).select_related("recorded_by")
    latest: dict[str, Fact] = {}
    for row in rows.order_by("observed_at", "number"):
        row.patient = patient
        latest[row.code] = row
    return latest


def history_of_fact(patient: Patient, code: str) -> QuerySet[Fact]:
    """Every answer to one question, newest first, those entered in error included."""
    rows = Fact.objects.filter(patient=patient, code=code)
    return rows.select_related("recorded_by", "withdrawal__by").order_by("-observed_at", "-number")


def value_of(definition: FactDefinition, stored: object) -> Value | None:
    """The stored JSON value as the domain reads it; None for "not known" and for an erased value."""
    if stored is None:
        return None
    if definition.kind == "yes_no":
        return bool(stored)
    if definition.kind == "number":
        return Decimal(str(stored))
    if definition.kind == "date":
        return date.fromisoformat(str(stored))
    return str(stored)


def facts_of(patient: Patient) -> dict[str, KnownValue]:
    """The current fact of each code as charted, without the computed ones. "Not known" is absent."""
    return known_values(fact_rows(patient))


def known_values(rows: dict[str, Fact]) -> dict[str, KnownValue]:
    definitions = {definition.code: definition for definition in catalogue().facts}
    facts: dict[str, KnownValue] = {}
    for code, row in rows.items():
        definition = definitions.get(code)
        value = value_of(definition, row.value) if definition else None
        if value is not None:
            source = str(FactSource(row.source).label)
            facts[code] = KnownValue(code, value, row.observed_at, row.unit, source)
    return facts


def computed_facts(
    patient: Patient, facts: dict[str, KnownValue], trials: list[TreatmentTrial], at: datetime
) -> dict[str, KnownValue]:
    """What follows from other facts: age, body mass index, adequate trials without response.

    What cannot be computed is absent, so that a rule that needs it stays unknown.
    """
    found: dict[str, KnownValue] = {}
    if patient.born_on is not None:
        age = patient.age_on(at.date())
        born = datetime.combine(patient.born_on, time(12), tzinfo=UTC)
        if age is not None:
            found["age_years"] = KnownValue("age_years", age, born, "year", "date of birth")
    weight, height = facts.get("weight_kg"), facts.get("height_cm")
    if weight and height:
        metres = Decimal(str(height.value)) / 100
        bmi = (Decimal(str(weight.value)) / metres**2).quantize(Decimal("0.1"), ROUND_HALF_UP)
        found["bmi_kg_per_m2"] = KnownValue("bmi_kg_per_m2", bmi, weight.observed_at, "kg/m2", "weight and height")
    counted = failed_trials(trials)
    if counted is not None:
        failed, stated_at = counted
        found["adequate_failed_trials"] = KnownValue(
            "adequate_failed_trials", failed, stated_at, "trials", "list of treatments"
        )
    return found


def latest_weight(patient: Patient) -> tuple[Decimal, datetime] | None:
    """The newest weight in kg with the time it was measured; None while there is none."""
    rows = Fact.objects.filter(patient=patient, code="weight_kg", withdrawal=None)
    row = rows.order_by("-observed_at", "-number").first()
    if row is None or row.value is None:
        return None
    return Decimal(str(row.value)), row.observed_at
