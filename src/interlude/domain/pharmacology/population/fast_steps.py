"""The compiled twin of `coefficients`: what a step does to a tile of people, with exponentials of its own.

The processor's eight lanes need an exponential without branches: exp(-x) = 2^n (1 + q), n a whole number, q a
polynomial in what is left (at most 0.35), from which both exp(-x) and 1 - exp(-x) follow without cancellation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.pharmacology.population.coefficients import SERIES_BELOW
from interlude.domain.pharmacology.population.compiled import TILE, compiled

# Rows of a tile's step: three of decay, three of site, site_decay, three of gain, site_gain.
DECAY, SITE, SITE_DECAY, GAIN, SITE_GAIN, STEP_SIZE = (row * TILE for row in (0, 3, 6, 7, 10, 11))
# Rows of a tile's people: three rates, three shares, ke0.
SHARE, KE0, PEOPLE_SIZE = (row * TILE for row in (3, 6, 7))
# Rows of the exponentials: three of rate, three of |ke0 - rate|, one of ke0.
_GAP, _EXPONENTS = 3 * TILE, 7 * TILE
WORK_SIZE = 4 * _EXPONENTS

_LARGEST = 708.0
_LOG2_E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10


@compiled
def _scales(work: Floats, bits: Any) -> None:
    """2^n of every argument (the first quarter of `work`) into the second quarter, by its bits."""
    for j in range(_EXPONENTS):
        whole = np.floor(0.5 - min(work[j], _LARGEST) * _LOG2_E)
        bits[_EXPONENTS + j] = (np.int64(whole) + 1023) << 52


@compiled
def _exponentials(work: Floats) -> None:
    """exp(-x) into the third and 1 - exp(-x) into the fourth quarter."""
    for j in range(_EXPONENTS):
        x = min(work[j], _LARGEST)
        scale = work[_EXPONENTS + j]
        whole = np.floor(0.5 - x * _LOG2_E)
        r = (-x - whole * _LN2_HIGH) - whole * _LN2_LOW
        q = 1.0 / 3628800 + r * (1.0 / 39916800 + r * (1.0 / 479001600 + r * (1.0 / 6227020800)))
        q = 1.0 / 5040 + r * (1.0 / 40320 + r * (1.0 / 362880 + r * q))
        q = 1.0 / 24 + r * (1.0 / 120 + r * (1.0 / 720 + r * q))
        q = r * (1.0 + r * (0.5 + r * (1.0 / 6 + r * q)))
        work[2 * _EXPONENTS + j] = scale + scale * q
        work[3 * _EXPONENTS + j] = (1.0 - scale) - scale * q


@compiled
def _arguments(people: Floats, minutes: float, work: Floats) -> None:
    for j in range(TILE):
        ke0 = people[KE0 + j]
        for i in range(3):
            work[i * TILE + j] = people[i * TILE + j] * minutes
            work[_GAP + i * TILE + j] = abs(ke0 - people[i * TILE + j]) * minutes
        work[2 * _GAP + j] = ke0 * minutes


@compiled
def _mode(people: Floats, i: int, minutes: float, work: Floats, step: Floats) -> None:
    """The rows of mode i: its number is known to the compiler, so that the loop needs no other."""
    low, lost = 2 * _EXPONENTS, 3 * _EXPONENTS
    for j in range(TILE):
        rate, ke0 = people[i * TILE + j], people[KE0 + j]
        gap = abs(ke0 - rate)
        decay, site_decay = work[low + i * TILE + j], work[low + 2 * _GAP + j]
        filled = work[lost + i * TILE + j] / rate if rate > 0.0 else minutes
        site_filled = work[lost + 2 * _GAP + j] / ke0 if ke0 > 0.0 else minutes
        passed = max(decay, site_decay) * (work[lost + _GAP + i * TILE + j] / gap if gap > 0.0 else minutes)
        fast = max(rate, ke0)
        x, y = min(rate * minutes, SERIES_BELOW), min(ke0 * minutes, SERIES_BELOW)
        power = homogeneous = 1.0
        factor = total = 0.5
        for n in range(1, 10):
            power *= y
            homogeneous = x * homogeneous + power
            factor /= -(n + 2)
            total += factor * homogeneous
        late = (max(filled, site_filled) - passed) / (fast if fast > 0.0 else 1.0)
        twice = minutes * minutes * total if fast * minutes < SERIES_BELOW else late
        share = people[SHARE + i * TILE + j]
        step[DECAY + i * TILE + j] = decay
        step[SITE + i * TILE + j] = ke0 * passed
        step[GAIN + i * TILE + j] = share * filled
        step[SITE_DECAY + j] = site_decay
        step[SITE_GAIN + j] = (step[SITE_GAIN + j] if i > 0 else 0.0) + share * ke0 * twice


@compiled
def fill_step(people: Floats, minutes: float, work: Floats, bits: Any, step: Floats) -> None:
    """`step` (STEP_SIZE,) of `minutes` for the tile `people` (PEOPLE_SIZE,); `bits` are those of `work`."""
    _arguments(people, minutes, work)
    _scales(work, bits)
    _exponentials(work)
    _mode(people, 0, minutes, work, step)
    _mode(people, 1, minutes, work, step)
    _mode(people, 2, minutes, work, step)
