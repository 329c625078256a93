"""Who a model is made for: the covariates that published models use."""

from __future__ import annotations

import math
from dataclasses import dataclass

from interlude.domain.refusals import N_, Refused

_WEIGHT = N_("The weight must be more than 0 kg.")
_AGE = N_("The age must be 0 years or more.")


@dataclass(frozen=True)
class Person:
    """Covariates; None is unknown. A model says which of them it needs.

    `asian` and `japanese` are the covariates of Perez-Ruixo 2021; who is Japanese is Asian too.
    """

    weight_kg: float | None = None
    age_years: float | None = None
    asian: bool = False
    japanese: bool = False

    def __post_init__(self) -> None:
        if self.weight_kg is not None and not (math.isfinite(self.weight_kg) and self.weight_kg > 0):
            raise Refused(_WEIGHT, field="weight_kg")
        if self.age_years is not None and not (math.isfinite(self.age_years) and self.age_years >= 0):
            raise Refused(_AGE, field="age_years")
        if self.japanese and not self.asian:
            object.__setattr__(self, "asian", True)
