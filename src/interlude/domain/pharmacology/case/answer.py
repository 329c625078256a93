"""From a case to its result: what the doses and the schedule of a target give at the asked times."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from interlude.domain.pharmacology.case.crowd import Crowd, Map, Progress, bands, name_of, read_population, summary_of
from interlude.domain.pharmacology.case.doses import AMOUNTS, read_doses, read_outputs, read_times
from interlude.domain.pharmacology.case.fields import EXTREME, MISSING, moved, object_of
from interlude.domain.pharmacology.case.labels import labels_of
from interlude.domain.pharmacology.case.people import CaseModel, read_model
from interlude.domain.pharmacology.case.target import Target, doses_of, plan, read_target, rows_of
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.regimen import Dose, solve
from interlude.domain.pharmacology.solution import Concentrations
from interlude.domain.pharmacology.targets import TargetSchedule
from interlude.domain.refusals import Refused

if TYPE_CHECKING:
    from interlude.domain.pharmacology.population import Population

UNIT = "ng/mL"
UNIT_AMOUNT = "mg"
# Bands are read at the asked times and on this many more, so that peaks between them are seen.
GRID = 241
MOST_CHANGES = 200
_KEYS = ("model", "patient", "doses", "times_min", "outputs", "target", "population")


@dataclass(frozen=True, eq=False)
class Case:
    """A case that was read without a refusal. Times in minutes, amounts in mg of the model's substance."""

    about: CaseModel
    given: tuple[Dose, ...]
    times_min: list[float]
    outputs: list[str]
    target: Target | None = None
    crowd: Crowd | None = None

    @cached_property
    def schedule(self) -> TargetSchedule | None:
        """The advisory schedule of the target, if there is one."""
        return None if self.target is None else plan(self.about, self.given, self.target)

    @cached_property
    def doses(self) -> tuple[Dose, ...]:
        """What is given, then what the schedule adds."""
        return self.given if self.schedule is None else (*self.given, *doses_of(self.schedule))

    @property
    def labels(self) -> list[str]:
        """What must be said beside the result; see `labels_of`."""
        outputs = [*self.outputs, *([self.target.of] if self.target else [])]
        return labels_of(self.about, outputs, population=self.crowd is not None)

    @cached_property
    def grid_min(self) -> Floats:
        """Times for a chart or a band: even ones from 0 to the last dose or asked time, the asked ones, and changes."""
        changes = [edge for dose in self.doses for edge in (dose.start_min, dose.end_min)][:MOST_CHANGES]
        last = max([self.times_min[-1], *(dose.end_min for dose in self.doses)]) or 1.0
        return np.union1d(np.linspace(0.0, last, GRID), [*self.times_min, *changes])

    def curves(self, times_min: ArrayLike) -> Concentrations:
        """The curves at other times (min, ascending), as for a chart."""
        try:
            return solve(self.about.model, self.doses, times_min)
        except Refused as refused:
            raise moved(refused, refused.field or "doses") from refused
        except np.linalg.LinAlgError as error:
            raise Refused(EXTREME, field="model") from error

    def level(self, curves: Concentrations, output: str) -> Floats:
        """An output (ng/mL) of these curves; `Refused` where it is beyond computing."""
        with np.errstate(over="ignore", invalid="ignore"):
            return _finite(curves.output(output))

    def bands(self, *, map: Map = builtins.map, progress: Progress | None = None) -> Population | None:
        """The percentiles of the case's population at `grid_min`; `map` may spread the work over other machines."""
        if self.crowd is None:
            return None
        return bands(self.about, self.doses, self.grid_min, self.outputs, self.crowd, map=map, progress=progress)


def read_case(case: Mapping[str, Any]) -> Case:
    """The case with everything checked; `Refused.field` names what is wrong, like `doses[0].amount_mg`."""
    object_of(case, "case", _KEYS, required=("model", "times_min", "outputs"), prefix="")
    if "doses" not in case and "target" not in case:
        raise Refused(MISSING, field="doses")
    about = read_model(case)
    doses = read_doses(case.get("doses", []), about.person.weight_kg)
    times = read_times(case["times_min"])
    outputs = read_outputs(case["outputs"], about)
    target = read_target(case["target"], about) if "target" in case else None
    crowd = read_population(case["population"], about) if "population" in case else None
    return Case(about, doses, times, outputs, target, crowd)


def simulate_case(case: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a case in the order of its outputs; `Refused.field` names what is wrong with the case."""
    read = read_case(case)
    return answer(read, read.bands())


def answer(case: Case, population: Population | None = None) -> dict[str, Any]:
    """The result of a case: times, each output with its unit, and what a target and its `bands` add."""
    curves = case.curves(case.times_min)
    result: dict[str, Any] = {"times_min": case.times_min}
    for output in case.outputs:
        result[output] = _amounts(curves) if output == AMOUNTS else _levels(case, curves, output)
    if case.schedule is not None:
        result["advisory"] = case.schedule.label
        result["schedule"] = rows_of(case.schedule)
    if population is not None:
        _add_bands(case, result, population)
    if case.schedule is not None or population is not None:
        result["labels"] = case.labels
    return result


def _add_bands(case: Case, result: dict[str, Any], population: Population) -> None:
    asked = np.searchsorted(population.times_min, case.times_min)
    for output, found in population.bands.items():
        if output in result:
            result[output]["percentiles"] = {name_of(p): curve[asked].tolist() for p, curve in found.items()}
    result["population"] = {
        "n": population.n,
        "seed": population.seed,
        "borrowed": population.borrowed,
        "summaries": summary_of(population),
    }


def _levels(case: Case, curves: Concentrations, output: str) -> dict[str, Any]:
    found: dict[str, Any] = {"unit": UNIT, "values": case.level(curves, output).tolist()}
    card = case.about.card
    if card is not None and card.structure is not None and output in card.structure.equivalents:
        found["as"] = card.structure.equivalents[output]
    return found


def _amounts(curves: Concentrations) -> dict[str, Any]:
    with np.errstate(over="ignore", invalid="ignore"):
        amounts = _finite(curves.amounts_mg)
    rows = zip(curves.model.compartments, amounts.tolist(), strict=True)
    return {"unit": UNIT_AMOUNT, "values": dict(rows)}


def _finite(values: Floats) -> Floats:
    if not bool(np.isfinite(values).all()):
        raise Refused(EXTREME, field="doses")
    return values
