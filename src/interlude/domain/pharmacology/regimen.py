"""Doses by any route, and what of them enters which compartment of a model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from numpy.typing import ArrayLike

from interlude.domain.pharmacology.routes import ROUTES, Route
from interlude.domain.pharmacology.solution import Concentrations, Inputs, Model, State, at_rest, course
from interlude.domain.refusals import N_, Refused

MINUTES_PER_HOUR = 60.0
# Adjoining doses written with decimals may overlap by a rounding error of their sum.
SLACK_MIN = 1e-9

_ROUTE = N_("Unknown route {route}. Use one of: {routes}.")
_NUMBER = N_("This must be a finite number of 0 or more.")
_SPRAYS = N_("The number of sprays must be a whole number of 1 or more, and only a nasal dose has sprays.")
_SHORT = N_("This duration is too short for its amount: the rate is beyond computing.")
_OVERLAP = N_("This dose overlaps {other}. Segments of one line may adjoin, not overlap.")


@dataclass(frozen=True)
class Dose:
    """An amount (mg of the model's substance) by one route: at once (`duration_min` 0) or at an even rate.

    `sprays` counts the unit sprays of a nasal dose (None: amount / the model's unit spray). Infusions of one
    `line` may not overlap. `Refused` names the field.
    """

    route: str
    start_min: float
    amount_mg: float
    duration_min: float = 0.0
    sprays: int | None = None
    line: str = ""

    def __post_init__(self) -> None:
        if self.route not in ROUTES:
            raise Refused(_ROUTE, field="route", route=repr(self.route), routes=", ".join(ROUTES))
        for field in ("start_min", "amount_mg", "duration_min"):
            value = getattr(self, field)
            if not (math.isfinite(value) and value >= 0):
                raise Refused(_NUMBER, field=field)
        if self.sprays is not None and (self.route != "nasal" or self.sprays < 1):
            raise Refused(_SPRAYS, field="sprays")
        if not math.isfinite(self.end_min):
            raise Refused(_NUMBER, field="duration_min")

    @property
    def end_min(self) -> float:
        return self.start_min + self.duration_min


def solve(model: Model, doses: Sequence[Dose], times_min: ArrayLike) -> Concentrations:
    """Curves at `times_min` (min, ascending) of a body without drug at time 0; a refusal names `doses[i].field`."""
    return course(at_rest(model), inputs_of(model, doses), times_min)


def continue_with(state: State, doses: Sequence[Dose], times_min: ArrayLike) -> Concentrations:
    """Curves from a state on under `doses`. What lies before the state's time is left out, as in `forecast`."""
    return course(state, inputs_of(state.model, doses), times_min)


def inputs_of(model: Model, doses: Sequence[Dose]) -> Inputs:
    """Everything that enters a compartment of `model` from these doses.

    In a population a share may be an array (people,): the amounts then are arrays too.
    """
    check_lines(doses)
    segments: list[tuple[str, float, float, Any]] = []
    boluses: list[tuple[str, float, Any]] = []
    earlier: list[tuple[float, int]] = []
    for index, dose in sorted(enumerate(doses), key=lambda pair: pair[1].start_min):
        try:
            route = model.route(dose.route)
        except Refused as refused:
            raise Refused(refused.template, field=f"doses[{index}].route", **refused.params) from refused
        mucosal = 1.0
        if route.spray_fraction is not None:
            count = _sprays(route, dose)
            mucosal = _mucosal(route, count, _before(route, dose, earlier))
            earlier.append((dose.start_min, count))
        for way in route.inputs:
            share = way.share * {1: mucosal, -1: 1.0 - mucosal, 0: 1.0}[way.mucosal]
            end = dose.start_min + (dose.duration_min or way.over_min)
            if end == dose.start_min:
                boluses.append((way.into, dose.start_min, dose.amount_mg * share))
                continue
            rate = dose.amount_mg * share / (end - dose.start_min) * MINUTES_PER_HOUR
            if isinstance(rate, float) and not math.isfinite(rate):
                raise Refused(_SHORT, field=f"doses[{index}].duration_min")
            segments.append((way.into, dose.start_min, end, rate))
    return Inputs(segments, boluses)


def check_lines(doses: Sequence[Dose]) -> None:
    """Infusions of one route and line do not overlap; `Refused` names the later one of two."""
    spans = sorted(
        (dose.route, dose.line, dose.start_min, dose.end_min, index)
        for index, dose in enumerate(doses)
        if dose.end_min > dose.start_min
    )
    for (*line, _, end, before), (*other, start, _, index) in pairwise(spans):
        if line == other and start < end - SLACK_MIN:
            later, earlier = max(before, index), min(before, index)
            raise Refused(_OVERLAP, field=f"doses[{later}]", other=f"doses[{earlier}]")


def _sprays(route: Route, dose: Dose) -> int:
    if dose.sprays is not None:
        return dose.sprays
    return max(1, math.ceil(dose.amount_mg / route.spray_mg - SLACK_MIN)) if route.spray_mg else 1


def _before(route: Route, dose: Dose, earlier: Sequence[tuple[float, int]]) -> int:
    """Sprays of the same session that were given before this dose."""
    return sum(count for start, count in earlier if 0 <= dose.start_min - start <= route.window_min)


def _mucosal(route: Route, count: int, before: int) -> Any:
    """Mean share of the dose that is taken up by the nose: the first spray fully, later ones by the factor."""
    first = 1 if before == 0 else 0
    return route.spray_fraction * (first + (count - first) * route.later_factor) / count
