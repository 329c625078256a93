"""Concentrations from the charted rates, and what would happen at another rate. Decision support, never a command.

The model is `kamp2020` (arterial, racemate, a typical person of this weight) with the effect-site half-life and
C50 of `olofsen2022`; both cards carry their citations and are shown with them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from interlude.domain import units
from interlude.domain.pharmacology import (
    Concentrations,
    Model,
    State,
    advance,
    at_rest,
    decrement_time_min,
    forecast,
    load_card,
    load_effect,
)
from interlude.domain.protocol import check_rate
from interlude.domain.refusals import N_, Refused
from interlude.record.dosing.models import RateSegment, Session
from interlude.record.dosing.protocol import pinned
from interlude.record.dosing.queries.given import as_domain, current_rate, given_ug, segments_of

MODEL = "kamp2020"
EFFECT = "olofsen2022"
PREVIEW_MIN = (5, 10, 20)
MINUTE_S = 60.0

Act = Literal["change", "resume", "pause", "stop"]


@lru_cache(maxsize=256)
def _individual(weight_kg: Decimal) -> Model:
    return load_card(MODEL).individual(float(weight_kg))


def has_forecast(session: Session) -> bool:
    """Is there a model for this session? None is verified for an injection; without a weight there is none."""
    return session.route == "iv" and session.weight_kg is not None


def model_json() -> dict[str, str]:
    """Which model it is, for the screen and the stored record."""
    card, effect = load_card(MODEL), load_effect(EFFECT)
    return {
        "model": card.name,
        "title": card.title,
        "citation": card.citation,
        "sampling_site": card.sampling_site,
        "effect": effect.name,
        "effect_citation": effect.citation,
        "c50_s_ng_per_ml": str(effect.c50.value),
    }


def plan_sha256(session: Session, segments: Sequence[RateSegment], rate_mg_per_h: Decimal) -> str:
    """The identity of what is previewed and then delivered: this session as it stands, and the next rate.

    Independent of the time of day: what was seen is the same plan a minute later, unless somebody changed it.
    """
    plan = {
        "session": str(session.pk),
        "version": session.version,
        "model": MODEL,
        "weight_kg": str(session.weight_kg),
        "segments": [[one.starts_at.isoformat(), _plain(one.rate_mg_per_h)] for one in segments],
        "next_rate_mg_per_h": _plain(rate_mg_per_h),
    }
    return hashlib.sha256(json.dumps(plan, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f") if value else "0"


def state_at(session: Session, segments: Sequence[RateSegment], at: datetime) -> State:
    """What the body holds at an instant; minutes are counted from the first segment."""
    assert session.weight_kg is not None
    state = at_rest(_individual(session.weight_kg))
    for row in as_domain(segments):
        end = at if row.end is None else min(row.end, at)
        if end > row.start:
            state = advance(state, float(row.rate_mg_per_h), (end - row.start).total_seconds() / MINUTE_S)
    return state


@dataclass(frozen=True)
class Curves:
    """Curves from the start until now, from now on at the charted rate, and if it were stopped now.

    Times in seconds from the first segment.
    """

    past: Concentrations
    future: Concentrations
    if_stopped: Concentrations


def curves(
    session: Session, segments: Sequence[RateSegment], now: datetime, *, ahead_min: float, step_min: float = 0.5
) -> Curves:
    """The curves of the cockpit on an even grid."""
    assert session.weight_kg is not None
    assert segments
    start = segments[0].starts_at
    rows = [
        (
            _minutes(start, row.start),
            _minutes(start, row.end) if row.end is not None else float("inf"),
            float(row.rate_mg_per_h),
        )
        for row in as_domain(segments)
    ]
    now_min = max(0.0, _minutes(start, now))
    finite = [(a, min(b, now_min), rate) for a, b, rate in rows if a < now_min]
    past_times = np.append(np.arange(0.0, now_min, step_min), now_min)
    past = forecast(at_rest(_individual(session.weight_kg)), finite, past_times)
    here = state_at(session, segments, now)
    end = here.at_min + ahead_min
    times = np.append(np.arange(here.at_min, end, step_min), end)
    planned = _planned_end_min(session, segments, now)
    going_on = [(here.at_min, here.at_min + planned, float(current_rate(segments)))] if planned else []
    return Curves(past, forecast(here, going_on, times), forecast(here, (), times))


def _planned_end_min(session: Session, segments: Sequence[RateSegment], now: datetime) -> float:
    """Minutes until the ordered dose is given at the charted rate; 0 when nothing runs or it is given."""
    if session.dose_ug is None or current_rate(segments) == 0:
        return 0.0
    left = units.time_to_planned_dose(as_domain(segments), session.dose_ug, now)
    return left.total_seconds() / MINUTE_S if left is not None else 0.0


def minutes_left(session: Session, segments: Sequence[RateSegment], now: datetime) -> float | None:
    """Minutes until the ordered dose is given at the charted rate; None while nothing runs."""
    return _planned_end_min(session, segments, now) if current_rate(segments) > 0 else None


def levels_json(state: State) -> dict[str, float]:
    """Concentrations in ng/mL, to one decimal: Cp and Ce of the racemate, Ce_s of S-ketamine."""
    return {
        "cp_ng_per_ml": round(state.cp_ng_per_ml, 1),
        "ce_ng_per_ml": round(state.ce_ng_per_ml, 1),
        "ce_s_ng_per_ml": round(state.ce_s_ng_per_ml, 1),
    }


def preview(
    session: Session, now: datetime, *, act: Act = "change", rate_mg_per_h: Decimal | None = None
) -> dict[str, Any]:
    """What another rate, a pause or a stop would do at +5, +10 and +20 minutes, beside going on as charted.

    `sha256` and `version` go back to `change_rate` or `resume`, which deliver exactly this. A rate that would be
    refused is refused here too. JSON-ready.
    """
    if not has_forecast(session):
        raise Refused(N_("There is no forecast for an injection: no model for it has been verified."))
    segments = segments_of(session)
    if not segments:
        raise Refused(N_("The infusion has not started."))
    assert session.weight_kg is not None
    rate = _wanted_rate(session, segments, act, rate_mg_per_h)
    here = state_at(session, segments, now)
    charted = _after(session, segments, here, now, current_rate(segments))
    wanted = _after(session, segments, here, now, rate)
    half = decrement_time_min(here, fall=0.5, of="ce") if rate == 0 else None
    return {
        "act": act,
        "rate_mg_per_h": _plain(rate),
        "rates": rates_json(session, rate),
        "sha256": plan_sha256(session, segments, rate),
        "version": session.version,
        "model": model_json(),
        "now": levels_json(here),
        "given_ug": given_ug(session, now, segments),
        "dose_ug": session.dose_ug,
        "minutes_to_dose": _dose_minutes(session, segments, now, rate),
        "minutes_to_half_ce": None if half is None else round(half, 1),
        "points": [
            {
                "in_min": minutes,
                **levels_json(changed),
                "as_charted": levels_json(same),
                "ce_change_percent": _percent(changed.ce_ng_per_ml, same.ce_ng_per_ml),
            }
            for minutes, changed, same in zip(PREVIEW_MIN, wanted, charted, strict=True)
        ],
    }


def _wanted_rate(session: Session, segments: Sequence[RateSegment], act: Act, rate_mg_per_h: Decimal | None) -> Decimal:
    if act in ("pause", "stop"):
        return Decimal(0)
    rate = rate_mg_per_h
    if rate is None and act == "resume":
        rate = next((one.rate_mg_per_h for one in reversed(segments) if one.rate_mg_per_h > 0), None)
    if rate is None:
        raise Refused(N_("Enter a number."), field="rate_mg_per_h")
    assert session.weight_kg is not None
    check_rate(pinned(session), rate, session.weight_kg)
    return rate


def _dose_minutes(session: Session, segments: Sequence[RateSegment], now: datetime, rate: Decimal) -> float | None:
    left = units.time_to_give((session.dose_ug or 0) - given_ug(session, now, segments), rate)
    return None if left is None or rate == 0 else round(left.total_seconds() / MINUTE_S, 1)


def _after(session: Session, segments: Sequence[RateSegment], here: State, now: datetime, rate: Decimal) -> list[State]:
    """States at the preview's times when this rate runs until the ordered dose is given, and nothing after it."""
    runs_min = _dose_minutes(session, segments, now, rate) if rate else 0.0
    states = []
    for minutes in PREVIEW_MIN:
        on = min(float(minutes), runs_min or 0.0)
        state = advance(here, float(rate), on) if on > 0 else here
        states.append(advance(state, 0.0, minutes - on) if minutes > on else state)
    return states


def _percent(changed: float, same: float) -> float | None:
    return round((changed - same) * 100 / same, 1) if same > 0 else None


def rates_json(session: Session, rate_mg_per_h: Decimal) -> dict[str, str | None]:
    """One rate in every unit, exact quotients rounded to three decimals for the screen."""
    if session.weight_kg is None:
        return {"mg_per_h": _plain(rate_mg_per_h)}
    views = units.rate_views(
        rate_mg_per_h, weight_kg=session.weight_kg, concentration_mg_per_ml=session.concentration_mg_per_ml
    )
    return {
        "mg_per_h": _short(views.mg_per_h),
        "mg_per_min": _short(views.mg_per_min),
        "mg_per_kg_per_h": _short(views.mg_per_kg_per_h),
        "ug_per_kg_per_min": _short(views.ug_per_kg_per_min),
        "ml_per_h": None if views.ml_per_h is None else _short(views.ml_per_h),
    }


def _short(value: Decimal) -> str:
    return _plain(value.quantize(Decimal("0.001")))


def _minutes(start: datetime, at: datetime) -> float:
    return (at - start).total_seconds() / MINUTE_S
