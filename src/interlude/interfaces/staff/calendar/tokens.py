"""A proposed series on its way to the browser and back: signed, and checked again when it is booked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core import signing

from interlude.domain.refusals import N_, Refused
from interlude.domain.timetabling import Interval, Proposal, SeriesAppointment

SALT = "interlude.series"
LIFETIME = timedelta(hours=12)


def to_token(course_id: UUID, proposal: Proposal) -> str:
    rows = [
        [one.kind, one.number, _iso(one.start), _iso(one.end), dict(one.roles), _held(one)]
        for one in proposal.appointments
    ]
    return signing.dumps([str(course_id), rows], salt=SALT, compress=True)


def from_token(course_id: UUID, token: str, zone: ZoneInfo) -> Proposal:
    """Raises `Refused` for a token that is not ours, too old, or of another course."""
    try:
        owner, rows = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        raise Refused(N_("This proposal is too old. Ask for a new one.")) from None
    if owner != str(course_id):
        raise Refused(N_("This proposal belongs to another plan."))
    return Proposal(tuple(_appointment(row, zone) for row in rows))


def _iso(at: datetime) -> str:
    return at.isoformat()


def _held(one: SeriesAppointment) -> dict[str, list[str]]:
    return {who: [_iso(row.start), _iso(row.end)] for who, row in one.held.items()}


def _appointment(row: list[Any], zone: ZoneInfo) -> SeriesAppointment:
    kind, number, start, end, roles, held = row

    def read(text: str) -> datetime:
        return datetime.fromisoformat(text).astimezone(zone)

    return SeriesAppointment(
        kind=kind,
        number=number,
        start=read(start),
        end=read(end),
        roles=roles,
        held={who: Interval(read(since), read(until)) for who, (since, until) in held.items()},
    )
