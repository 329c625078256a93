"""From a case to its result: what the doses and the schedule of a target give at the asked times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

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

UNIT = "ng/mL"
UNIT_AMOUNT = "mg"
_KEYS = ("model", "patient", "doses", "times_min", "outputs", "target")


@dataclass(frozen=True, eq=False)
class Case:
    """A case that was read without a refusal. Times in minutes, amounts in mg of the model's substance."""

    about: CaseModel
    given: tuple[Dose, ...]
    times_min: list[float]
    outputs: list[str]
    target: Target | None = None

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
        return labels_of(self.about, outputs)

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
    return Case(about, doses, times, outputs, target)


def simulate_case(case: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a case in the order of its outputs; `Refused.field` names what is wrong with the case."""
    return answer(read_case(case))


def answer(case: Case) -> dict[str, Any]:
    """The result of a case: times, each output with its unit, and what a target adds."""
    curves = case.curves(case.times_min)
    result: dict[str, Any] = {"times_min": case.times_min}
    for output in case.outputs:
        result[output] = _amounts(curves) if output == AMOUNTS else _levels(case, curves, output)
    if case.schedule is not None:
        result["advisory"] = case.schedule.label
        result["schedule"] = rows_of(case.schedule)
        result["labels"] = case.labels
    return result


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
