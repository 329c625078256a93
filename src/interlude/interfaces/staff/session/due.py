"""What is due next at the chair, from the protocol's intervals and what was done last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from interlude.domain.protocol import Protocol
from interlude.domain.protocol.schema import MonitoringItem
from interlude.record.dosing.models import Observation, Session

DISSOCIATION_FROM_MIN, DISSOCIATION_UNTIL_MIN = 10, 15
"""When the nurse looks for the onset of dissociation (habit of the clinics; proposed default)."""

_KINDS = {"blood_pressure": "nibp_sys", "respiratory_rate": "resp_rate"}
_SCALES = {"sedation": "moaas", "dissociation": "cadss6"}
_WELLBEING = frozenset({"wellbeing_good", "wellbeing_unwell", "calm", "words", "anxiety", "patient_says_stop"})
_ANCHORS = {
    "blood_pressure": "vitals-form",
    "respiratory_rate": "vitals-form",
    "sedation": "score-moaas",
    "dissociation": "score-cadss6",
    "onset": "events",
    "wellbeing": "events",
}


@dataclass(frozen=True)
class Due:
    """`anchor`: where on the page it is done."""

    code: str
    label: str
    due_at: datetime
    anchor: str
    is_over: bool


def due_list(
    session: Session,
    protocol: Protocol,
    now: datetime,
    *,
    latest: Mapping[str, Observation],
    scored_at: Mapping[str, datetime],
    events: Iterable[tuple[str, datetime]],
) -> list[Due]:
    """Everything with an interval, soonest first. Continuous signals are not here: their silence shows by itself."""
    if session.started_at is None or session.ended_at is not None:
        return []
    during = session.stopped_at is None
    events = list(events)
    found = []
    for item in protocol.monitoring:
        if item.phase not in ("during" if during else "after", "always") or item.continuous:
            continue
        code = _code(item)
        if code == "rate":
            continue
        at = _due_at(session, item, code, latest, scored_at, events)
        if at is not None:
            found.append(Due(code, _(item.label), at, _ANCHORS.get(code, "events"), at < now))
    if during and not any(kind == "dissociation" for kind, _at in events):
        at = session.started_at + timedelta(minutes=DISSOCIATION_FROM_MIN)
        until = session.started_at + timedelta(minutes=DISSOCIATION_UNTIL_MIN)
        found.append(
            Due(
                "onset",
                _("Has dissociation begun? (minute 10 to 15)"),
                until if now > at else at,
                "events",
                now > until,
            )
        )
    return sorted(found, key=lambda one: one.due_at)


def _code(item: MonitoringItem) -> str:
    return item.code.removesuffix("_during").removesuffix("_after")


def _due_at(
    session: Session,
    item: MonitoringItem,
    code: str,
    latest: Mapping[str, Observation],
    scored_at: Mapping[str, datetime],
    events: list[tuple[str, datetime]],
) -> datetime | None:
    start = session.started_at if session.stopped_at is None else session.stopped_at
    assert start is not None
    last = _last(code, latest, scored_at, events)
    if item.every_min is not None:
        return max(last or start, start) + timedelta(minutes=float(item.every_min.value))
    for minute in item.at_min:
        at = start + timedelta(minutes=float(minute.value))
        if last is None or last < at - timedelta(minutes=5):
            return at
    return None


def _last(
    code: str,
    latest: Mapping[str, Observation],
    scored_at: Mapping[str, datetime],
    events: list[tuple[str, datetime]],
) -> datetime | None:
    if code in _KINDS:
        row = latest.get(_KINDS[code])
        return min(row.seen_at, row.received_at) if row else None
    if code in _SCALES:
        return scored_at.get(_SCALES[code])
    if code == "wellbeing":
        return max((at for kind, at in events if kind in _WELLBEING), default=None)
    return None
