"""General linear compartments: metabolites, transit chains and several ways in, solved exactly.

    dA/dt = K A + input,   C = A / V,   dCe/dt = ke0 (Cp - Ce)

The system with its effect site and its inputs is one constant matrix. Where its modes are distinct and well
conditioned the curves are sums of exponentials; otherwise (equal rates of a transit chain) one matrix exponential
per distinct step carries the state along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np

from interlude.domain.pharmacology.expm import metzler_exponential
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.responses import filled
from interlude.domain.pharmacology.routes import CENTRAL, Route, RouteInput
from interlude.domain.refusals import N_, Refused

MINUTES_PER_HOUR = 60.0
# Conditions below this leave more than eleven digits to the modes; above it the matrix exponential is used.
_WORST_CONDITION = 1e4
_EARLY = 0.02
# Steps that differ by less than this are the same step (min); the curves change by a 1e-12th.
_STEP_DIGITS = 12
_STEPS_KEPT = 64
_STRIDE = 16

_BAD_MATRIX = N_("The rates of a compartment model must be finite, and flows must not be negative.")


@dataclass(frozen=True, eq=False)
class Chain:
    """Linear compartments with several outputs.

    `matrix` (n, n) in 1/min, column = source; `volumes_l` by output ("Cp" first), `sampled` the compartment of
    each output; `routes` by name; `refused` says why a route or an output isn't there. Amounts in mg of the
    parent substance (or its equivalents for metabolites).
    """

    compartments: tuple[str, ...]
    matrix: Floats
    sampled: Mapping[str, str]
    volumes_l: Mapping[str, float]
    routes: Mapping[str, Route] = field(default_factory=lambda: {"iv": Route((RouteInput(CENTRAL),))})
    refused: Mapping[str, str] = field(default_factory=dict)
    ke0_per_min: float | None = None
    s_fraction: float | None = None

    def __post_init__(self) -> None:
        off = self.matrix - np.diag(np.diag(self.matrix))
        if not bool(np.isfinite(self.matrix).all()) or bool((off < 0).any()):
            raise Refused(_BAD_MATRIX, field="model")

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple(self.sampled)

    def route(self, name: str) -> Route:
        """How a dose by this route comes in; `Refused` with the reason where the model doesn't say."""
        if name in self.routes:
            return self.routes[name]
        if name in self.refused:
            raise Refused(self.refused[name], field="route")
        raise Refused(
            N_("This model has no route {route}. Use one of: {routes}."),
            field="route",
            route=name,
            routes=", ".join(self.routes),
        )

    # `held` is [amounts (mg)..., effect site (mg/L)].

    def at_rest(self) -> Floats:
        return np.zeros(len(self.compartments) + 1)

    def dosed(self, held: Floats, into: str, amount_mg: float) -> Floats:
        after = held.copy()
        after[self.compartments.index(into)] += amount_mg
        return after

    def evolve(self, held: Floats, rates_mg_per_h: Mapping[str, float], minutes: Floats) -> Floats:
        """`held` (n, t) after each of `minutes` (t,) at constant rates of input."""
        inflow = np.zeros(len(held))
        for into, rate in rates_mg_per_h.items():
            inflow[self.compartments.index(into)] += rate / MINUTES_PER_HOUR
        if self._modes is None:
            return self._by_steps(held, inflow, minutes)
        # Just after a change what has passed several stages is a small difference of modes: not by modes then.
        early = minutes * self._modes[0].max(initial=0.0) < _EARLY
        if not early.any():
            return self._by_modes(held, inflow, minutes)
        after = np.empty((len(held), len(minutes)))
        after[:, early] = self._by_steps(held, inflow, minutes[early])
        after[:, ~early] = self._by_modes(held, inflow, minutes[~early])
        return after

    @cached_property
    def system(self) -> Floats:
        """The matrix (n + 1, n + 1) of the compartments and the effect site."""
        count = len(self.compartments)
        full = np.zeros((count + 1, count + 1))
        full[:count, :count] = self.matrix
        if self.ke0_per_min is not None:
            full[count, self.compartments.index(self.sampled["Cp"])] = self.ke0_per_min / self.volumes_l["Cp"]
            full[count, count] = -self.ke0_per_min
        return full

    @cached_property
    def _modes(self) -> tuple[Floats, Floats, Floats] | None:
        """(rates >= 0 (m,), vectors, inverse), or None where rates coincide or aren't all real."""
        values, vectors = np.linalg.eig(self.system)
        if np.iscomplexobj(values) or bool((values > 1e-12 * np.abs(values).max(initial=0.0)).any()):
            return None
        # The condition after the best scaling of the rows: volumes and units must not decide.
        scale = np.abs(vectors).max(axis=1, keepdims=True)
        if not bool((scale > 0).all()) or np.linalg.cond(vectors / scale) > _WORST_CONDITION:
            return None
        return np.maximum(-values, 0.0), vectors, np.linalg.inv(vectors)

    def _by_modes(self, held: Floats, inflow: Floats, minutes: Floats) -> Floats:
        assert self._modes is not None
        rates, vectors, inverse = self._modes
        column = rates[:, None]
        course = (inverse @ held)[:, None] * np.exp(-column * minutes)
        if inflow.any():
            course += (inverse @ inflow)[:, None] * filled(column, minutes)
        # Rounding may leave a tiny negative where the truth is 0.
        return np.asarray(np.maximum(vectors @ course, 0.0))

    def _by_steps(self, held: Floats, inflow: Floats, minutes: Floats) -> Floats:
        """Step by step along ascending `minutes`; runs of one step length share one matrix."""
        after = np.empty((len(held), len(minutes)))
        spans = np.round(np.diff(minutes, prepend=0.0), _STEP_DIGITS)
        edges = [0, *(np.flatnonzero(np.diff(spans)) + 1), len(spans)]
        state = held
        for start, end in pairwise(edges):
            if start == end:
                continue
            if spans[start] <= 0:
                after[:, start:end] = state[:, None]
                continue
            carried, gained = self._step(float(spans[start]))
            after[:, start:end] = _march(carried, gained @ inflow, state, end - start)
            state = after[:, end - 1]
        return after

    def _step(self, span: float) -> tuple[Floats, Floats]:
        """exp(M h) and the integral of it up to h, for a step of h minutes."""
        kept = self._steps
        if span not in kept:
            count = len(self.compartments) + 1
            augmented = np.zeros((2 * count, 2 * count))
            augmented[:count, :count] = self.system
            augmented[:count, count:] = np.eye(count)
            exponential = metzler_exponential(augmented * span)
            if len(kept) >= _STEPS_KEPT:
                kept.pop(next(iter(kept)))
            # The upper right block of exp([[M h, h], [0, 0]]) is the integral already.
            kept[span] = exponential[:count, :count], exponential[:count, count:]
        return kept[span]

    @cached_property
    def _steps(self) -> dict[float, tuple[Floats, Floats]]:
        return {}

    def level_mg_per_l(self, output: str, held: Floats) -> Floats:
        """Concentration of one of `outputs` in `held` (n, ...)."""
        return np.asarray(held[self.compartments.index(self.sampled[output])] / self.volumes_l[output])

    def amounts_mg(self, held: Floats) -> Floats:
        return np.asarray(held[:-1])

    def held_from(self, amounts_mg: Floats, ce_mg_per_l: float) -> Floats:
        return np.append(amounts_mg, ce_mg_per_l)


def _march(carried: Floats, gained: Floats, state: Floats, count: int) -> Floats:
    """States (n, count) after 1, 2, ... steps of x -> carried @ x + gained, many steps at a time."""
    size = len(state)
    one = np.zeros((1, size + 1, size + 1))
    one[0, :size, :size], one[0, :size, size], one[0, size, size] = carried, gained, 1.0
    powers = one
    while len(powers) < min(count, _STRIDE):
        powers = np.concatenate([powers, powers @ powers[-1]])
    flat = powers.reshape(-1, size + 1)
    reached = np.empty((count + len(powers), size + 1))
    now = np.append(state, 1.0)
    for start in range(0, count, len(powers)):
        reached[start : start + len(powers)] = (flat @ now).reshape(-1, size + 1)
        now = reached[start + len(powers) - 1]
    return np.asarray(reached[:count, :size].T)
