"""Where the people of a population come from: standard normal numbers in, parameters of individuals out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from interlude.domain.pharmacology.batches import Batch, MammillaryBatch
from interlude.domain.pharmacology.cards import ModelCard
from interlude.domain.pharmacology.mammillary import Floats, Mammillary
from interlude.domain.pharmacology.person import Person
from interlude.domain.pharmacology.population.variability import correlated, covariance_factor
from interlude.domain.refusals import N_, Refused

_RATES = ("k10_per_min", "k12_per_min", "k21_per_min", "k13_per_min", "k31_per_min")
_NAMES = ("v1_l", *_RATES, "ke0_per_min")

_UNKNOWN = N_("The model has no parameter of this name that could vary. Allowed are: {allowed}.")
_SD = N_("A standard deviation on the log scale must be a finite number of 0 or more.")
_SIZE = N_("The covariance needs one row per varying parameter.")
_WEIGHT = N_("The weight must be a finite number of more than 0.")
_ONE_WAY = N_("Give either standard deviations or a covariance with its names.")


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """N individuals: their models and, for doses per kg, their weight (one number or (N,)), None if unknown."""

    batch: Batch
    weight_kg: Floats | float | None = None


class Source(Protocol):
    """A way to make people: `individuals` gets standard normals (N, `draws`), independent of one another.

    `borrowed` says that the variability was published for another model; `labels` is what a chart must say. All
    models of a source have the same compartments.
    """

    @property
    def draws(self) -> int: ...
    @property
    def borrowed(self) -> bool: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    def individuals(self, normals: Floats) -> People: ...


@dataclass(frozen=True, eq=False)
class CardSource:
    """People of a model card who share the covariates of `person` and differ as the card's variability says.

    `overrides` as in `ModelCard.individual`. `Refused` as there, and where the card states no variability.
    """

    card: ModelCard
    person: Person | float | None = None
    overrides: Mapping[str, float | bool | None] | None = None

    def __post_init__(self) -> None:
        self.individuals(np.zeros((1, self.draws)))

    @property
    def draws(self) -> int:
        return 0 if self.card.variability is None else len(self.card.variability.names)

    @property
    def borrowed(self) -> bool:
        return self.card.variability is not None and self.card.variability.borrowed

    @property
    def labels(self) -> tuple[str, ...]:
        return self.card.labels

    @cached_property
    def _factor(self) -> Floats:
        known = self.card.variability
        return covariance_factor(np.zeros((0, 0)) if known is None else known.covariance, field="variability")

    def individuals(self, normals: Floats) -> People:
        etas = correlated(normals, self._factor).T
        batch = self.card.individuals(self.person, etas, **(self.overrides or {}))
        return People(batch, self.person.weight_kg if isinstance(self.person, Person) else self.person)


@dataclass(frozen=True, eq=False)
class LognormalSource:
    """People around a `typical` model: `sd` on the log scale by parameter name, or a `covariance` (k, k) of `names`.

    Parameters that are not named are the same for everybody. A coefficient of variation c is a standard deviation
    of sqrt(ln(1 + c^2)). `Refused` names `sd`, `sd.NAME`, `names`, `covariance` or `weight_kg`.
    """

    typical: Mammillary
    sd: Mapping[str, float] | None = None
    names: Sequence[str] = ()
    covariance: ArrayLike | None = None
    weight_kg: float | None = None
    borrowed: bool = False
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.sd is None) == (self.covariance is None):
            raise Refused(_ONE_WAY, field="sd")
        _ = self.typical.modes, self._factor
        if self.weight_kg is not None and not (math.isfinite(self.weight_kg) and self.weight_kg > 0):
            raise Refused(_WEIGHT, field="weight_kg")

    @property
    def varying(self) -> tuple[str, ...]:
        """Names of the parameters that differ between people."""
        return tuple(self.names) if self.sd is None else tuple(self.sd)

    @property
    def draws(self) -> int:
        return len(self.varying)

    @cached_property
    def _factor(self) -> Floats:
        allowed = [name for name in _NAMES if getattr(self.typical, name)]
        for name in self.varying:
            if name not in allowed:
                field = "names" if self.sd is None else f"sd.{name}"
                raise Refused(_UNKNOWN, field=field, allowed=", ".join(allowed))
        if self.sd is None:
            factor = covariance_factor([] if self.covariance is None else self.covariance)
            if len(factor) != len(self.names):
                raise Refused(_SIZE, field="covariance")
            return factor
        for name, value in self.sd.items():
            if not (math.isfinite(value) and value >= 0):
                raise Refused(_SD, field=f"sd.{name}")
        return np.diag(np.array(list(self.sd.values()), dtype=np.float64))

    def individuals(self, normals: Floats) -> People:
        etas = dict(zip(self.varying, correlated(normals, self._factor), strict=True))

        def values(name: str) -> Floats:
            typical = float(getattr(self.typical, name) or 0.0)
            return typical * np.exp(etas[name]) if name in etas else np.full(len(normals), typical)

        ke0 = None if self.typical.ke0_per_min is None else values("ke0_per_min")
        batch = MammillaryBatch(
            **{name: values(name) for name in ("v1_l", *_RATES)},
            ke0_per_min=ke0,
            s_fraction=self.typical.s_fraction,
            ka_per_min=self.typical.ka_per_min,
            bioavailability=self.typical.bioavailability,
        )
        return People(batch, self.weight_kg)
