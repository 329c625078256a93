"""The modes of many people at once against those of one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlude.domain.pharmacology import Mammillary
from interlude.domain.pharmacology.population.modes import BatchModes, batch_modes
from tests.domain.pharmacology.population.crowd import KINDS, RATES, wide_batch

RELATIVE = 1e-12


def sorted_modes(rates: np.ndarray, inflow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Modes that take part, ascending."""
    taking = inflow > 0
    order = np.argsort(rates[taking])
    return rates[taking][order], inflow[taking][order]


def compare(batch: object, modes: BatchModes, count: int) -> None:
    for index in range(count):
        one = batch.person(index).modes  # type: ignore[attr-defined]
        rates, inflow = sorted_modes(modes.rates_per_min[:, index], modes.inflow[:, index])
        expected_rates, expected_inflow = sorted_modes(one.rates_per_min, one.inflow)
        np.testing.assert_allclose(rates, expected_rates, rtol=RELATIVE)
        np.testing.assert_allclose(inflow, expected_inflow, rtol=RELATIVE)


@pytest.mark.parametrize("kind", KINDS)
def test_modes_of_many_are_those_of_one(kind: str) -> None:
    batch = wide_batch(400, 5, kind)
    compare(batch, batch_modes(*(np.asarray(getattr(batch, name)) for name in RATES)), 400)


@pytest.mark.parametrize("kind", KINDS)
def test_the_compiled_modes_are_the_same(kind: str) -> None:
    pytest.importorskip("numba")
    from interlude.domain.pharmacology.population.fast_modes import fast_modes

    batch = wide_batch(700, 6, kind)
    rates = [np.asarray(getattr(batch, name)) for name in RATES]
    plain, fast = batch_modes(*rates), fast_modes(*rates)
    np.testing.assert_allclose(fast.rates_per_min, plain.rates_per_min, rtol=RELATIVE)
    np.testing.assert_allclose(fast.inflow, plain.inflow, rtol=RELATIVE)


def test_far_stiffer_systems_than_any_drug() -> None:
    rng = np.random.default_rng(1)
    rates = [10.0 ** rng.uniform(-10, 4, 300) for _ in RATES]
    modes = batch_modes(*rates)
    for index in range(300):
        one = Mammillary(1.0, *(float(rate[index]) for rate in rates)).modes
        np.testing.assert_allclose(np.sort(modes.rates_per_min[:, index]), np.sort(one.rates_per_min), rtol=RELATIVE)


def test_no_elimination_leaves_one_rate_at_exactly_zero() -> None:
    modes = batch_modes(np.zeros(1), *(np.array([value]) for value in (0.3, 0.05, 0.2, 0.01)))
    assert modes.rates_per_min.min() == 0.0
    assert modes.inflow.sum() == pytest.approx(1.0, rel=1e-14)


positive = st.floats(1e-6, 1e3)


@given(positive, positive, positive, positive, positive)
@settings(max_examples=150, deadline=None)
def test_trace_product_and_shares(k10: float, k12: float, k21: float, k13: float, k31: float) -> None:
    """Laws that no second implementation is needed for."""
    modes = batch_modes(*(np.array([value]) for value in (k10, k12, k21, k13, k31)))
    rates, inflow = modes.rates_per_min[:, 0], modes.inflow[:, 0]
    assert rates.sum() == pytest.approx(k10 + k12 + k13 + k21 + k31, rel=1e-12)
    assert np.prod(rates) == pytest.approx(k10 * k21 * k31, rel=1e-12)
    assert inflow.sum() == pytest.approx(1.0, rel=1e-12)
    assert (inflow >= 0).all()
    # Area under the curve of a unit dose is 1 / k10.
    assert float((inflow / rates).sum()) == pytest.approx(1.0 / k10, rel=1e-11)
