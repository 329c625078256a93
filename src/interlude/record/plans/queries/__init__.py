"""Reads of the plans room."""

from interlude.record.plans.queries.body import bmi_of, charted_weight
from interlude.record.plans.queries.consent import ConsentState, consent_state, consent_states, newest_text
from interlude.record.plans.queries.course import (
    content_to_sign,
    courses_for,
    courses_of,
    current_course,
    draft_of,
    plan_of,
    steps_of,
)
from interlude.record.plans.queries.deviations import deviation_log, deviations_now
from interlude.record.plans.queries.dose_check import dose_checks_of
from interlude.record.plans.queries.reasons import PlanBasis, frozen_basis, plan_basis
from interlude.record.plans.queries.taper import TaperLine, around, notes_on, taper_of
from interlude.record.plans.queries.wishes import comfort_of, driver_of, drivers_of, last_driver_of

__all__ = [
    "ConsentState",
    "PlanBasis",
    "TaperLine",
    "around",
    "bmi_of",
    "charted_weight",
    "comfort_of",
    "consent_state",
    "consent_states",
    "content_to_sign",
    "courses_for",
    "courses_of",
    "current_course",
    "deviation_log",
    "deviations_now",
    "dose_checks_of",
    "draft_of",
    "driver_of",
    "drivers_of",
    "frozen_basis",
    "last_driver_of",
    "newest_text",
    "notes_on",
    "plan_basis",
    "plan_of",
    "steps_of",
    "taper_of",
]
