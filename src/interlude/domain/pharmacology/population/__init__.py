"""Virtual populations: people who differ as published, their exact curves, and percentiles without storing them."""

from interlude.domain.pharmacology.population.curves import batch_curves
from interlude.domain.pharmacology.population.simulate import Population, simulate_population
from interlude.domain.pharmacology.population.sources import CardSource, LognormalSource, People, Source
from interlude.domain.pharmacology.population.variability import (
    correlated,
    covariance_factor,
    individual_values,
    omega2_of_cv,
    omega2_of_interval,
)

__all__ = [
    "CardSource",
    "LognormalSource",
    "People",
    "Population",
    "Source",
    "batch_curves",
    "correlated",
    "covariance_factor",
    "individual_values",
    "omega2_of_cv",
    "omega2_of_interval",
    "simulate_population",
]
