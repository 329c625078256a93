"""The newest vital signs with their age and their state. Unknown is never shown as normal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from interlude.domain.protocol import Protocol, phase_info, reading
from interlude.record.devices.models import Device
from interlude.record.devices.queries import SILENT_AFTER_S, links_of_chair
from interlude.record.dosing.kinds import VITAL_KINDS, VitalKind
from interlude.record.dosing.models import Observation, Session, Source
from interlude.record.dosing.protocol import pinned
from interlude.record.dosing.queries.facts import baseline
from interlude.record.dosing.queries.latest import latest_observations
from interlude.record.protocols.queries import is_approved

State = Literal["normal", "outside", "critical", "unknown_range", "not_measured"]
Freshness = Literal["fresh", "overdue", "blank"]

_STATES: dict[str, State] = {
    "within": "normal",
    "advisory": "outside",
    "urgent": "critical",
    "unknown": "unknown_range",
}
BLANK_AFTER_S = 10.0
"""A value of a feed that sends every second is no longer shown as a value after this (proposed default)."""

DEFAULT_INTERVAL_MIN = Decimal(10)
"""For a vital sign that the protocol gives no interval: the one of blood pressure during an infusion."""

_ITEMS = {"nibp_sys": "blood_pressure", "nibp_dia": "blood_pressure", "nibp_mean": "blood_pressure"}
_ITEM_OF_RATE = {"resp_rate": "respiratory_rate"}


@dataclass(frozen=True)
class VitalNow:
    """One vital sign now. `value` is None when nothing was measured or the value is too old to be shown as one;
    `last_value` still has it, with `observed_at`. `state` says how the shown value lies to the limits of the
    approved protocol; a value that is not shown has the state "not_measured".
    """

    kind: VitalKind
    value: Decimal | None
    last_value: Decimal | None
    observed_at: datetime | None
    seen_at: datetime | None
    source: str
    freshness: Freshness
    overdue_at: datetime | None
    blank_at: datetime | None
    state: State
    action: str = ""
    limit: str = ""
    flags: tuple[str, ...] = ()
    is_device_time: bool = False

    def age_s(self, now: datetime) -> float | None:
        return None if self.seen_at is None else max(0.0, (now - self.seen_at).total_seconds())

    def as_json(self, now: datetime) -> dict[str, Any]:
        age = self.age_s(now)
        return {
            "kind": self.kind.kind,
            "label": self.kind.label,
            "short": self.kind.short,
            "unit": self.kind.unit,
            "places": self.kind.places,
            "value": _text(self.value),
            "last_value": _text(self.last_value),
            "observed_at": _iso(self.observed_at),
            "seen_at": _iso(self.seen_at),
            "age_s": None if age is None else round(age, 1),
            "overdue_at": _iso(self.overdue_at),
            "blank_at": _iso(self.blank_at),
            "fresh_s": _span(self.seen_at, self.overdue_at),
            "stale_s": _span(self.seen_at, self.blank_at),
            "freshness": self.freshness,
            "state": self.state,
            "limit": self.limit,
            "action": self.action,
            "source": self.source,
            "flags": list(self.flags),
            "is_device_time": self.is_device_time,
        }


def vitals_now(session: Session, now: datetime) -> dict[str, VitalNow]:
    """Every vital sign that this session has, and those that its protocol wants; a constant number of queries."""
    latest = latest_observations([session.pk])[session.pk]
    return vitals_from(
        session,
        now,
        latest,
        baseline=baseline(session) if session.started_at else {},
        approved=is_approved(session.protocol_version),
    )


def vitals_from(
    session: Session,
    now: datetime,
    latest: dict[str, Observation],
    *,
    baseline: dict[str, Observation],
    approved: bool,
) -> dict[str, VitalNow]:
    """The same from rows that were read already (a board of many sessions)."""
    protocol = pinned(session)
    wanted = ("nibp_sys", "nibp_dia", "heart_rate", "spo2", "resp_rate")
    kinds = [kind for kind in VITAL_KINDS if kind in wanted or kind in latest]
    return {
        kind: _vital(
            session, protocol if approved else None, VITAL_KINDS[kind], latest.get(kind), baseline.get(kind), now
        )
        for kind in kinds
    }


def _vital(
    session: Session,
    protocol: Protocol | None,
    kind: VitalKind,
    row: Observation | None,
    base: Observation | None,
    now: datetime,
) -> VitalNow:
    if row is None:
        return VitalNow(kind, None, None, None, None, "", "blank", None, None, "not_measured")
    # A clock that runs ahead must not make a value younger than its arrival.
    seen_at = min(row.seen_at, row.received_at)
    overdue_after, blank_after = _clocks(session, kind, row)
    overdue_at, blank_at = seen_at + overdue_after, seen_at + blank_after
    freshness: Freshness = "blank" if now > blank_at else "overdue" if now > overdue_at else "fresh"
    flags = tuple(row.flags.split()) if row.flags else ()
    state: State = "not_measured"
    action = limit = ""
    if freshness != "blank":
        state = "unknown_range"
        if protocol is not None and kind.fact and not {"questionable", "early"} & set(flags):
            found = reading(protocol, kind.fact, row.value, baseline=base.value if base else None)
            state, action = _STATES[found.level], found.action
            limit = str(found.limit) if found.limit else ""
    return VitalNow(
        kind=kind,
        value=None if freshness == "blank" else row.value,
        last_value=row.value,
        observed_at=row.observed_at,
        seen_at=seen_at,
        source=row.source,
        freshness=freshness,
        overdue_at=overdue_at,
        blank_at=blank_at,
        state=state,
        action=action,
        limit=limit,
        flags=flags,
        is_device_time=row.is_device_time,
    )


def _clocks(session: Session, kind: VitalKind, row: Observation) -> tuple[timedelta, timedelta]:
    """(overdue after, blank after). A continuous feed is told by its own pace, everything else by the protocol's
    interval: overdue at once the interval, blank at twice. The link never keeps a cuff value current."""
    device: Device | None = row.device
    if row.source == Source.MONITOR and kind.is_continuous and not row.is_aperiodic and device is not None:
        pace = float(device.feed_interval_s)
        return (
            timedelta(seconds=max(SILENT_AFTER_S, 2 * pace)),
            timedelta(seconds=max(BLANK_AFTER_S, 4 * pace)),
        )
    interval = interval_min(session, kind.kind, device)
    return timedelta(minutes=float(interval)), timedelta(minutes=float(2 * interval))


def interval_min(session: Session, kind: str, device: Device | None = None) -> Decimal:
    """Minutes between two measurements of this kind now: the protocol's for the phase, or the cuff's if shorter."""
    protocol = pinned(session)
    during = phase_info(session.phase).is_observed and session.stopped_at is None  # type: ignore[arg-type]
    phase = "during" if during or session.started_at is None else "after"
    name = _ITEMS.get(kind) or _ITEM_OF_RATE.get(kind) or "blood_pressure"
    found = DEFAULT_INTERVAL_MIN
    for item in protocol.monitoring:
        if item.code.startswith(name) and item.phase in (phase, "always") and item.every_min is not None:
            found = item.every_min.value
            break
    if device is not None and device.cuff_interval_min and kind in _ITEMS:
        return min(found, Decimal(device.cuff_interval_min))
    return found


def link_json(session: Session, now: datetime) -> list[dict[str, Any]]:
    """The links of the devices at the chair: silence is shown within seconds, whatever values are still on screen."""
    rows = []
    for link in links_of_chair(session.chair_id):
        silent_after = timedelta(seconds=max(SILENT_AFTER_S, 2.0 * link.device.feed_interval_s))
        rows.append(
            {
                "device": str(link.device_id),
                "name": link.device.name,
                "kind": link.device.kind,
                "last_heard_at": link.last_heard_at.isoformat(),
                "age_s": round(max(0.0, (now - link.last_heard_at).total_seconds()), 1),
                "silent_at": (link.last_heard_at + silent_after).isoformat(),
                "is_heard": now - link.last_heard_at <= silent_after,
                "clock_offset_s": link.clock_offset_s,
            }
        )
    return rows


def _text(value: Decimal | None) -> str | None:
    if value is None:
        return None
    return format(value.normalize(), "f") if value else "0"


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _span(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds()
