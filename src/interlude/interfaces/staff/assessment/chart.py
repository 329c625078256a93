from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone

from interlude.record.assessments import queries
from interlude.record.assessments.models import (
    ConsultationEntry,
    Fact,
    MedicineReview,
    MedicineStatement,
    Report,
    TreatmentTrial,
    WorkupEntry,
)
from interlude.record.patients.models import Patient


@dataclass
class Chart:
    """What is known about a patient before treatment; each part is read once, when it is first needed."""

    patient: Patient

    @cached_property
    def parts(self) -> dict[str, ConsultationEntry]:
        return queries.consultation_of(self.patient)

    @cached_property
    def facts(self) -> dict[str, Fact]:
        return queries.fact_rows(self.patient)

    @cached_property
    def allergies(self) -> queries.AllergyLine:
        return queries.allergy_banner(self.patient)

    @cached_property
    def medicines(self) -> list[MedicineStatement]:
        return queries.medicines_of(self.patient)

    @cached_property
    def medicines_reviewed(self) -> MedicineReview | None:
        return queries.medicine_review(self.patient)

    @cached_property
    def trials(self) -> list[TreatmentTrial]:
        return queries.trials_of(self.patient)

    @cached_property
    def reports(self) -> list[Report]:
        return list(queries.reports_of(self.patient))

    @cached_property
    def workup(self) -> list[queries.WorkupLine]:
        return queries.workup_of(self.patient, timezone.localdate())

    @cached_property
    def workup_entries(self) -> list[WorkupEntry]:
        return queries.workup_entries(self.patient)
