"""The compiled twin of `modes` for three compartments: the same iteration on tiles of people."""

from __future__ import annotations

import numpy as np

from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.pharmacology.population.compiled import TILE, compiled
from interlude.domain.pharmacology.population.modes import CONVERGED, MOST_STEPS, BatchModes, batch_modes

# Offsets of a tile's rows: the poles and what flows to them, then cubics, distances and references of three roots.
_LOW, _HIGH, _OUT_LOW, _OUT_HIGH, _CUBIC, _DISTANCE, _REFERENCE = (row * TILE for row in (0, 1, 2, 3, 4, 13, 16))
_ROWS = 19


@compiled
def _prepare(k10: Floats, k12: Floats, k21: Floats, k13: Floats, k31: Floats, w: Floats, count: int) -> None:
    """Cubics about each root's reference, and first distances; see `modes` for why."""
    for j in range(count):
        swap = k21[j] > k31[j]
        low, high = min(k21[j], k31[j]), max(k21[j], k31[j])
        out_low, out_high = (k13[j], k12[j]) if swap else (k12[j], k13[j])
        w[_LOW + j], w[_HIGH + j], w[_OUT_LOW + j], w[_OUT_HIGH + j] = low, high, out_low, out_high
        k, apart = k10[j], high - low
        half = 0.5 * low
        first = -((k - half) * half * (high - half) - out_low * half * (high - half) - out_high * half * half) > 0.0
        mid, gap = low + 0.5 * apart, 0.5 * apart
        second = (k - mid) * gap * gap + out_low * mid * gap - out_high * mid * gap < 0.0

        rest_low, rest_high = k - low, k - high
        low2 = -(rest_low + apart + out_low + out_high)
        low1 = rest_low * apart + out_low * (apart - low) - out_high * low
        low0 = out_low * low * apart
        high2 = -(rest_high - apart + out_high + out_low)
        high1 = -rest_high * apart + out_high * (-apart - high) - out_low * high
        high0 = -out_high * high * apart
        w[_CUBIC + j] = -(k + out_low + out_high + low + high) if first else low2
        w[_CUBIC + TILE + j] = k * (low + high) + low * high + out_low * high + out_high * low if first else low1
        w[_CUBIC + 2 * TILE + j] = -(k * low * high) if first else low0
        w[_CUBIC + 3 * TILE + j] = low2 if second else high2
        w[_CUBIC + 4 * TILE + j] = low1 if second else high1
        w[_CUBIC + 5 * TILE + j] = low0 if second else high0
        w[_CUBIC + 6 * TILE + j] = high2
        w[_CUBIC + 7 * TILE + j] = high1
        w[_CUBIC + 8 * TILE + j] = high0
        w[_REFERENCE + j] = 0.0 if first else low
        w[_REFERENCE + TILE + j] = low if second else high
        w[_REFERENCE + 2 * TILE + j] = high

        at_low = rest_low - out_high * low / apart + out_low
        at_high = rest_high + out_low * high / apart + out_high
        above = rest_high + out_low + out_high
        root_low = np.sqrt(at_low * at_low + 4.0 * out_low * low)
        root_high = np.sqrt(at_high * at_high + 4.0 * out_high * high)
        up, back = min(0.5 * (at_low + root_low), gap), max(0.5 * (at_high - root_high), -gap)
        w[_DISTANCE + j] = 0.0 if first else max(0.5 * (at_low - root_low), -half)
        w[_DISTANCE + TILE + j] = up if second else back
        w[_DISTANCE + 2 * TILE + j] = 0.5 * (above + np.sqrt(above * above + 4.0 * out_high * high))


@compiled
def _walk(w: Floats, root: int, side: float, count: int) -> None:
    """Laguerre's iteration for one of the three roots of everybody."""
    cubic, place = _CUBIC + 3 * root * TILE, _DISTANCE + root * TILE
    for _ in range(MOST_STEPS):
        moving = 0
        for j in range(count):
            d, c2, c1 = w[place + j], w[cubic + j], w[cubic + TILE + j]
            value = ((d + c2) * d + c1) * d + w[cubic + 2 * TILE + j]
            slope = (3.0 * d + 2.0 * c2) * d + c1
            reach = np.sqrt(max(4.0 * slope * slope - 6.0 * value * (6.0 * d + 2.0 * c2), 0.0))
            below = slope + side * reach
            step = 3.0 * value / (below if below != 0.0 else 1.0)
            d -= step
            w[place + j] = d
            moving += 1 if abs(step) > CONVERGED * abs(d) else 0
        if moving == 0:
            break


@compiled
def _finish(w: Floats, root: int, rates: Floats, inflow: Floats, count: int) -> None:
    shift = root * TILE
    for j in range(count):
        reference, distance = w[_REFERENCE + shift + j], w[_DISTANCE + shift + j]
        low, high = w[_LOW + j], w[_HIGH + j]
        gap_low, gap_high = (low - reference) - distance, (high - reference) - distance
        spread = w[_OUT_LOW + j] * ((low / gap_low) / gap_low) + w[_OUT_HIGH + j] * ((high / gap_high) / gap_high)
        rates[j] = reference + distance
        inflow[j] = 1.0 / (1.0 + spread)


@compiled
def _three(k10: Floats, k12: Floats, k21: Floats, k13: Floats, k31: Floats, rates: Floats, inflow: Floats) -> None:
    work = np.zeros(_ROWS * TILE)
    for start in range(0, len(k10), TILE):
        end = min(start + TILE, len(k10))
        part = slice(start, end)
        _prepare(k10[part], k12[part], k21[part], k13[part], k31[part], work, end - start)
        for root in range(3):
            _walk(work, root, -1.0 if root == 1 else 1.0, end - start)
            _finish(work, root, rates[root, part], inflow[root, part], end - start)


def fast_modes(k10: Floats, k12: Floats, k21: Floats, k13: Floats, k31: Floats) -> BatchModes:
    """As `batch_modes`, compiled for the usual case of three different compartments."""
    if not bool(((k12 > 0) & (k13 > 0) & (k21 != k31)).all()):
        return batch_modes(k10, k12, k21, k13, k31)
    rates, inflow = np.empty((3, len(k10))), np.empty((3, len(k10)))
    _three(*(np.ascontiguousarray(rate) for rate in (k10, k12, k21, k13, k31)), rates, inflow)
    return BatchModes(rates, inflow)
