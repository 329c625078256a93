"""A mammillary model of one to three compartments and its exact modes.

    dA1/dt = input - (k10 + k12 + k13) A1 + k21 A2 + k31 A3,   dAj/dt = k1j A1 - kj1 Aj,   Cp = A1 / V1
    dCe/dt = ke0 (Cp - Ce)

The eigenvalues are the roots of a function that falls from every pole kj1 to the next, so each has its own
bracket. They are kept as (nearest pole, distance): the differences kj1 - eigenvalue, on which the eigenvectors
rest, then lose no digits however close two rate constants lie.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from interlude.domain.refusals import N_, Refused

Floats = NDArray[np.float64]

_POSITIVE = N_("The value must be a finite number of more than 0.")
_NOT_NEGATIVE = N_("The value must be a finite number of 0 or more.")
_PAIR_MISSING = N_("A compartment needs both of its rates: {other} is missing.")
_PAIR_ZERO = N_("Both rates of a compartment must be more than 0. Leave the pair out for fewer compartments.")
_OUT_OF_RANGE = N_("These volumes and rates are too extreme to be computed with.")


@dataclass(frozen=True)
class Modes:
    """Decomposition of the compartments (m modes, n compartments): amounts = `vectors` @ modes.

    `rates_per_min` (m,), `vectors` (n, m), `weights` (m, n) with modes = `weights` @ amounts;
    `inflow` (m,) is the share of a central input that each mode takes, and every share is >= 0.
    """

    rates_per_min: Floats
    vectors: Floats
    weights: Floats
    inflow: Floats


@dataclass(frozen=True)
class Mammillary:
    """Absolute volume (L) and rate constants (1/min); pairs may be absent, as may ke0.

    `s_fraction` is the share of S-ketamine in the substance, `None` where the model doesn't say. A pair of two
    zeros is an absent pair. `Refused` names the field that is wrong.
    """

    v1_l: float
    k10_per_min: float
    k12_per_min: float | None = None
    k21_per_min: float | None = None
    k13_per_min: float | None = None
    k31_per_min: float | None = None
    ke0_per_min: float | None = None
    s_fraction: float | None = None

    def __post_init__(self) -> None:
        _check("v1_l", self.v1_l, positive=True)
        _check("k10_per_min", self.k10_per_min)
        _check_pair("k12_per_min", self.k12_per_min, "k21_per_min", self.k21_per_min)
        _check_pair("k13_per_min", self.k13_per_min, "k31_per_min", self.k31_per_min)
        if self.ke0_per_min is not None:
            _check("ke0_per_min", self.ke0_per_min, positive=True)
        if self.s_fraction is not None and not 0 <= self.s_fraction <= 1:
            raise Refused(N_("The share of S-ketamine must lie between 0 and 1."), field="s_fraction")

    @property
    def pairs(self) -> tuple[tuple[float, float], ...]:
        """(k1j, kj1) of each peripheral compartment that exists."""
        both = ((self.k12_per_min, self.k21_per_min), (self.k13_per_min, self.k31_per_min))
        return tuple((out, back) for out, back in both if out and back)

    @cached_property
    def modes(self) -> Modes:
        """The exact modes, computed once; `Refused` when the numbers are too extreme for it."""
        try:
            modes = _decompose(self.k10_per_min, self.pairs)
        except (OverflowError, ZeroDivisionError) as error:
            raise Refused(_OUT_OF_RANGE, field="model") from error
        parts = (modes.rates_per_min, modes.vectors, modes.weights, modes.inflow)
        if not all(bool(np.isfinite(part).all()) for part in parts):
            raise Refused(_OUT_OF_RANGE, field="model")
        return modes


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


def _decompose(k10: float, pairs: tuple[tuple[float, float], ...]) -> Modes:
    """Modes of the compartments in the given order (central first)."""
    merged: dict[float, float] = {}
    for out, back in pairs:
        merged[back] = merged.get(back, 0.0) + out
    poles = sorted(merged)
    outs = [merged[pole] for pole in poles]

    rates, rows, columns, inflow = [], [], [], []
    for reference, distance in _roots(k10, outs, poles):
        gap = {pole: (pole - reference) - distance for pole in poles}
        share = 1.0 / (1.0 + math.fsum(o * (p / gap[p]) / gap[p] for o, p in zip(outs, poles, strict=True)))
        rates.append(reference + distance)
        columns.append([1.0] + [out / gap[back] for out, back in pairs])
        rows.append([share] + [share * (back / gap[back]) for _, back in pairs])
        inflow.append(share)
    if len(merged) < len(pairs):
        # Two compartments with one return rate act as one; their difference is a mode of its own that the
        # central compartment neither feeds nor sees.
        (first, back), (second, _) = pairs
        rates.append(back)
        columns.append([0.0, 1.0, -1.0])
        rows.append([0.0, second / (first + second), -first / (first + second)])
        inflow.append(0.0)
    return Modes(
        rates_per_min=np.array(rates),
        vectors=np.array(columns).T,
        weights=np.array(rows),
        inflow=np.array(inflow),
    )


def _roots(k10: float, outs: list[float], poles: list[float]) -> list[tuple[float, float]]:
    """Eigenvalues as (reference, distance), ascending; the reference is a pole or zero."""
    if not poles:
        return [(0.0, k10)]
    top = k10 + math.fsum(outs) + math.fsum(poles)  # the trace bounds the largest eigenvalue
    edges = [0.0, *poles, top]
    roots = []
    for index, (low, high) in enumerate(pairwise(edges)):
        if index == 0 and k10 == 0.0:
            roots.append((0.0, 0.0))
            continue
        half = (high - low) / 2
        last = index == len(poles)
        from_low = _secular(k10, outs, poles, low)
        if last or from_low(half) <= 0:
            roots.append((low, _solve(from_low, 0.0, high - low if last else half)))
        else:
            roots.append((high, _solve(_secular(k10, outs, poles, high), -half, 0.0)))
    return roots


def _secular(k10: float, outs: list[float], poles: list[float], reference: float) -> Callable[[float], float]:
    """k10 - L - sum k1j L / (kj1 - L) at L = reference + distance: free of cancellation, falling in L."""
    shifted = [(out, pole - reference) for out, pole in zip(outs, poles, strict=True)]

    def value(distance: float) -> float:
        rate = reference + distance
        total = k10 - rate
        for out, pole in shifted:
            total -= out * rate / (pole - distance)
        return total

    return value


def _solve(falling: Callable[[float], float], low: float, high: float) -> float:
    """The zero of a falling function strictly between `low` and `high`, one of which is 0, to full precision.

    The root may lie many orders of magnitude closer to its pole than the other end, so the bracket is first
    narrowed to a factor of 1024; then secant steps with halved weights (Illinois) on distance * function, which
    has no pole, with bisection as the safeguard.
    """
    sign = 1.0 if high > 0 else -1.0
    far = max(abs(low), abs(high))
    near = far / 1024.0
    while sign * falling(sign * near) <= 0:
        near, far = near / 1024.0, near
        if near == 0.0:
            return 0.0
    value_near, value_far = near * falling(sign * near), far * falling(sign * far)
    guess = far
    for _ in range(200):
        last = guess
        guess = far - value_far * ((far - near) / (value_far - value_near)) if value_far != value_near else near
        if not near < guess < far:
            guess = (near + far) / 2
        value = guess * falling(sign * guess)
        if value == 0 or guess in (last, near, far):
            break
        if sign * value > 0:
            near, value_near, value_far = guess, value, value_far / 2
        else:
            far, value_far, value_near = guess, value, value_near / 2
    return sign * guess
