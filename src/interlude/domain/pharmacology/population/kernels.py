"""The exact recurrence over a plan for a block of people, NumPy alone.

Exponentials are taken once per step length and person; every further point of a regular grid costs a few
multiplications and additions over the block, which stays in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.pharmacology.population.coefficients import Block, Coefficients, coefficients
from interlude.domain.pharmacology.population.plan import CentralInput, Leg
from interlude.domain.pharmacology.population.tally import LegTally, Trackers


@dataclass(slots=True, eq=False)
class BlockState:
    """What B people hold: `parts` (m, B) of Cp and the effect site `ce` (B,), all in ng/mL."""

    parts: Floats
    ce: Floats

    @classmethod
    def at_rest(cls, block: Block) -> BlockState:
        return cls(np.zeros_like(block.share), np.zeros(block.share.shape[1]))


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Levels (B,) in ng/mL at point `k` of a leg; `before` is Cp before the bolus, or None where there is none.

    The arrays are overwritten by the next reading. `ce` is None in a model without an effect site.
    """

    k: int
    before: Floats | None
    cp: Floats
    ce: Floats | None


def walk(
    leg: Leg,
    given: CentralInput,
    block: Block,
    state: BlockState,
    cp_rows: Floats | None = None,
    ce_rows: Floats | None = None,
) -> Iterator[Reading]:
    """Readings at every point of `leg`; `state` is brought to its end.

    Where `cp_rows` (rows, B) and `ce_rows` are given, the levels at the grid times of the leg are written there.
    """
    steps = [coefficients(block, float(minutes)) for minutes in leg.lengths_min]
    count = block.share.shape[1]
    parts, ce, moved = state.parts, state.ce, np.empty_like(state.parts)
    spare_cp, spare = np.empty(count), [np.empty(count), np.empty(count)]
    drive = _Drive()
    for k in range(len(leg.row)):
        row = leg.row[k]
        if leg.span_min[k] > 0:
            step, rate = steps[leg.kind[k]], float(given.rate_per_min[leg.first + k])
            drive.turn_to(step, rate)
            if step.site is not None:
                target = ce_rows[row] if ce_rows is not None and row >= 0 else spare[k % 2]
                ce = _site(step, parts, ce, moved, target, drive)
            parts *= step.decay
            if drive.driven:
                parts += drive.parts
        elif ce_rows is not None and row >= 0:
            ce_rows[row] = ce
        cp = cp_rows[row] if cp_rows is not None and row >= 0 else spare_cp
        _total(parts, cp)
        before = None
        bolus = given.bolus[leg.first + k]
        if bolus:
            before = cp.copy()
            parts += bolus * block.share
            _total(parts, cp)
        yield Reading(k, before, cp, None if block.ke0_per_min is None else ce)
    state.ce = ce.copy()


class _Drive:
    """Input times gain, formed again only where the rate or the step length changes."""

    def __init__(self) -> None:
        self._now: tuple[int, float] | None = None
        self.driven = False
        self.parts: Floats = np.zeros(0)
        self.ce: Floats = np.zeros(0)

    def turn_to(self, step: Coefficients, rate: float) -> None:
        if rate and self._now != (id(step), rate):
            self._now = (id(step), rate)
            self.parts = rate * step.gain
            if step.site_gain is not None:
                self.ce = rate * step.site_gain
        self.driven = bool(rate)


def _site(step: Coefficients, parts: Floats, ce: Floats, moved: Floats, target: Floats, drive: _Drive) -> Floats:
    """The effect site after the step, in `target`; `ce` may not be `target`."""
    assert step.site is not None
    assert step.site_decay is not None
    np.multiply(step.site, parts, out=moved)
    np.multiply(ce, step.site_decay, out=target)
    for part in moved:
        target += part
    if drive.driven:
        target += drive.ce
    return target


def _total(parts: Floats, out: Floats) -> None:
    """Sum over the modes."""
    if len(parts) == 1:
        out[:] = parts[0]
        return
    np.add(parts[0], parts[1], out=out)
    for part in parts[2:]:
        out += part


def tally_leg(
    leg: Leg, given: CentralInput, block: Block, state: BlockState, tally: LegTally, trackers: Trackers
) -> None:
    """Take a block over a leg, counting its levels (the engine of NumPy alone)."""
    for reading in walk(leg, given, block, state):
        k, row = reading.k, int(leg.row[reading.k])
        for output, levels in enumerate((reading.cp, reading.ce)[: len(tally.table)]):
            assert levels is not None
            trackers.take(
                output, leg.first + k, float(leg.span_min[k]), levels, reading.before if output == 0 else None
            )
            if row >= 0:
                tally.take(output, row, levels)


def curves_leg(leg: Leg, given: CentralInput, block: Block, state: BlockState, cp: Floats, ce: Floats) -> None:
    """Take a block over a leg, writing its levels to `cp` (rows, B) and, unless it has no rows, to `ce`."""
    for _ in walk(leg, given, block, state, cp, ce if len(ce) else None):
        pass
