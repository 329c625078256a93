"""One part of a population of general linear models: batched matrix exponentials, one per step length and person.

The compartments, the effect site and the areas under the plasma outputs are one linear system with one input column
per compartment that anything enters, so that area and levels are exact alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interlude.domain.pharmacology.batches import ChainBatch, MammillaryBatch
from interlude.domain.pharmacology.expm import metzler_exponential
from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.pharmacology.population.bands import Histograms
from interlude.domain.pharmacology.population.plan import Leg, Plan
from interlude.domain.pharmacology.population.tally import LegTally, Part, Trackers, finished
from interlude.domain.pharmacology.routes import CENTRAL, DEPOT
from interlude.domain.pharmacology.solution import MINUTES_PER_HOUR, NG_PER_ML_IN_MG_PER_L, Inputs

BLOCK = 512


@dataclass(frozen=True, slots=True, eq=False)
class ChainTask:
    """What every part of the population has in common: `plasma` outputs by name, then Ce where `site`."""

    plan: Plan
    plasma: tuple[str, ...]
    site: bool
    thresholds: tuple[tuple[int, float], ...]


def as_chain(batch: MammillaryBatch) -> ChainBatch:
    """The same people as general compartments with a depot, which the mammillary recurrence doesn't have."""
    count = len(batch)
    matrix = np.zeros((count, 4, 4))
    pairs = ((batch.k12_per_min, batch.k21_per_min), (batch.k13_per_min, batch.k31_per_min))
    matrix[:, 0, 0] = -batch.k10_per_min
    for place, (out, back) in enumerate(pairs, start=1):
        matrix[:, 0, 0] -= out
        matrix[:, place, 0], matrix[:, 0, place], matrix[:, place, place] = out, back, -back
    ka = batch.ka_per_min or 0.0
    matrix[:, 3, 3], matrix[:, 0, 3] = -ka, ka
    names = (CENTRAL, "peripheral1", "peripheral2", DEPOT)
    return ChainBatch(names, matrix, {"Cp": CENTRAL}, {"Cp": batch.v1_l}, {}, {}, batch.ke0_per_min, batch.s_fraction)


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """B people: `system` (B, m + C, m + C) with C input columns, `per_unit` (outputs, B) from held to ng/mL.

    Held are n compartments, the effect site (mg/L) where there is one, and the area of each plasma output.
    """

    system: Floats
    size: int
    inputs: tuple[str, ...]
    places: tuple[int, ...]
    at: tuple[int, ...]
    per_unit: Floats
    rates_mg_per_min: Sequence[Floats]
    boluses_mg: Sequence[Floats]
    segment_input: NDArray[np.int64]
    bolus_place: tuple[int, ...]

    @property
    def count(self) -> int:
        return len(self.system)

    def step(self, minutes: float) -> tuple[Floats, Floats]:
        """(m, m, B) that carries what is held over the step, and (m, C, B) gained per mg/min of each input."""
        full = np.ascontiguousarray(np.moveaxis(metzler_exponential(self.system * minutes), 0, -1))
        return full[: self.size, : self.size], full[: self.size, self.size :]

    def input_rates(self, active: NDArray[np.bool_]) -> Floats:
        """(C, B) in mg/min while these segments run."""
        rates = np.zeros((len(self.inputs), self.count))
        for segment in map(int, np.flatnonzero(active)):
            rates[self.segment_input[segment]] += self.rates_mg_per_min[segment]
        return rates


def _block(task: ChainTask, batch: ChainBatch, inputs: Inputs, scale: Floats, part: slice) -> _Block:
    matrix = np.asarray(batch.matrix)[part]
    count, n = len(matrix), len(batch.compartments)
    place = {name: index for index, name in enumerate(batch.compartments)}
    ways = tuple(dict.fromkeys([s[0] for s in inputs.segments] + [b[0] for b in inputs.boluses]))
    size = n + task.site + len(task.plasma)
    system = np.zeros((count, size + len(ways), size + len(ways)))
    system[:, :n, :n] = matrix
    at = [place[batch.sampled[name]] for name in task.plasma]
    volumes = [_of(batch.volumes_l[name], part, count) for name in task.plasma]
    if task.site:
        ke0 = _of(batch.ke0_per_min, part, count)
        central = place[batch.sampled["Cp"]]
        system[:, n, central], system[:, n, n] = ke0 / _of(batch.volumes_l["Cp"], part, count), -ke0
    for row, (compartment, volume) in enumerate(zip(at, volumes, strict=True), start=n + task.site):
        system[:, row, compartment] = 1.0 / volume
    for column, into in enumerate(ways, start=size):
        system[:, place[into], column] = 1.0
    per_unit = [NG_PER_ML_IN_MG_PER_L / volume for volume in volumes]
    if task.site:
        at.append(n)
        per_unit.append(np.full(count, NG_PER_ML_IN_MG_PER_L))
    weight = scale[part]
    return _Block(
        system=system,
        size=size,
        inputs=ways,
        places=tuple(place[into] for into in ways),
        at=tuple(at),
        per_unit=np.stack(per_unit),
        rates_mg_per_min=[_of(rate, part, count) * weight / MINUTES_PER_HOUR for _, _, _, rate in inputs.segments],
        boluses_mg=[_of(amount, part, count) * weight for _, _, amount in inputs.boluses],
        segment_input=np.array([ways.index(segment[0]) for segment in inputs.segments], dtype=np.int64),
        bolus_place=tuple(place[bolus[0]] for bolus in inputs.boluses),
    )


def _of(value: Floats | float, part: slice, count: int) -> Floats:
    """A number for everybody or an array (N,), for the people of `part`."""
    array = np.asarray(value, dtype=np.float64)
    return np.full(count, float(array)) if array.ndim == 0 else array[part]


def chain_part(task: ChainTask, batch: ChainBatch, inputs: Inputs, scale: Floats | float) -> Part:
    """The tally of the people of `batch`, inputs multiplied by `scale` (a number or (N,))."""
    count, outputs = len(batch), len(task.plasma) + task.site
    scales = np.broadcast_to(np.asarray(scale, dtype=np.float64), (count,))
    parts = [slice(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]
    blocks = [_block(task, batch, inputs, scales, part) for part in parts]
    held = [np.zeros((block.size, block.count)) for block in blocks]
    trackers = [Trackers.empty(outputs, task.thresholds, block.count) for block in blocks]
    legs: list[list[Histograms]] = [[] for _ in range(outputs)]
    for leg in task.plan.legs():
        tally = LegTally.empty(outputs, leg.rows)
        for index, (block, tracker) in enumerate(zip(blocks, trackers, strict=True)):
            held[index] = _walk(leg, task.plan, block, held[index], tally, tracker)
        for rows, histograms in zip(legs, tally.histograms(), strict=True):
            rows.append(histograms)
    first = len(task.plasma)
    areas = np.concatenate([state[-first:] for state in held], axis=1) * (NG_PER_ML_IN_MG_PER_L / MINUTES_PER_HOUR)
    endless = np.concatenate([_area_to_infinity(task, block) for block in blocks], axis=1)
    return finished(legs, trackers, np.concatenate([areas, endless]), len(task.plan.points_min))


def _walk(leg: Leg, plan: Plan, block: _Block, held: Floats, tally: LegTally, trackers: Trackers) -> Floats:
    """What is held (m, B) at the end of the leg, the levels on the way counted."""
    steps = [block.step(float(minutes)) for minutes in leg.lengths_min]
    driving: tuple[int, bytes] | None = None
    gain = np.zeros_like(held)
    for k, span in enumerate(leg.span_min):
        point = leg.first + k
        if span > 0:
            carried, gained = steps[leg.kind[k]]
            active = plan.active[point]
            held = np.einsum("ijb,jb->ib", carried, held)
            if active.any():
                if driving != (int(leg.kind[k]), active.tobytes()):
                    driving = (int(leg.kind[k]), active.tobytes())
                    gain = np.einsum("icb,cb->ib", gained, block.input_rates(active))
                held += gain
        due = [int(bolus) for bolus in np.flatnonzero(plan.bolus_point == point)]
        before = _levels(block, held) if len(due) else None
        for bolus in due:
            held[block.bolus_place[bolus]] += block.boluses_mg[bolus]
        for output, levels in enumerate(_levels(block, held)):
            trackers.take(output, point, float(span), levels, None if before is None else before[output])
            if leg.row[k] >= 0:
                tally.take(output, int(leg.row[k]), levels)
    return held


def _levels(block: _Block, held: Floats) -> Floats:
    """(outputs, B) in ng/mL."""
    return np.asarray(held[list(block.at)] * block.per_unit)


def _area_to_infinity(task: ChainTask, block: _Block) -> Floats:
    """(plasma outputs, B) in ng h/mL of all that is given up to the horizon; inf where something never leaves."""
    n = block.size - task.site - len(task.plasma)
    total = np.zeros((block.count, n))
    spans = np.diff(task.plan.edges_min)
    for segment, rate in enumerate(block.rates_mg_per_min):
        minutes = float(spans[task.plan.edge_active[:, segment]].sum())
        total[:, block.places[block.segment_input[segment]]] += rate * minutes
    for bolus, amount in enumerate(block.boluses_mg):
        if task.plan.bolus_edge[bolus] >= 0:
            total[:, block.bolus_place[bolus]] += amount
    try:
        passed = np.linalg.solve(-block.system[:, :n, :n], total[..., None])[..., 0]
    except np.linalg.LinAlgError:
        return np.full((len(task.plasma), block.count), np.inf)
    first = len(task.plasma)
    return np.asarray(passed.T[list(block.at[:first])] * block.per_unit[:first] / MINUTES_PER_HOUR)
