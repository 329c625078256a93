"""Exact modes of many mammillary models at once, without a single transcendental function.

The rates are the eigenvalues of dA1/dt = -(k10 + k12 + k13) A1 + k21 A2 + k31 A3, dAj/dt = k1j A1 - kj1 Aj. Each
has its own interval between 0 and the poles kj1, and is found as a distance from the nearer end of it: the cubic
is shifted there, and Laguerre's iteration, which from any point walks to the neighbouring root of a polynomial
with real roots and never past it, converges in a few steps. The differences kj1 - rate, on which the shares rest,
thereby lose no digits where rate constants nearly meet.

Source: E. N. Laguerre's iteration as in W. Kahan, "Laguerre's method and a circle which contains at least one
zero of a polynomial", SIAM J. Numer. Anal. 4 (1967); the decomposition is that of `Mammillary.modes`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interlude.domain.pharmacology.mammillary import Floats

MOST_STEPS = 60
CONVERGED = 2.0**-17


@dataclass(frozen=True, slots=True)
class BatchModes:
    """`rates_per_min` (m, N) and the `inflow` share (m, N) that each mode takes of a central input.

    m is the number of compartments (1 to 3); the shares of one person are >= 0 and add up to 1.
    """

    rates_per_min: Floats
    inflow: Floats


def batch_modes(k10: Floats, k12: Floats, k21: Floats, k13: Floats, k31: Floats) -> BatchModes:
    """Modes of N models; arrays (N,) in 1/min, a pair of zeros is an absent compartment."""
    second, third = k12 > 0, k13 > 0
    if not (second.any() or third.any()):
        return BatchModes(k10[None, :].copy(), np.ones((1, len(k10))))
    if second.all() and third.all():
        equal = k21 == k31
        if not equal.any():
            return _three(k10, k12, k21, k13, k31)
    elif second.all() and not third.any():
        return _two(k10, k12, k21)
    elif third.all() and not second.any():
        return _two(k10, k13, k31)
    return _mixed(k10, k12, k21, k13, k31)


def _mixed(k10: Floats, k12: Floats, k21: Floats, k13: Floats, k31: Floats) -> BatchModes:
    """People of different structure: every kind for itself, with empty modes where there are fewer."""
    rates, inflow = np.zeros((3, len(k10))), np.zeros((3, len(k10)))
    second, third = k12 > 0, k13 > 0
    merged = second & third & (k21 == k31)
    for kind in (second & third & ~merged, second & ~third, third & ~second, ~second & ~third):
        if kind.any():
            part = batch_modes(k10[kind], k12[kind], k21[kind], k13[kind], k31[kind])
            rates[: len(part.rates_per_min), kind] = part.rates_per_min
            inflow[: len(part.inflow), kind] = part.inflow
    if merged.any():
        # Two compartments with one return rate act as one: their difference is a mode that nothing feeds.
        part = _two(k10[merged], k12[merged] + k13[merged], k21[merged])
        rates[:2, merged], inflow[:2, merged] = part.rates_per_min, part.inflow
        rates[2, merged] = k21[merged]
    return BatchModes(rates, inflow)


def _two(k10: Floats, out: Floats, back: Floats) -> BatchModes:
    """The quadratic in the form that subtracts nothing twice."""
    excess = k10 + out - back
    product = out * back
    root = np.sqrt(excess * excess + 4.0 * product)
    wide = 0.5 * (np.abs(excess) + root)
    narrow = product / wide
    above = np.where(excess >= 0, wide, narrow)  # fast rate - back
    below = np.where(excess >= 0, narrow, wide)  # back - slow rate
    fast = back + above
    slow = k10 * back / fast
    span = above + below
    return BatchModes(np.stack([slow, fast]), np.stack([below / span, above / span]))


def _three(k10: Floats, k12: Floats, k21: Floats, k13: Floats, k31: Floats) -> BatchModes:
    """Roots below, between and above two different poles."""
    swap = k21 > k31
    low, high = np.minimum(k21, k31), np.maximum(k21, k31)
    out_low, out_high = np.where(swap, k13, k12), np.where(swap, k12, k13)
    # Signs at the middle of the two inner intervals tell from which end each root is nearer.
    near_low = np.stack([_characteristic(k10, out_low, low, out_high, high, 0.5 * low) > 0, np.zeros_like(swap)])
    between = _beside(k10, out_low, low, out_high, high - low, 0.5 * (high - low))
    near_low[1] = between < 0

    from_zero = _from_zero(k10, out_low, low, out_high, high)
    from_low = _shifted(k10, out_low, low, out_high, high - low)
    from_high = _shifted(k10, out_high, high, out_low, low - high)
    cubic = tuple(
        np.stack([np.where(near_low[0], zero, a), np.where(near_low[1], a, b), b])
        for zero, a, b in zip(from_zero, from_low, from_high, strict=True)
    )
    start = _starts(k10, out_low, low, out_high, high, near_low)
    distance = _walk(start, *cubic)
    reference = np.stack([np.where(near_low[0], 0.0, low), np.where(near_low[1], low, high), high])
    gap_low = (low - reference) - distance
    gap_high = (high - reference) - distance
    with np.errstate(divide="ignore", over="ignore"):
        spread = out_low * ((low / gap_low) / gap_low) + out_high * ((high / gap_high) / gap_high)
    return BatchModes(reference + distance, 1.0 / (1.0 + spread))


def _starts(
    k10: Floats, out_low: Floats, low: Floats, out_high: Floats, high: Floats, near_low: NDArray[np.bool_]
) -> Floats:
    """First distances (3, N): the quadratic that is left when the term of the farther pole is held.

    It is held at the reference; above both poles, at infinity.
    """
    apart = high - low
    at_low = k10 - low - out_high * low / apart + out_low
    at_high = k10 - high + out_low * high / apart + out_high
    above = k10 - high + out_low + out_high
    root_low = np.sqrt(at_low * at_low + 4.0 * out_low * low)
    root_high = np.sqrt(at_high * at_high + 4.0 * out_high * high)
    down = np.maximum(0.5 * (at_low - root_low), -0.5 * low)
    up = np.minimum(0.5 * (at_low + root_low), 0.5 * apart)
    back = np.maximum(0.5 * (at_high - root_high), -0.5 * apart)
    top = 0.5 * (above + np.sqrt(above * above + 4.0 * out_high * high))
    return np.stack([np.where(near_low[0], 0.0, down), np.where(near_low[1], up, back), top])


def _characteristic(k10: Floats, out_a: Floats, a: Floats, out_b: Floats, b: Floats, rate: Floats) -> Floats:
    """The monic characteristic cubic at `rate`."""
    return -((k10 - rate) * (a - rate) * (b - rate) - out_a * rate * (b - rate) - out_b * rate * (a - rate))


def _beside(k10: Floats, out: Floats, pole: Floats, other_out: Floats, apart: Floats, distance: Floats) -> Floats:
    """The same cubic at `pole` + `distance`, the other pole being `apart` from it."""
    rate, rest = pole + distance, apart - distance
    return (k10 - rate) * distance * rest + out * rate * rest - other_out * rate * distance


def _from_zero(k10: Floats, out_a: Floats, a: Floats, out_b: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
    """Coefficients of rate^2, rate and 1; sums of one sign."""
    return -(k10 + out_a + out_b + a + b), k10 * (a + b) + a * b + out_a * b + out_b * a, -(k10 * a * b)


def _shifted(k10: Floats, out: Floats, pole: Floats, other: Floats, apart: Floats) -> tuple[Floats, Floats, Floats]:
    """Coefficients of the cubic in the distance from `pole`."""
    rest = k10 - pole
    return -(rest + apart + out + other), rest * apart + out * (apart - pole) - other * pole, out * pole * apart


def _walk(start: Floats, c2: Floats, c1: Floats, c0: Floats) -> Floats:
    """The root beside 0 of each shifted cubic (3, N): downhill for the middle row, uphill for the outer ones."""
    side = np.array([[1.0], [-1.0], [1.0]])
    distance = start
    for _ in range(MOST_STEPS):
        value = ((distance + c2) * distance + c1) * distance + c0
        slope = (3.0 * distance + 2.0 * c2) * distance + c1
        bend = 6.0 * distance + 2.0 * c2
        reach = np.sqrt(np.maximum(4.0 * slope * slope - 6.0 * value * bend, 0.0))
        below = slope + side * reach
        step = np.divide(3.0 * value, below, out=np.zeros_like(value), where=below != 0.0)
        distance -= step
        if not (np.abs(step) > CONVERGED * np.abs(distance)).any():
            break
    return distance
