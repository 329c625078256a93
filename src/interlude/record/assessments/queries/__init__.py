"""Reads of the assessments room. All take a patient that the asking person was already given by `patients_for`."""

from interlude.record.assessments.queries.consultation import (
    consultation_of,
    read_report,
    report_of,
    reports_of,
)
from interlude.record.assessments.queries.eligibility import (
    EligibilityPicture,
    MedicineCheck,
    eligibility_picture,
    eligibility_rows,
    is_eligible,
    latest_decision,
    new_since,
)
from interlude.record.assessments.queries.facts import (
    computed_facts,
    fact_rows,
    facts_of,
    history_of_fact,
    latest_weight,
)
from interlude.record.assessments.queries.questions import OpenQuestion, askable_codes, open_questions
from interlude.record.assessments.queries.statements import (
    AllergyLine,
    allergy_banner,
    failed_trials,
    medicine_review,
    medicines_of,
    trials_of,
)
from interlude.record.assessments.queries.workup import WorkupLine, workup_entries, workup_of

__all__ = [
    "AllergyLine",
    "EligibilityPicture",
    "MedicineCheck",
    "OpenQuestion",
    "WorkupLine",
    "allergy_banner",
    "askable_codes",
    "computed_facts",
    "consultation_of",
    "eligibility_picture",
    "eligibility_rows",
    "fact_rows",
    "facts_of",
    "failed_trials",
    "history_of_fact",
    "is_eligible",
    "latest_decision",
    "latest_weight",
    "medicine_review",
    "medicines_of",
    "new_since",
    "open_questions",
    "read_report",
    "report_of",
    "reports_of",
    "trials_of",
    "workup_entries",
    "workup_of",
]
