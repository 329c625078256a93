"""One part of a population of mammillary models: its tally, block by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interlude.domain.pharmacology.batches import MammillaryBatch
from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.pharmacology.population.bands import Histograms
from interlude.domain.pharmacology.population.coefficients import Block, filled_twice, mean_decay
from interlude.domain.pharmacology.population.engines import Engine
from interlude.domain.pharmacology.population.kernels import BlockState
from interlude.domain.pharmacology.population.plan import CentralInput, Plan
from interlude.domain.pharmacology.population.tally import LegTally, Part, Trackers, finished
from interlude.domain.pharmacology.solution import MINUTES_PER_HOUR, NG_PER_ML_IN_MG_PER_L
from interlude.domain.refusals import N_, Refused

BLOCK = 4096

_EXTREME = N_("These volumes and rates are too extreme to be computed with.")


def blocks_of(batch: MammillaryBatch, engine: Engine, *, site: bool, scale: Floats | float = 1.0) -> list[Block]:
    """The constants of the people in blocks of `BLOCK`; inputs are multiplied by `scale` (a number or (N,)).

    Refused where the numbers are too extreme.
    """
    blocks = []
    count = len(batch)
    per_mg = np.broadcast_to(NG_PER_ML_IN_MG_PER_L * scale / batch.v1_l, (count,))
    for start in range(0, count, BLOCK):
        part = slice(start, start + BLOCK)
        modes = engine.modes(
            batch.k10_per_min[part],
            batch.k12_per_min[part],
            batch.k21_per_min[part],
            batch.k13_per_min[part],
            batch.k31_per_min[part],
        )
        ke0 = batch.ke0_per_min[part] if site and batch.ke0_per_min is not None else None
        share = modes.inflow * per_mg[part]
        if not (bool(np.isfinite(share).all()) and bool(np.isfinite(modes.rates_per_min).all())):
            raise Refused(_EXTREME, field="model")
        blocks.append(Block(modes.rates_per_min, share, ke0))
    return blocks


def area(plan: Plan, given: CentralInput, block: Block) -> Floats:
    """Area under Cp (B,) from 0 to the horizon in ng h/mL, from the modes: sums of terms >= 0, no quadrature."""
    parts, total = np.zeros_like(block.share), np.zeros_like(block.share)
    spans = np.diff(plan.edges_min)
    for minutes, rate, bolus in zip(spans, given.edge_rate_per_min, given.edge_bolus, strict=False):
        product = block.rates_per_min * minutes
        filled = minutes * mean_decay(product)
        if bolus:
            parts += bolus * block.share
        total += parts * filled
        parts *= np.exp(-product)
        if rate:
            driven = rate * block.share
            total += driven * filled_twice(block.rates_per_min, float(minutes), filled)
            parts += driven * filled
    return np.asarray(total.sum(axis=0) / MINUTES_PER_HOUR)


def area_to_infinity(plan: Plan, given: CentralInput, block: Block) -> Floats:
    """Area under Cp (B,) in ng h/mL of all that is given up to the horizon: dose / clearance, inf without one."""
    dose = float(given.edge_bolus.sum() + given.edge_rate_per_min @ np.diff(plan.edges_min))
    if dose == 0.0:
        return np.zeros(block.share.shape[1])
    with np.errstate(divide="ignore"):
        per_dose = np.divide(block.share, block.rates_per_min, out=np.zeros_like(block.share), where=block.share > 0)
    return np.asarray(dose * per_dose.sum(axis=0) / MINUTES_PER_HOUR)


@dataclass(frozen=True, slots=True, eq=False)
class MammillaryTask:
    """What every part of the population has in common: outputs are Cp and, where `site`, Ce."""

    plan: Plan
    given: CentralInput
    site: bool
    thresholds: tuple[tuple[int, float], ...]


def mammillary_part(task: MammillaryTask, batch: MammillaryBatch, scale: Floats | float, engine: Engine) -> Part:
    """The tally of the people of `batch`, inputs multiplied by `scale`."""
    plan, given, outputs = task.plan, task.given, 1 + task.site
    blocks = blocks_of(batch, engine, site=task.site, scale=scale)
    states = [BlockState.at_rest(block) for block in blocks]
    trackers = [Trackers.empty(outputs, task.thresholds, block.share.shape[1]) for block in blocks]
    legs: list[list[Histograms]] = [[] for _ in range(outputs)]
    for leg in plan.legs():
        tally = LegTally.empty(outputs, leg.rows)
        for block, state, tracker in zip(blocks, states, trackers, strict=True):
            engine.tally_leg(leg, given, block, state, tally, tracker)
        for rows, histograms in zip(legs, tally.histograms(), strict=True):
            rows.append(histograms)
    areas = np.stack(
        [
            np.concatenate([area(plan, given, block) for block in blocks]),
            np.concatenate([area_to_infinity(plan, given, block) for block in blocks]),
        ]
    )
    return finished(legs, trackers, areas, len(plan.points_min))
