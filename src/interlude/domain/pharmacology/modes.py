"""Exact modes of a mammillary model of one to three compartments.

    dA1/dt = input - (k10 + k12 + k13) A1 + k21 A2 + k31 A3,   dAj/dt = k1j A1 - kj1 Aj

The eigenvalues are the roots of a function that falls from every pole kj1 to the next, so each has its own
bracket. They are kept as (nearest pole, distance): the differences kj1 - eigenvalue, on which the eigenvectors
rest, then lose no digits however close two rate constants lie.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


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


def decompose(k10: float, pairs: tuple[tuple[float, float], ...]) -> Modes:
    """Modes for k10 and the (k1j, kj1) of each peripheral compartment (1/min), compartments in that order.

    `OverflowError` or `ZeroDivisionError` for numbers beyond computing.
    """
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
