from interlude.record.followup.queries.course import (
    decisions_for,
    dose_counters,
    gain_of_course,
    sessions_given,
    stop_rules_met,
    what_is_known,
)
from interlude.record.followup.queries.preparing import Preparation, preparation

__all__ = [
    "Preparation",
    "decisions_for",
    "dose_counters",
    "gain_of_course",
    "preparation",
    "sessions_given",
    "stop_rules_met",
    "what_is_known",
]
