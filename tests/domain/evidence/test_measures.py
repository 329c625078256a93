"""Effects of single studies: small tables to sign, and statsmodels as the referee."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gamma
from statsmodels.stats.meta_analysis import effectsize_2proportions, effectsize_smd

from interlude.domain.evidence import measures
from interlude.domain.evidence.measures import MEASURES, from_interval, small_sample_factor
from interlude.domain.refusals import Refused
from tests.domain.tables import cases

COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
NAMES = {"risk_ratio": "risk-ratio", "odds_ratio": "odds-ratio"}


@pytest.mark.parametrize("row", cases("evidence.md", "effects"), ids=lambda row: f"{row['measure']}-{row['treated']}")
def test_the_table_of_effects(row: dict[str, str]) -> None:
    (a, n1), (c, n2) = (map(int, row[arm].split("/")) for arm in ("treated", "control"))
    measure = MEASURES[row["measure"]]
    effect = getattr(measures, measure.code)(a, n1, c, n2)
    reach = 1.959964 * math.sqrt(effect.variance)
    found = [measure.back(x) for x in (effect.value, effect.value - reach, effect.value + reach)]
    wanted = [float(row[key]) for key in ("effect", "low", "high")]
    assert found == pytest.approx(wanted, abs=0.006)
    assert effect.corrected == (row["zero"] == "yes")


@given(COUNTS, COUNTS, st.sampled_from(sorted(NAMES)))
def test_ratios_as_statsmodels_computes_them(first: tuple[int, int], second: tuple[int, int], name: str) -> None:
    (a, n1), (c, n2) = first, second
    if a + c == 0 or (a == n1 and c == n2):
        with pytest.raises(Refused, match="no ratio"):
            getattr(measures, name)(a, n1, c, n2)
        return
    effect = getattr(measures, name)(a, n1, c, n2)
    half = 0.5 if 0 in (a, n1 - a, c, n2 - c) else 0.0
    value, variance = effectsize_2proportions(a + half, n1 + 2 * half, c + half, n2 + 2 * half, statistic=NAMES[name])
    assert effect.corrected == bool(half)
    assert effect.value == pytest.approx(value, abs=1e-10)
    assert effect.variance == pytest.approx(variance, rel=1e-9)


@given(COUNTS, COUNTS)
def test_difference_of_shares(first: tuple[int, int], second: tuple[int, int]) -> None:
    (a, n1), (c, n2) = first, second
    effect = measures.risk_difference(a, n1, c, n2)
    assert effect.value == pytest.approx(a / n1 - c / n2)
    assert effect.variance > 0
    if not effect.corrected:
        value, variance = effectsize_2proportions(a, n1, c, n2, statistic="diff")
        assert (effect.value, effect.variance) == pytest.approx((value, variance), rel=1e-10)


@given(COUNTS, COUNTS)
def test_swapping_the_arms_turns_the_effect(first: tuple[int, int], second: tuple[int, int]) -> None:
    for name in ("risk_ratio", "odds_ratio", "risk_difference"):
        try:
            one = getattr(measures, name)(*first, *second)
        except Refused:
            continue
        other = getattr(measures, name)(*second, *first)
        assert (one.value, one.variance) == pytest.approx((-other.value, other.variance), rel=1e-9, abs=1e-12)


MEANS = st.tuples(st.floats(-50, 50), st.floats(0.5, 30), st.integers(3, 200))


@given(MEANS, MEANS)
def test_hedges_g_as_statsmodels_computes_it(first: tuple, second: tuple) -> None:
    (m1, s1, n1), (m2, s2, n2) = first, second
    effect = measures.smd(m1, s1, n1, m2, s2, n2)
    value, _variance = effectsize_smd(m1, s1, n1, m2, s2, n2)
    assert effect.value == pytest.approx(value, rel=0.012, abs=1e-9)  # it approximates the small-sample factor
    pooled = math.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2))
    df = n1 + n2 - 2
    exact = gamma(df / 2) / (math.sqrt(df / 2) * gamma((df - 1) / 2)) if df < 300 else 1 - 3 / (4 * df - 1)
    assert effect.value == pytest.approx((m1 - m2) / pooled * exact, rel=1e-6, abs=1e-12)
    assert effect.variance == pytest.approx(1 / n1 + 1 / n2 + effect.value**2 / (2 * (n1 + n2)))
    plain = measures.mean_difference(m1, s1, n1, m2, s2, n2)
    assert (plain.value, plain.variance) == pytest.approx((m1 - m2, s1**2 / n1 + s2**2 / n2))


@given(MEANS, MEANS, st.floats(0.1, 20))
def test_a_standardised_difference_does_not_know_the_scale(first: tuple, second: tuple, times: float) -> None:
    one = measures.smd(*first, *second)
    other = measures.smd(first[0] * times, first[1] * times, first[2], second[0] * times, second[1] * times, second[2])
    assert (one.value, one.variance) == pytest.approx((other.value, other.variance), rel=1e-9, abs=1e-12)


@given(st.floats(-5, 5), st.floats(0.01, 3), st.sampled_from(sorted(MEASURES)))
def test_a_printed_interval_gives_the_variance_back(value: float, se: float, code: str) -> None:
    measure = MEASURES[code]
    low, middle, high = (measure.back(value + shift * 1.959963984540054 * se) for shift in (-1, 0, 1))
    effect = from_interval(code, middle, low, high)
    if code == "proportion" and not 1e-9 < low < high < 1 - 1e-9:
        return
    assert effect.value == pytest.approx(value, abs=1e-6)
    assert effect.variance == pytest.approx(se**2, rel=1e-4)


def test_shares_of_one_arm_have_a_logit_even_at_the_ends() -> None:
    assert measures.proportion(10, 20).value == 0
    assert measures.proportion(0, 10).value == pytest.approx(math.log(0.5 / 10.5))
    assert measures.proportion(10, 10).value == pytest.approx(-measures.proportion(0, 10).value)
    assert measures.proportion(3, 10).variance == pytest.approx(1 / 3 + 1 / 7)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(Refused, match="Counts"):
        measures.risk_ratio(5, 4, 1, 3)
    with pytest.raises(Refused, match="standard deviation"):
        measures.mean_difference(1, -1, 5, 2, 1, 5)
    with pytest.raises(Refused, match="four people"):
        small_sample_factor(1)
    with pytest.raises(Refused, match="spread"):
        measures.smd(1, 0, 5, 2, 0, 5)
