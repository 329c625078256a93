"""Stored curves by the compiled engine (extra `fast`): written past the caches, in rows of many people."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.pharmacology.population.coefficients import Block
from interlude.domain.pharmacology.population.compiled import TILE, compiled
from interlude.domain.pharmacology.population.fast import (
    CE,
    CP,
    STATE_SIZE,
    add_up,
    load,
    packed,
    push,
    store,
    unpack,
)
from interlude.domain.pharmacology.population.fast_steps import (
    DECAY,
    GAIN,
    PEOPLE_SIZE,
    SITE,
    SITE_DECAY,
    SITE_GAIN,
    STEP_SIZE,
    WORK_SIZE,
    fill_step,
)
from interlude.domain.pharmacology.population.kernels import BlockState
from interlude.domain.pharmacology.population.lanes import LANES, plus, put, spread, stream, take, times
from interlude.domain.pharmacology.population.plan import CentralInput, Leg

# A group of tiles is taken over some points at a time, so that its levels leave in long rows.
_TILES, _POINTS = 8, 32
# Rows of levels, a little longer than a group so that they don't compete for the same places of the cache.
_WIDTH = _TILES * TILE + LANES


@compiled
def _emit(row: Floats, first: int, levels: Floats, at: int, count: int, aligned: bool) -> None:
    """Write the levels of a group, from `at` on, to the people from `first` on."""
    whole = count - count % LANES if aligned else 0
    for j in range(0, whole, LANES):
        stream(row, first + j, take(levels, at + j))
    for j in range(whole, count):
        row[first + j] = levels[at + j]


@compiled
def _copy(target: Floats, place: int, source: Floats, start: int, count: int) -> None:
    for j in range(0, count, LANES):
        put(target, place + j, take(source, start + j))


@compiled
def _sweep(state: Floats, step: Floats, rate: float, points: int, levels: Floats, at: int) -> None:
    """`points` steps of one length and one rate; the levels of the i-th from `at` + 2 i _WIDTH on (Cp, then Ce)."""
    input_rate = spread(rate)
    for j in range(0, TILE, LANES):
        a, b, c, ce = take(state, j), take(state, TILE + j), take(state, 2 * TILE + j), take(state, CE + j)
        decay_a, decay_b, decay_c = (
            take(step, DECAY + j),
            take(step, DECAY + TILE + j),
            take(step, DECAY + 2 * TILE + j),
        )
        site_a, site_b, site_c = take(step, SITE + j), take(step, SITE + TILE + j), take(step, SITE + 2 * TILE + j)
        site_decay, gain = take(step, SITE_DECAY + j), times(input_rate, take(step, SITE_GAIN + j))
        gain_a = times(input_rate, take(step, GAIN + j))
        gain_b = times(input_rate, take(step, GAIN + TILE + j))
        gain_c = times(input_rate, take(step, GAIN + 2 * TILE + j))
        cp = a
        for i in range(points):
            arriving = plus(times(c, site_c), plus(times(b, site_b), plus(times(a, site_a), gain)))
            ce = plus(times(ce, site_decay), arriving)
            a, b, c = plus(times(a, decay_a), gain_a), plus(times(b, decay_b), gain_b), plus(times(c, decay_c), gain_c)
            cp = plus(plus(a, b), c)
            put(levels, at + 2 * i * _WIDTH + j, cp)
            put(levels, at + (2 * i + 1) * _WIDTH + j, ce)
        put(state, j, a)
        put(state, TILE + j, b)
        put(state, 2 * TILE + j, c)
        put(state, CE + j, ce)
        put(state, CP + j, cp)


@compiled
def _alike(k: int, end: int, kind: Any, rate_per_min: Floats, bolus: Floats) -> int:
    """How many points from k on are reached by the same step at the same rate, without a bolus before the last."""
    last = k
    while (
        last + 1 < end
        and bolus[last] == 0.0
        and kind[last + 1] == kind[k]
        and rate_per_min[last + 1] == rate_per_min[k]
    ):
        last += 1
    return last + 1 - k


@compiled
def _curves(
    row: Any,
    span_min: Floats,
    kind: Any,
    rate_per_min: Floats,
    bolus: Floats,
    lengths_min: Floats,
    people: Floats,
    held: Floats,
    cp: Floats,
    ce: Floats,
    aligned: bool,
) -> None:
    """Levels at the grid times into `cp` and `ce` (rows, B)."""
    tile, step, state, work = np.zeros(PEOPLE_SIZE), np.zeros(STEP_SIZE), np.zeros(STATE_SIZE), np.zeros(WORK_SIZE)
    work_bits = work.view(np.int64)
    tiles, steps, states = np.zeros(_TILES * PEOPLE_SIZE), np.zeros(_TILES * STEP_SIZE), np.zeros(_TILES * STATE_SIZE)
    levels = np.zeros(2 * _POINTS * _WIDTH)
    loaded = np.zeros(_TILES, dtype=np.int64)
    for first in range(0, people.shape[1], _TILES * TILE):
        group = min(_TILES * TILE, people.shape[1] - first)
        loaded[:] = -1
        for t in range(-(-group // TILE)):
            count = min(TILE, group - t * TILE)
            load(tile, people, first + t * TILE, count)
            load(state, held, first + t * TILE, count)
            add_up(state)
            _copy(tiles, t * PEOPLE_SIZE, tile, 0, PEOPLE_SIZE)
            _copy(states, t * STATE_SIZE, state, 0, STATE_SIZE)
        for start in range(0, len(row), _POINTS):
            points = min(_POINTS, len(row) - start)
            for t in range(-(-group // TILE)):
                _copy(tile, 0, tiles, t * PEOPLE_SIZE, PEOPLE_SIZE)
                _copy(step, 0, steps, t * STEP_SIZE, STEP_SIZE)
                _copy(state, 0, states, t * STATE_SIZE, STATE_SIZE)
                p = 0
                while p < points:
                    k, at, alike = start + p, 2 * p * _WIDTH + t * TILE, 1
                    if span_min[k] > 0.0:
                        if kind[k] != loaded[t]:
                            loaded[t] = kind[k]
                            fill_step(tile, lengths_min[kind[k]], work, work_bits, step)
                            _copy(steps, t * STEP_SIZE, step, 0, STEP_SIZE)
                        alike = _alike(k, start + points, kind, rate_per_min, bolus)
                        _sweep(state, step, rate_per_min[k], alike, levels, at)
                    at += 2 * (alike - 1) * _WIDTH
                    if bolus[k + alike - 1] > 0.0:
                        push(state, tile, bolus[k + alike - 1])
                    _copy(levels, at, state, CP, TILE)
                    _copy(levels, at + _WIDTH, state, CE, TILE)
                    p += alike
                _copy(states, t * STATE_SIZE, state, 0, STATE_SIZE)
            for p in range(points):
                if row[start + p] >= 0:
                    _emit(cp[row[start + p]], first, levels, 2 * p * _WIDTH, group, aligned)
                    if ce.shape[0] > 0:
                        _emit(ce[row[start + p]], first, levels, (2 * p + 1) * _WIDTH, group, aligned)
        for t in range(-(-group // TILE)):
            _copy(state, 0, states, t * STATE_SIZE, STATE_SIZE)
            store(held, state, first + t * TILE, min(TILE, group - t * TILE))


def curves_leg(leg: Leg, given: CentralInput, block: Block, state: BlockState, cp: Floats, ce: Floats) -> None:
    """Take a block over a leg, writing its levels to `cp` (rows, B) and, unless it has no rows, to `ce`."""
    people, held = packed(block, state)
    part = slice(leg.first, leg.first + len(leg.row))
    aligned = all(rows.ctypes.data % 64 == 0 and rows.strides == (rows.strides[0] // 64 * 64, 8) for rows in (cp, ce))
    _curves(
        leg.row,
        leg.span_min,
        leg.kind,
        given.rate_per_min[part],
        given.bolus[part],
        leg.lengths_min,
        people,
        held,
        cp,
        ce,
        aligned,
    )
    unpack(held, state)
