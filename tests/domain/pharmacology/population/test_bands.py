"""Histograms from bits: percentiles, zeros, extremes, adding up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from interlude.domain.pharmacology.population.bands import BINS, Histograms, bins_of, check_percentiles, lower_edges
from interlude.domain.pharmacology.population.tally import LegTally, Trackers, share_above
from interlude.domain.refusals import Refused

WANTED = (0.0, 2.5, 5.0, 50.0, 90.0, 95.0, 100.0)


def test_bins_are_narrow_and_in_order() -> None:
    values = np.geomspace(1e-12, 1e12, 20_001)
    bins = bins_of(values)
    assert (np.diff(bins) >= 0).all()
    lower, upper = lower_edges(bins), lower_edges(bins + 1)
    assert (lower <= values).all()
    assert (values < upper).all()
    assert ((upper - lower) / lower <= 1 / 512).all()
    assert ((upper - lower) / lower > 1 / 1025).all()


def test_less_than_a_molecule_is_nothing_and_more_than_matter_is_told() -> None:
    low = Histograms.of_values(np.array([[0.0, 1e-300, 2.0**-43, 5.0]]))
    np.testing.assert_array_equal(low.percentiles((0, 100 / 3, 200 / 3, 100))[:, 0], [0, 0, 0, 5.0])
    for extreme in (2.0**42, 1e300, np.inf, np.nan):
        histograms = Histograms.of_values(np.array([[1.0, extreme]]))
        assert bins_of(np.array([extreme]))[0] == BINS - 1
        with pytest.raises(Refused):
            histograms.check()


@given(
    arrays(np.float64, st.integers(1, 40), elements=st.floats(1e-9, 1e9)),
    st.lists(st.floats(0, 100), min_size=1, max_size=5),
)
@settings(max_examples=150, deadline=None)
def test_percentiles_are_those_of_numpy_to_within_a_bin(values: np.ndarray, wanted: list[float]) -> None:
    got = Histograms.of_values(values[None, :]).percentiles(wanted)[:, 0]
    # Between two people numpy interpolates; each of the two is known to within its bin.
    expected = np.percentile(values, wanted)
    np.testing.assert_allclose(got, expected, rtol=1 / 512)


def test_the_ends_are_exact_and_so_is_a_crowd_of_equals() -> None:
    rng = np.random.default_rng(0)
    values = np.exp(rng.standard_normal((2, 1000)))
    histograms = Histograms.of_values(values)
    np.testing.assert_array_equal(histograms.percentiles((0, 100)), [values.min(axis=1), values.max(axis=1)])
    same = Histograms.of_values(np.full((1, 77), np.pi))
    np.testing.assert_array_equal(same.percentiles(WANTED)[:, 0], np.full(len(WANTED), np.pi))


def test_many_values_come_far_closer_than_a_bin() -> None:
    values = np.exp(0.3 * np.random.default_rng(1).standard_normal((1, 200_000)))
    got = Histograms.of_values(values).percentiles((5, 50, 95))[:, 0]
    np.testing.assert_allclose(got, np.percentile(values, (5, 50, 95)), rtol=1e-4)


def test_parts_add_up_in_any_order() -> None:
    values = np.random.default_rng(2).lognormal(0, 2, (3, 900))
    values[1, :100] = 0.0
    whole = Histograms.of_values(values)
    parts = [slice(0, 10), slice(10, 600), slice(600, 601), slice(601, 900)]
    for order in (parts, parts[::-1]):
        total = Histograms.of_values(values[:, order[0]])
        for part in order[1:]:
            total.add(Histograms.of_values(values[:, part]))
        np.testing.assert_array_equal(total.percentiles(WANTED), whole.percentiles(WANTED))


def test_a_leg_counts_like_the_values_themselves() -> None:
    rng = np.random.default_rng(3)
    levels = rng.lognormal(3, 1, (2, 4, 500))
    levels[0, 0] = 0.0
    tally = LegTally.empty(2, 4)
    for output in range(2):
        for row in range(4):
            for part in (slice(0, 200), slice(200, 500)):
                tally.take(output, row, np.ascontiguousarray(levels[output, row, part]))
    for output, histograms in enumerate(tally.histograms()):
        direct = Histograms.of_values(levels[output])
        np.testing.assert_array_equal(histograms.percentiles(WANTED), direct.percentiles(WANTED))
        # Small: only the bins that anything fell into.
        assert all(len(counts) < 6000 for counts in histograms.counts)


CROSSINGS = [
    ("wholly above", 12.0, 15.0, 1.0),
    ("wholly below", 1.0, 9.0, 0.0),
    ("rising through", 5.0, 15.0, 0.5),
    ("falling through", 20.0, 0.0, 0.5),
    ("level above", 11.0, 11.0, 1.0),
    ("level at it", 10.0, 10.0, 1.0),
    ("level below", 3.0, 3.0, 0.0),
]


@pytest.mark.parametrize(("start", "end", "share"), [row[1:] for row in CROSSINGS], ids=[row[0] for row in CROSSINGS])
def test_share_of_a_line_above_the_threshold(start: float, end: float, share: float) -> None:
    assert share_above(np.array([start]), np.array([end]), 10.0)[0] == share


def test_trackers_know_the_highest_level_and_when() -> None:
    trackers = Trackers.empty(1, [(0, 10.0)], 2)
    trackers.take(0, 0, 0.0, np.array([0.0, 20.0]))
    trackers.take(0, 1, 4.0, np.array([20.0, 0.0]))
    # A bolus at the third point: until it the level fell to 0, from it on it is 30.
    trackers.take(0, 2, 4.0, np.array([30.0, 30.0]), np.array([0.0, 0.0]))
    np.testing.assert_array_equal(trackers.peak, [[30.0, 30.0]])
    np.testing.assert_array_equal(trackers.peak_at, [[2, 2]])
    np.testing.assert_array_equal(trackers.above_min, [[4.0, 2.0]])


@pytest.mark.parametrize(
    ("percentiles", "field"),
    [([], "percentiles"), ([50, 101], "percentiles[1]"), ([-1], "percentiles[0]"), (["5"], "percentiles[0]")],
)
def test_wrong_percentiles(percentiles: list[float], field: str) -> None:
    with pytest.raises(Refused) as refused:
        check_percentiles(percentiles)
    assert refused.value.field == field
