"""What can be done with questionnaires: give one out, answer it, look after what it says."""

from interlude.record.measures.services.alerts import close_alert, note_action, take_alert
from interlude.record.measures.services.answering import answer_item, check_may_answer, may_answer, submit
from interlude.record.measures.services.assigning import assign, mark_missed, move, withdraw
from interlude.record.measures.services.paper import enter_paper

__all__ = [
    "answer_item", "assign", "check_may_answer", "close_alert", "enter_paper", "mark_missed", "may_answer",
    "move", "note_action", "submit", "take_alert", "withdraw",
]  # fmt: skip
