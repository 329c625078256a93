"""After the session: questionnaires bound to it, visits and decisions asked for, and the next decision itself."""

from interlude.record.followup.services.deciding import (
    check_may_decide,
    decide_next,
    decision_key,
    may_decide,
)
from interlude.record.followup.services.measuring import plan_before, plan_intake, plan_measures
from interlude.record.followup.services.tending import follow_session, run_due

__all__ = [
    "check_may_decide",
    "decide_next",
    "decision_key",
    "follow_session",
    "may_decide",
    "plan_before",
    "plan_intake",
    "plan_measures",
    "run_due",
]
