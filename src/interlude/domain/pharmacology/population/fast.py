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
from interlude.domain.pharmacology.population.coefficients import Block, coefficients
from interlude.domain.pharmacology.population.compiled import LANES, compiled, stream
from interlude.domain.pharmacology.population.kernels import BlockState
from interlude.domain.pharmacology.population.plan import CentralInput, Leg
from interlude.domain.pharmacology.population.tally import LegTally, Trackers

TILE = 512
_MODES, _STEP_ROWS, _STATE_ROWS = 3, 11, 6
_STEP, _STATE = _STEP_ROWS * TILE, _STATE_ROWS * TILE
# Offsets in a tile's constants for one step length: three rows of decay, three of site, ...
_DECAY, _SITE, _SITE_DECAY, _GAIN, _SITE_GAIN = (row * TILE for row in (0, 3, 6, 7, 10))
# Offsets in a tile's state: three rows of parts, ...
_CE, _CP, _BEFORE = (row * TILE for row in (3, 4, 5))
_SECOND, _THIRD = TILE, 2 * TILE


@compiled
def _step(state: Floats, step: Floats, rate: float) -> None:
    """One step of a tile: effect site, modes, total."""
    for j in range(TILE):
        a, b, c = state[j], state[_SECOND + j], state[_THIRD + j]
        ce = state[_CE + j] * step[_SITE_DECAY + j] + rate * step[_SITE_GAIN + j]
        ce += a * step[_SITE + j] + b * step[_SITE + _SECOND + j] + c * step[_SITE + _THIRD + j]
        a = a * step[_DECAY + j] + rate * step[_GAIN + j]
        b = b * step[_DECAY + _SECOND + j] + rate * step[_GAIN + _SECOND + j]
        c = c * step[_DECAY + _THIRD + j] + rate * step[_GAIN + _THIRD + j]
        state[j], state[_SECOND + j], state[_THIRD + j] = a, b, c
        state[_CE + j], state[_CP + j] = ce, a + b + c


@compiled
def _coast(state: Floats, step: Floats) -> None:
    """`_step` without input."""
    for j in range(TILE):
        a, b, c = state[j], state[_SECOND + j], state[_THIRD + j]
        ce = state[_CE + j] * step[_SITE_DECAY + j]
        ce += a * step[_SITE + j] + b * step[_SITE + _SECOND + j] + c * step[_SITE + _THIRD + j]
        a *= step[_DECAY + j]
        b *= step[_DECAY + _SECOND + j]
        c *= step[_DECAY + _THIRD + j]
        state[j], state[_SECOND + j], state[_THIRD + j] = a, b, c
        state[_CE + j], state[_CP + j] = ce, a + b + c


@compiled
def _bolus(state: Floats, share: Floats, amount: float) -> None:
    for j in range(_MODES * TILE):
        state[j] += amount * share[j]
    _total(state)


@compiled
def _total(state: Floats) -> None:
    for j in range(TILE):
        state[_CP + j] = state[j] + state[_SECOND + j] + state[_THIRD + j]


@compiled
def _load(tile: Floats, rows: Floats, start: int, count: int) -> None:
    """Copy people from `start` on of `rows` (R, B) into a tile; places without people are 0."""
    for i in range(rows.shape[0]):
        for j in range(count):
            tile[i * TILE + j] = rows[i, start + j]
        for j in range(count, TILE):
            tile[i * TILE + j] = 0.0


@compiled
def _store(rows: Floats, tile: Floats, start: int, count: int) -> None:
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
    steps: Floats,
    share: Floats,
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
    """All tiles of a block over a leg; `steps` (D, 11, B), `held` (4, B)."""
    people, outputs = share.shape[1], table.shape[0]
    step, portion, state = np.zeros(_STEP), np.zeros(_MODES * TILE), np.zeros(_STATE)
    bits, bins = state.view(np.int64), np.zeros(TILE, dtype=np.int64)
    watched = np.zeros(outputs, dtype=np.bool_)
    for t in range(len(threshold_of)):
        watched[threshold_of[t]] = True
    for start in range(0, people, TILE):
        count = min(TILE, people - start)
        end = start + count
        _load(portion, share, start, count)
        _load(state, held, start, count)
        _total(state)
        loaded = -1
        for k in range(len(row)):
            if span_min[k] > 0.0 and kind[k] != loaded:
                loaded = kind[k]
                _load(step, steps[loaded], start, count)
            if span_min[k] > 0.0 and rate_per_min[k] > 0.0:
                _step(state, step, rate_per_min[k])
            elif span_min[k] > 0.0:
                _coast(state, step)
            arrived = _CP
            if bolus[k] > 0.0:
                arrived = _BEFORE
                state[_BEFORE : _BEFORE + TILE] = state[_CP : _CP + TILE]
                _bolus(state, portion, bolus[k])
            for output in range(outputs):
                at = _CP if output == 0 else _CE
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
        _store(held, state, start, count)


@compiled
def _emit(row: Floats, start: int, state: Floats, at: int, count: int, aligned: bool) -> None:
    """Write a row of a tile's state to the people from `start` on."""
    whole = count - count % LANES if aligned else 0
    for j in range(0, whole, LANES):
        stream(row, start + j, state, at + j)
    for j in range(whole, count):
        row[start + j] = state[at + j]


@compiled
def _curves(
    row: Any,
    span_min: Floats,
    kind: Any,
    rate_per_min: Floats,
    bolus: Floats,
    steps: Floats,
    share: Floats,
    held: Floats,
    cp: Floats,
    ce: Floats,
    aligned: bool,
) -> None:
    """Levels at the grid times into `cp` and `ce` (rows, B)."""
    people = share.shape[1]
    step, portion, state = np.zeros(_STEP), np.zeros(_MODES * TILE), np.zeros(_STATE)
    for start in range(0, people, TILE):
        count = min(TILE, people - start)
        _load(portion, share, start, count)
        _load(state, held, start, count)
        _total(state)
        loaded = -1
        for k in range(len(row)):
            if span_min[k] > 0.0 and kind[k] != loaded:
                loaded = kind[k]
                _load(step, steps[loaded], start, count)
            if span_min[k] > 0.0 and rate_per_min[k] > 0.0:
                _step(state, step, rate_per_min[k])
            elif span_min[k] > 0.0:
                _coast(state, step)
            if bolus[k] > 0.0:
                _bolus(state, portion, bolus[k])
            if row[k] >= 0:
                _emit(cp[row[k]], start, state, _CP, count, aligned)
                if ce.shape[0] > 0:
                    _emit(ce[row[k]], start, state, _CE, count, aligned)
        _store(held, state, start, count)


def _packed(leg: Leg, block: Block, state: BlockState) -> tuple[Floats, Floats, Floats]:
    """`steps` (D, 11, B), `share` (3, B) and `held` (4, B), absent modes as zeros."""
    modes, people = block.share.shape
    steps = np.zeros((len(leg.lengths_min), _STEP_ROWS, people))
    for packed, minutes in zip(steps, leg.lengths_min, strict=True):
        step = coefficients(block, float(minutes))
        packed[:modes], packed[7 : 7 + modes] = step.decay, step.gain
        if step.site is not None:
            packed[3 : 3 + modes] = step.site
            packed[6], packed[10] = step.site_decay, step.site_gain
    share, held = np.zeros((_MODES, people)), np.zeros((_MODES + 1, people))
    share[:modes], held[:modes], held[_MODES] = block.share, state.parts, state.ce
    return steps, share, held


def _unpack(held: Floats, state: BlockState) -> None:
    state.parts[:] = held[: len(state.parts)]
    state.ce[:] = held[_MODES]


def tally_leg(
    leg: Leg, given: CentralInput, block: Block, state: BlockState, tally: LegTally, trackers: Trackers
) -> None:
    """Take a block over a leg, counting its levels."""
    steps, share, held = _packed(leg, block, state)
    part = slice(leg.first, leg.first + len(leg.row))
    _tally(
        leg.first,
        leg.row,
        leg.span_min,
        leg.kind,
        given.rate_per_min[part],
        given.bolus[part],
        steps,
        share,
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
    _unpack(held, state)


def curves_leg(leg: Leg, given: CentralInput, block: Block, state: BlockState, cp: Floats, ce: Floats) -> None:
    """Take a block over a leg, writing its levels to `cp` (rows, B) and, unless it has no rows, to `ce`."""
    steps, share, held = _packed(leg, block, state)
    part = slice(leg.first, leg.first + len(leg.row))
    aligned = all(rows.ctypes.data % 64 == 0 and rows.strides == (rows.strides[0] // 64 * 64, 8) for rows in (cp, ce))
    _curves(
        leg.row,
        leg.span_min,
        leg.kind,
        given.rate_per_min[part],
        given.bolus[part],
        steps,
        share,
        held,
        cp,
        ce,
        aligned,
    )
    _unpack(held, state)
