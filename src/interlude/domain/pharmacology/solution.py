"""Exact concentrations of a mammillary model under boluses and constant rates, from any state.

Between two changes of rate every curve is a short sum of exponentials with positive terms, so nothing cancels.
A live session keeps its `State` at "now": a change of rate costs one small update, a forecast one evaluation.
Amounts in mg, volumes in L, times in minutes, rates in mg/h; concentrations are given in ng/mL.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from interlude.domain.pharmacology.mammillary import Floats, Mammillary
from interlude.domain.pharmacology.responses import filled, filled_passed, passed
from interlude.domain.refusals import N_, Refused

NG_PER_ML_IN_MG_PER_L = 1000.0
MINUTES_PER_HOUR = 60.0

Segment = tuple[float, float, float]
"""(start_min, end_min, rate_mg_per_h)"""
Bolus = tuple[float, float]
"""(at_min, amount_mg)"""

_NO_KE0 = N_("This model has no ke0_per_min, so Ce cannot be computed.")
_NO_S_SHARE = N_("This model does not say how much of its substance is S-ketamine, so Ce_s cannot be computed.")
_SEGMENT = N_("A rate segment needs a start of 0 or later, an end not before its start and a rate of 0 or more.")
_BOLUS = N_("A bolus needs a time of 0 or later and an amount of 0 or more.")
_TIMES = N_("The times must be finite, ascending and not before {earliest} minutes.")
_TOO_LARGE = N_("These doses and rates are too extreme to be computed with.")


@dataclass(frozen=True, eq=False)
class State:
    """What the body holds at `at_min` under `model`; build it with `at_rest` or `state_from_amounts`."""

    model: Mammillary
    at_min: float
    modes_mg: Floats
    effect_mg_per_l: float

    @property
    def amounts_mg(self) -> Floats:
        """Amounts (mg) of the central and the peripheral compartments."""
        return np.asarray(self.model.modes.vectors @ self.modes_mg)

    @property
    def cp_ng_per_ml(self) -> float:
        return float(self.amounts_mg[0]) / self.model.v1_l * NG_PER_ML_IN_MG_PER_L

    @property
    def ce_ng_per_ml(self) -> float:
        _need_ke0(self.model)
        return self.effect_mg_per_l * NG_PER_ML_IN_MG_PER_L

    @property
    def ce_s_ng_per_ml(self) -> float:
        return self.ce_ng_per_ml * _s_fraction(self.model)


@dataclass(frozen=True, eq=False)
class Concentrations:
    """Curves at `times_min`; `ce_ng_per_ml` and `ce_s_ng_per_ml` are refused where the model doesn't define them."""

    model: Mammillary
    times_min: Floats
    cp_ng_per_ml: Floats
    effect_ng_per_ml: Floats

    @property
    def ce_ng_per_ml(self) -> Floats:
        """Effect-site concentration of the same substance as Cp."""
        _need_ke0(self.model)
        return self.effect_ng_per_ml

    @property
    def ce_s_ng_per_ml(self) -> Floats:
        """Effect-site concentration of S-ketamine alone, which is compared with the published C50."""
        return self.ce_ng_per_ml * _s_fraction(self.model)


def at_rest(model: Mammillary, at_min: float = 0.0) -> State:
    """The state without any drug."""
    return State(model, float(at_min), np.zeros(len(model.modes.rates_per_min)), 0.0)


def state_from_amounts(
    model: Mammillary, at_min: float, amounts_mg: Sequence[float], ce_ng_per_ml: float = 0.0
) -> State:
    """A state from known compartment amounts (mg, central first), as after a change of the weight."""
    amounts = np.asarray(amounts_mg, dtype=np.float64)
    if amounts.shape != (len(model.pairs) + 1,):
        raise ValueError(f"the model has {len(model.pairs) + 1} compartments")
    return State(model, float(at_min), model.modes.weights @ amounts, ce_ng_per_ml / NG_PER_ML_IN_MG_PER_L)


def give_bolus(state: State, amount_mg: float) -> State:
    """The state just after an intravenous bolus."""
    if not (math.isfinite(amount_mg) and amount_mg >= 0):
        raise Refused(_BOLUS, field="amount_mg")
    modes = state.modes_mg + state.model.modes.inflow * amount_mg
    return State(state.model, state.at_min, modes, state.effect_mg_per_l)


def advance(state: State, rate_mg_per_h: float, minutes: float) -> State:
    """The state after `minutes` at a constant rate."""
    if not (math.isfinite(rate_mg_per_h) and rate_mg_per_h >= 0):
        raise Refused(N_("The rate must be 0 or more."), field="rate_mg_per_h")
    if not (math.isfinite(minutes) and minutes >= 0):
        raise Refused(N_("Time cannot run backwards."), field="minutes")
    modes, effect = _evolve(state, rate_mg_per_h, np.array([minutes]))
    return State(state.model, state.at_min + minutes, modes[:, 0], float(effect[0]))


def forecast(
    state: State, segments: Iterable[Segment], times_min: ArrayLike, boluses: Iterable[Bolus] = ()
) -> Concentrations:
    """Curves at `times_min` (ascending, from the state's time on) under the given rates from now on.

    Segments may begin before the state's time (only the rest counts) and add up where they overlap; a bolus
    before the state's time is left out because the state holds it. A time that equals a bolus's is read just
    after it.
    """
    times = np.asarray(times_min, dtype=np.float64).reshape(-1)
    if len(times) and not (
        bool(np.isfinite(times).all()) and times[0] >= state.at_min and bool((np.diff(times) >= 0).all())
    ):
        raise Refused(_TIMES, field="times_min", earliest=f"{state.at_min:g}")
    segments, boluses = [_segment(s) for s in segments], [_bolus(b) for b in boluses]
    last = times[-1] if len(times) else state.at_min
    changes = {t for start, end, _ in segments for t in (start, end)} | {at for at, _ in boluses}
    edges = [state.at_min, *sorted(t for t in changes if state.at_min < t <= last)]
    central, effect = np.empty_like(times), np.empty_like(times)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for edge, following in zip(edges, [*edges[1:], math.inf], strict=True):
            here = State(state.model, edge, state.modes_mg, state.effect_mg_per_l)
            for at, amount in boluses:
                if at == edge:
                    here = give_bolus(here, amount)
            rate = math.fsum(r for start, end, r in segments if start <= edge < end)
            wanted = slice(*np.searchsorted(times, (edge, following)))
            spans = times[wanted] - edge
            if math.isfinite(following):
                spans = np.append(spans, following - edge)
            modes, sites = _evolve(here, rate, spans)
            count = wanted.stop - wanted.start
            central[wanted] = (state.model.modes.vectors[0] @ modes)[:count]
            effect[wanted] = sites[:count]
            if math.isfinite(following):
                state = State(state.model, following, modes[:, -1], float(sites[-1]))
        cp = central / state.model.v1_l * NG_PER_ML_IN_MG_PER_L
        ce = effect * NG_PER_ML_IN_MG_PER_L
    if not (bool(np.isfinite(cp).all()) and bool(np.isfinite(ce).all())):
        raise Refused(_TOO_LARGE)
    return Concentrations(state.model, times, cp, ce)


def concentrations(
    model: Mammillary, segments: Iterable[Segment], times_min: ArrayLike, boluses: Iterable[Bolus] = ()
) -> Concentrations:
    """Curves of a body without drug at time 0 under the given rate segments and boluses."""
    return forecast(at_rest(model), segments, times_min, boluses)


def _evolve(state: State, rate_mg_per_h: float, minutes: Floats) -> tuple[Floats, Floats]:
    """Modes (m, t) in mg and effect site (t,) in mg/L after each of `minutes` at a constant rate."""
    model = state.model
    modes = model.modes
    rates = modes.rates_per_min[:, None]
    held = state.modes_mg[:, None]
    inflow = modes.inflow[:, None] * (rate_mg_per_h / MINUTES_PER_HOUR)
    after = held * np.exp(-rates * minutes)
    if rate_mg_per_h:
        after = after + inflow * filled(rates, minutes)
    if model.ke0_per_min is None:
        return after, np.zeros_like(minutes)
    ke0 = np.array(model.ke0_per_min)
    reached = held * passed(rates, ke0, minutes)
    if rate_mg_per_h:
        reached = reached + inflow * filled_passed(rates, ke0, minutes)
    to_site = modes.vectors[0] * (model.ke0_per_min / model.v1_l)
    return after, state.effect_mg_per_l * np.exp(-ke0 * minutes) + to_site @ reached


def _segment(segment: Segment) -> Segment:
    start, end, rate = (float(part) for part in segment)
    if not (math.isfinite(start) and math.isfinite(end) and math.isfinite(rate)):
        raise Refused(_SEGMENT, field="segments")
    if not (0 <= start <= end and rate >= 0):
        raise Refused(_SEGMENT, field="segments")
    return start, end, rate


def _bolus(bolus: Bolus) -> Bolus:
    at, amount = (float(part) for part in bolus)
    if not (math.isfinite(at) and math.isfinite(amount) and at >= 0 and amount >= 0):
        raise Refused(_BOLUS, field="boluses")
    return at, amount


def _need_ke0(model: Mammillary) -> None:
    if model.ke0_per_min is None:
        raise Refused(_NO_KE0, field="ke0_per_min")


def _s_fraction(model: Mammillary) -> float:
    if model.s_fraction is None:
        raise Refused(_NO_S_SHARE, field="s_fraction")
    return model.s_fraction
