"""The meta-analysis itself: a published example, statsmodels, and a REML written another way."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats.meta_analysis import combine_effects

from interlude.domain.evidence import measures
from interlude.domain.evidence.measures import Effect
from interlude.domain.evidence.pooling import restricted_log_likelihood, synthesise, tau2_dl, tau2_reml
from interlude.domain.refusals import Refused
from tests.domain.tables import rows

# Colditz et al. 1994: tuberculosis after vaccination (events, others) and without, the usual example of the field.
BCG = """
    vaccinated  | not
    4/123       | 11/139
    6/306       | 29/303
    3/231       | 11/220
    62/13598    | 248/12867
    33/5069     | 47/5808
    180/1541    | 372/1451
    8/2545      | 10/629
    505/88391   | 499/88391
    29/7499     | 45/7277
    17/1716     | 65/1665
    186/50634   | 141/27338
    5/2498      | 3/2341
    27/16913    | 29/17854
"""
EFFECTS = st.lists(st.tuples(st.floats(-4, 4), st.floats(0.01, 4)), min_size=2, max_size=12)


def effects(pairs: Sequence[tuple[float, float]]) -> list[Effect]:
    return [Effect(value, variance) for value, variance in pairs]


def bcg() -> list[Effect]:
    counts = [tuple(int(x) for cell in row.values() for x in cell.split("/")) for row in rows(BCG)]
    return [measures.risk_ratio(*four) for four in counts]


def test_the_published_example() -> None:
    """Log risk ratios; the values that the field's textbooks and packages print for REML and DerSimonian-Laird."""
    found = synthesise(bcg(), method="REML")
    assert found.tau2 == pytest.approx(0.3132, abs=5e-5)
    assert (found.q, found.df) == (pytest.approx(152.2330, abs=5e-5), 12)
    assert found.random.value == pytest.approx(-0.7145, abs=5e-5)
    assert found.random.se == pytest.approx(0.1798, abs=5e-5)
    assert (found.random.interval.low, found.random.interval.high) == pytest.approx((-1.0669, -0.3622), abs=5e-5)
    assert found.hartung_knapp.se == pytest.approx(0.1808, abs=5e-5)
    assert found.fixed.value == pytest.approx(-0.4303, abs=5e-5)
    assert synthesise(bcg(), method="DL").tau2 == pytest.approx(0.3088, abs=5e-5)
    assert synthesise(bcg(), method="DL").random.value == pytest.approx(-0.7141, abs=5e-5)


@given(EFFECTS)
def test_fixed_and_dersimonian_laird_as_statsmodels_computes_them(pairs: list[tuple[float, float]]) -> None:
    y, v = (np.array(column) for column in zip(*pairs, strict=True))
    assume(np.ptp(y) > 1e-6)
    found = synthesise(effects(pairs), method="DL")
    if found.tau2 == 0:  # statsmodels lets the variance between studies fall below zero
        assert found.q <= found.df
        v = v * found.q / (2 * found.df)
        found = synthesise([Effect(a, b) for a, b in zip(y, v, strict=True)], method="DL")
    referee = combine_effects(y, v, method_re="dl")
    assert found.tau2 == pytest.approx(referee.tau2, rel=1e-8, abs=1e-10)
    assert found.q == pytest.approx(referee.q, rel=1e-8)
    assert found.fixed.value == pytest.approx(referee.mean_effect_fe, rel=1e-8, abs=1e-10)
    assert found.fixed.se == pytest.approx(referee.sd_eff_w_fe, rel=1e-8)
    assert found.random.value == pytest.approx(referee.mean_effect_re, rel=1e-8, abs=1e-10)
    assert found.random.se == pytest.approx(referee.sd_eff_w_re, rel=1e-8)
    assert found.hartung_knapp.se == pytest.approx(referee.sd_eff_w_re_hksj, rel=1e-8)
    assert found.i2 == pytest.approx(max(referee.i2, 0.0), abs=1e-9)
    assert found.weights_fixed == pytest.approx(referee.weights_rel_fe, rel=1e-8)
    assert found.weights_random == pytest.approx(referee.weights_rel_re, rel=1e-8)
    assert found.p_q == pytest.approx(stats.chi2.sf(referee.q, len(y) - 1), rel=1e-8, abs=1e-12)


@given(EFFECTS)
def test_the_hartung_knapp_interval_as_statsmodels_computes_it(pairs: list[tuple[float, float]]) -> None:
    y, v = (np.array(column) for column in zip(*pairs, strict=True))
    assume(np.ptp(y) > 1e-6)
    whole = synthesise(effects(pairs), method="DL")
    assume(whole.tau2 > 0)  # statsmodels lets the variance between studies fall below zero
    found = whole.hartung_knapp.interval
    referee = combine_effects(y, v, method_re="dl", use_t=True).conf_int(use_t=True)
    assert (found.low, found.high) == pytest.approx(tuple(map(float, referee[3])), rel=1e-7, abs=1e-9)


def reml_by_matrices(y: np.ndarray, v: np.ndarray, tau2: float) -> float:
    """-2 x the restricted log likelihood: ln|V| + ln|X'V^-1 X| + y'Py, with matrices and nothing of ours."""
    big, x = np.diag(v + tau2), np.ones((len(y), 1))
    inverse = np.linalg.inv(big)
    inner = x.T @ inverse @ x
    projection = inverse - inverse @ x @ np.linalg.inv(inner) @ x.T @ inverse
    return float(np.linalg.slogdet(big)[1] + np.linalg.slogdet(inner)[1] + y @ projection @ y)


@settings(max_examples=60)
@given(EFFECTS)
def test_reml_against_an_optimiser_written_apart(pairs: list[tuple[float, float]]) -> None:
    y, v = (np.array(column) for column in zip(*pairs, strict=True))
    top = float(np.ptp(y)) ** 2 + 1
    starts = np.linspace(0, math.sqrt(top), 60) ** 2
    best = min(starts, key=lambda tau2: reml_by_matrices(y, v, tau2))
    around = optimize.minimize_scalar(
        lambda root: reml_by_matrices(y, v, root * root),
        bounds=(max(math.sqrt(best) - math.sqrt(top) / 59, 0), math.sqrt(best) + math.sqrt(top) / 59),
        method="bounded",
        options={"xatol": 1e-10},
    )
    wanted = min(around.fun, reml_by_matrices(y, v, 0.0))
    found = tau2_reml(list(y), list(v))
    assert reml_by_matrices(y, v, found) <= wanted + 1e-7
    constant = 2 * restricted_log_likelihood(list(y), list(v), 0.7) + reml_by_matrices(y, v, 0.7)
    assert constant == pytest.approx(0, abs=1e-7)


@given(EFFECTS, st.randoms(use_true_random=False), st.sampled_from(["REML", "DL"]))
def test_the_order_of_the_studies_does_not_matter(pairs: list, random: object, method: str) -> None:
    mixed = list(pairs)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = (synthesise(effects(row), method=method) for row in (pairs, mixed))  # type: ignore[arg-type]
    assert (one.tau2, one.q, one.random, one.fixed) == (other.tau2, other.q, other.random, other.fixed)
    assert one.hartung_knapp.interval == other.hartung_knapp.interval
    assert sorted(one.weights_random) == sorted(other.weights_random)


@given(st.floats(-4, 4), st.floats(0.01, 4), st.integers(2, 10))
def test_identical_studies_agree_perfectly(value: float, variance: float, k: int) -> None:
    found = synthesise(effects([(value, variance)] * k))
    assert found.tau2 == 0
    assert found.q == pytest.approx(0, abs=1e-12)
    assert found.i2 == 0
    assert found.random.value == pytest.approx(value, abs=1e-12)
    assert found.random.se == pytest.approx(math.sqrt(variance / k))
    assert found.weights_random == pytest.approx([1 / k] * k)


@given(EFFECTS, st.sampled_from(["REML", "DL"]))
def test_without_variance_between_studies_random_is_fixed(pairs: list, method: str) -> None:
    found = synthesise(effects(pairs), method=method)  # type: ignore[arg-type]
    if found.tau2 == 0:
        assert found.random == found.fixed
        assert found.weights_random == found.weights_fixed
    else:
        assert found.random.se > found.fixed.se


@given(EFFECTS, st.floats(0.1, 10), st.floats(-5, 5))
def test_scale_and_shift_pass_through(pairs: list, times: float, shift: float) -> None:
    one = synthesise(effects(pairs))
    other = synthesise(effects([(value * times + shift, variance * times**2) for value, variance in pairs]))
    assert other.random.value == pytest.approx(one.random.value * times + shift, rel=1e-6, abs=1e-6)
    assert other.random.se == pytest.approx(one.random.se * times, rel=1e-6)
    assert other.tau2 == pytest.approx(one.tau2 * times**2, rel=1e-5, abs=1e-7 * times**2)
    assert other.i2 == pytest.approx(one.i2, abs=1e-6)


@given(EFFECTS)
def test_the_mean_lies_among_the_studies_and_intervals_widen_with_the_level(pairs: list) -> None:
    values = [value for value, _variance in pairs]
    narrow, wide = synthesise(effects(pairs), level=0.8), synthesise(effects(pairs), level=0.99)
    for one in (narrow.fixed, narrow.random):
        assert min(values) - 1e-9 <= one.value <= max(values) + 1e-9
    assert wide.random.interval.low <= narrow.random.interval.low
    assert wide.random.interval.high >= narrow.random.interval.high
    if len(pairs) >= 3:
        assert wide.prediction is not None
        assert narrow.prediction is not None
        assert wide.prediction.low <= narrow.prediction.low <= narrow.random.value


def test_the_prediction_interval_needs_three_studies_and_follows_student() -> None:
    assert synthesise(effects([(0.1, 0.2), (0.3, 0.2)])).prediction is None
    three = synthesise(effects([(0.0, 0.1), (1.0, 0.1), (2.0, 0.1)]))
    assert three.prediction is not None
    reach = stats.t.ppf(0.975, 1) * math.sqrt(three.tau2 + three.random.se**2)
    assert three.prediction.high - three.random.value == pytest.approx(reach)
    assert three.tau2 == pytest.approx(tau2_dl([0.0, 1.0, 2.0], [0.1] * 3)) == pytest.approx(0.9)


def test_what_cannot_be_pooled_is_refused() -> None:
    with pytest.raises(Refused, match="At least two"):
        synthesise(effects([(1, 1)]))
    for variance in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(Refused, match="positive variance"):
            synthesise(effects([(1, 1), (1, variance)]))
