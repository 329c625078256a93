from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any

from interlude.domain.instruments.data import Reason
from interlude.domain.protocol.eligibility import STATES, RuleResult, State, evaluate, overall
from interlude.domain.protocol.facts import Fact as KnownValue
from interlude.domain.protocol.facts import Value
from interlude.domain.protocol.interactions import InteractionCheck, check_interactions
from interlude.domain.protocol.library import load_library
from interlude.domain.protocol.trials import Resistance
from interlude.record.accounts.services import content_hash
from interlude.record.assessments.catalogue import catalogue, validity_days
from interlude.record.assessments.models import (
    EligibilityDecision,
    EligibilityOutcome,
    MedicineReview,
    MedicineStatement,
    TreatmentTrial,
)
from interlude.record.assessments.queries.facts import computed_facts, facts_of
from interlude.record.assessments.queries.statements import (
    medicine_review,
    medicines_of,
    resistance_of,
    trials_of,
)
from interlude.record.clinic.queries import clinic_zone
from interlude.record.patients.models import Patient

MEDICINES = "medicines"
"""The code under which a decision keeps the reason for going past the interaction check."""


@dataclass(frozen=True)
class MedicineCheck:
    """The interaction check over the whole list. Unknown until the list was gone through with the patient."""

    state: State
    medicines: tuple[MedicineStatement, ...]
    check: InteractionCheck
    reviewed: MedicineReview | None
    age_days: int | None


@dataclass(frozen=True)
class EligibilityPicture:
    """Everything that a decision on one day rests on. `sha256` stands for exactly these inputs."""

    on: date
    results: tuple[RuleResult, ...]
    medicines: MedicineCheck
    trials: tuple[TreatmentTrial, ...]
    resistance: Resistance
    inputs: dict[str, Any]
    sha256: str

    @property
    def overall(self) -> State:
        return max(overall(self.results), self.medicines.state, key=STATES.index)

    def count(self, state: State) -> int:
        return sum(row.state == state for row in self.results) + (self.medicines.state == state)


@cache
def _rules_sha256() -> str:
    library = load_library()
    return content_hash(
        {
            "rules": library.rule_set.model_dump(mode="json"),
            "interactions": [row.model_dump(mode="json") for row in library.interactions],
        }
    )


def eligibility_rows(patient: Patient, on: date) -> list[RuleResult]:
    """Every rule of planning on that local day."""
    return list(eligibility_picture(patient, on).results)


def eligibility_picture(patient: Patient, on: date) -> EligibilityPicture:
    """The rules, the medicines and the earlier treatments of a patient on a local day of the clinic."""
    zone = clinic_zone()
    noon = datetime.combine(on, time(12), tzinfo=zone)
    charted = facts_of(patient)
    trials = trials_of(patient)
    facts = {**charted, **computed_facts(patient, charted, trials, noon)}
    rules = load_library().rule_set.rules
    results = evaluate(rules, facts.values(), on, catalogue=catalogue(), stage="plan", zone=zone)
    medicines = _medicine_check(patient, on, zone)
    inputs = _inputs(patient, on, facts.values(), medicines, trials)
    return EligibilityPicture(
        on=on,
        results=tuple(results),
        medicines=medicines,
        trials=tuple(trials),
        resistance=resistance_of(trials),
        inputs=inputs,
        sha256=content_hash(inputs),
    )


def _medicine_check(patient: Patient, on: date, zone: Any) -> MedicineCheck:
    medicines = medicines_of(patient)
    reviewed = medicine_review(patient)
    check = check_interactions(load_library().interactions, [str(row.name or "") for row in medicines])
    age_days = (on - reviewed.recorded_at.astimezone(zone).date()).days if reviewed else None
    limit = validity_days("quarter")
    state: State = "clear"
    if age_days is None or (limit is not None and age_days > limit):
        state = "unknown"
    elif check.needs_review:
        state = "review"
    return MedicineCheck(state, tuple(medicines), check, reviewed, age_days)


def _inputs(
    patient: Patient,
    on: date,
    facts: Iterable[KnownValue],
    medicines: MedicineCheck,
    trials: list[TreatmentTrial],
) -> dict[str, Any]:
    return {
        "on": on.isoformat(),
        "rules_sha256": _rules_sha256(),
        "born_on": patient.born_on.isoformat() if patient.born_on else None,
        "facts": [
            {
                "code": fact.code,
                "value": plain(fact.value),
                "unit": fact.unit,
                "observed_at": fact.observed_at.isoformat(),
                "source": str(fact.source),
            }
            for fact in sorted(facts, key=lambda fact: fact.code)
        ],
        "medicines": [
            {"id": str(row.pk), "name": row.name, "dose": row.dose, "frequency": row.frequency}
            for row in medicines.medicines
        ],
        "medicines_reviewed_at": medicines.reviewed.recorded_at.isoformat() if medicines.reviewed else None,
        "trials": [str(row.pk) for row in trials],
    }


def plain(value: Value | None) -> Any:
    """A fact's value as JSON holds it: numbers and dates as text."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return f"{Decimal(value):f}"


def reason_of(row: Mapping[str, Any]) -> Reason:
    """The reason of a frozen row; of a row without its template the English words as they stand."""
    if "reason_template" not in row:
        return Reason("{words}", {"words": row["reason"]})
    return Reason(row["reason_template"], {name: _thawed(one) for name, one in row["reason_params"].items()})


def _thawed(one: Mapping[str, Any]) -> object:
    if one["kind"] == "date":
        return date.fromisoformat(one["value"])
    return Decimal(one["value"]) if one["kind"] == "number" else one["value"]


def latest_decision(patient: Patient) -> EligibilityDecision | None:
    rows = EligibilityDecision.objects.filter(patient=patient).select_related("signature", "recorded_by")
    return rows.order_by("recorded_at", "id").last()


def is_eligible(patient: Patient) -> bool:
    """Whether the newest signed decision says eligible."""
    decision = latest_decision(patient)
    return decision is not None and decision.outcome == EligibilityOutcome.ELIGIBLE


def new_since(decision: EligibilityDecision, picture: EligibilityPicture) -> list[RuleResult]:
    """Rows that are more serious now than they were when the decision was signed, and were not gone past."""
    rows: Any = decision.rows or []
    before = {row["code"]: row["state"] for row in rows}
    return [
        row
        for row in picture.results
        if STATES.index(row.state) > STATES.index(before.get(row.code, "clear")) and row.state in ("stops", "review")
    ]
