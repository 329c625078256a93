"""One patient's own numbers: from measured levels, from timed scores, and for the choice between two routes."""

from interlude.domain.pharmacology.individual.maximum import fit
from interlude.domain.pharmacology.individual.measured import Observation, ResidualError, residual_of
from interlude.domain.pharmacology.individual.onset import (
    OnsetForecast,
    OnsetPrior,
    OnsetThreshold,
    ScoredSession,
    assumed_prior,
    onset_forecast,
    onset_threshold,
)
from interlude.domain.pharmacology.individual.posterior import ParameterEstimate, Posterior, PredictedBand
from interlude.domain.pharmacology.individual.prior import Prior, prior_of
from interlude.domain.pharmacology.individual.routes import ImFacts, RouteComparison, compare_routes, im_facts

__all__ = [
    "ImFacts",
    "Observation",
    "OnsetForecast",
    "OnsetPrior",
    "OnsetThreshold",
    "ParameterEstimate",
    "Posterior",
    "PredictedBand",
    "Prior",
    "ResidualError",
    "RouteComparison",
    "ScoredSession",
    "assumed_prior",
    "compare_routes",
    "fit",
    "im_facts",
    "onset_forecast",
    "onset_threshold",
    "prior_of",
    "residual_of",
]
