"""A mammillary model of one to three compartments, with an effect site and one depot, solved in closed form.

dD/dt  = input - ka D                                                     depot of a route that is not a vein
dA1/dt = input + ka D - (k10 + k12 + k13) A1 + k21 A2 + k31 A3,   dAj/dt = k1j A1 - kj1 Aj,   Cp = A1 / V1
dCe/dt = ke0 (Cp - Ce)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from interlude.domain.pharmacology.modes import Floats, Modes, decompose
from interlude.domain.pharmacology.responses import filled, filled_passed, passed, through
from interlude.domain.pharmacology.routes import CENTRAL, DEPOT, Route, RouteInput
from interlude.domain.refusals import N_, Refused

MINUTES_PER_HOUR = 60.0
DEPOT_ROUTES = ("im", "sc", "nasal", "oral", "sublingual")

_POSITIVE = N_("The value must be a finite number of more than 0.")
_NOT_NEGATIVE = N_("The value must be a finite number of 0 or more.")
_PAIR_MISSING = N_("A compartment needs both of its rates: {other} is missing.")
_PAIR_ZERO = N_("Both rates of a compartment must be more than 0. Leave the pair out for fewer compartments.")
_OUT_OF_RANGE = N_("These volumes and rates are too extreme to be computed with.")
_NO_DEPOT = N_("The route {route} needs an absorption rate: this model has no ka_per_min.")


@dataclass(frozen=True)
class Mammillary:
    """Absolute volume (L) and rate constants (1/min); pairs may be absent, as may ke0 and ka.

    `s_fraction` is the share of S-ketamine in the substance, `None` where the model doesn't say. A pair of two
    zeros is an absent pair. `bioavailability` is the share of a dose that leaves the depot for the central
    compartment. `refused` says why a route or an output isn't there. `Refused` names the field that is wrong.
    """

    v1_l: float
    k10_per_min: float
    k12_per_min: float | None = None
    k21_per_min: float | None = None
    k13_per_min: float | None = None
    k31_per_min: float | None = None
    ke0_per_min: float | None = None
    s_fraction: float | None = None
    ka_per_min: float | None = None
    bioavailability: float = 1.0
    refused: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        _check("v1_l", self.v1_l, positive=True)
        _check("k10_per_min", self.k10_per_min)
        _check_pair("k12_per_min", self.k12_per_min, "k21_per_min", self.k21_per_min)
        _check_pair("k13_per_min", self.k13_per_min, "k31_per_min", self.k31_per_min)
        for name in ("ke0_per_min", "ka_per_min"):
            value = getattr(self, name)
            if value is not None:
                _check(name, value, positive=True)
        if self.s_fraction is not None and not 0 <= self.s_fraction <= 1:
            raise Refused(N_("The share of S-ketamine must lie between 0 and 1."), field="s_fraction")
        if not 0 < self.bioavailability <= 1:
            raise Refused(N_("The bioavailability must be more than 0 and at most 1."), field="bioavailability")

    @property
    def pairs(self) -> tuple[tuple[float, float], ...]:
        """(k1j, kj1) of each peripheral compartment that exists."""
        both = ((self.k12_per_min, self.k21_per_min), (self.k13_per_min, self.k31_per_min))
        return tuple((out, back) for out, back in both if out and back)

    @cached_property
    def modes(self) -> Modes:
        """The exact modes, computed once; `Refused` when the numbers are too extreme for it."""
        try:
            modes = decompose(self.k10_per_min, self.pairs)
        except (OverflowError, ZeroDivisionError) as error:
            raise Refused(_OUT_OF_RANGE, field="model") from error
        parts = (modes.rates_per_min, modes.vectors, modes.weights, modes.inflow)
        if not all(bool(np.isfinite(part).all()) for part in parts):
            raise Refused(_OUT_OF_RANGE, field="model")
        return modes

    # What the solution asks of any model. `held` is [modes (mg)..., depot (mg), effect site (mg/L)].

    @property
    def outputs(self) -> tuple[str, ...]:
        return ("Cp",)

    @property
    def compartments(self) -> tuple[str, ...]:
        """Names of the compartments, the depot last where there is one."""
        names = (CENTRAL, *(f"peripheral{n}" for n in range(1, len(self.pairs) + 1)))
        return names if self.ka_per_min is None else (*names, DEPOT)

    def route(self, name: str) -> Route:
        """How a dose by this route comes in; `Refused` where the model doesn't say."""
        if name == "iv":
            return Route((RouteInput(CENTRAL),))
        if name in DEPOT_ROUTES and self.ka_per_min is not None:
            return Route((RouteInput(DEPOT, self.bioavailability),))
        if name in self.refused:
            raise Refused(self.refused[name], field="route")
        raise Refused(_NO_DEPOT, field="route", route=name)

    def at_rest(self) -> Floats:
        return np.zeros(len(self.modes.rates_per_min) + 2)

    def dosed(self, held: Floats, into: str, amount_mg: float) -> Floats:
        """`held` just after `amount_mg` came in at once."""
        after = held.copy()
        if into == DEPOT:
            after[-2] += amount_mg
        else:
            after[:-2] += self.modes.inflow * amount_mg
        return after

    def evolve(self, held: Floats, rates_mg_per_h: Mapping[str, float], minutes: Floats) -> Floats:
        """`held` (n, t) after each of `minutes` (t,) at constant rates of input."""
        modes = self.modes
        rates, inflow = modes.rates_per_min[:, None], modes.inflow[:, None]
        in_mg_per_min = rates_mg_per_h.get(CENTRAL, 0.0) / MINUTES_PER_HOUR
        start = held[:-2, None]
        after = np.empty((len(held), len(minutes)))
        after[:-2] = start * np.exp(-rates * minutes)
        if in_mg_per_min:
            after[:-2] += in_mg_per_min * inflow * filled(rates, minutes)
        after[-2] = 0.0
        if self.ke0_per_min is None:
            after[-1] = 0.0
        else:
            ke0 = np.array(self.ke0_per_min)
            reached = start * passed(rates, ke0, minutes)
            if in_mg_per_min:
                reached += in_mg_per_min * inflow * filled_passed(rates, ke0, minutes)
            after[-1] = held[-1] * np.exp(-ke0 * minutes) + self._to_site @ reached
        if self.ka_per_min is not None:
            self._absorb(after, held[-2], rates_mg_per_h.get(DEPOT, 0.0) / MINUTES_PER_HOUR, minutes)
        return after

    def _absorb(self, after: Floats, depot_mg: float, in_mg_per_min: float, minutes: Floats) -> None:
        """Add what the depot holds and takes in to `after`."""
        assert self.ka_per_min is not None
        if not depot_mg and not in_mg_per_min:
            return
        rates, ka = self.modes.rates_per_min[:, None], np.array(self.ka_per_min)
        absorbed = self.modes.inflow[:, None] * ka
        after[-2] = depot_mg * np.exp(-ka * minutes) + in_mg_per_min * filled(ka, minutes)
        after[:-2] += absorbed * depot_mg * passed(rates, ka, minutes)
        if in_mg_per_min:
            after[:-2] += absorbed * in_mg_per_min * filled_passed(rates, ka, minutes)
        if self.ke0_per_min is not None:
            reached = depot_mg * through((rates, ka, self.ke0_per_min), minutes)
            if in_mg_per_min:
                reached = reached + in_mg_per_min * through((0.0, rates, ka, self.ke0_per_min), minutes)
            after[-1] += self._to_site @ (absorbed * reached)

    @cached_property
    def _to_site(self) -> Floats:
        assert self.ke0_per_min is not None
        return np.asarray(self.modes.vectors[0] * (self.ke0_per_min / self.v1_l))

    def level_mg_per_l(self, output: str, held: Floats) -> Floats:
        """Concentration of an output of `outputs` in `held` (n, ...)."""
        return np.asarray(self.modes.vectors[0] @ held[:-2] / self.v1_l)

    def amounts_mg(self, held: Floats) -> Floats:
        """Amounts (compartment, ...) in the order of `compartments`."""
        amounts = self.modes.vectors @ held[:-2]
        return np.asarray(amounts if self.ka_per_min is None else np.concatenate([amounts, held[-2:-1]]))

    def held_from(self, amounts_mg: Floats, ce_mg_per_l: float) -> Floats:
        """The inverse of `amounts_mg` and the effect site."""
        count = len(self.pairs) + 1
        depot = amounts_mg[count:] if self.ka_per_min is not None else np.zeros(1)
        return np.concatenate([self.modes.weights @ amounts_mg[:count], depot, [ce_mg_per_l]])


def _check(field: str, value: float, *, positive: bool = False) -> None:
    if not math.isfinite(value) or value < 0 or (positive and value == 0):
        raise Refused(_POSITIVE if positive else _NOT_NEGATIVE, field=field)


def _check_pair(out_field: str, out: float | None, back_field: str, back: float | None) -> None:
    """Both rates of a compartment or neither; both above zero, or both zero for an absent compartment."""
    if out is None and back is None:
        return
    if back is None:
        raise Refused(_PAIR_MISSING, field=back_field, other=back_field)
    if out is None:
        raise Refused(_PAIR_MISSING, field=out_field, other=out_field)
    _check(out_field, out)
    _check(back_field, back)
    if (out == 0) != (back == 0):
        raise Refused(_PAIR_ZERO, field=out_field if out == 0 else back_field)
