"""Correlated differences between people, and what isn't a covariance."""

from __future__ import annotations

import math

import numpy as np
import pytest

from interlude.domain.pharmacology import Mammillary, Person, load_card
from interlude.domain.pharmacology.population import (
    CardSource,
    LognormalSource,
    correlated,
    covariance_factor,
    individual_values,
    omega2_of_cv,
    omega2_of_interval,
)
from interlude.domain.refusals import Refused

OTTO = [[0.0842, 0.0226], [0.0226, 0.0260]]
MODEL = Mammillary(10.0, 0.1, 0.3, 0.05, ke0_per_min=0.1)


def test_the_factor_gives_the_covariance_back() -> None:
    rng = np.random.default_rng(0)
    for size in range(1, 8):
        base = rng.standard_normal((size, size))
        covariance = base @ base.T
        factor = covariance_factor(covariance)
        np.testing.assert_allclose(factor @ factor.T, covariance, rtol=1e-10, atol=1e-12)
        assert (np.triu(factor, 1) == 0).all()


SINGULAR = [
    ("nothing varies", [[0.0, 0.0], [0.0, 0.0]]),
    ("wholly correlated", [[0.04, 0.06], [0.06, 0.09]]),
    ("one doesn't vary", [[0.0, 0.0], [0.0, 0.5]]),
    ("a sum of the others", [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0, 2.0]]),
]


@pytest.mark.parametrize("covariance", [row[1] for row in SINGULAR], ids=[row[0] for row in SINGULAR])
def test_singular_covariances_are_fine(covariance: list[list[float]]) -> None:
    factor = covariance_factor(covariance)
    np.testing.assert_allclose(factor @ factor.T, covariance, atol=1e-10)


REFUSED = [
    ("correlation above 1", [[0.04, 0.07], [0.07, 0.09]]),
    ("negative variance", [[-0.1]]),
    ("correlated with what doesn't vary", [[0.0, 0.1], [0.1, 0.2]]),
    ("impossible among three", [[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]]),
    ("not symmetric", [[0.1, 0.05], [0.04, 0.1]]),
    ("not square", [[0.1, 0.05]]),
    ("not a table", [0.1]),
    ("not finite", [[math.nan]]),
    ("text", [["a"]]),
]


@pytest.mark.parametrize("covariance", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_no_covariance_is_refused(covariance: object) -> None:
    with pytest.raises(Refused) as refused:
        covariance_factor(covariance, field="variability")  # type: ignore[arg-type]
    assert refused.value.field == "variability"


def test_draws_have_the_covariance_asked_for() -> None:
    etas = correlated(np.random.default_rng(1).standard_normal((200_000, 2)), covariance_factor(OTTO))
    np.testing.assert_allclose(np.cov(etas), OTTO, rtol=0.02)


def test_scales() -> None:
    etas = np.array([-0.7, 0.0, 0.7])
    np.testing.assert_allclose(individual_values(8.0, etas), 8.0 * np.exp(etas))
    fractions = individual_values(0.54, etas, "logit")
    np.testing.assert_allclose(np.log(fractions / (1 - fractions)), math.log(0.54 / 0.46) + etas)
    with pytest.raises(Refused):
        individual_values(1.2, etas, "logit")


def test_spread_from_what_papers_print() -> None:
    assert omega2_of_cv(30.0) == pytest.approx(math.log(1.09))
    # Olofsen 2022: half-life of ke0 8.3 (5.1-13.0) min; 2.5 % of people lie below the lower end.
    sd = math.sqrt(omega2_of_interval(5.1, 13.0))
    draws = math.sqrt(5.1 * 13.0) * np.exp(sd * np.random.default_rng(0).standard_normal(100_000))
    np.testing.assert_allclose(np.percentile(draws, (2.5, 97.5)), (5.1, 13.0), rtol=0.02)
    for low, high in ((0.0, 1.0), (2.0, 1.0), (1.0, math.inf)):
        with pytest.raises(Refused):
            omega2_of_interval(low, high)
    with pytest.raises(Refused):
        omega2_of_cv(-1.0)


def test_a_source_around_a_model() -> None:
    source = LognormalSource(MODEL, names=("v1_l", "k10_per_min"), covariance=OTTO)
    batch = source.individuals(np.random.default_rng(2).standard_normal((100_000, 2))).batch
    logs = np.log(np.stack([batch.v1_l / 10.0, batch.k10_per_min / 0.1]))  # type: ignore[union-attr]
    np.testing.assert_allclose(np.cov(logs), OTTO, rtol=0.03)
    assert (batch.k12_per_min == 0.3).all()  # type: ignore[union-attr]
    assert batch.person(0).k13_per_min in (None, 0.0)


def test_a_card_as_a_source_is_the_cards_own_people() -> None:
    card = load_card("otto2021")
    assert card.variability is not None
    source = CardSource(card, Person(weight_kg=82.0))
    normals = np.random.default_rng(3).standard_normal((5, source.draws))
    etas = normals @ covariance_factor(card.variability.covariance).T
    ours, direct = source.individuals(normals).batch, card.individuals(Person(weight_kg=82.0), etas)
    np.testing.assert_allclose(ours.matrix, direct.matrix, rtol=1e-13)  # type: ignore[union-attr]


WRONG = [
    ("no spread", {}, "sd"),
    ("two spreads", {"sd": {"v1_l": 0.1}, "covariance": [[1.0]], "names": ("v1_l",)}, "sd"),
    ("unknown name", {"sd": {"weight": 0.1}}, "sd.weight"),
    ("absent compartment", {"sd": {"k13_per_min": 0.1}}, "sd.k13_per_min"),
    ("negative", {"sd": {"v1_l": -0.1}}, "sd.v1_l"),
    ("not finite", {"sd": {"v1_l": math.nan}}, "sd.v1_l"),
    ("unknown in the covariance", {"covariance": [[1.0]], "names": ("k9",)}, "names"),
    ("size", {"covariance": [[1.0]], "names": ("v1_l", "k10_per_min")}, "covariance"),
    ("no covariance", {"covariance": [[-1.0]], "names": ("v1_l",)}, "covariance"),
    ("weight", {"sd": {"v1_l": 0.1}, "weight_kg": 0.0}, "weight_kg"),
]


@pytest.mark.parametrize(("changes", "field"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong_sources_are_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        LognormalSource(MODEL, **changes)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_a_card_without_variability_is_refused() -> None:
    with pytest.raises(Refused):
        CardSource(load_card("domino1984"), 70.0)
