"""Our own quantiles and tails against scipy's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from interlude.domain.evidence.distributions import (
    chi2_tail,
    incomplete_beta,
    normal_cdf,
    normal_quantile,
    t_cdf,
    t_quantile,
)

DF = st.one_of(st.integers(1, 300).map(float), st.floats(0.5, 300))


@given(st.floats(1e-8, 1 - 1e-8), DF)
def test_t_quantile(p: float, df: float) -> None:
    assert t_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-7, abs=1e-7)


@given(st.floats(-60, 60), DF)
def test_t_cdf(x: float, df: float) -> None:
    assert t_cdf(x, df) == pytest.approx(stats.t.cdf(x, df), rel=1e-8, abs=1e-12)


@given(st.floats(0, 600), DF)
def test_chi_squared_tail(x: float, df: float) -> None:
    assert chi2_tail(x, df) == pytest.approx(stats.chi2.sf(x, df), rel=1e-8, abs=1e-12)


@given(st.floats(0, 1), st.floats(0.3, 80), st.floats(0.3, 80))
def test_incomplete_beta(x: float, a: float, b: float) -> None:
    assert incomplete_beta(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), rel=1e-8, abs=1e-12)


@given(st.floats(-30, 8))
def test_normal_tail_keeps_its_digits(x: float) -> None:
    assert normal_cdf(x) == pytest.approx(stats.norm.cdf(x), rel=1e-10)


TABLE = """
    p     | df | t
    0.975 | 1  | 12.706
    0.975 | 2  | 4.303
    0.975 | 5  | 2.571
    0.975 | 10 | 2.228
    0.975 | 30 | 2.042
    0.95  | 12 | 1.782
"""


def test_the_printed_table_of_student() -> None:
    from tests.domain.tables import rows

    for row in rows(TABLE):
        assert t_quantile(float(row["p"]), float(row["df"])) == pytest.approx(float(row["t"]), abs=5e-4)


def test_the_middle_and_the_ends() -> None:
    assert t_quantile(0.5, 3) == 0
    assert t_quantile(0.025, 4) == pytest.approx(-t_quantile(0.975, 4))
    assert chi2_tail(0, 3) == chi2_tail(-1, 3) == 1
    assert normal_quantile(0.975) == pytest.approx(1.959964, abs=1e-6)
    for wrong in (0, 1, -0.1):
        with pytest.raises(ValueError, match="between 0 and 1"):
            t_quantile(wrong, 3)
