"""What is known about a patient before anything was measured: a typical person and the spread around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from interlude.domain.pharmacology.cards import ModelCard
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.person import Person
from interlude.domain.pharmacology.solution import Model
from interlude.domain.refusals import N_, Refused

_SHAPE = N_("The covariance must be a symmetric matrix of {count} x {count} finite numbers.")
_NOT_POSITIVE = N_("The covariance must be positive definite.")


@dataclass(frozen=True, eq=False)
class Prior:
    """eta ~ N(0, `covariance`) (k, k) for `names` (k); `build` makes the model of one eta (k,).

    On the scale "log" a parameter is typical x exp(eta), on "logit" its logit is moved by eta. `notes` says what is
    borrowed or assumed and belongs beside every result.
    """

    names: tuple[str, ...]
    covariance: Floats
    build: Callable[[Floats], Model]
    scales: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.names)
        covariance = np.asarray(self.covariance, dtype=np.float64)
        fits = covariance.shape == (count, count) and count > 0
        if not (fits and bool(np.isfinite(covariance).all()) and bool(np.allclose(covariance, covariance.T))):
            raise Refused(_SHAPE, field="covariance", count=count)
        object.__setattr__(self, "covariance", covariance)
        object.__setattr__(self, "scales", self.scales or ("log",) * count)
        _ = self.root

    @cached_property
    def root(self) -> Floats:
        """Lower triangular L (k, k) with L L' = covariance: eta = L z for z ~ N(0, 1)."""
        try:
            return np.asarray(np.linalg.cholesky(self.covariance))
        except np.linalg.LinAlgError as error:
            raise Refused(_NOT_POSITIVE, field="covariance") from error


def prior_of(card: ModelCard, person: Person | float | None, **overrides: float | bool | None) -> Prior:
    """The published (or borrowed and labelled) variability of a card as the prior of a person.

    `overrides` as in `card.individual`. Refused where no variability is known.
    """
    # Asked once for its refusals: an unfit person, an unknown name, no variability.
    card.individuals(person, np.zeros((1, len(card.variability.names) if card.variability else 0)), **overrides)
    assert card.variability is not None
    variability = card.variability

    def build(eta: Floats) -> Model:
        model: Model = card.individuals(person, eta[None, :], **overrides).person(0)
        return model

    notes = (*card.labels, *variability.notes)
    return Prior(variability.names, variability.covariance, build, variability.scales, notes)
