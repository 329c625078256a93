"""Advisory target control: the published figures, the rule recomputed another way, and what it must never do."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar

from interlude.domain.pharmacology import Mammillary, advance, at_rest, forecast, give_bolus, load_card
from interlude.domain.pharmacology.targets import (
    TEN_SECONDS_MIN,
    Limits,
    TargetSchedule,
    TargetStep,
    loading_bolus,
    plan_targets,
)
from interlude.domain.refusals import Refused
from tests.domain.pharmacology import plain
from tests.domain.tables import rows

KAMP = load_card("kamp2020").individual(70)
DOMINO = Mammillary(0.063 * 70, 0.4381, 0.5921, 0.2470, 0.5900, 0.0146)
ONE = Mammillary(200.0, 0.02, ke0_per_min=0.1, s_fraction=1.0)
PUMP = Limits(resolution_mg_per_h=0.1, max_rate_mg_per_h=120.0, max_amount_mg=60.0)

V25_V27 = """
    ke0_per_min | peak_min | bolus_mg | source
    0.0857      | 3.00     | 8.9      | stanpumpR, by its own words a guess
    0.238       | 1.61     | 4.0      | SimTIVA; Navarrete 2024, a nociception index
    0.652       | 1.00     | 2.0      | opentiva
"""


@pytest.mark.parametrize("row", rows(V25_V27), ids=lambda row: row["ke0_per_min"])
def test_the_bolus_for_100_ng_per_ml_with_domino(row: dict[str, str]) -> None:
    model = replace(DOMINO, ke0_per_min=float(row["ke0_per_min"]))
    found = loading_bolus(model, 100.0)
    assert f"{found.peak_after_min:.2f}" == row["peak_min"]
    assert f"{found.amount_mg:.1f}" == row["bolus_mg"]
    # The other way: the root of Cp - Ce after 1 mg, by expm and Brent.
    unit = plain.bolus(1.0)

    def gap(minutes: float) -> float:
        state = plain.step(model, unit, 0.0, minutes)
        return plain.cp(model, state) - plain.ce(state)

    peak = brentq(gap, 0.05, 60.0, xtol=1e-14, rtol=1e-14)
    assert found.peak_after_min == pytest.approx(peak, rel=1e-9)
    assert found.amount_mg == pytest.approx(100.0 / plain.ce(plain.step(model, unit, 0.0, peak)), rel=1e-9)


def test_a_bolus_on_top_of_what_is_there_reaches_the_same_peak() -> None:
    state = advance(at_rest(KAMP), 52.5, 20)
    found = loading_bolus(state, 90.0, of="ce_s")
    fine = forecast(give_bolus(state, found.amount_mg), (), 20 + np.arange(0, 60, 0.001))
    assert fine.ce_s_ng_per_ml.max() == pytest.approx(90.0, rel=1e-8)
    assert fine.times_min[fine.ce_s_ng_per_ml.argmax()] == pytest.approx(20 + found.peak_after_min, abs=0.001)
    assert loading_bolus(state, 60.0, of="ce_s").amount_mg == 0.0
    assert loading_bolus(state, 500.0, of="cp").amount_mg == pytest.approx((500 - state.cp_ng_per_ml) * 0.025)


def test_v24_plasma_rates_and_amount_agree_with_expm_stepping() -> None:
    """Every 10 s: the rate that makes Cp the target at the end of the interval; steps of 100, 150 and 80 ng/mL."""
    targets = [(0.0, 100.0), (10.0, 150.0), (20.0, 80.0)]
    plan = plan_targets(KAMP, [TargetStep(*t) for t in targets], 30.0, of="cp")
    state, amount = np.zeros(4), 0.0
    unit = plain.cp(KAMP, plain.step(KAMP, np.zeros(4), 1.0, TEN_SECONDS_MIN))
    assert len(plan.rate_mg_per_h) == 180
    for index, rate in enumerate(plan.rate_mg_per_h):
        now = index / 6
        target = next(level for start, level in reversed(targets) if start <= now + 1e-9)
        free = plain.cp(KAMP, plain.step(KAMP, state, 0.0, TEN_SECONDS_MIN))
        expected = max(0.0, (target - free) / unit)
        assert rate == pytest.approx(expected, rel=1e-9, abs=1e-9 * 52.5)
        state = plain.step(KAMP, state, expected, TEN_SECONDS_MIN)
        amount += expected / 360
        assert plan.given_mg[index] == pytest.approx(amount, rel=1e-9)
        assert plan.cp_ng_per_ml[index] == pytest.approx(plain.cp(KAMP, state), rel=1e-9)
    assert plan.cp_ng_per_ml[59] == pytest.approx(100.0, rel=1e-12)
    assert plan.cp_ng_per_ml[119] == pytest.approx(150.0, rel=1e-12)
    assert plan.rate_mg_per_h[120] == 0.0


def test_the_first_effect_site_rate_is_that_of_shafer_and_gregg() -> None:
    """rate = target / Eudf(t*), t* = argmax of Ce after 10 s at 1 mg/h, by expm and a bounded search."""
    after = plain.step(KAMP, np.zeros(4), 1.0, TEN_SECONDS_MIN)
    best = minimize_scalar(
        lambda t: -plain.ce(plain.step(KAMP, after, 0.0, t)), bounds=(0.1, 60), options={"xatol": 1e-9}
    )
    plan = plan_targets(KAMP, [TargetStep(0, 80.0)], 1.0, of="ce")
    assert plan.rate_mg_per_h[0] == pytest.approx(80.0 / -best.fun, rel=1e-9)
    assert not plan.rate_mg_per_h[1:].any()


def levels(plan: TargetSchedule, until_min: float) -> np.ndarray:
    """The targeted level every 1.2 s under the merged schedule and for the time after it, nothing more given."""
    start = float(plan.start_min[0])
    curves = forecast(at_rest(plan.end.model, start), plan.segments, np.arange(start, until_min, 0.02))
    return np.asarray(getattr(curves, f"{plan.of}_ng_per_ml"))


rates = st.floats(0.002, 3.0)


@settings(max_examples=30, deadline=None)
@given(
    st.builds(
        Mammillary,
        v1_l=st.floats(3, 150),
        k10_per_min=st.floats(0.005, 0.8),
        k12_per_min=rates,
        k21_per_min=rates,
        k13_per_min=rates,
        k31_per_min=rates,
        ke0_per_min=st.floats(0.01, 8),
        s_fraction=st.sampled_from([0.5, 1.0]),
    ),
    st.floats(5, 300),
    st.sampled_from([TEN_SECONDS_MIN, 1.0, 10.0]),
    st.sampled_from([None, 0.1, 1.0]),
    st.sampled_from([None, 30.0, 150.0]),
)
def test_the_effect_site_never_overshoots(
    model: Mammillary, target: float, interval: float, resolution: float | None, ceiling: float | None
) -> None:
    limits = Limits(resolution, ceiling)
    plan = plan_targets(model, [TargetStep(0, target)], 30.0, of="ce_s", interval_min=interval, limits=limits)
    assert levels(plan, 60.0).max() <= target * (1 + 1e-7)
    assert (plan.rate_mg_per_h >= 0).all()
    assert ceiling is None or plan.rate_mg_per_h.max() <= ceiling


def test_it_reaches_and_holds_the_target() -> None:
    plan = plan_targets(KAMP, [TargetStep(0, 80.0)], 60.0, of="ce_s", limits=PUMP)
    assert plan.level_ng_per_ml[60:].min() > 0.7 * 80
    assert plan.level_ng_per_ml[120:].min() > 0.999 * 80
    assert plan.level_ng_per_ml.max() <= 80 * (1 + 1e-7)
    assert plan.given_mg[-1] == pytest.approx(sum((b - a) * r for a, b, r in plan.segments) / 60, rel=1e-12)
    assert plan.label.startswith("Advisory")


def test_a_lower_target_stops_the_pump_until_the_level_is_there() -> None:
    plan = plan_targets(KAMP, [TargetStep(0, 80.0), TargetStep(30, 40.0)], 90.0, of="ce_s")
    after = plan.start_min >= 30
    waiting = after & (plan.start_min < 38)
    assert not plan.rate_mg_per_h[waiting].any()
    assert plan.level_ng_per_ml[-1] == pytest.approx(40.0, rel=1e-3)
    back = plan.level_ng_per_ml[after]
    first = int(np.argmax(back <= 40 * (1 + 1e-7)))
    assert back[first:].max() <= 40 * (1 + 1e-7)


def test_above_the_target_nothing_is_given() -> None:
    """The course passes the target by itself: the guard answers 0, it does not fail."""
    state = give_bolus(at_rest(KAMP), 30.0)
    plan = plan_targets(state, [TargetStep(0, 20.0)], 10.0, of="ce_s")
    assert state.ce_s_ng_per_ml == 0.0
    assert plan.segments == ((0.0, plan.end_min[-1], 0.0),)
    assert plan.level_ng_per_ml.max() > 20.0


def test_a_running_session_goes_on_from_its_state() -> None:
    state = advance(at_rest(KAMP), 52.5, 12.0)
    plan = plan_targets(state, [TargetStep(12.0, 70.0)], 40.0, of="ce_s", limits=PUMP)
    curves = forecast(state, plan.segments, plan.end_min)
    np.testing.assert_allclose(plan.level_ng_per_ml, curves.ce_s_ng_per_ml, rtol=1e-12)
    assert plan.start_min[0] == 12.0
    assert curves.ce_s_ng_per_ml.max() <= 70 * (1 + 1e-7)
    assert plan.end.cp_ng_per_ml == pytest.approx(curves.cp_ng_per_ml[-1], rel=1e-10)


def test_a_racemate_needs_twice_the_level_for_the_same_s_ketamine() -> None:
    by_s = plan_targets(KAMP, [TargetStep(0, 60.0)], 20.0, of="ce_s")
    by_both = plan_targets(KAMP, [TargetStep(0, 120.0)], 20.0, of="ce")
    np.testing.assert_allclose(by_s.rate_mg_per_h, by_both.rate_mg_per_h, rtol=1e-12)
    pure = replace(KAMP, s_fraction=1.0)
    half = plan_targets(pure, [TargetStep(0, 60.0)], 20.0, of="ce_s")
    np.testing.assert_allclose(half.rate_mg_per_h, by_s.rate_mg_per_h / 2, rtol=1e-9, atol=1e-9)


def test_the_rule_is_linear_without_limits() -> None:
    once, thrice = (plan_targets(KAMP, [TargetStep(0, level)], 20.0, of="cp") for level in (50.0, 150.0))
    np.testing.assert_allclose(thrice.rate_mg_per_h, 3 * once.rate_mg_per_h, rtol=1e-10)


def test_a_chain_model_is_targeted_by_the_same_call() -> None:
    simons = load_card("simons2022").individual(70, ke0_per_min=math.log(2) / 8.3)
    plan = plan_targets(simons, [TargetStep(0, 60.0)], 20.0, of="ce_s", interval_min=1.0, limits=PUMP)
    assert plan.level_ng_per_ml.max() <= 60 * (1 + 1e-7)
    assert plan.level_ng_per_ml[-1] > 0.98 * 60


LIMITS = """
    resolution | ceiling | amount | interval_min | limited_by
    0.1        | 120     | 60     | 0.1666666667 | max_rate_mg_per_h
    1          | 60      | 1000   | 1            | max_rate_mg_per_h
    0.1        | 3000    | 12     | 0.5          | max_amount_mg
    0.5        | 90      | 20     | 5            | max_rate_mg_per_h max_amount_mg
"""


@pytest.mark.parametrize("row", rows(LIMITS), ids=lambda row: row["limited_by"] + row["interval_min"])
def test_rates_stay_within_the_pump_and_the_protocol(row: dict[str, str]) -> None:
    step, ceiling, amount = float(row["resolution"]), float(row["ceiling"]), float(row["amount"])
    interval = float(row["interval_min"])
    plan = plan_targets(
        KAMP,
        [TargetStep(0, 90.0), TargetStep(20, 60.0)],
        40.0,
        of="ce_s",
        interval_min=interval,
        limits=Limits(step, ceiling, amount),
    )
    ticks = plan.rate_mg_per_h / step
    np.testing.assert_allclose(ticks, np.round(ticks), atol=1e-9)
    assert plan.rate_mg_per_h.max() <= ceiling * (1 + 1e-12)
    assert plan.amount_mg <= amount * (1 + 1e-9)
    assert (np.diff(plan.given_mg) >= 0).all()
    edges = np.array([edge for segment in plan.segments for edge in segment[:2]])
    np.testing.assert_allclose(edges / interval, np.round(edges / interval), atol=1e-6)
    assert set(row["limited_by"].split()) == {reason for reason in plan.limited_by if reason}


def test_a_pump_finer_than_a_float_rounds_nothing() -> None:
    fine = Limits(resolution_mg_per_h=5e-324)
    one, other = (plan_targets(KAMP, [TargetStep(0, 90.0)], 5.0, limits=limits) for limits in (fine, None))
    np.testing.assert_array_equal(one.rate_mg_per_h, other.rate_mg_per_h)


def test_what_was_given_before_counts_towards_the_amount() -> None:
    limits = Limits(max_amount_mg=30.0, given_mg=25.0)
    plan = plan_targets(KAMP, [TargetStep(0, 90.0)], 40.0, limits=limits)
    assert plan.amount_mg == pytest.approx(5.0, rel=1e-9)
    assert plan.limited_by[0] == "max_amount_mg"


def test_nothing_is_given_before_the_first_target() -> None:
    plan = plan_targets(KAMP, [TargetStep(5.0, 50.0)], 10.0, of="cp")
    assert plan.segments[0] == (0.0, 5.0, 0.0)
    assert plan.cp_ng_per_ml[-1] == pytest.approx(50.0)


BARE = Mammillary(10.0, 0.1)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: plan_targets(KAMP, [], 10), "steps"),
        (lambda: plan_targets(KAMP, [TargetStep(0, math.nan)], 10), "steps[0].level_ng_per_ml"),
        (lambda: plan_targets(KAMP, [TargetStep(0, -1)], 10), "steps[0].level_ng_per_ml"),
        (lambda: plan_targets(KAMP, [TargetStep(-1, 1)], 10), "steps[0].start_min"),
        (lambda: plan_targets(KAMP, [TargetStep(0, 1), TargetStep(0, 2)], 10), "steps[1].start_min"),
        (lambda: plan_targets(at_rest(KAMP, 20), [TargetStep(0, 1)], 30), "steps[0].start_min"),
        (lambda: plan_targets(KAMP, [TargetStep(0, 1)], 0), "end_min"),
        (lambda: plan_targets(KAMP, [TargetStep(0, 1)], math.inf), "end_min"),
        (lambda: plan_targets(KAMP, [TargetStep(0, 1)], 1e6), "end_min"),
        (lambda: plan_targets(KAMP, [TargetStep(0, 1)], 10, interval_min=0), "interval_min"),
        (lambda: plan_targets(KAMP, [TargetStep(0, 1)], 10, of="cns"), "of"),  # type: ignore[arg-type]
        (lambda: plan_targets(BARE, [TargetStep(0, 1)], 10, of="ce"), "ke0_per_min"),
        (lambda: plan_targets(replace(ONE, s_fraction=None), [TargetStep(0, 1)], 10, of="ce_s"), "s_fraction"),
        (lambda: plan_targets(replace(ONE, s_fraction=0.0), [TargetStep(0, 1)], 10, of="ce_s"), "of"),
        (lambda: Limits(resolution_mg_per_h=0), "resolution_mg_per_h"),
        (lambda: Limits(max_rate_mg_per_h=-1), "max_rate_mg_per_h"),
        (lambda: Limits(max_amount_mg=math.nan), "max_amount_mg"),
        (lambda: Limits(given_mg=-1), "given_mg"),
        (lambda: plan_targets(KAMP, [TargetStep(0, 1e308)], 10, of="cp"), "steps"),
        (lambda: plan_targets(KAMP, [TargetStep(0, 1)], 1e-322, of="cp", interval_min=1e-323), "interval_min"),
        (lambda: loading_bolus(KAMP, 0), "peak_ng_per_ml"),
        (lambda: loading_bolus(BARE, 10), "ke0_per_min"),
    ],
)
def test_bad_input_names_its_field(call: object, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        call()  # type: ignore[operator]
    assert refusal.value.field == field
