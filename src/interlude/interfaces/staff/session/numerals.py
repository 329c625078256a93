"""The vital signs as the page shows them: one number with its age and its state, and the rules for the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from interlude.domain.protocol import Protocol
from interlude.domain.protocol.schema import Bound
from interlude.interfaces.design import formats
from interlude.record.devices.queries import SILENT_AFTER_S
from interlude.record.dosing.kinds import VITAL_KINDS
from interlude.record.dosing.models import Observation, Session
from interlude.record.dosing.queries import VitalNow
from interlude.record.dosing.queries.vitals import BLANK_AFTER_S, interval_min, link_json

TICK_S = 1
"""The page looks at its ages once a second: silence is told one tick early, so that it is seen in time."""

SERIES = {"heart_rate": "hr", "spo2": "spo2", "resp_rate": "rr"}
LOOKS = {"normal": "normal", "outside": "outside", "critical": "critical", "not_measured": "missing"}
_RANK = ("not_measured", "normal", "unknown_range", "outside", "critical")
_PRESSURES = ("nibp_sys", "nibp_dia")
_FIRST = ("heart_rate", "spo2", "resp_rate")
_MORE = ("pulse_rate", "etco2", "temperature", "abp_sys", "abp_dia")


@dataclass(frozen=True)
class Numeral:
    """One number of the cockpit. `number` None: nothing that may be shown as a value; `note` says what was last."""

    name: str
    label: str
    unit: str
    number: str | None
    state: str
    at: datetime | None
    fresh_s: int | None
    stale_s: int | None
    series: str = ""
    note: str = ""
    action: str = ""


def numerals(vitals: Mapping[str, VitalNow]) -> list[Numeral]:
    """Blood pressure first, then heart rate, saturation and breathing, then whatever else is measured."""
    shown = [_pressure(vitals)]
    shown += [_single(vitals[kind]) for kind in _FIRST if kind in vitals]
    shown += [
        _single(vitals[kind])
        for kind in _MORE
        if kind in vitals and not (kind == "pulse_rate" and _has_heart_rate(vitals))
    ]
    return shown


def _has_heart_rate(vitals: Mapping[str, VitalNow]) -> bool:
    """The pulse of the sensor is shown only where the heart rate itself is missing."""
    return vitals["heart_rate"].value is not None or vitals["pulse_rate"].value is None


def look(state: str) -> str:
    """The state of the design system; what it does not know is unknown, never normal."""
    return LOOKS.get(state, "unknown")


def number_text(value: Decimal | None, places: int) -> str | None:
    return None if value is None else formats.clinic_number(value, places if value % 1 else 0)


def _single(vital: VitalNow) -> Numeral:
    kind = vital.kind
    return Numeral(
        name=kind.kind,
        label=_(kind.short),
        unit=kind.unit,
        number=number_text(vital.value, kind.places),
        state=look(vital.state),
        at=vital.seen_at,
        fresh_s=_fresh(vital),
        stale_s=_span(vital.seen_at, vital.blank_at),
        series=SERIES.get(kind.kind, ""),
        note=_last(vital.value, number_text(vital.last_value, kind.places), vital) or _source(vital),
        action=vital.action,
    )


def _pressure(vitals: Mapping[str, VitalNow]) -> Numeral:
    """Upper and lower pressure as one number, as old as the older one and as bad as the worse one."""
    upper, lower = (vitals[kind] for kind in _PRESSURES)
    older = upper if (upper.seen_at and lower.seen_at and upper.seen_at <= lower.seen_at) else lower
    worse = max((upper, lower), key=lambda one: _RANK.index(one.state))
    number = _both(upper.value, lower.value)
    return Numeral(
        name="nibp",
        label=_("BP"),
        unit="mmHg",
        number=number,
        state=look(worse.state) if number else "missing",
        at=older.seen_at,
        fresh_s=_span(older.seen_at, older.overdue_at),
        stale_s=_span(older.seen_at, older.blank_at),
        series="bp",
        note=_last(number, _both(upper.last_value, lower.last_value), older) or _source(older),
        action=worse.action,
    )


def _both(upper: Decimal | None, lower: Decimal | None) -> str | None:
    if upper is None or lower is None:
        return None
    return f"{number_text(upper, 0)}/{number_text(lower, 0)}"


def _last(value: object, last: str | None, vital: VitalNow) -> str:
    if value is not None or last is None or vital.seen_at is None:
        return ""
    return _("last {value} at {time}").format(value=last, time=formats.clinic_time(vital.seen_at))


def _source(vital: VitalNow) -> str:
    return _("typed") if vital.source == "typed" else ""


def _span(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else int((end - start).total_seconds())


def _fresh(vital: VitalNow) -> int | None:
    """Seconds until a value counts as overdue on the page."""
    span = _span(vital.seen_at, vital.overdue_at)
    is_feed = vital.source == "monitor" and vital.kind.is_continuous
    return span - TICK_S if span is not None and is_feed and span > TICK_S else span


def links_of(session: Session, now: datetime) -> list[dict[str, Any]]:
    """The devices at the chair, each with the seconds after which the page calls it silent."""
    rows = link_json(session, now)
    for row in rows:
        heard, silent = (datetime.fromisoformat(row[key]) for key in ("last_heard_at", "silent_at"))
        span = int((silent - heard).total_seconds())
        row["heard_at"], row["fresh_s"], row["stale_s"] = heard, max(1, span - TICK_S), max(10, 3 * span)
    return rows


def live_rules(
    session: Session, protocol: Protocol | None, vitals: Mapping[str, VitalNow], baseline: Mapping[str, Observation]
) -> dict[str, Any]:
    """What `vitals.js` needs to place a number that has just arrived, before the server has looked at it.

    {kind: {"places", "continuous", "fresh_s", "stale_s", "interval_s", "urgent": [[operator, number]], "advisory"}};
    without an approved protocol, or for a signal without limits, there are no bounds and the state is unknown. The
    bounds are those of `domain.protocol.reading`, a rise from the baseline resolved into the value that it means for
    this patient. `fresh_s` and `stale_s` hold for a feed, `interval_s` for a cuff and for what a person types.
    """
    rules: dict[str, Any] = {}
    for name, kind in VITAL_KINDS.items():
        vital = vitals.get(name)
        rule: dict[str, Any] = {"places": kind.places, "continuous": kind.is_continuous}
        rule["interval_s"] = int(interval_min(session, name) * 60)
        rule["fresh_s"], rule["stale_s"] = int(SILENT_AFTER_S) - TICK_S, int(BLANK_AFTER_S)
        if vital is not None and vital.seen_at is not None:
            if vital.source == "monitor" and kind.is_continuous:
                rule["fresh_s"] = _fresh(vital)
                rule["stale_s"] = _span(vital.seen_at, vital.blank_at)
            else:
                rule["interval_s"] = _span(vital.seen_at, vital.overdue_at)
        limit = next((row for row in protocol.alarms if row.code == kind.fact), None) if protocol else None
        if limit is not None and kind.fact:
            base = baseline.get(name)
            rule["urgent"] = _bounds(limit.urgent, base)
            rule["advisory"] = _bounds(limit.advisory, base)
        rules[name] = rule
    return rules


def _bounds(bounds: tuple[Bound, ...], base: Observation | None) -> list[list[Any]]:
    found: list[list[Any]] = []
    for bound in bounds:
        for operator in ("above", "at_least", "below", "at_most"):
            datum = getattr(bound, operator)
            if datum is not None:
                found.append([operator, float(datum.value)])
        if bound.rise_percent is not None and base is not None and base.value:
            found.append(["at_least", float(base.value * (1 + bound.rise_percent.value / 100))])
    return found
