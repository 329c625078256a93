"""Measured concentrations of ketamine and how far they may lie from the truth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from interlude.domain.pharmacology.cards import ModelCard
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.refusals import N_, Refused

KETAMINE_G_PER_MOL = 237.73
# How many ng/mL one of each unit is. nmol/mL and umol/L are the same unit.
NG_PER_ML = {
    "ng/mL": 1.0,
    "ug/mL": 1000.0,
    "mg/L": 1000.0,
    "nmol/mL": KETAMINE_G_PER_MOL,
    "umol/L": KETAMINE_G_PER_MOL,
}

_UNIT = N_("Unknown unit {unit}. Use one of: {units}.")
_TIME = N_("The time must be a finite number of 0 minutes or more.")
_VALUE = N_("A measured level must be a finite number of 0 or more.")
_NONE = N_("There is no measured level, so nothing can be learnt about this patient.")
_ORDER = N_("This level was taken before the one above it. List the levels in the order of their times.")
_SD = N_("The standard deviation must be a finite number of 0 or more, and one of the two more than 0.")
_NO_RESIDUAL = N_("{model} was published without a residual error. Give one.")
_ZERO = N_("A level of 0 needs an additive error. Leave out what was below the limit of the assay.")


@dataclass(frozen=True, slots=True)
class Observation:
    """A level of ketamine (parent, in the matrix and of the enantiomers that the model predicts) at `at_min`."""

    at_min: float
    value: float
    unit: str = "ng/mL"

    @property
    def ng_per_ml(self) -> float:
        return self.value * NG_PER_ML[self.unit]


@dataclass(frozen=True, slots=True)
class ResidualError:
    """SD of a measured level around the true one: sqrt((proportional x level)^2 + additive^2)."""

    proportional_sd: float
    additive_sd_ng_per_ml: float = 0.0

    def __post_init__(self) -> None:
        for name in ("proportional_sd", "additive_sd_ng_per_ml"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise Refused(_SD, field=name)
        if not (self.proportional_sd or self.additive_sd_ng_per_ml):
            raise Refused(_SD, field="proportional_sd")

    def variance(self, level: Floats) -> Floats:
        """Variance (ng/mL)^2 at predicted levels (ng/mL)."""
        with np.errstate(over="ignore"):
            return np.asarray((self.proportional_sd * level) ** 2 + np.square(self.additive_sd_ng_per_ml))

    def slope(self, level: Floats) -> Floats:
        """d variance / d level."""
        with np.errstate(over="ignore"):
            return np.asarray(2.0 * np.square(self.proportional_sd) * level)


def residual_of(card: ModelCard) -> ResidualError:
    """The published residual error of the card's Cp; refused where there is none."""
    published = card.residual.get("Cp")
    if published is None:
        raise Refused(_NO_RESIDUAL, field="residual", model=card.name)
    factor = NG_PER_ML[published.unit] if published.additive_sd else 1.0
    return ResidualError(published.proportional_sd, published.additive_sd * factor)


def check_observations(observations: Sequence[Observation], residual: ResidualError) -> tuple[Floats, Floats]:
    """(times (n,) in min, levels (n,) in ng/mL); `Refused` names observations[i].field."""
    if not observations:
        raise Refused(_NONE, field="observations")
    before = 0.0
    for index, one in enumerate(observations):
        field = f"observations[{index}]"
        if one.unit not in NG_PER_ML:
            raise Refused(_UNIT, field=f"{field}.unit", unit=repr(one.unit), units=", ".join(NG_PER_ML))
        if not (math.isfinite(one.at_min) and one.at_min >= 0):
            raise Refused(_TIME, field=f"{field}.at_min")
        if one.at_min < before:
            raise Refused(_ORDER, field=f"{field}.at_min")
        if not (math.isfinite(one.value) and one.value >= 0):
            raise Refused(_VALUE, field=f"{field}.value")
        if one.value == 0 and not residual.additive_sd_ng_per_ml:
            raise Refused(_ZERO, field=f"{field}.value")
        before = one.at_min
    return np.array([o.at_min for o in observations]), np.array([o.ng_per_ml for o in observations])
