"""Everybody's curve against the exact solution of one person, two independent ways."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlude.domain.pharmacology import Dose, concentrations
from interlude.domain.pharmacology.population import batch_curves
from interlude.domain.pharmacology.solution import Inputs
from interlude.domain.refusals import Refused
from tests.domain.pharmacology.oracle import by_decimal, by_scipy
from tests.domain.pharmacology.population.crowd import KINDS, TITRATED, USUAL, around_kamp, wide_batch

MINUTES = np.arange(0.0, 121.0)
TENTHS = np.arange(0, 400) * 0.1
ODD = np.array([0.0, 0.001, 0.5, 0.5, 7.0, 17.25, 22.0, 40.999, 120.0, 1440.0, 10080.0])
SEGMENTS = [segment[1:] for segment in TITRATED.segments]
BOLUSES = [bolus[1:] for bolus in TITRATED.boluses]

ENGINES = ["numpy", "numba"]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    if request.param == "numba":
        pytest.importorskip("numba")
    return str(request.param)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("times", [MINUTES, ODD], ids=["regular", "odd"])
def test_each_person_is_the_closed_form_of_that_person(kind: str, times: np.ndarray, engine: str) -> None:
    batch = wide_batch(60, 11, kind)
    cp, ce = batch_curves(batch, TITRATED, times, engine=engine)
    for index in range(0, 60, 7):
        one = concentrations(batch.person(index), SEGMENTS, times, BOLUSES)
        np.testing.assert_allclose(cp[:, index], one.cp_ng_per_ml, rtol=2e-12, atol=1e-280)
        np.testing.assert_allclose(ce[:, index], one.ce_ng_per_ml, rtol=2e-12, atol=1e-280)


def test_each_person_is_the_matrix_exponential_of_that_person(engine: str) -> None:
    batch = around_kamp().individuals(np.random.default_rng(2).standard_normal((12, 7))).batch
    cp, ce = batch_curves(batch, TITRATED, MINUTES, engine=engine)  # type: ignore[arg-type]
    for index in range(12):
        expected_cp, expected_ce = by_scipy(batch.person(index), SEGMENTS, list(MINUTES), BOLUSES)
        np.testing.assert_allclose(cp[:, index], expected_cp, rtol=1e-11)
        np.testing.assert_allclose(ce[:, index], expected_ce, rtol=1e-11)


def test_a_step_far_from_the_closed_forms_own_way(engine: str) -> None:
    """60 digits, no eigenvalue anywhere; the recurrence over 400 steps keeps its digits."""
    batch = wide_batch(3, 4, "ke0 near a rate")
    cp, ce = batch_curves(batch, TITRATED, TENTHS, engine=engine)
    wanted = [1, 50, 103, 250, 399]
    for index in range(3):
        expected_cp, expected_ce = by_decimal(
            batch.person(index), SEGMENTS, [float(TENTHS[i]) for i in wanted], BOLUSES
        )
        np.testing.assert_allclose(cp[wanted, index], expected_cp, rtol=1e-11)
        np.testing.assert_allclose(ce[wanted, index], expected_ce, rtol=1e-11)


# Steps that differ by the rounding of the times themselves count as one: a thousandth of a minute is far above it.
numbers = st.integers(0, 60_000).map(lambda n: n / 1000)


@given(
    starts=st.lists(st.tuples(numbers, numbers, numbers), max_size=4),
    boluses=st.lists(st.tuples(numbers, numbers), max_size=3),
    times=st.lists(st.integers(0, 90_000).map(lambda n: n / 1000), min_size=1, max_size=12).map(sorted),
    seed=st.integers(0, 1000),
)
@settings(max_examples=40, deadline=None)
def test_any_regimen_on_any_grid(
    starts: list[tuple[float, float, float]], boluses: list[tuple[float, float]], times: list[float], seed: int
) -> None:
    segments = [(start, start + span, rate) for start, span, rate in starts]
    batch = around_kamp().individuals(np.random.default_rng(seed).standard_normal((3, 7))).batch
    inputs = Inputs([("central", *segment) for segment in segments], [("central", *bolus) for bolus in boluses])
    cp, ce = batch_curves(batch, inputs, times, engine="numpy")  # type: ignore[arg-type]
    for index in range(3):
        one = concentrations(batch.person(index), segments, times, boluses)
        scale = max(float(one.cp_ng_per_ml.max()), 1e-300)
        np.testing.assert_allclose(cp[:, index], one.cp_ng_per_ml, rtol=1e-10, atol=1e-13 * scale)
        np.testing.assert_allclose(ce[:, index], one.ce_ng_per_ml, rtol=1e-10, atol=1e-13 * scale)


def test_both_engines_give_the_same_curves() -> None:
    pytest.importorskip("numba")
    # More than one block, its last tile not full, rows that are not aligned.
    batch = around_kamp().individuals(np.random.default_rng(3).standard_normal((5003, 7))).batch
    plain = batch_curves(batch, TITRATED, ODD, engine="numpy")  # type: ignore[arg-type]
    fast = batch_curves(batch, TITRATED, ODD, engine="numba")  # type: ignore[arg-type]
    own = np.empty((10, 5003)), np.empty((10, 5003))
    batch_curves(batch, TITRATED, np.unique(ODD), engine="numba", out=own)  # type: ignore[arg-type]
    for a, b, c in zip(plain, fast, own, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
        np.testing.assert_array_equal(b[[0, 1, 2, 4, 5, 6, 7, 8, 9, 10]], c)


def test_many_different_step_lengths(engine: str) -> None:
    times = np.geomspace(0.01, 3000.0, 97)
    batch = wide_batch(5, 8)
    cp, ce = batch_curves(batch, USUAL, times, engine=engine)
    one = concentrations(batch.person(4), [(0.0, 40.0, 52.5)], times)
    np.testing.assert_allclose(cp[:, 4], one.cp_ng_per_ml, rtol=2e-12, atol=1e-280)
    np.testing.assert_allclose(ce[:, 4], one.ce_ng_per_ml, rtol=2e-12, atol=1e-280)


def test_without_an_effect_site_there_is_no_ce(engine: str) -> None:
    batch = wide_batch(4, 1)
    object.__setattr__(batch, "ke0_per_min", None)
    cp, ce = batch_curves(batch, USUAL, MINUTES, engine=engine)
    assert ce.shape == (0, 4)
    one = concentrations(batch.person(2), [(0.0, 40.0, 52.5)], MINUTES)
    np.testing.assert_allclose(cp[:, 2], one.cp_ng_per_ml, rtol=2e-12)


def test_other_routes_are_refused() -> None:
    batch = wide_batch(2, 1)
    object.__setattr__(batch, "ka_per_min", 0.05)
    with pytest.raises(Refused) as refused:
        batch_curves(batch, [Dose("im", 0.0, 35.0)], MINUTES)
    assert refused.value.field == "doses"
