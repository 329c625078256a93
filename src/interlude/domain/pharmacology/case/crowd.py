"""The population of a case: bands of its outputs over virtual people who differ as the card's variability says."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from interlude.domain.pharmacology.case.doses import AMOUNTS
from interlude.domain.pharmacology.case.fields import EMPTY, EXTREME, TWICE, items, moved, number, object_of, whole
from interlude.domain.pharmacology.case.people import CaseModel
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.regimen import Dose
from interlude.domain.refusals import N_, Refused

if TYPE_CHECKING:
    from interlude.domain.pharmacology.population import Population

PEOPLE = 1000
SEED = 1
PERCENTILES: tuple[float, ...] = (5.0, 50.0, 95.0)
MOST_PEOPLE = 10_000_000
MOST_SEED = 2**63 - 1

Progress = Callable[[int, int], None]
Map = Callable[..., Iterable[Any]]

_EXPLICIT = N_("An explicit model says nothing about differences between people. Name a model card.")
_ABOVE_100 = N_("A percentile lies between 0 and 100.")


@dataclass(frozen=True)
class Crowd:
    """How many virtual people, from which seed, and which percentiles of them."""

    n: int = PEOPLE
    seed: int = SEED
    percentiles: tuple[float, ...] = PERCENTILES


def read_population(value: object, about: CaseModel) -> Crowd:
    """The population of a case; a refusal names `population...`, or `model` where no variability is known."""
    given = object_of(value, "population", ("n", "seed", "percentiles"))
    if about.card is None:
        raise Refused(_EXPLICIT, field="model")
    percentiles = PERCENTILES
    if "percentiles" in given:
        percentiles = _percentiles(given["percentiles"])
    return Crowd(
        whole(given.get("n", PEOPLE), "population.n", least=1, most=MOST_PEOPLE),
        whole(given.get("seed", SEED), "population.seed", least=0, most=MOST_SEED),
        percentiles,
    )


def _percentiles(value: object) -> tuple[float, ...]:
    found: list[float] = []
    for index, one in enumerate(items(value, "population.percentiles")):
        field = f"population.percentiles[{index}]"
        percentile = number(one, field)
        if percentile > 100:
            raise Refused(_ABOVE_100, field=field)
        if percentile in found:
            raise Refused(TWICE, field=field)
        found.append(percentile)
    if not found:
        raise Refused(EMPTY, field="population.percentiles")
    return tuple(found)


def bands(
    about: CaseModel,
    doses: Sequence[Dose],
    times_min: Floats,
    outputs: Sequence[str],
    crowd: Crowd,
    *,
    map: Map = builtins.map,
    progress: Progress | None = None,
) -> Population:
    """Percentiles at `times_min` (T,); `map` and `progress` as in `simulate_population`."""
    # Population code is loaded when it is asked for: the command starts quickly without it.
    from interlude.domain.pharmacology.population import CardSource, simulate_population

    assert about.card is not None
    try:
        with np.errstate(all="ignore"):
            source = CardSource(about.card, about.person, dict(about.overrides))
            found = simulate_population(
                source,
                doses,
                times_min,
                n=crowd.n,
                seed=crowd.seed,
                percentiles=crowd.percentiles,
                outputs=[output for output in outputs if output != AMOUNTS] or ["Cp"],
                map=map,
                progress=progress,
            )
    except Refused as refused:
        raise moved(refused, refused.field or "population") from refused
    if not all(bool(np.isfinite(curve).all()) for of in found.bands.values() for curve in of.values()):
        raise Refused(EXTREME, field="model")
    return found


def summary_of(population: Population) -> dict[str, Any]:
    """Peaks and areas per output and percentile; null where nothing is eliminated, so that an area is infinite."""
    quantities = ("peak_ng_per_ml", "peak_at_min", "auc_to_infinity_ng_h_per_ml")
    return {
        output: {
            quantity: {name_of(p): value if math.isfinite(value) else None for p, value in found[quantity].items()}
            for quantity in quantities
            if quantity in found
        }
        for output, found in population.summaries.items()
    }


def name_of(percentile: float) -> str:
    """A percentile as a key: "5", "97.5"."""
    return f"{percentile:.15g}"
