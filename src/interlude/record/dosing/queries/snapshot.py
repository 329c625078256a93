"""Everything that the cockpit shows at one instant, JSON-ready."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from interlude.domain import units
from interlude.domain.protocol import allowed_actions, max_rate_mg_per_h, phase_info
from interlude.record.dosing.models import Injection, RateSegment, Session, Why
from interlude.record.dosing.protocol import pinned
from interlude.record.dosing.queries.discharge import discharge_json, discharge_state
from interlude.record.dosing.queries.forecast import (
    has_forecast,
    levels_json,
    minutes_left,
    model_json,
    rates_json,
    state_at,
)
from interlude.record.dosing.queries.given import as_domain, current_rate, planned_rate, segments_of
from interlude.record.dosing.queries.vitals import link_json, vitals_now


def snapshot(session: Session, now: datetime) -> dict[str, Any]:
    """The state of a session at `now`. A constant number of queries, whatever has been charted.

    Texts are English message ids (`label`, `phase_label`); the page translates them.
    """
    segments = segments_of(session) if session.route == "iv" else []
    vitals = vitals_now(session, now)
    info = phase_info(session.phase)  # type: ignore[arg-type]
    return {
        "session": str(session.pk),
        "version": session.version,
        "now": now.isoformat(),
        "phase": session.phase,
        "phase_label": info.label,
        "is_running": info.is_running,
        "is_final": info.is_final,
        "actions": list(allowed_actions(session.phase, session.route)),  # type: ignore[arg-type]
        "route": session.route,
        "number": session.number,
        "checked_in_at": session.checked_in_at.isoformat(),
        "started_at": _iso(session.started_at),
        "stopped_at": _iso(session.stopped_at),
        "planned_min": session.minutes,
        "weight_kg": _text(session.weight_kg),
        "dose": dose_json(session, segments, now),
        "rate": rate_json(session, segments, now) if segments else None,
        "levels": _levels(session, segments, now),
        "vitals": {kind: vital.as_json(now) for kind, vital in vitals.items()},
        "links": link_json(session, now),
        "last_scores": _scores(session),
        "discharge": discharge_json(discharge_state(session, now)),
    }


def dose_json(session: Session, segments: list[RateSegment], now: datetime) -> dict[str, Any]:
    """Ordered and given, in mg and mg/kg, exact."""
    if session.route == "im":
        injection = Injection.objects.filter(session=session, at__lte=now).first()
        given = injection.amount_ug if injection else 0
    else:
        given = units.amount_given_micrograms(as_domain(segments), now)
    return {
        "ordered_ug": session.dose_ug,
        "ordered_mg": _text(session.dose_mg),
        "ordered_mg_per_kg": _text(session.dose_mg_per_kg),
        "given_ug": given,
        "given_mg": _text(units.mg_from_micrograms(given)),
        "given_mg_per_kg": _per_kg(given, session.weight_kg),
    }


def rate_json(session: Session, segments: list[RateSegment], now: datetime) -> dict[str, Any]:
    """The charted rate in every unit, its limit, and what the pump still needs from the nurse."""
    last = segments[-1]
    rate = current_rate(segments)
    left = minutes_left(session, segments, now)
    planned = planned_rate(session)
    limit = max_rate_mg_per_h(pinned(session), session.weight_kg) if session.weight_kg else None
    return {
        "segment": str(last.pk),
        "why": last.why,
        "since": last.starts_at.isoformat(),
        "rates": rates_json(session, rate),
        "planned_mg_per_h": _text(planned),
        "limit_mg_per_h": _text(limit),
        "pump_confirmed_at": _iso(last.pump_confirmed_at),
        "pump_is_confirmed": last.pump_confirmed_at is not None,
        "minutes_to_dose": None if left is None else round(left, 1),
        "minutes_to_empty": _minutes_to_empty(session, segments, now, rate),
        "paused_since": last.starts_at.isoformat() if last.why == Why.PAUSE else None,
    }


def _minutes_to_empty(session: Session, segments: list[RateSegment], now: datetime, rate: Decimal) -> float | None:
    """Minutes until the syringe is empty at this rate; None when its volume is not known or nothing runs."""
    if session.syringe_ml is None or session.concentration_mg_per_ml is None or rate == 0:
        return None
    given_mg = units.mg_from_micrograms(units.amount_given_micrograms(as_domain(segments), now))
    left_ml = max(Decimal(0), session.syringe_ml - given_mg / session.concentration_mg_per_ml)
    left = units.time_to_empty(left_ml, rate / session.concentration_mg_per_ml)
    return None if left is None else round(left.total_seconds() / 60, 1)


def _levels(session: Session, segments: list[RateSegment], now: datetime) -> dict[str, Any] | None:
    if not segments or not has_forecast(session):
        return None
    return {**levels_json(state_at(session, segments, now)), "model": model_json()}


def _scores(session: Session) -> dict[str, dict[str, Any]]:
    """The newest total of each scale."""
    rows = session.scores.order_by("at").values("scale", "total", "band", "at")
    return {row["scale"]: {"total": row["total"], "band": row["band"], "at": row["at"].isoformat()} for row in rows}


def _per_kg(amount_ug: int, weight_kg: Decimal | None) -> str | None:
    if not weight_kg:
        return None
    return _text((Decimal(amount_ug) / 1000 / weight_kg).quantize(Decimal("0.001")))


def _text(value: Decimal | None) -> str | None:
    if value is None:
        return None
    return format(value.normalize(), "f") if value else "0"


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
