"""Verbs of the appointments room. A booking is checked under lock against the calendar as it is."""

from interlude.record.appointments.services.changes import cancel, move
from interlude.record.appointments.services.marking import check_may_mark, mark, may_mark
from interlude.record.appointments.services.series import (
    SeriesRefused,
    book_series,
    cancel_remaining,
    check_may_book_series,
    propose_series,
)
from interlude.record.appointments.services.single import book

__all__ = [
    "SeriesRefused",
    "book",
    "book_series",
    "cancel",
    "cancel_remaining",
    "check_may_book_series",
    "check_may_mark",
    "mark",
    "may_mark",
    "move",
    "propose_series",
]
