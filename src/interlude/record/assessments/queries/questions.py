from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from interlude.domain.protocol.facts import FactDefinition
from interlude.record.assessments.catalogue import catalogue
from interlude.record.assessments.models import Fact, QuestionForPatient
from interlude.record.patients.models import Patient


@dataclass(frozen=True)
class OpenQuestion:
    """A question that waits for the patient, and since when."""

    definition: FactDefinition
    asked_at: datetime


def askable_codes() -> frozenset[str]:
    """The questions that a patient can answer without a clinician."""
    return frozenset(one.code for one in catalogue().facts if one.patient_question)


def open_questions(patient: Patient) -> dict[str, OpenQuestion]:
    """What the patient was asked and nobody has answered since, in the catalogue's order; two queries."""
    asked = {row.code: row for row in QuestionForPatient.objects.filter(patient=patient)}
    answers = Fact.objects.filter(patient=patient, code__in=asked, withdrawal=None)
    answered = dict(answers.values_list("code").annotate(Max("number")))
    return {
        one.code: OpenQuestion(one, asked[one.code].recorded_at)
        for one in catalogue().facts
        if one.code in asked and answered.get(one.code, 0) <= asked[one.code].after_number
    }
