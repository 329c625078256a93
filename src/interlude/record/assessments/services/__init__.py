"""Verbs of the assessments room: each one transaction with one audit entry of its own."""

from interlude.record.assessments.services.consultation import (
    LARGEST_REPORT_BYTES,
    attach_report,
    save_consultation,
    withdraw_report,
)
from interlude.record.assessments.services.decisions import (
    check_is_what_was_seen,
    check_may_decide,
    decide_eligibility,
    may_decide,
)
from interlude.record.assessments.services.facts import record_fact, record_facts, withdraw_fact
from interlude.record.assessments.services.questions import answer_questions, ask_patient
from interlude.record.assessments.services.statements import (
    record_trial,
    review_medicines,
    state_allergies,
    state_medicine,
    stop_medicine,
    withdraw_trial,
)
from interlude.record.assessments.services.workup import record_workup, withdraw_workup

__all__ = [
    "LARGEST_REPORT_BYTES",
    "answer_questions",
    "ask_patient",
    "attach_report",
    "check_is_what_was_seen",
    "check_may_decide",
    "decide_eligibility",
    "may_decide",
    "record_fact",
    "record_facts",
    "record_trial",
    "record_workup",
    "review_medicines",
    "save_consultation",
    "state_allergies",
    "state_medicine",
    "stop_medicine",
    "withdraw_fact",
    "withdraw_report",
    "withdraw_trial",
    "withdraw_workup",
]
