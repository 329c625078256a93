"""Matrix exponentials of compartment systems, many at once, accurate in every entry.

The off-diagonal entries of such a matrix are >= 0 (a Metzler matrix), so exp(M) = exp(-s) exp(M + s I) with
M + s I >= 0: the power series and every squaring add positive numbers only and nothing cancels, however stiff the
system or however equal its rates. Diagonalising fails on the equal rates of a transit chain; this does not.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LARGEST = 0.25
_TERMS = 20
_BLOCK = 5


def metzler_exponential(matrices: Floats) -> Floats:
    """exp of each matrix (..., n, n) whose off-diagonal entries are >= 0.

    Relative error of each entry about 1e-16 times the norm; `ValueError` for a negative off-diagonal entry.
    """
    count = matrices.shape[-1]
    diagonal = np.einsum("...ii->...i", matrices)
    off = matrices - diagonal[..., None] * np.eye(count)
    if (off < 0).any():
        raise ValueError("off-diagonal entries must not be negative")
    shift = np.maximum(-diagonal.min(axis=-1), 0.0)
    raised = matrices + shift[..., None, None] * np.eye(count)
    size = float(raised.sum(axis=-1).max(initial=0.0))
    halvings = max(0, math.ceil(math.log2(size / _LARGEST))) if size > 0 else 0
    result = _series(raised / 2.0**halvings) * np.exp(-shift / 2.0**halvings)[..., None, None]
    for _ in range(halvings):
        result = result @ result
    return np.asarray(result)


def _series(small: Floats) -> Floats:
    """sum small^n / n! for n < 20, in blocks of five powers (7 products)."""
    identity = np.broadcast_to(np.eye(small.shape[-1]), small.shape)
    powers = [identity, small]
    for _ in range(_BLOCK - 1):
        powers.append(powers[-1] @ small)
    total = np.zeros_like(small)
    for block in range(_TERMS // _BLOCK - 1, -1, -1):
        part = sum(powers[n] * (1.0 / math.factorial(block * _BLOCK + n)) for n in range(_BLOCK))
        total = total @ powers[_BLOCK] + part if block < _TERMS // _BLOCK - 1 else np.asarray(part)
    return total
