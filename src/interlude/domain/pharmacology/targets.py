"""Advisory target control: the rates that would bring a level to its target, computed and never commanded.

Plasma (Jacobs 1990): rate = (target - Cp without input after one interval) / (Cp after one interval of 1 mg/h).
Effect site (after Shafer and Gregg 1992): the largest rate of the next interval after which, with nothing more
given, Ce stays at or below the target for good: rate = min over t > 0 of (target - Ce0(t)) / Eu(t), where Ce0 is
the free course from now and Eu the response to 1 mg/h over that interval. Where Ce0 passes the target anyway the
rate is 0. Close to the target the rate also holds the plasma at the target, so that Ce neither falls back nor swings.
Rates are rounded down to the pump's resolution, so rounding never overshoots either.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.peaks import Room, effect_curve, peak_after_min
from interlude.domain.pharmacology.solution import Model, Segment, State, advance, at_rest, forecast, give_bolus
from interlude.domain.refusals import N_, Refused

Level = Literal["cp", "ce", "ce_s"]
LEVELS: tuple[Level, ...] = ("cp", "ce", "ce_s")
ADVISORY = N_("Advisory simulation for a typical person. It commands no pump; a clinician decides every rate.")

TEN_SECONDS_MIN = 10.0 / 60.0
MINUTES_PER_HOUR = 60.0
MOST_INTERVALS = 100_000
# Beyond this many steps of a pump a float has no steps left to round to.
MOST_STEPS = 2.0**53
# From this share of the target on, the plasma is held at the target.
CLOSE = 0.98

_NOT_A_LEVEL = N_("A target must be a finite level of 0 ng/mL or more.")
_POSITIVE = N_("This must be a finite number of more than 0.")
_NOT_NEGATIVE = N_("This must be a finite number of 0 or more.")
_NO_STEPS = N_("At least one target is needed.")
_UNORDERED = N_("Every target must start later than the one before it.")
_TOO_EARLY = N_("A target must start at or after minute {earliest}, where the plan begins.")
_END = N_("The plan must end after it begins, at minute {earliest}.")
_TOO_MANY = N_("This plan has more than {most} intervals. Choose a longer interval or an earlier end.")
_WHAT = N_("A target is one of: {allowed}.")
_EXTREME = N_("These targets are too extreme to be computed with.")
_NO_S = N_("This substance holds no S-ketamine, so Ce_s cannot be a target.")


@dataclass(frozen=True, slots=True)
class TargetStep:
    """From `start_min` (minutes) on, the level (ng/mL) that is aimed at."""

    start_min: float
    level_ng_per_ml: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What a pump can do and a protocol allows; `None` is no limit. `given_mg` counts towards `max_amount_mg`."""

    resolution_mg_per_h: float | None = None
    max_rate_mg_per_h: float | None = None
    max_amount_mg: float | None = None
    given_mg: float = 0.0

    def __post_init__(self) -> None:
        for name in ("resolution_mg_per_h", "max_rate_mg_per_h", "max_amount_mg"):
            value = getattr(self, name)
            if value is not None:
                _check(name, value, positive=True)
        _check("given_mg", self.given_mg)


@dataclass(frozen=True, eq=False)
class TargetSchedule:
    """Rates of n equal intervals and what they are predicted to do. Advisory.

    `segments`: equal neighbours merged, pauses as rate 0. Arrays (n,): `start_min`, `end_min`, `rate_mg_per_h`,
    `target_ng_per_ml`, `given_mg` (cumulative, of this plan), `cp_ng_per_ml` and `level_ng_per_ml` (of the
    targeted kind) at the end of each interval. `limited_by` (n): "" | "max_rate_mg_per_h" | "max_amount_mg".
    """

    of: Level
    segments: tuple[Segment, ...]
    start_min: Floats
    end_min: Floats
    rate_mg_per_h: Floats
    target_ng_per_ml: Floats
    given_mg: Floats
    cp_ng_per_ml: Floats
    level_ng_per_ml: Floats
    limited_by: tuple[str, ...]
    end: State
    label: str = ADVISORY

    @property
    def amount_mg(self) -> float:
        return float(self.given_mg[-1])


@dataclass(frozen=True, slots=True)
class LoadingBolus:
    """The bolus whose highest following level is the wanted one, reached `peak_after_min` after it."""

    amount_mg: float
    peak_after_min: float
    peak_ng_per_ml: float
    label: str = ADVISORY


def plan_targets(
    start: State | Model,
    steps: Iterable[TargetStep],
    end_min: float,
    *,
    of: Level = "ce_s",
    interval_min: float = TEN_SECONDS_MIN,
    limits: Limits | None = None,
) -> TargetSchedule:
    """The advisory rates from `start` (a model at rest, or the state of a running session) to `end_min`.

    `of`: "cp", "ce" (ng/mL of the substance) or "ce_s" (ng/mL of S-ketamine; a racemate counts its share). The rate
    changes at whole intervals only; a step counts from the first interval that begins at or after it, and before
    the first step nothing is given. The plan ends with the first whole interval at or after `end_min`.
    `Refused` names the field: steps[i].start_min, steps[i].level_ng_per_ml, end_min, interval_min, of, limits' fields.
    """
    state = start if isinstance(start, State) else at_rest(start)
    limits = limits or Limits()
    share = _share(state.model, of)
    _check("interval_min", interval_min, positive=True)
    plan = _steps(list(steps), state.at_min)
    if not (math.isfinite(end_min) and end_min > state.at_min):
        raise Refused(_END, field="end_min", earliest=f"{state.at_min:g}")
    wanted_count = (end_min - state.at_min) / interval_min
    if wanted_count > MOST_INTERVALS:
        raise Refused(_TOO_MANY, field="end_min", most=MOST_INTERVALS)
    count = max(1, math.ceil(wanted_count - 1e-9))
    edges: Floats = np.asarray(state.at_min + interval_min * np.arange(count + 1), dtype=np.float64)
    rule = _Rule(state.model, interval_min, effect_site=of != "cp")
    rows: list[tuple[float, float, float]] = []
    why: list[str] = []
    given_mg = 0.0
    for now in edges[:-1]:
        target = max((s for s in plan if s.start_min <= now + 1e-9), key=lambda s: s.start_min, default=None)
        level = 0.0 if target is None else target.level_ng_per_ml
        rate, reason = _allowed(rule.wanted(state, level / share), limits, given_mg, interval_min)
        given_mg += rate * interval_min / MINUTES_PER_HOUR
        state = advance(state, rate, interval_min)
        rows.append((rate, level, given_mg))
        why.append(reason)
    rates, levels, given = np.array(rows, dtype=np.float64).T.copy()
    segments = _merged(edges, rates)
    first = start if isinstance(start, State) else at_rest(start)
    curves = forecast(first, segments, edges[1:])
    return TargetSchedule(
        of=of,
        segments=segments,
        start_min=edges[:-1],
        end_min=edges[1:],
        rate_mg_per_h=rates,
        target_ng_per_ml=levels,
        given_mg=given,
        cp_ng_per_ml=curves.cp_ng_per_ml,
        level_ng_per_ml=np.asarray(getattr(curves, f"{of}_ng_per_ml")),
        limited_by=tuple(why),
        end=state,
    )


def loading_bolus(start: State | Model, peak_ng_per_ml: float, *, of: Level = "ce") -> LoadingBolus:
    """The intravenous bolus after which the level peaks at `peak_ng_per_ml`, and the minutes to that peak.

    At the peak of Ce the plasma has fallen to Ce, since dCe/dt = ke0 (Cp - Ce): that crossing is the time. For Cp
    the peak is the bolus itself. The amount is 0 where the free course passes the level already.
    """
    state = start if isinstance(start, State) else at_rest(start)
    if not (math.isfinite(peak_ng_per_ml) and peak_ng_per_ml > 0):
        raise Refused(_POSITIVE, field="peak_ng_per_ml")
    level = peak_ng_per_ml / _share(state.model, of)
    one_mg = give_bolus(at_rest(state.model), 1.0)
    if of == "cp":
        amount = max(0.0, (level - state.cp_ng_per_ml) / one_mg.cp_ng_per_ml)
        return LoadingBolus(amount, 0.0, peak_ng_per_ml)
    unit = effect_curve(one_mg)
    room = Room(state.model, unit, 1e-3)
    amount = room.largest(state, level)
    if amount <= 0:
        return LoadingBolus(0.0, 0.0, peak_ng_per_ml)
    for _ in range(3):
        minutes = peak_after_min(give_bolus(state, amount), room.spans)
        at = np.array([minutes])
        amount = float((level - effect_curve(state)(at)[0]) / unit(at)[0])
    return LoadingBolus(amount, minutes, peak_ng_per_ml)


class _Rule:
    """The rate (mg/h) that the next interval of one model wants; keeps the unit responses."""

    def __init__(self, model: Model, interval_min: float, *, effect_site: bool) -> None:
        self.interval_min = interval_min
        rest = at_rest(model)
        self.unit_cp = advance(rest, 1.0, interval_min).cp_ng_per_ml
        if not (math.isfinite(self.unit_cp) and self.unit_cp > 0):
            raise Refused(_EXTREME, field="interval_min")
        self.effect_site = effect_site
        if effect_site:
            assert model.ke0_per_min is not None
            shortest = min(interval_min, 1.0 / model.ke0_per_min) / 1000
            self.room = Room(model, effect_curve(rest, [(0.0, interval_min, 1.0)]), shortest)

    def wanted(self, state: State, level: float) -> float:
        plasma = (level - advance(state, 0.0, self.interval_min).cp_ng_per_ml) / self.unit_cp
        if not self.effect_site:
            return plasma
        if state.ce_ng_per_ml > level or (plasma <= 0 and state.ce_ng_per_ml >= CLOSE * level):
            return 0.0
        rate = self.room.largest(state, level)
        return min(rate, plasma) if state.ce_ng_per_ml >= CLOSE * level else rate


def _allowed(wanted: float, limits: Limits, given_mg: float, interval_min: float) -> tuple[float, str]:
    """(rate within the limits, the limit that held it back or "")."""
    if not math.isfinite(wanted):
        raise Refused(_EXTREME, field="steps")
    rate, reason = max(0.0, wanted), ""
    if limits.max_rate_mg_per_h is not None and rate > limits.max_rate_mg_per_h:
        rate, reason = limits.max_rate_mg_per_h, "max_rate_mg_per_h"
    if limits.max_amount_mg is not None:
        left = max(0.0, limits.max_amount_mg - limits.given_mg - given_mg) * MINUTES_PER_HOUR / interval_min
        if rate > left * (1 + 1e-12):
            rate, reason = left, "max_amount_mg"
    if limits.resolution_mg_per_h is not None:
        steps = rate / limits.resolution_mg_per_h
        if steps < MOST_STEPS:
            # A billionth of a step of slack: 60.0 / 0.1 must stay 600 steps.
            rate = math.floor(steps + 1e-9) * limits.resolution_mg_per_h
    return rate, reason


def _merged(edges: Floats, rates: Floats) -> tuple[Segment, ...]:
    """Neighbours of the same rate as one segment."""
    cuts = [0, *(np.flatnonzero(np.diff(rates) != 0) + 1).tolist(), len(rates)]
    return tuple((float(edges[a]), float(edges[b]), float(rates[a])) for a, b in pairwise(cuts))


def _share(model: Model, of: Level) -> float:
    """Level of the substance = wanted level / this; refused where the model lacks what `of` needs."""
    if of not in LEVELS:
        raise Refused(_WHAT, field="of", allowed=", ".join(LEVELS))
    rest = at_rest(model)
    _ = getattr(rest, f"{of}_ng_per_ml")
    if of != "ce_s":
        return 1.0
    if not model.s_fraction:
        raise Refused(_NO_S, field="of")
    return model.s_fraction


def _steps(steps: list[TargetStep], earliest: float) -> list[TargetStep]:
    if not steps:
        raise Refused(_NO_STEPS, field="steps")
    for index, step in enumerate(steps):
        if not (math.isfinite(step.start_min) and step.start_min >= earliest):
            raise Refused(_TOO_EARLY, field=f"steps[{index}].start_min", earliest=f"{earliest:g}")
        if not (math.isfinite(step.level_ng_per_ml) and step.level_ng_per_ml >= 0):
            raise Refused(_NOT_A_LEVEL, field=f"steps[{index}].level_ng_per_ml")
        if index and step.start_min <= steps[index - 1].start_min:
            raise Refused(_UNORDERED, field=f"steps[{index}].start_min")
    return steps


def _check(field: str, value: float, *, positive: bool = False) -> None:
    if not math.isfinite(value) or value < 0 or (positive and value == 0):
        raise Refused(_POSITIVE if positive else _NOT_NEGATIVE, field=field)
