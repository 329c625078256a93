"""Stored curves by the compiled engine (extra `fast`): written past the caches, in rows of many people."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.pharmacology.population.coefficients import Block
from interlude.domain.pharmacology.population.compiled import LANES, TILE, compiled, move, stream
from interlude.domain.pharmacology.population.fast import (
    CE,
    CP,
    STATE_SIZE,
    add_up,
    coast,
    drive,
    load,
    packed,
    push,
    store,
    unpack,
)
from interlude.domain.pharmacology.population.fast_steps import PEOPLE_SIZE, STEP_SIZE, WORK_SIZE, fill_step
from interlude.domain.pharmacology.population.kernels import BlockState
from interlude.domain.pharmacology.population.plan import CentralInput, Leg

# A group of tiles is taken over some points at a time, so that its levels leave in long rows.
_TILES, _POINTS = 8, 16


@compiled
def _emit(row: Floats, start: int, levels: Floats, count: int, aligned: bool) -> None:
    """Write the levels of a group to the people from `start` on."""
    whole = count - count % LANES if aligned else 0
    for j in range(0, whole, LANES):
        stream(row, start + j, levels, j)
    for j in range(whole, count):
        row[start + j] = levels[j]


@compiled
def _copy(target: Floats, place: int, source: Floats, start: int, count: int) -> None:
    for j in range(0, count, LANES):
        move(target, place + j, source, start + j)


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
    levels = np.zeros((2 * _POINTS, _TILES * TILE))
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
                for p in range(points):
                    k = start + p
                    if span_min[k] > 0.0 and kind[k] != loaded[t]:
                        loaded[t] = kind[k]
                        fill_step(tile, lengths_min[kind[k]], work, work_bits, step)
                        _copy(steps, t * STEP_SIZE, step, 0, STEP_SIZE)
                    if span_min[k] > 0.0 and rate_per_min[k] > 0.0:
                        drive(state, step, rate_per_min[k])
                    elif span_min[k] > 0.0:
                        coast(state, step)
                    if bolus[k] > 0.0:
                        push(state, tile, bolus[k])
                    _copy(levels[2 * p], t * TILE, state, CP, TILE)
                    _copy(levels[2 * p + 1], t * TILE, state, CE, TILE)
                _copy(states, t * STATE_SIZE, state, 0, STATE_SIZE)
            for p in range(points):
                if row[start + p] >= 0:
                    _emit(cp[row[start + p]], first, levels[2 * p], group, aligned)
                    if ce.shape[0] > 0:
                        _emit(ce[row[start + p]], first, levels[2 * p + 1], group, aligned)
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
