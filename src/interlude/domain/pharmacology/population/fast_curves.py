"""Stored curves by the compiled engine (extra `fast`): written past the caches, in rows of many people."""

from __future__ import annotations

from typing import Any

import numpy as np

from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.pharmacology.population.coefficients import Block
from interlude.domain.pharmacology.population.compiled import LANES, TILE, compiled, stream
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
    lengths_min: Floats,
    people: Floats,
    held: Floats,
    cp: Floats,
    ce: Floats,
    aligned: bool,
) -> None:
    """Levels at the grid times into `cp` and `ce` (rows, B)."""
    everybody = people.shape[1]
    tile, step, state, work = np.zeros(PEOPLE_SIZE), np.zeros(STEP_SIZE), np.zeros(STATE_SIZE), np.zeros(WORK_SIZE)
    work_bits = work.view(np.int64)
    for start in range(0, everybody, TILE):
        count = min(TILE, everybody - start)
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
            if bolus[k] > 0.0:
                push(state, tile, bolus[k])
            if row[k] >= 0:
                _emit(cp[row[k]], start, state, CP, count, aligned)
                if ce.shape[0] > 0:
                    _emit(ce[row[k]], start, state, CE, count, aligned)
        store(held, state, start, count)


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
