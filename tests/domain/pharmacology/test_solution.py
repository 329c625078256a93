"""The exact solution against the obvious way, on the cases that a correct implementation must get right."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlude.domain.pharmacology import (
    Mammillary,
    advance,
    at_rest,
    concentrations,
    decrement_time_min,
    forecast,
    give_bolus,
    if_stopped,
    load_card,
    state_from_amounts,
)
from interlude.domain.refusals import Refused
from tests.domain.pharmacology.oracle import by_decimal, by_scipy

TOLERANCE = 1e-9
KE0 = math.log(2) / 8.3
USUAL = [(0.0, 40.0, 52.5)]
TIMES = [1e-3, 0.5, 5.0, 10.0, 20.0, 40.0, 41.0, 80.0, 110.0, 230.0, 1440.0]


def of_weight(weight_kg: float, v1: float, k10: float, *pairs: float, ke0: float = KE0) -> Mammillary:
    names = ("k12_per_min", "k21_per_min", "k13_per_min", "k31_per_min")
    return Mammillary(v1 * weight_kg, k10, **dict(zip(names, pairs, strict=False)), ke0_per_min=ke0)


# Published sets as recorded by opentiva, SimTIVA and stanpumpR (V1 in L/kg, rates per minute).
DOMINO = of_weight(70, 0.063, 0.4381, 0.5921, 0.2470, 0.5900, 0.0146)
DOMINO_ROUNDED = of_weight(70, 0.063, 0.438, 0.592, 0.2470, 0.5900, 0.0146)
CLEMENTS = of_weight(70, 1.7522, 0.0109, 0.0186, 0.0137)
HIJAZI = of_weight(70, 1.08, 0.0333, 0.0088, 0.0030)
KAMP = load_card("kamp2020").individual(70)
KAMP_110 = load_card("kamp2020").individual(110)
KAMP_110_LINEAR = load_card("kamp2020").individual(110, clearance_exponent=1.0)
HERD_20 = Mammillary(
    38.7 * 20 / 70,
    90 * (20 / 70) ** 0.75 / 60 / (38.7 * 20 / 70),
    215 * (20 / 70) ** 0.75 / 60 / (38.7 * 20 / 70),
    215 * (20 / 70) ** 0.75 / 60 / (102 * 20 / 70),
    ke0_per_min=KE0,
)
ONE = Mammillary(200.0, 0.02, ke0_per_min=KE0)
EIGENVALUES = KAMP.modes.rates_per_min
SAME_RETURN = Mammillary(10.0, 0.1, 0.3, 0.05, 0.2, 0.05, KE0)
STIFF = Mammillary(5.0, 2.0, 40.0, 8.0, 0.5, 1e-6, 30.0)

PAUSED = [(0.0, 10.0, 40.0), (10.0, 15.0, 60.0), (22.0, 30.0, 30.0), (30.0, 38.5, 20.0)]
SERIES = [(d * 1440.0, d * 1440.0 + 40.0, 52.5) for d in (0, 3, 7, 11)]
LATE = [40.0, 4360.0, 10_080.0, 10_120.0, 15_880.0, 16_000.0]

CASES = {
    "V01 Domino": (DOMINO, USUAL, [], TIMES),
    "V02 Domino rounded": (DOMINO_ROUNDED, USUAL, [], TIMES),
    "V03 Clements": (CLEMENTS, USUAL, [], TIMES),
    "V04 Hijazi": (HIJAZI, USUAL, [], TIMES),
    "V05 child bolus": (HERD_20, [], [(0.0, 40.0)], TIMES),
    "V06 Kamp 70 kg": (KAMP, USUAL, [], TIMES),
    "V07 Kamp 110 kg": (KAMP_110, [(0.0, 40.0, 82.5)], [], TIMES),
    "V08 Kamp 110 kg, exponent 1": (KAMP_110_LINEAR, [(0.0, 40.0, 82.5)], [], TIMES),
    "V14 titrated, paused, resumed, stopped": (KAMP, PAUSED, [], [3.0, 12.0, 20.0, 29.0, 60.0, 200.0]),
    "V15 loading and infusion": (KAMP, USUAL, [(0.0, 7.7), (20.0, 5.0)], TIMES),
    "V16 four infusions": (KAMP, SERIES, [], LATE),
    "V17 ke0 = slow eigenvalue": (replace(KAMP, ke0_per_min=float(EIGENVALUES[0])), USUAL, [(0.0, 5.0)], TIMES),
    "V17 ke0 = middle eigenvalue": (replace(KAMP, ke0_per_min=float(EIGENVALUES[1])), USUAL, [], TIMES),
    "V17 ke0 = fast eigenvalue": (replace(KAMP, ke0_per_min=float(EIGENVALUES[2])), USUAL, [], TIMES),
    "V17 one compartment, ke0 = k10": (Mammillary(20.0, 0.1, ke0_per_min=0.1), USUAL, [(5.0, 1.0)], TIMES),
    "V18 ke0 = eigenvalue (1 + 1e-7)": (
        replace(KAMP, ke0_per_min=float(EIGENVALUES[1]) * (1 + 1e-7)),
        USUAL,
        [(0.0, 5.0)],
        TIMES,
    ),
    "V18 ke0 = eigenvalue (1 - 1e-13)": (
        replace(KAMP, ke0_per_min=float(EIGENVALUES[2]) * (1 - 1e-13)),
        USUAL,
        [],
        TIMES,
    ),
    "V19 k21 = k31": (SAME_RETURN, USUAL, [(10.0, 3.0)], TIMES),
    "V19 k21 = k31 (1 + 1e-12)": (replace(SAME_RETURN, k31_per_min=0.05 * (1 + 1e-12)), USUAL, [], TIMES),
    "V20 stiff, nearly irreversible, 7 days": (STIFF, USUAL, [(0.0, 5.0)], [1e-3, 1.0, 40.0, 60.0, 1440.0, 10_080.0]),
    "V21 one compartment": (ONE, USUAL, [(40.0, 10.0)], TIMES),
    "V22 Clements bolus": (CLEMENTS, [], [(0.0, 17.5)], TIMES),
    "no elimination": (Mammillary(10.0, 0.0, 0.3, 0.05, ke0_per_min=0.2), USUAL, [], TIMES),
    "third compartment only": (
        Mammillary(10.0, 0.1, k13_per_min=0.2, k31_per_min=0.01, ke0_per_min=1.0),
        USUAL,
        [],
        TIMES,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_case_agrees_with_sixty_digits(name: str) -> None:
    model, segments, boluses, times = CASES[name]
    curves = concentrations(model, segments, times, boluses)
    cp, ce = by_decimal(model, segments, times, boluses)
    np.testing.assert_allclose(curves.cp_ng_per_ml, cp, rtol=TOLERANCE, atol=0)
    np.testing.assert_allclose(curves.ce_ng_per_ml, ce, rtol=TOLERANCE, atol=0)


@pytest.mark.parametrize("name", [name for name in CASES if "stiff" not in name])
def test_most_cases_agree_with_the_matrix_exponential_of_scipy(name: str) -> None:
    """The stiff case is left to the sixty digits: double precision loses it in the squaring."""
    model, segments, boluses, times = CASES[name]
    times = [t for t in times if t >= 0.5]
    curves = concentrations(model, segments, times, boluses)
    cp, ce = by_scipy(model, segments, times, boluses)
    np.testing.assert_allclose(curves.cp_ng_per_ml, cp, rtol=TOLERANCE, atol=0)
    np.testing.assert_allclose(curves.ce_ng_per_ml, ce, rtol=TOLERANCE, atol=0)


rate_constants = st.floats(1e-4, 5.0)


@st.composite
def models(draw: st.DrawFn) -> Mammillary:
    second, third = draw(st.booleans()), draw(st.booleans())
    return Mammillary(
        draw(st.floats(1.0, 200.0)),
        draw(rate_constants),
        *([draw(rate_constants), draw(rate_constants)] if second else [None, None]),
        *([draw(rate_constants), draw(rate_constants)] if third else [None, None]),
        ke0_per_min=draw(rate_constants),
    )


@settings(max_examples=60, deadline=None)
@given(
    models(),
    st.lists(st.tuples(st.floats(0, 60), st.floats(0.5, 60), st.floats(0, 100)), max_size=3),
    st.lists(st.tuples(st.floats(0, 60), st.floats(0, 50)), max_size=2),
    st.lists(st.floats(0.1, 300), min_size=1, max_size=3),
)
def test_random_models_and_doses_agree_with_scipy(
    model: Mammillary,
    doses: list[tuple[float, float, float]],
    boluses: list[tuple[float, float]],
    times: list[float],
) -> None:
    segments = [(start, start + span, rate) for start, span, rate in doses]
    times = sorted(times)
    curves = concentrations(model, segments, times, boluses)
    cp, ce = by_scipy(model, segments, times, boluses)
    scale = max(1e-9, *cp, *ce)
    np.testing.assert_allclose(curves.cp_ng_per_ml, cp, rtol=TOLERANCE, atol=1e-12 * scale)
    np.testing.assert_allclose(curves.ce_ng_per_ml, ce, rtol=TOLERANCE, atol=1e-12 * scale)


@settings(max_examples=100, deadline=None)
@given(models())
def test_eigenvalues_are_exact_to_the_last_digits(model: Mammillary) -> None:
    """The characteristic function, in 60 digits, changes sign within a few units of the last place."""
    with localcontext() as context:
        context.prec = 60

        def characteristic(rate: Decimal) -> Decimal:
            value = Decimal(model.k10_per_min) - rate
            for out, back in model.pairs:
                value -= Decimal(out) * rate / (Decimal(back) - rate)
            return value

        for rate in model.modes.rates_per_min:
            if any(rate == back for _, back in model.pairs):
                continue  # a root closer to its pole than one unit in the last place
            low, high = (Decimal(float(rate)) * (1 + Decimal(s) * Decimal("2e-15")) for s in (-1, 1))
            if any(low <= Decimal(back) <= high for _, back in model.pairs):
                continue
            assert characteristic(low) >= 0 >= characteristic(high)


def test_the_usual_infusion_gives_the_published_figures() -> None:
    curves = concentrations(KAMP, USUAL, [10, 20, 40, 60, 80, 110, 230])
    assert [round(v) for v in curves.cp_ng_per_ml[[2, 4, 5, 6]]] == [253, 74, 54, 27]
    assert [round(v) for v in curves.ce_s_ng_per_ml[:6]] == [31, 65, 107, 69, 46, 31]


@pytest.mark.parametrize(
    ("model", "cp_40", "cp_230"), [(DOMINO, 240.330811, 18.422023), (DOMINO_ROUNDED, 240.3596, None)]
)
def test_domino_gives_the_figures_of_other_programs(model: Mammillary, cp_40: float, cp_230: float | None) -> None:
    cp = concentrations(model, USUAL, [40, 230]).cp_ng_per_ml
    assert cp[0] == pytest.approx(cp_40, rel=3e-7)
    if cp_230 is not None:
        assert cp[1] == pytest.approx(cp_230, rel=3e-7)


def test_the_weight_exponent_makes_the_published_difference() -> None:
    quarter, linear = (concentrations(m, [(0, 40, 82.5)], [40]).cp_ng_per_ml[0] for m in (KAMP_110, KAMP_110_LINEAR))
    assert (round(quarter, 1), round(linear, 1)) == (271.8, 253.1)


@pytest.mark.parametrize(("model", "half_time"), [(DOMINO, 1.7), (KAMP, 8.7)])
def test_context_sensitive_half_times(model: Mammillary, half_time: float) -> None:
    """V28 and V29, after 40 minutes; the half-time really halves the level."""
    state = advance(at_rest(model), 52.5, 40)
    minutes = decrement_time_min(state)
    assert minutes is not None
    assert round(minutes, 1) == half_time
    left = if_stopped(state, [40 + minutes]).cp_ng_per_ml[0]
    assert left == pytest.approx(state.cp_ng_per_ml / 2, rel=1e-8)


def test_the_effect_site_rises_first_and_falls_later() -> None:
    state = advance(give_bolus(at_rest(KAMP), 20), 0, 2)
    minutes = decrement_time_min(state, of="ce")
    assert minutes is not None
    after = if_stopped(state, [2.0, 4.0, 2.0 + minutes, 2.0 + minutes * 2]).ce_ng_per_ml
    assert after[1] > after[0]
    assert after[2] == pytest.approx(after[0] / 2, rel=1e-8)
    assert after[3] < after[2]


def test_nothing_to_fall_and_nothing_that_eliminates() -> None:
    assert decrement_time_min(at_rest(KAMP)) is None
    assert decrement_time_min(give_bolus(at_rest(Mammillary(10.0, 0.0)), 5)) is None
    with pytest.raises(Refused, match="between 0 and 1"):
        decrement_time_min(at_rest(KAMP), fall=1.0)


def test_a_session_second_by_second_equals_one_evaluation() -> None:
    """The live state, moved on 4,000 times with its changes of rate, stays on the exact curve."""
    plan = [(0.0, 15.0, 52.5), (15.0, 20.0, 0.0), (20.0, 40.0, 26.25)]
    state = at_rest(KAMP)
    for second in range(4000):
        now = second / 60
        rate = next((r for start, end, r in plan if start <= now + 1e-9 < end), 0.0)
        state = advance(state, rate, 1 / 60)
    curves = concentrations(KAMP, plan, [4000 / 60])
    assert state.cp_ng_per_ml == pytest.approx(curves.cp_ng_per_ml[0], rel=1e-11)
    assert state.ce_s_ng_per_ml == pytest.approx(curves.ce_s_ng_per_ml[0], rel=1e-11)


def test_a_forecast_from_now_continues_the_curve_and_bends_when_the_rate_changes() -> None:
    now = advance(at_rest(KAMP), 52.5, 25)
    ahead = np.arange(25.0, 120.0)
    unchanged = forecast(now, USUAL, ahead)
    whole = concentrations(KAMP, USUAL, ahead)
    np.testing.assert_allclose(unchanged.cp_ng_per_ml, whole.cp_ng_per_ml, rtol=1e-12)
    np.testing.assert_allclose(unchanged.ce_ng_per_ml, whole.ce_ng_per_ml, rtol=1e-12)
    slower = forecast(now, [(25, 40, 26.25)], ahead)
    stopped = if_stopped(now, ahead)
    assert (stopped.cp_ng_per_ml[1:] < slower.cp_ng_per_ml[1:]).all()
    assert (slower.cp_ng_per_ml[1:] < unchanged.cp_ng_per_ml[1:]).all()


@pytest.mark.parametrize("model", [KAMP, SAME_RETURN, CLEMENTS, ONE, STIFF])
def test_compartment_amounts_carry_the_whole_state(model: Mammillary) -> None:
    state = advance(give_bolus(advance(at_rest(model), 52.5, 20), 5), 10, 7)
    again = state_from_amounts(model, state.at_min, list(state.amounts_mg), state.ce_ng_per_ml)
    times = np.arange(27.0, 200.0)
    one, other = if_stopped(state, times), if_stopped(again, times)
    np.testing.assert_allclose(other.cp_ng_per_ml, one.cp_ng_per_ml, rtol=1e-10)
    np.testing.assert_allclose(other.ce_ng_per_ml, one.ce_ng_per_ml, rtol=1e-10)


def test_mass_is_kept_without_elimination() -> None:
    model = Mammillary(10.0, 0.0, 0.3, 0.05, 0.2, 0.05)
    state = advance(give_bolus(at_rest(model), 3.0), 60.0, 30.0)
    assert state.amounts_mg.sum() == pytest.approx(33.0, rel=1e-13)
    assert (state.amounts_mg > 0).all()


def test_a_bolus_is_read_just_after_it_was_given() -> None:
    curves = concentrations(ONE, [], [0, 10], [(0, 20), (10, 0)])
    assert curves.cp_ng_per_ml[0] == pytest.approx(100.0)
    assert curves.ce_ng_per_ml[0] == 0.0


def test_an_effect_site_needs_a_ke0_and_a_share() -> None:
    bare = concentrations(Mammillary(10.0, 0.1), USUAL, [10])
    assert bare.cp_ng_per_ml[0] > 0
    with pytest.raises(Refused) as refusal:
        _ = bare.ce_ng_per_ml
    assert refusal.value.field == "ke0_per_min"
    with pytest.raises(Refused, match="S-ketamine"):
        _ = concentrations(ONE, USUAL, [10]).ce_s_ng_per_ml


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"v1_l": 0.0}, "v1_l"),
        ({"v1_l": math.nan}, "v1_l"),
        ({"k10_per_min": -1.0}, "k10_per_min"),
        ({"k12_per_min": 0.1}, "k21_per_min"),
        ({"k31_per_min": 0.1}, "k13_per_min"),
        ({"k12_per_min": 0.1, "k21_per_min": 0.0}, "k21_per_min"),
        ({"k12_per_min": 0.0, "k21_per_min": 0.1}, "k12_per_min"),
        ({"ke0_per_min": 0.0}, "ke0_per_min"),
        ({"s_fraction": 2.0}, "s_fraction"),
    ],
)
def test_a_model_that_cannot_be_names_the_field(values: dict[str, float], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        Mammillary(**{"v1_l": 10.0, "k10_per_min": 0.1, **values})
    assert refusal.value.field == field


def test_a_pair_of_zeros_is_no_compartment() -> None:
    with_zeros = Mammillary(10.0, 0.1, 0.0, 0.0, 0.2, 0.05, ke0_per_min=0.1)
    without = Mammillary(10.0, 0.1, k13_per_min=0.2, k31_per_min=0.05, ke0_per_min=0.1)
    one, other = (concentrations(m, USUAL, TIMES) for m in (with_zeros, without))
    np.testing.assert_array_equal(one.cp_ng_per_ml, other.cp_ng_per_ml)


def test_impossible_doses_and_times_are_refused() -> None:
    for call in (
        lambda: concentrations(KAMP, [(0, 40, -1)], [1]),
        lambda: concentrations(KAMP, [(40, 0, 1)], [1]),
        lambda: concentrations(KAMP, [(0, math.inf, 1)], [1]),
        lambda: concentrations(KAMP, [], [1], [(0, -1)]),
        lambda: concentrations(KAMP, [], [2, 1]),
        lambda: concentrations(KAMP, [], [-1]),
        lambda: concentrations(KAMP, [], [math.nan]),
        lambda: advance(at_rest(KAMP), -1, 1),
        lambda: advance(at_rest(KAMP), 1, -1),
        lambda: give_bolus(at_rest(KAMP), math.inf),
        lambda: if_stopped(at_rest(KAMP, 10), [5]),
        lambda: concentrations(KAMP, [(0, 1e308, 1e308)], [1e308]),
    ):
        with pytest.raises(Refused):
            call()
