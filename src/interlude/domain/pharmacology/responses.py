"""The three integrals of exponentials that every dose needs, free of division by a difference of rates.

    decay(a, t)              exp(-a t)
    filled(a, t)             integral of decay                   = (1 - exp(-a t)) / a
    passed(a, b, t)          decay through a second rate         = (exp(-a t) - exp(-b t)) / (b - a)
    filled_passed(a, b, t)   filled through a second rate        = integral of passed

Textbook forms divide by b - a (and fail where ke0 meets an eigenvalue); these are smooth there. `a`, `b`, `t`
broadcast; all are >= 0. Relative error about 1e-15.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SERIES_BELOW = 0.5
_SERIES_TERMS = 16


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
