"""What is known about a patient before treatment: dated facts, statements, the consultation, the decision.

Nothing here is edited. A newer statement takes the place of an older one; an entry made in error is
withdrawn by a row that says when and by whom.
"""

from interlude.record.assessments.models.consultation import (
    Consultation,
    ConsultationEntry,
    ConsultationPart,
    Report,
    ReportWithdrawal,
)
from interlude.record.assessments.models.decisions import EligibilityDecision, EligibilityOutcome
from interlude.record.assessments.models.facts import Fact, FactSource, FactWithdrawal
from interlude.record.assessments.models.questions import QuestionForPatient
from interlude.record.assessments.models.statements import (
    AllergyState,
    AllergyStatement,
    MedicineEnd,
    MedicineReview,
    MedicineStatement,
    TreatmentTrial,
    TrialResponse,
    TrialWithdrawal,
)
from interlude.record.assessments.models.workup import WorkupEntry, WorkupOutcome, WorkupWithdrawal

__all__ = [
    "AllergyState",
    "AllergyStatement",
    "Consultation",
    "ConsultationEntry",
    "ConsultationPart",
    "EligibilityDecision",
    "EligibilityOutcome",
    "Fact",
    "FactSource",
    "FactWithdrawal",
    "MedicineEnd",
    "MedicineReview",
    "MedicineStatement",
    "QuestionForPatient",
    "Report",
    "ReportWithdrawal",
    "TreatmentTrial",
    "TrialResponse",
    "TrialWithdrawal",
    "WorkupEntry",
    "WorkupOutcome",
    "WorkupWithdrawal",
]
