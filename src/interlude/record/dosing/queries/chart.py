"""The anaesthesia-record chart as JSON, in the format that stands on top of `interfaces/design` `js/chart.js`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from interlude.record.clinic.queries import clinic_zone
from interlude.record.dosing.kinds import VITAL_KINDS
from interlude.record.dosing.models import EventKind, RateSegment, Session
from interlude.record.dosing.protocol import pinned
from interlude.record.dosing.queries.forecast import curves, has_forecast, minutes_left
from interlude.record.dosing.queries.given import as_domain, current_rate, segments_of
from interlude.record.protocols.queries import is_approved

BIN_S = 10
AHEAD_MIN = 40.0
PRESSURE_KINDS = ("nibp_sys", "nibp_dia")
TRACES = (
    ("hr", "heart_rate", "dots"),
    ("spo2", "spo2", "line"),
    ("rr", "resp_rate", "dots"),
    ("etco2", "etco2", "line"),
)

_SYMPTOMS = frozenset(
    {
        EventKind.WELLBEING_UNWELL,
        EventKind.DISSOCIATION,
        EventKind.DISSOCIATION_ENDS,
        EventKind.NAUSEA,
        EventKind.VOMITING,
        EventKind.DIZZINESS,
        EventKind.HEADACHE,
        EventKind.ANXIETY,
        EventKind.AGITATION,
        EventKind.PATIENT_SAYS_STOP,
        EventKind.CHEST_PAIN,
        EventKind.DYSPNOEA,
        EventKind.EXTRAVASATION,
    }
)
_NOTES = frozenset({EventKind.NOTE, EventKind.WORDS})


def chart(session: Session, now: datetime) -> dict[str, Any]:
    """The whole record of a session up to now; seconds count from the start of the dose, before it from check-in.

    Monitor traces are decimated to the lowest and the highest value of every ten seconds, so that a short
    desaturation stays visible; cuff pressures and typed values are all there. A constant number of queries.
    """
    zero = session.started_at or session.checked_in_at
    segments = segments_of(session)
    rows = decimated(session, zero)
    data: dict[str, Any] = {
        "start_at": zero.astimezone(clinic_zone()).isoformat(),
        "now_s": _seconds(zero, now),
        "running": session.ended_at is None,
        "series": _series(rows),
        "events": _events(session, zero),
        "limits": _limits(session),
    }
    if session.route == "iv":
        data["rate"] = _rate(session, segments, zero, now)
        if segments and has_forecast(session):
            data["forecast"] = _forecast(session, segments, zero, now)
    return data


def decimated(session: Session, zero: datetime) -> dict[str, list[tuple[float, Decimal]]]:
    """Kind -> (seconds, value), thinned out by the database to at most two points for every ten seconds."""
    wanted = (*PRESSURE_KINDS, *(kind for _id, kind, _drawn in TRACES), "pulse_rate")
    rows = session.observations.filter(kind__in=wanted)
    exact = rows.filter(is_aperiodic=True).order_by("observed_at")
    found: dict[str, list[tuple[float, Decimal]]] = {}
    for kind, at, value in exact.values_list("kind", "observed_at", "value"):
        found.setdefault(kind, []).append((_seconds(zero, at), value))
    for kind, points in _bins(rows.filter(is_aperiodic=False), zero).items():
        found.setdefault(kind, []).extend(points)
    return {kind: sorted(points) for kind, points in found.items()}


def _bins(rows: Any, zero: datetime) -> dict[str, list[tuple[float, Decimal]]]:
    """The lowest and highest value of every bin, in the order in which they came.

    Read as plain tuples and thinned here: one pass over the index, the same on every database.
    """
    bins: dict[tuple[str, int], list[tuple[float, Decimal]]] = {}
    stream = rows.order_by("kind", "observed_at").values_list("kind", "observed_at", "value")
    for kind, at, value in stream.iterator(chunk_size=5000):
        second = _seconds(zero, at)
        held = bins.setdefault((kind, int(second // BIN_S)), [])
        if not held:
            held += [(second, value), (second, value)]
        elif value < held[0][1]:
            held[0] = (second, value)
        elif value > held[1][1]:
            held[1] = (second, value)
    found: dict[str, list[tuple[float, Decimal]]] = {}
    for (kind, _bin), points in bins.items():
        found.setdefault(kind, []).extend(sorted(set(points)))
    return found


def _series(rows: dict[str, list[tuple[float, Decimal]]]) -> list[dict[str, Any]]:
    series = []
    pressures = _pairs(rows.get("nibp_sys", []), rows.get("nibp_dia", []))
    if pressures:
        series.append(
            {"id": "bp", "panel": "bp", "kind": "bars", "label": _("BP"), "unit": "mmHg", "points": pressures}
        )
    for name, kind, drawn in TRACES:
        points = rows.get(kind, [])
        if name == "hr" and not points:
            points = rows.get("pulse_rate", [])
        if points:
            vital = VITAL_KINDS[kind]
            series.append(
                {
                    "id": name,
                    "panel": name,
                    "kind": drawn,
                    "label": _(vital.short),
                    "unit": vital.unit,
                    "points": [[second, float(value)] for second, value in points],
                }
            )
    return series


def _pairs(
    systolic: Iterable[tuple[float, Decimal]], diastolic: Iterable[tuple[float, Decimal]]
) -> list[list[float | None]]:
    """[second, systolic, diastolic] of each measurement; a pressure that came alone leaves the other empty."""
    upper, lower = dict(systolic), dict(diastolic)
    return [[at, _float(upper.get(at)), _float(lower.get(at))] for at in sorted({*upper, *lower})]


def _rate(session: Session, segments: Sequence[RateSegment], zero: datetime, now: datetime) -> dict[str, Any]:
    drawn = [
        {
            "from_s": _seconds(zero, row.start),
            "to_s": None if row.end is None else _seconds(zero, row.end),
            "value": float(row.rate_mg_per_h),
        }
        for row in as_domain(segments)
        if row.rate_mg_per_h > 0
    ]
    data: dict[str, Any] = {"label": _("Rate"), "unit": "mg/h", "segments": drawn}
    left = minutes_left(session, segments, now) if segments else None
    if left:
        here = _seconds(zero, now)
        data["planned"] = [{"from_s": here, "to_s": here + left * 60, "value": float(current_rate(segments))}]
    top = max([float(one.rate_mg_per_h) for one in segments], default=0.0)
    if top:
        data["range"] = [0, round(top * 1.25, 1)]
    return data


def _forecast(session: Session, segments: Sequence[RateSegment], zero: datetime, now: datetime) -> dict[str, Any]:
    drawn = curves(session, segments, now, ahead_min=AHEAD_MIN)
    first = _seconds(zero, segments[0].starts_at)

    def points(curve: Any) -> list[list[float]]:
        times = curve.times_min * 60 + first
        return [[round(float(t), 1), round(float(c), 1)] for t, c in zip(times, curve.ce_ng_per_ml, strict=True)]

    past, future = points(drawn.past), points(drawn.future)
    line = {
        "id": "ce",
        "label": _("Effect site"),
        "past": past,
        "future": future,
        "if_stopped": points(drawn.if_stopped) if current_rate(segments) > 0 else [],
    }
    top = max(value for _second, value in [*past, *future])
    return {
        "label": _("Ce"),
        "unit": "ng/mL",
        "range": [0, max(50, round(top * 1.2, -1))],
        "lines": [line],
    }


def _events(session: Session, zero: datetime) -> list[dict[str, Any]]:
    return [
        {"t": _seconds(zero, row.at), "label": row.get_kind_display(), "kind": _class_of(row.kind)}
        for row in session.events.order_by("at", "recorded_at")
    ]


def _class_of(kind: str) -> str:
    return "symptom" if kind in _SYMPTOMS else "note" if kind in _NOTES else "action"


def _limits(session: Session) -> list[dict[str, Any]]:
    """Pale bands between the advisory limits; none while the protocol is not approved."""
    if not is_approved(session.protocol_version):
        return []
    bands = []
    panels = {
        "systolic_bp_mmhg": ("bp", _("Protocol limits, systolic")),
        "heart_rate_per_min": ("hr", _("Protocol limits")),
        "spo2_percent": ("spo2", _("Protocol limits")),
        "respiratory_rate_per_min": ("rr", _("Protocol limits")),
    }
    for limit in pinned(session).alarms:
        if limit.code not in panels:
            continue
        panel, label = panels[limit.code]
        upper = [datum for row in limit.advisory if (datum := row.above or row.at_least) is not None]
        lower = [datum for row in limit.advisory if (datum := row.below or row.at_most) is not None]
        highest = 100 if panel == "spo2" else None
        # A band needs both ends: where the protocol says nothing about low values, none is drawn as fine.
        if lower and (upper or highest):
            to = float(min(datum.value for datum in upper)) if upper else float(highest or 0)
            bands.append({"panel": panel, "from": float(max(d.value for d in lower)), "to": to, "label": label})
    return bands


def _seconds(zero: datetime, at: datetime) -> float:
    return round((at - zero).total_seconds(), 1)


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
