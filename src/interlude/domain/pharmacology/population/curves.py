"""The stored curves of many people, where every single one is wanted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from interlude.domain.pharmacology.batches import MammillaryBatch
from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.pharmacology.population.engines import engine_name, load_engine
from interlude.domain.pharmacology.population.kernels import BlockState
from interlude.domain.pharmacology.population.mammillary_part import BLOCK, blocks_of
from interlude.domain.pharmacology.population.plan import make_plan
from interlude.domain.pharmacology.population.request import check_inputs, intravenous
from interlude.domain.pharmacology.regimen import Dose
from interlude.domain.pharmacology.solution import Inputs
from interlude.domain.refusals import N_, Refused

_INTRAVENOUS = N_("Curves of a whole batch are computed for intravenous doses only.")


def batch_curves(
    batch: MammillaryBatch,
    doses: Sequence[Dose] | Inputs,
    times_min: ArrayLike,
    *,
    engine: str = "auto",
    out: tuple[Floats, Floats] | None = None,
) -> tuple[Floats, Floats]:
    """Cp and Ce (T, N) in ng/mL of everybody in `batch` at `times_min` (T,), exact.

    Ce has no rows in a batch without ke0. `out` are arrays to write into (Ce with 0 rows leaves Ce away). Memory is
    2 T N numbers: for percentiles of large populations use `simulate_population`. `Refused` for doses by other
    routes than intravenous and as in `simulate_population`.
    """
    inputs = check_inputs(batch, doses)
    if not intravenous(inputs):
        raise Refused(_INTRAVENOUS, field="doses")
    plan = make_plan([(s, e) for _, s, e, _ in inputs.segments], [at for _, at, _ in inputs.boluses], times_min)
    given = plan.central([s[3] for s in inputs.segments], [b[2] for b in inputs.boluses])
    chosen = load_engine(engine_name(engine))
    rows, count = int(plan.row.max()) + 1, len(batch)
    if out is None:
        out = _aligned(rows, count), _aligned(rows if batch.ke0_per_min is not None else 0, count)
    cp, ce = out
    repeated = rows < len(plan.which)
    legs = list(plan.legs())
    for start in range(0, count, BLOCK):
        part = slice(start, start + BLOCK)
        (block,) = blocks_of(_some(batch, part), chosen, site=len(ce) > 0)
        state, row = BlockState.at_rest(block), 0
        for leg in legs:
            wanted = slice(row, row + leg.rows)
            row += leg.rows
            chosen.curves_leg(leg, given, block, state, cp[wanted, part], ce[wanted, part])
    return (cp[plan.which], ce[plan.which] if len(ce) else ce) if repeated else (cp, ce)


def _some(batch: MammillaryBatch, part: slice) -> MammillaryBatch:
    return MammillaryBatch(
        batch.v1_l[part],
        batch.k10_per_min[part],
        batch.k12_per_min[part],
        batch.k21_per_min[part],
        batch.k13_per_min[part],
        batch.k31_per_min[part],
        None if batch.ke0_per_min is None else batch.ke0_per_min[part],
        batch.s_fraction,
    )


def _aligned(rows: int, count: int) -> Floats:
    """An empty (rows, count) whose rows begin at multiples of 64 bytes."""
    width = -(-count // 8) * 8
    room = np.empty(rows * width + 8)
    first = (-room.ctypes.data // 8) % 8
    return room[first : first + rows * width].reshape(rows, width)[:, :count]
