"""The integrals of exponentials that every dose needs, free of division by a difference of rates.

    decay(a, t)              exp(-a t)
    filled(a, t)             integral of decay                   = (1 - exp(-a t)) / a
    passed(a, b, t)          decay through a second rate         = (exp(-a t) - exp(-b t)) / (b - a)
    filled_passed(a, b, t)   filled through a second rate        = integral of passed
    through((a, b, ...), t)  any number of rates in a row        = divided difference of exp

Textbook forms divide by b - a (and fail where ke0 meets an eigenvalue); these are smooth there. `a`, `b`, `t`
broadcast; all are >= 0. Relative error about 1e-15.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SERIES_BELOW = 0.5
_SERIES_TERMS = 16
_CLOSE_TERMS = 20


def _mean_decay(x: Floats) -> Floats:
    """(1 - exp(-x)) / x, which is 1 at x = 0."""
    safe = np.where(x == 0.0, 1.0, x)
    return np.asarray(np.where(x == 0.0, 1.0, -np.expm1(-safe) / safe))


def filled(a: Floats, t: Floats) -> Floats:
    """(1 - exp(-a t)) / a; t where a is 0."""
    return t * _mean_decay(a * t)


def passed(a: Floats, b: Floats, t: Floats) -> Floats:
    """(exp(-a t) - exp(-b t)) / (b - a); t exp(-a t) where the rates meet."""
    slow = np.minimum(a, b)
    return np.exp(-slow * t) * t * _mean_decay(np.abs(b - a) * t)


def filled_passed(a: Floats, b: Floats, t: Floats) -> Floats:
    """Integral of `passed` from 0 to t.

    (filled(slow) - passed) / fast; where fast * t is small these two nearly cancel, and the power series
    t^2 sum (-t)^n h_n(a, b) / (n + 2)! takes over (h_n: sum of a^i b^(n-i)).
    """
    slow, fast = np.minimum(a, b), np.maximum(a, b)
    early = fast * t < _SERIES_BELOW
    divisor = np.where(early, 1.0, fast)
    value = (filled(slow, t) - passed(a, b, t)) / divisor
    if not early.any():
        return np.asarray(value)
    x, y = np.where(early, slow * t, 0.0), np.where(early, fast * t, 0.0)
    power, homogeneous, factor = np.ones_like(y), np.ones_like(y), 0.5
    total = np.full_like(y, factor)
    for n in range(1, _SERIES_TERMS):
        power = power * y
        homogeneous = x * homogeneous + power
        factor /= -(n + 2)
        total += factor * homogeneous
    return np.asarray(np.where(early, t * t * total, value))


def through(rates: Sequence[Floats | float], t: Floats) -> Floats:
    """What arrives after passing stages of these `rates` in a row (1/min, any number, any order, equal or not).

    The convolution of exp(-r t) over all rates: (-1)^(m-1) times the divided difference of exp(-x t). Where
    the rates lie close together on the scale of 1/t its power series is summed about the fastest, in which
    every term is positive; elsewhere the recursion subtracts numbers that differ by a third or more.
    """
    ordered = np.sort(np.stack(np.broadcast_arrays(*[np.asarray(r, dtype=np.float64) for r in rates], t)[:-1]), axis=0)
    return _through(ordered, np.broadcast_to(t, ordered.shape[1:]))


def _through(ordered: Floats, t: Floats) -> Floats:
    count = len(ordered)
    if count == 1:
        return np.asarray(np.exp(-ordered[0] * t))
    if count == 2:
        return passed(ordered[0], ordered[1], t)
    spread = (ordered[-1] - ordered[0]) * t
    close = spread < 1.0
    divisor = np.where(close, 1.0, ordered[-1] - ordered[0])
    apart = (_through(ordered[:-1], t) - _through(ordered[1:], t)) / divisor
    if not close.any():
        return np.asarray(apart)
    return np.asarray(np.where(close, _through_series(ordered, np.where(close, t, 0.0)), apart))


def _through_series(ordered: Floats, t: Floats) -> Floats:
    """exp(-fastest t) t^(m-1) sum h_n((fastest - r) t) / (n + m - 1)!, h_n the complete symmetric sums."""
    count = len(ordered)
    gaps = (ordered[-1] - ordered[:-1]) * t
    symmetric = np.zeros((count - 1, _CLOSE_TERMS, *t.shape))
    for k, gap in enumerate(gaps):
        row = symmetric[k]
        row[0] = 1.0
        for n in range(1, _CLOSE_TERMS):
            row[n] = gap * row[n - 1] + (symmetric[k - 1][n] if k else 0.0)
    factorials = [1.0 / math.factorial(n + count - 1) for n in range(_CLOSE_TERMS)]
    total = np.tensordot(np.array(factorials), symmetric[-1], axes=1)
    return np.asarray(np.exp(-ordered[-1] * t) * t ** (count - 1) * total)
