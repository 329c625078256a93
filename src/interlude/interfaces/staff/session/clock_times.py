"""Times of day as people say them, turned into instants of the clinic's clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from interlude.domain.refusals import N_, Refused

CLOCK_SLACK = timedelta(seconds=2)
"""A tap is timed on the tablet by the server's clock; what it is ahead by travelling is not the future."""


def today_at(value: time, now: datetime, *, days_ago: int = 0) -> datetime:
    """That time on the clinic's day of `now`, or days before it."""
    local = timezone.localtime(now)
    day = local.date() - timedelta(days=days_ago)
    return datetime.combine(day, value, tzinfo=local.tzinfo)


def tapped_at(text: str, now: datetime) -> datetime:
    """The moment of a tap as the page sent it (ISO with offset); without one the moment of the entry.

    Raises `Refused` for a text that is no instant; a real future is left for the service to refuse.
    """
    if not text:
        return now
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Refused(N_("The time of the tap could not be read. Tap again."), field="event_at")
    return now if now < at <= now + CLOCK_SLACK else at
