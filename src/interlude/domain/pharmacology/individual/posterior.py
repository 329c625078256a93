"""What is known about a patient after levels were measured, and what it says about the next session."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from interlude.domain.pharmacology.individual.measured import ResidualError
from interlude.domain.pharmacology.individual.prior import Prior
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.regimen import Dose, solve
from interlude.domain.pharmacology.solution import Model
from interlude.domain.refusals import N_, Refused

_LEVEL = N_("The level of an interval must lie between 0 and 1.")

_STEP = 1e-4


@dataclass(frozen=True, slots=True)
class ParameterEstimate:
    """One parameter on its scale: eta with its credible interval, and how much of the prior's spread is gone.

    `learned` is 1 - (posterior SD / prior SD): 0 means that nothing was learnt about it.
    """

    name: str
    scale: str
    eta: float
    low: float
    high: float
    learned: float

    @property
    def ratio(self) -> tuple[float, float, float] | None:
        """(low, estimate, high) as multiples of the typical value; None where the scale is not logarithmic."""
        if self.scale != "log":
            return None
        return math.exp(self.low), math.exp(self.eta), math.exp(self.high)


@dataclass(frozen=True, eq=False)
class PredictedBand:
    """An output in ng/mL (t,): at the estimate, with its credible interval of `level`.

    The interval is that of the true curve: the residual error of a measurement is not in it.
    """

    times_min: Floats
    estimate_ng_per_ml: Floats
    low_ng_per_ml: Floats
    high_ng_per_ml: Floats
    level: float


@dataclass(frozen=True, eq=False)
class Posterior:
    """N(`eta` (k,), `covariance` (k, k)), the Laplace approximation at the maximum, on the scales of the prior."""

    prior: Prior
    eta: Floats
    covariance: Floats
    information_nats: float
    objective: float
    times_min: Floats
    measured_ng_per_ml: Floats
    typical_ng_per_ml: Floats
    fitted_ng_per_ml: Floats
    residual: ResidualError

    @cached_property
    def model(self) -> Model:
        """The model of this patient at the estimate."""
        return self.prior.build(self.eta)

    @property
    def weighted_residuals(self) -> Floats:
        """(measured - fitted) / SD (n,): far outside -3 to 3 a level, a time or a dose is doubtful."""
        spread = np.sqrt(self.residual.variance(self.fitted_ng_per_ml))
        return np.asarray((self.measured_ng_per_ml - self.fitted_ng_per_ml) / spread)

    def parameters(self, level: float = 0.9) -> tuple[ParameterEstimate, ...]:
        """Every parameter with its credible interval of `level`."""
        reach = _reach(level)
        after, before = np.sqrt(np.diag(self.covariance)), np.sqrt(np.diag(self.prior.covariance))
        return tuple(
            ParameterEstimate(
                name, scale, float(eta), float(eta - reach * sd), float(eta + reach * sd), float(1 - sd / was)
            )
            for name, scale, eta, sd, was in zip(
                self.prior.names, self.prior.scales, self.eta, after, before, strict=True
            )
        )

    def predict(
        self, doses: Sequence[Dose], times_min: ArrayLike, *, output: str = "Cp", level: float = 0.9
    ) -> PredictedBand:
        """The curve of planned doses from rest, with a credible interval by the delta method on the log of the level.

        SD of ln f = sqrt(g' covariance g), g = d ln f / d eta by central differences; where f is 0 the band is 0.
        """
        reach = _reach(level)
        times = np.asarray(times_min, dtype=np.float64).reshape(-1)
        estimate = solve(self.model, doses, times).output(output)

        def log_level(eta: Floats) -> Floats:
            with np.errstate(divide="ignore"):
                return np.asarray(np.log(solve(self.prior.build(eta), doses, times).output(output)))

        there = estimate > 0
        slopes = np.zeros((len(times), len(self.eta)))
        for index, step in enumerate(_STEP * np.eye(len(self.eta))):
            up, down = log_level(self.eta + step)[there], log_level(self.eta - step)[there]
            slopes[there, index] = (up - down) / (2 * _STEP)
        spread = np.exp(reach * np.sqrt(np.einsum("ti,ij,tj->t", slopes, self.covariance, slopes)))
        return PredictedBand(times, estimate, estimate / spread, estimate * spread, level)


def _tail(level: float) -> float:
    if not 0 < level < 1:
        raise Refused(_LEVEL, field="level")
    return (1.0 - level) / 2.0


def _reach(level: float) -> float:
    """Half the width of a central interval of the standard normal."""
    return NormalDist().inv_cdf(1.0 - _tail(level))
