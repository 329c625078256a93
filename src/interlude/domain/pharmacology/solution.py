"""Exact concentrations under boluses and constant rates, from any state, of any model.

Between two changes of rate every curve is known exactly: in closed form (`Mammillary`) or by a matrix exponential
(`Chain`). A live session keeps its `State` at "now": a change of rate costs one small update, a forecast one
evaluation. Amounts in mg, volumes in L, times in minutes, rates in mg/h; concentrations are given in ng/mL.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.routes import CENTRAL, Route
from interlude.domain.refusals import N_, Refused

NG_PER_ML_IN_MG_PER_L = 1000.0
MINUTES_PER_HOUR = 60.0

Segment = tuple[float, float, float]
"""(start_min, end_min, rate_mg_per_h)"""
Bolus = tuple[float, float]
"""(at_min, amount_mg)"""

_NO_KE0 = N_("This model has no ke0_per_min, so Ce cannot be computed.")
_NO_S_SHARE = N_("This model does not say how much of its substance is S-ketamine, so Ce_s cannot be computed.")
_NO_OUTPUT = N_("This model has no output {output}. It has: {outputs}.")
_SEGMENT = N_("A rate segment needs a start of 0 or later, an end not before its start and a rate of 0 or more.")
_BOLUS = N_("A bolus needs a time of 0 or later and an amount of 0 or more.")
_TIMES = N_("The times must be finite, ascending and not before {earliest} minutes.")
_TOO_LARGE = N_("These doses and rates are too extreme to be computed with.")


class Model(Protocol):
    """What the solution asks of a model. `held` (n,) or (n, t) is its own exact state."""

    @property
    def ke0_per_min(self) -> float | None: ...
    @property
    def s_fraction(self) -> float | None: ...
    @property
    def refused(self) -> Mapping[str, str]: ...
    @property
    def outputs(self) -> tuple[str, ...]: ...
    @property
    def compartments(self) -> tuple[str, ...]: ...
    def route(self, name: str) -> Route: ...
    def at_rest(self) -> Floats: ...
    def dosed(self, held: Floats, into: str, amount_mg: float) -> Floats: ...
    def evolve(self, held: Floats, rates_mg_per_h: Mapping[str, float], minutes: Floats) -> Floats: ...
    def level_mg_per_l(self, output: str, held: Floats) -> Floats: ...
    def amounts_mg(self, held: Floats) -> Floats: ...
    def held_from(self, amounts_mg: Floats, ce_mg_per_l: float) -> Floats: ...


@dataclass(frozen=True)
class Inputs:
    """What comes into which compartment: (into, start_min, end_min, rate_mg_per_h) and (into, at_min, amount_mg)."""

    segments: Sequence[tuple[str, float, float, float]] = ()
    boluses: Sequence[tuple[str, float, float]] = ()


class _Levels:
    """Readings of a model's state, for one instant or a whole course."""

    model: Model
    held: Floats

    def output(self, name: str) -> Floats:
        """An output by name in ng/mL: Cp, Ce, Ce_s, or one of a metabolite like Cp_norketamine."""
        if name == "Ce":
            if self.model.ke0_per_min is None:
                raise Refused(_NO_KE0, field="ke0_per_min")
            return np.asarray(self.held[-1] * NG_PER_ML_IN_MG_PER_L)
        if name == "Ce_s":
            if self.model.s_fraction is None:
                raise Refused(_NO_S_SHARE, field="s_fraction")
            return self.output("Ce") * self.model.s_fraction
        if name in self.model.refused:
            raise Refused(self.model.refused[name], field="outputs")
        if name not in self.model.outputs:
            raise Refused(
                _NO_OUTPUT, field="outputs", output=name, outputs=", ".join((*self.model.outputs, "Ce", "Ce_s"))
            )
        return self.model.level_mg_per_l(name, self.held) * NG_PER_ML_IN_MG_PER_L

    @property
    def amounts_mg(self) -> Floats:
        """Amounts (compartment, ...) in mg, in the order of `model.compartments`."""
        return self.model.amounts_mg(self.held)


@dataclass(frozen=True, eq=False)
class State(_Levels):
    """What the body holds at `at_min` under `model`; build it with `at_rest` or `state_from_amounts`."""

    model: Model
    at_min: float
    held: Floats

    @property
    def cp_ng_per_ml(self) -> float:
        return float(self.output("Cp"))

    @property
    def ce_ng_per_ml(self) -> float:
        return float(self.output("Ce"))

    @property
    def ce_s_ng_per_ml(self) -> float:
        return float(self.output("Ce_s"))


@dataclass(frozen=True, eq=False)
class Concentrations(_Levels):
    """Curves at `times_min` (t,); an output that the model doesn't define is refused when it is asked for."""

    model: Model
    times_min: Floats
    held: Floats = field(repr=False)

    @cached_property
    def cp_ng_per_ml(self) -> Floats:
        return self.output("Cp")

    @cached_property
    def ce_ng_per_ml(self) -> Floats:
        """Effect-site concentration of the same substance as Cp."""
        return self.output("Ce")

    @cached_property
    def ce_s_ng_per_ml(self) -> Floats:
        """Effect-site concentration of S-ketamine alone, which is compared with the published C50."""
        return self.output("Ce_s")


def at_rest(model: Model, at_min: float = 0.0) -> State:
    """The state without any drug."""
    return State(model, float(at_min), model.at_rest())


def state_from_amounts(model: Model, at_min: float, amounts_mg: Sequence[float], ce_ng_per_ml: float = 0.0) -> State:
    """A state from known amounts (mg, in the order of `model.compartments`), as after a change of the weight."""
    amounts = np.asarray(amounts_mg, dtype=np.float64)
    if amounts.shape != (len(model.compartments),):
        raise ValueError(f"the model has {len(model.compartments)} compartments")
    return State(model, float(at_min), model.held_from(amounts, ce_ng_per_ml / NG_PER_ML_IN_MG_PER_L))


def give_bolus(state: State, amount_mg: float) -> State:
    """The state just after an intravenous bolus."""
    if not (math.isfinite(amount_mg) and amount_mg >= 0):
        raise Refused(_BOLUS, field="amount_mg")
    return State(state.model, state.at_min, state.model.dosed(state.held, CENTRAL, amount_mg))


def advance(state: State, rate_mg_per_h: float, minutes: float) -> State:
    """The state after `minutes` at a constant intravenous rate."""
    if not (math.isfinite(rate_mg_per_h) and rate_mg_per_h >= 0):
        raise Refused(N_("The rate must be 0 or more."), field="rate_mg_per_h")
    if not (math.isfinite(minutes) and minutes >= 0):
        raise Refused(N_("Time cannot run backwards."), field="minutes")
    rates = {CENTRAL: rate_mg_per_h} if rate_mg_per_h else {}
    after = state.model.evolve(state.held, rates, np.array([minutes]))
    return State(state.model, state.at_min + minutes, after[:, 0])


def forecast(
    state: State, segments: Iterable[Segment], times_min: ArrayLike, boluses: Iterable[Bolus] = ()
) -> Concentrations:
    """Curves at `times_min` (ascending, from the state's time on) under the given intravenous rates from now on.

    Segments may begin before the state's time (only the rest counts) and add up where they overlap; a bolus
    before the state's time is left out because the state holds it. A time that equals a bolus's is read just
    after it.
    """
    inputs = Inputs(
        [(CENTRAL, *_segment(segment)) for segment in segments], [(CENTRAL, *_bolus(bolus)) for bolus in boluses]
    )
    return course(state, inputs, times_min)


def concentrations(
    model: Model, segments: Iterable[Segment], times_min: ArrayLike, boluses: Iterable[Bolus] = ()
) -> Concentrations:
    """Curves of a body without drug at time 0 under the given intravenous rate segments and boluses."""
    return forecast(at_rest(model), segments, times_min, boluses)


def course(state: State, inputs: Inputs, times_min: ArrayLike) -> Concentrations:
    """Curves at `times_min` under inputs to any compartments; see `forecast` for what counts."""
    times = np.asarray(times_min, dtype=np.float64).reshape(-1)
    if len(times) and not (
        bool(np.isfinite(times).all()) and times[0] >= state.at_min and bool((np.diff(times) >= 0).all())
    ):
        raise Refused(_TIMES, field="times_min", earliest=f"{state.at_min:g}")
    model, held = state.model, state.held
    last = times[-1] if len(times) else state.at_min
    changes = {t for _, start, end, _ in inputs.segments for t in (start, end)} | {at for _, at, _ in inputs.boluses}
    edges = [state.at_min, *sorted(t for t in changes if state.at_min < t <= last)]
    curves = np.empty((len(held), len(times)))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for edge, following in zip(edges, [*edges[1:], math.inf], strict=True):
            for into, at, amount in inputs.boluses:
                if at == edge:
                    held = model.dosed(held, into, amount)
            wanted = slice(*np.searchsorted(times, (edge, following)))
            spans = times[wanted] - edge
            if math.isfinite(following):
                spans = np.append(spans, following - edge)
            after = model.evolve(held, _rates(inputs, edge), spans)
            curves[:, wanted] = after[:, : wanted.stop - wanted.start]
            if math.isfinite(following):
                held = after[:, -1]
    if not bool(np.isfinite(curves).all()):
        raise Refused(_TOO_LARGE)
    return Concentrations(model, times, curves)


def _rates(inputs: Inputs, edge: float) -> dict[str, float]:
    """Rates (mg/h) by compartment that begin or go on at `edge`."""
    rates: dict[str, list[float]] = {}
    for into, start, end, rate in inputs.segments:
        if start <= edge < end:
            rates.setdefault(into, []).append(rate)
    return {into: math.fsum(parts) for into, parts in rates.items()}


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
