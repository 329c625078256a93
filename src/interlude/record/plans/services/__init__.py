"""Verbs of the plans room: courses, consents, drivers, comfort."""

from interlude.record.plans.services.comfort import state_comfort
from interlude.record.plans.services.consent import (
    check_may_consent,
    give_consent,
    load_consent_texts,
    withdraw_consent,
)
from interlude.record.plans.services.course import begin_course, change_course, discard_draft, draft_course, end_course
from interlude.record.plans.services.dose_check import check_dose, check_may_check_dose, may_check_dose
from interlude.record.plans.services.driver import name_driver
from interlude.record.plans.services.signing import check_may_sign, may_sign, sign_course
from interlude.record.plans.services.taper import mark_taper_step, plan_taper_step

__all__ = [
    "begin_course",
    "change_course",
    "check_dose",
    "check_may_check_dose",
    "check_may_consent",
    "check_may_sign",
    "discard_draft",
    "draft_course",
    "end_course",
    "give_consent",
    "load_consent_texts",
    "mark_taper_step",
    "may_check_dose",
    "may_sign",
    "name_driver",
    "plan_taper_step",
    "sign_course",
    "state_comfort",
    "withdraw_consent",
]
