"""Virtual populations: percentile bands of levels over time and of summaries, without keeping the curves.

The population is made and tallied in chunks of a fixed size, chunk c from its own seed sequence, so that any `map`
(the builtin, a thread pool's, a cluster's) gives the same numbers to the last bit.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from interlude.domain.pharmacology.cards import ModelCard
from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.pharmacology.person import Person
from interlude.domain.pharmacology.population.bands import check_percentiles
from interlude.domain.pharmacology.population.engines import engine_name
from interlude.domain.pharmacology.population.request import Request, make_request
from interlude.domain.pharmacology.population.sources import CardSource, Source
from interlude.domain.pharmacology.population.tally import Part
from interlude.domain.pharmacology.regimen import Dose
from interlude.domain.pharmacology.solution import Inputs
from interlude.domain.refusals import N_, Refused

CHUNK = 32768
MOST_PEOPLE = 100_000_000

Progress = Callable[[int, int], None]
Map = Callable[..., Iterable[Any]]

_N = N_("The number of people must be a whole number from 1 to {most}.")
_SEED = N_("The seed must be a whole number of 0 or more.")
_SOURCE = N_("A card needs a person, and a source of people already has its own.")


@dataclass(frozen=True, eq=False)
class Population:
    """Percentiles of `n` virtual people.

    `bands[output][percentile]` is a curve (T,) in ng/mL at `times_min` (T,). `summaries[output][quantity]` gives a
    number per percentile: "peak_ng_per_ml", "peak_at_min", "above_min" (minutes at or above the threshold asked
    for), and for concentrations in plasma "auc_ng_h_per_ml" (to the last time) and
    "auc_to_infinity_ng_h_per_ml" (of what was given until then; infinite where nothing is eliminated). Peaks are
    read at the grid times, rate changes and boluses. `borrowed` and `labels` must go on every chart.
    """

    times_min: Floats
    bands: dict[str, dict[float, Floats]]
    summaries: dict[str, dict[str, dict[float, float]]]
    n: int
    seed: int
    borrowed: bool
    labels: tuple[str, ...]
    engine: str


def simulate_population(
    source: ModelCard | Source,
    doses: Sequence[Dose] | Inputs,
    times_min: ArrayLike,
    *,
    n: int,
    seed: int,
    person: Person | float | None = None,
    percentiles: Sequence[float] = (5, 50, 95),
    outputs: Sequence[str] = ("Cp", "Ce"),
    above_ng_per_ml: Mapping[str, float] | None = None,
    per_kg: bool = False,
    engine: str = "auto",
    map: Map = builtins.map,
    progress: Progress | None = None,
) -> Population:
    """Bands and summaries of `n` people of a card (for `person`) or another source under `doses`.

    `times_min` (T,) ascending, from 0 on; the body holds no drug at 0. `per_kg`: the amounts of the doses are
    mg/kg and each person's weight counts. `above_ng_per_ml` gives thresholds by output. `engine` is "numpy",
    "numba" (needs the extra `fast`) or "auto". `map(function, tasks)` may run tasks elsewhere and in any order but
    must return results in order; `progress(done, n)` is called as they arrive.

    Percentiles are those of `numpy.percentile` to within a bin of 0.2 % of the level. `Refused` names the field
    that is wrong, and is raised where the source states no variability.
    """
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MOST_PEOPLE:
        raise Refused(_N, field="n", most=f"{MOST_PEOPLE:,}")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise Refused(_SEED, field="seed")
    wanted = check_percentiles(percentiles)
    if isinstance(source, ModelCard):
        source = CardSource(source, person)
    elif person is not None:
        raise Refused(_SOURCE, field="person")
    request = make_request(source, doses, times_min, tuple(outputs), dict(above_ng_per_ml or {}), per_kg=per_kg)
    name = engine_name(engine) if request.compiled else engine_name("numpy" if engine == "auto" else engine) and "numpy"
    chunks = [(index, min(CHUNK, n - start)) for index, start in enumerate(range(0, n, CHUNK))]
    total: Part | None = None
    for part in map(partial(run_chunk, request, seed, name), chunks):
        if total is None:
            total = part
        else:
            total.add(part)
        if progress is not None:
            progress(total.people, n)
    assert total is not None
    bands, summaries = request.read(total, wanted)
    return Population(request.plan.times_min, bands, summaries, n, seed, source.borrowed, source.labels, name)


def run_chunk(request: Request, seed: int, engine: str, chunk: tuple[int, int]) -> Part:
    """The tally of chunk `chunk` = (index, people), from the chunk's own seed sequence."""
    index, people = chunk
    generator = np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(seed, spawn_key=(index,))))
    part = request.part(generator.standard_normal((people, request.source.draws)), engine)
    for histograms in part.bands:
        histograms.check()
    return part
