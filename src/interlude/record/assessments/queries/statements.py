from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from interlude.domain.protocol.library import load_library
from interlude.domain.protocol.trials import Resistance, Trial, treatment_resistance
from interlude.record.assessments.models import (
    AllergyState,
    AllergyStatement,
    MedicineReview,
    MedicineStatement,
    TreatmentTrial,
)
from interlude.record.patients.models import Patient


@dataclass(frozen=True)
class AllergyLine:
    """`state` is one of the four of `AllergyState`; `entries` hold (substance, reaction)."""

    state: str
    entries: tuple[tuple[str, str], ...] = ()
    stated_at: datetime | None = None
    stated_by: str = ""
    statement_id: str = ""

    @property
    def names(self) -> list[str]:
        return [substance for substance, _reaction in self.entries]


def allergy_banner(patient: Patient) -> AllergyLine:
    """The newest statement. Nothing stated is "not recorded"; a statement that was erased is "unavailable"."""
    row = (
        AllergyStatement.objects.filter(patient=patient)
        .select_related("recorded_by")
        .order_by("recorded_at", "id")
        .last()
    )
    if row is None:
        return AllergyLine(AllergyState.NOT_RECORDED)
    who = row.recorded_by.display_name if row.recorded_by else ""
    entries: Any = row.entries
    if entries is None:
        return AllergyLine(AllergyState.UNAVAILABLE, (), row.recorded_at, who, str(row.pk))
    pairs = tuple((entry["substance"], entry.get("reaction", "")) for entry in entries)
    return AllergyLine(row.state, pairs, row.recorded_at, who, str(row.pk))


def medicines_of(patient: Patient) -> list[MedicineStatement]:
    """The medicines taken now, as stated. An empty list says nothing unless `medicine_review` does."""
    rows = MedicineStatement.objects.filter(patient=patient, end=None).select_related("recorded_by")
    medicines = list(rows)
    for row in medicines:
        row.patient = patient
    return medicines


def medicine_review(patient: Patient) -> MedicineReview | None:
    """When the list was last gone through with the patient."""
    rows = MedicineReview.objects.filter(patient=patient).select_related("recorded_by")
    return rows.order_by("recorded_at", "id").last()


def trials_of(patient: Patient) -> list[TreatmentTrial]:
    rows = TreatmentTrial.objects.filter(patient=patient, withdrawal=None).select_related("recorded_by")
    trials = list(rows)
    for row in trials:
        row.patient = patient
    return trials


def resistance_of(trials: list[TreatmentTrial]) -> Resistance:
    """Treatment resistance as the protocol computes it from the stated trials."""
    return treatment_resistance(
        load_library().rule_set.trials,
        [
            Trial(
                medicine=str(row.medicine or ""),
                dose_was_adequate=row.dose_was_adequate,
                weeks=row.weeks,
                response=row.response,  # type: ignore[arg-type]
                dose_text=str(row.dose or ""),
            )
            for row in trials
        ],
    )


def failed_trials(trials: list[TreatmentTrial]) -> tuple[int, datetime] | None:
    """Adequate trials without response and when they were stated.

    None while nothing is stated, or while trials that are not fully known could still decide the question.
    """
    if not trials:
        return None
    resistance = resistance_of(trials)
    if resistance.is_resistant is None:
        return None
    return resistance.failed, max(row.recorded_at for row in trials)
