"""From when until when a planned questionnaire may be answered. Product defaults; the due day is the protocol's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Window:
    due_at: datetime
    opens_at: datetime
    closes_at: datetime


def intake(at: datetime) -> Window:
    """At the beginning: from now on, for two weeks."""
    return Window(at, at, at + timedelta(days=14))


def before_session(starts_at: datetime) -> Window:
    """From two days before until the dose can begin. What is older than that says little about the day."""
    return Window(starts_at, starts_at - timedelta(days=2), starts_at + timedelta(hours=2))


def after_session(due_at: datetime, hours: float) -> Window:
    """Hours or days after a dose: open around the time, half as long again afterwards, at most two days."""
    slack = timedelta(hours=min(max(hours / 2, 1), 48))
    return Window(due_at, due_at - min(slack, timedelta(hours=6)), due_at + slack)


def rhythm(due_at: datetime, every_days: int) -> Window:
    """Weekly or monthly: from the day before until the next one comes near."""
    return Window(due_at, due_at - timedelta(days=1), due_at + timedelta(days=min(max(every_days - 2, 1), 7)))
