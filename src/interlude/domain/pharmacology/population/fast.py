"""The compiled twin of the recurrence (extra `fast`): the same steps on tiles of people that stay in the first cache.

Imported only where it is asked for and numba is installed. The loops run over people so that the processor works on
eight of them at once; a tile's constants and state lie in two arrays of fixed rows, which shows the compiler that
they don't overlap. The global lock is released.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.pharmacology.population.bands import BINS, FIRST, SHIFT
from interlude.domain.pharmacology.population.coefficients import Block
from interlude.domain.pharmacology.population.compiled import TILE, compiled
from interlude.domain.pharmacology.population.fast_steps import (
    DECAY,
    GAIN,
    PEOPLE_SIZE,
    SHARE,
    SITE,
    SITE_DECAY,
    SITE_GAIN,
    STEP_SIZE,
    WORK_SIZE,
    fill_step,
)
from interlude.domain.pharmacology.population.kernels import BlockState
from interlude.domain.pharmacology.population.plan import CentralInput, Leg
from interlude.domain.pharmacology.population.tally import LegTally, Trackers

# Rows of a tile's state: three parts of Cp, Ce, Cp, and Cp before a bolus.
CE, CP, _BEFORE, STATE_SIZE = (row * TILE for row in (3, 4, 5, 6))
_SECOND, _THIRD = TILE, 2 * TILE


@compiled
def drive(state: Floats, step: Floats, rate: float) -> None:
    """One step of a tile: effect site, modes, total."""
    for j in range(TILE):
        a, b, c = state[j], state[_SECOND + j], state[_THIRD + j]
        ce = state[CE + j] * step[SITE_DECAY + j] + rate * step[SITE_GAIN + j]
        ce += a * step[SITE + j] + b * step[SITE + _SECOND + j] + c * step[SITE + _THIRD + j]
        a = a * step[DECAY + j] + rate * step[GAIN + j]
        b = b * step[DECAY + _SECOND + j] + rate * step[GAIN + _SECOND + j]
        c = c * step[DECAY + _THIRD + j] + rate * step[GAIN + _THIRD + j]
        state[j], state[_SECOND + j], state[_THIRD + j] = a, b, c
        state[CE + j], state[CP + j] = ce, a + b + c


@compiled
def coast(state: Floats, step: Floats) -> None:
    """`drive` without input."""
    for j in range(TILE):
        a, b, c = state[j], state[_SECOND + j], state[_THIRD + j]
        ce = state[CE + j] * step[SITE_DECAY + j]
        ce += a * step[SITE + j] + b * step[SITE + _SECOND + j] + c * step[SITE + _THIRD + j]
        a *= step[DECAY + j]
        b *= step[DECAY + _SECOND + j]
        c *= step[DECAY + _THIRD + j]
        state[j], state[_SECOND + j], state[_THIRD + j] = a, b, c
        state[CE + j], state[CP + j] = ce, a + b + c


@compiled
def push(state: Floats, people: Floats, amount: float) -> None:
    """Give a bolus."""
    for j in range(3 * TILE):
        state[j] += amount * people[SHARE + j]
    add_up(state)


@compiled
def add_up(state: Floats) -> None:
    """Cp from its parts."""
    for j in range(TILE):
        state[CP + j] = state[j] + state[_SECOND + j] + state[_THIRD + j]


@compiled
def load(tile: Floats, rows: Floats, start: int, count: int) -> None:
    """Copy people from `start` on of `rows` (R, B) into a tile; places without people are 0."""
    for i in range(rows.shape[0]):
        for j in range(count):
            tile[i * TILE + j] = rows[i, start + j]
        for j in range(count, TILE):
            tile[i * TILE + j] = 0.0


@compiled
def store(rows: Floats, tile: Floats, start: int, count: int) -> None:
    """The way back of `load`."""
    for i in range(rows.shape[0]):
        for j in range(count):
            rows[i, start + j] = tile[i * TILE + j]


@compiled
def _count(levels: Any, bins: Any, table: Any) -> tuple[int, int]:
    """Count the bits of `levels` in `table` (BINS,); the lowest and the highest bits."""
    low, high = levels[0], levels[0]
    for j in range(len(levels)):
        low, high = min(low, levels[j]), max(high, levels[j])
        bins[j] = min(max((levels[j] >> SHIFT) - FIRST, 0), BINS - 1)
    for j in range(len(levels)):
        table[bins[j]] += 1
    return low, high


@compiled
def _track(levels: Floats, peak: Floats, peak_at: Any, point: int) -> None:
    for j in range(len(levels)):
        higher = levels[j] > peak[j]
        peak[j] = levels[j] if higher else peak[j]
        peak_at[j] = point if higher else peak_at[j]


@compiled
def _above(last: Floats, levels: Floats, above: Floats, threshold: float, span: float) -> None:
    """Minutes at or above the threshold on the straight lines from `last` to `levels`."""
    for j in range(len(levels)):
        low, high = min(last[j], levels[j]), max(last[j], levels[j])
        rise = high - low
        share = min(max((high - threshold) / (rise if rise > 0.0 else 1.0), 0.0), 1.0)
        above[j] += span * (share if rise > 0.0 else (1.0 if high >= threshold else 0.0))


@compiled
def _tally(
    first: int,
    row: Any,
    span_min: Floats,
    kind: Any,
    rate_per_min: Floats,
    bolus: Floats,
    lengths_min: Floats,
    people: Floats,
    held: Floats,
    table: Any,
    low: Any,
    high: Any,
    peak: Floats,
    peak_at: Any,
    last: Floats,
    above: Floats,
    threshold_of: Any,
    thresholds: Floats,
) -> None:
    """All tiles of a block over a leg; `people` (7, B), `held` (4, B)."""
    everybody, outputs = people.shape[1], table.shape[0]
    tile, step, state, work = np.zeros(PEOPLE_SIZE), np.zeros(STEP_SIZE), np.zeros(STATE_SIZE), np.zeros(WORK_SIZE)
    bits, work_bits, bins = state.view(np.int64), work.view(np.int64), np.zeros(TILE, dtype=np.int64)
    watched = np.zeros(outputs, dtype=np.bool_)
    for t in range(len(threshold_of)):
        watched[threshold_of[t]] = True
    for start in range(0, everybody, TILE):
        count = min(TILE, everybody - start)
        end = start + count
        load(tile, people, start, count)
        load(state, held, start, count)
        add_up(state)
        loaded = -1
        for k in range(len(row)):
            if span_min[k] > 0.0 and kind[k] != loaded:
                loaded = kind[k]
                fill_step(tile, lengths_min[loaded], work, work_bits, step)
            if span_min[k] > 0.0 and rate_per_min[k] > 0.0:
                drive(state, step, rate_per_min[k])
            elif span_min[k] > 0.0:
                coast(state, step)
            arrived = CP
            if bolus[k] > 0.0:
                arrived = _BEFORE
                state[_BEFORE : _BEFORE + TILE] = state[CP : CP + TILE]
                push(state, tile, bolus[k])
            for output in range(outputs):
                at = CP if output == 0 else CE
                levels = state[at : at + count]
                if watched[output]:
                    reached = state[arrived : arrived + count] if output == 0 else levels
                    for t in range(len(threshold_of)):
                        if threshold_of[t] == output and span_min[k] > 0.0:
                            _above(last[output, start:end], reached, above[t, start:end], thresholds[t], span_min[k])
                    last[output, start:end] = levels
                _track(levels, peak[output, start:end], peak_at[output, start:end], first + k)
                if row[k] >= 0:
                    lowest, highest = _count(bits[at : at + count], bins, table[output, row[k]])
                    low[output, row[k]] = min(low[output, row[k]], lowest)
                    high[output, row[k]] = max(high[output, row[k]], highest)
        store(held, state, start, count)


def packed(block: Block, state: BlockState) -> tuple[Floats, Floats]:
    """`people` (7, B): rates, shares, ke0; `held` (4, B): parts, Ce. What is absent is 0."""
    modes, count = block.share.shape
    people, held = np.zeros((7, count)), np.zeros((4, count))
    people[:modes], people[3 : 3 + modes] = block.rates_per_min, block.share
    if block.ke0_per_min is not None:
        people[6] = block.ke0_per_min
    held[:modes], held[3] = state.parts, state.ce
    return people, held


def unpack(held: Floats, state: BlockState) -> None:
    state.parts[:] = held[: len(state.parts)]
    state.ce[:] = held[3]


def tally_leg(
    leg: Leg, given: CentralInput, block: Block, state: BlockState, tally: LegTally, trackers: Trackers
) -> None:
    """Take a block over a leg, counting its levels."""
    people, held = packed(block, state)
    part = slice(leg.first, leg.first + len(leg.row))
    _tally(
        leg.first,
        leg.row,
        leg.span_min,
        leg.kind,
        given.rate_per_min[part],
        given.bolus[part],
        leg.lengths_min,
        people,
        held,
        tally.table,
        tally.low,
        tally.high,
        trackers.peak,
        trackers.peak_at,
        trackers.last,
        trackers.above_min,
        trackers.threshold_of,
        trackers.thresholds,
    )
    unpack(held, state)
