"""Metabolites, transit chains and other routes against the differential equations in 60 digits."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from interlude.domain.pharmacology import Chain, Dose, Mammillary, Person, advance, at_rest, forecast, load_card, solve
from interlude.domain.pharmacology.expm import metzler_exponential
from interlude.domain.pharmacology.responses import through
from interlude.domain.refusals import Refused
from tests.domain.pharmacology.oracle import linear_by_decimal
from tests.domain.pharmacology.systems import otto, perez_ruixo, simons

D = Decimal
TIMES = [1e-3, 0.5, 5.0, 10.0, 20.0, 40.0, 41.0, 80.0, 110.0, 230.0, 1440.0]
USUAL = [(0, 0.0, 40.0, D(35) / 40)]
SERIES_DAYS = (0, 3, 7, 11)


def nasal(place_nose: int, place_gut: int, at: float, mg: int, mucosal: Decimal) -> tuple[list, list]:
    """Perez-Ruixo 2021: part through the nose at once, the rest evenly over 0.53 h into the gut."""
    swallowed = D(mg) * (1 - mucosal) * D("0.64")
    over = D("0.53") * 60
    return [(place_gut, at, float(D(at) + over), swallowed / over)], [(place_nose, at, D(mg) * mucosal)]


FIRST, LATER = D("0.54"), D("0.54") * D("0.62")
SPRAY_1, SPRAY_2 = nasal(6, 7, 0.0, 28, FIRST), nasal(6, 7, 5.0, 28, LATER)

# case: card, person, doses; the same written out for the oracle.
CASES = {
    "V09 Otto, usual infusion": ("otto2021", 70, [Dose("iv", 0, 35, 40)], otto(), USUAL, [], TIMES),
    "V09 Otto at 95 kg": ("otto2021", 95, [Dose("iv", 0, 35, 40)], otto("95"), USUAL, [], TIMES),
    "V16 four infusions over 11 days": (
        "otto2021",
        70,
        [Dose("iv", day * 1440, 35, 40) for day in SERIES_DAYS],
        otto(),
        [(0, day * 1440.0, day * 1440.0 + 40, D(35) / 40) for day in SERIES_DAYS],
        [],
        [40.0, 4320.0, 4360.0, 10_080.0, 10_120.0, 15_880.0, 16_000.0, 40_000.0],
    ),
    "V10 Simons, 20 mg over 20 min": (
        "simons2022",
        70,
        [Dose("iv", 0, 20, 20)],
        simons(),
        [(0, 0.0, 20.0, D(1))],
        [],
        TIMES,
    ),
    "V10 Simons, bolus": ("simons2022", 70, [Dose("iv", 3, 20)], simons(), [], [(0, 3.0, D(20))], TIMES),
    "Simons, film of 50 mg": (
        "simons2022",
        70,
        [Dose("sublingual", 0, 50)],
        simons(),
        [
            (11, 0.0, 13.1, D(50) * D("0.263") / D("13.1")),
            (12, 0.0, 29.9, D(50) * D("1.16") / D("29.9")),
        ],
        [],
        TIMES,
    ),
    "V11 Perez-Ruixo, intravenous": (
        "perezruixo2021",
        None,
        [Dose("iv", 0, 35, 40)],
        perez_ruixo(),
        USUAL,
        [],
        TIMES,
    ),
    "V11 Perez-Ruixo, 75 years, Asian": (
        "perezruixo2021",
        Person(age_years=75, asian=True),
        [Dose("iv", 0, 35, 40)],
        perez_ruixo(75, True),
        USUAL,
        [],
        TIMES,
    ),
    "V12 Perez-Ruixo, two sprays and what is swallowed": (
        "perezruixo2021",
        None,
        [Dose("nasal", 0, 28), Dose("nasal", 5, 28)],
        perez_ruixo(),
        SPRAY_1[0] + SPRAY_2[0],
        SPRAY_1[1] + SPRAY_2[1],
        TIMES,
    ),
    "Perez-Ruixo, by mouth": (
        "perezruixo2021",
        None,
        [Dose("oral", 10, 84)],
        perez_ruixo(),
        [(8, 10.0, 29.2, D(84) * D("0.64") / D("19.2"))],
        [],
        [t for t in TIMES if t > 10],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_output_agrees_with_sixty_digits(name: str) -> None:
    card, person, doses, (matrix, outputs), segments, boluses, times = CASES[name]
    curves = solve(load_card(card).individual(person), doses, times)
    states = linear_by_decimal(matrix, segments, boluses, times)
    for output, (place, volume) in outputs.items():
        expected = [state[place] / float(volume) * 1000 for state in states]
        np.testing.assert_allclose(curves.output(output), expected, rtol=1e-9, atol=0, err_msg=output)


@pytest.mark.parametrize("card", ["otto2021", "simons2022", "perezruixo2021"])
def test_the_effect_site_of_a_chain_is_the_equation(card: str) -> None:
    """Ce by trapezoids on a fine grid of Cp, exp kernel: a second, slow way."""
    model = load_card(card).individual(70)
    times = np.linspace(0, 120, 120_001)
    curves = solve(model, [Dose("iv", 0, 35, 40)], times)
    ke0 = model.ke0_per_min
    kernel = np.exp(-ke0 * (120 - times)) * ke0 * curves.cp_ng_per_ml
    assert curves.ce_ng_per_ml[-1] == pytest.approx(np.trapezoid(kernel, times), rel=1e-7)
    np.testing.assert_allclose(curves.output("Ce_s"), curves.ce_ng_per_ml)


def test_the_two_ways_of_a_chain_agree_and_equal_rates_take_the_sure_one() -> None:
    distinct, equal = (load_card(name).individual(70) for name in ("otto2021", "simons2022"))
    assert distinct._modes is not None
    assert equal._modes is None
    held = distinct.dosed(distinct.at_rest(), "central", 20.0)
    minutes = np.array([0.5, 3.0, 40.0, 41.0, 700.0])
    inflow = np.zeros(len(held))
    inflow[0] = 0.3
    np.testing.assert_allclose(
        distinct._by_modes(held, inflow, minutes), distinct._by_steps(held, inflow, minutes), rtol=1e-10
    )


def test_a_mammillary_set_is_the_same_as_a_chain() -> None:
    """The closed form and the matrix exponential share no line."""
    closed = load_card("kamp2020").individual(70)
    k12, k21, k13, k31 = (closed.k12_per_min, closed.k21_per_min, closed.k13_per_min, closed.k31_per_min)
    matrix = np.array([[-(closed.k10_per_min + k12 + k13), k21, k31], [k12, -k21, 0], [k13, 0, -k31]])
    chain = Chain(("central", "a", "b"), matrix, {"Cp": "central"}, {"Cp": 25.0}, ke0_per_min=closed.ke0_per_min)
    times = [0.1, 5, 40, 90, 4000]
    one, other = (solve(m, [Dose("iv", 0, 5), Dose("iv", 0, 35, 40)], times) for m in (closed, chain))
    np.testing.assert_allclose(other.cp_ng_per_ml, one.cp_ng_per_ml, rtol=1e-10)
    np.testing.assert_allclose(other.ce_ng_per_ml, one.ce_ng_per_ml, rtol=1e-10)
    np.testing.assert_allclose(other.amounts_mg, one.amounts_mg, rtol=1e-10)


def test_a_live_session_of_a_chain_second_by_second() -> None:
    for name in ("otto2021", "simons2022"):
        model = load_card(name).individual(82)
        state = at_rest(model)
        for second in range(1800):
            state = advance(state, 52.5 if second < 1200 else 20.0, 1 / 60)
        whole = solve(model, [Dose("iv", 0, 17.5, 20), Dose("iv", 20, 20 / 6, 10)], [30.0])
        for output in ("Cp", "Ce", "Cp_norketamine"):
            assert float(state.output(output)) == pytest.approx(float(whole.output(output)[0]), rel=1e-9)
        ahead = forecast(state, [], [30.0, 60.0])
        assert float(ahead.output("Cp")[0]) == pytest.approx(float(state.output("Cp")), rel=1e-12)


# --- a depot ---------------------------------------------------------------------------------------------------


def depot_matrix(model: Mammillary) -> list[list[Decimal]]:
    """Depot 0, central 1, peripherals 2 and 3, effect site 4 (as mg/L)."""
    k10, k12, k21, k13, k31, ka, ke0 = (
        D(value or 0.0)
        for value in (
            model.k10_per_min,
            model.k12_per_min,
            model.k21_per_min,
            model.k13_per_min,
            model.k31_per_min,
            model.ka_per_min,
            model.ke0_per_min,
        )
    )
    zero = D(0)
    return [
        [-ka, zero, zero, zero, zero],
        [ka, -(k10 + k12 + k13), k21, k31, zero],
        [zero, k12, -k21, zero, zero],
        [zero, k13, zero, -k31, zero],
        [zero, ke0 / D(model.v1_l), zero, zero, -ke0],
    ]


KAMP = load_card("kamp2020").individual(70)
SLOW, MIDDLE, FAST = (float(rate) for rate in KAMP.modes.rates_per_min)
DEPOTS = {
    "V13 muscle": 0.021,
    "ka = ke0": KAMP.ke0_per_min,
    "ka = slow eigenvalue": SLOW,
    "ka = middle eigenvalue (1 + 1e-9)": MIDDLE * (1 + 1e-9),
    "ka = fast eigenvalue": FAST,
    "ka very fast": 50.0,
    "ka very slow": 1e-6,
}


@pytest.mark.parametrize("name", DEPOTS)
def test_a_depot_agrees_with_sixty_digits(name: str) -> None:
    model = load_card("kamp2020").individual(70, ka_per_min=DEPOTS[name], bioavailability=0.93)
    times = [0.01, 1.0, 5.0, 22.0, 40.0, 60.0, 240.0, 1440.0]
    doses = [Dose("im", 0, 35), Dose("im", 30, 10, 20), Dose("iv", 5, 10, 10)]
    states = linear_by_decimal(
        depot_matrix(model),
        [(0, 30.0, 50.0, D(10) * D(0.93) / 20), (1, 5.0, 15.0, D(1))],
        [(0, 0.0, D(35) * D(0.93))],
        times,
    )
    curves = solve(model, doses, times)
    np.testing.assert_allclose(curves.cp_ng_per_ml, [s[1] / model.v1_l * 1000 for s in states], rtol=1e-9)
    np.testing.assert_allclose(curves.ce_ng_per_ml, [s[4] * 1000 for s in states], rtol=1e-9)
    np.testing.assert_allclose(curves.amounts_mg[-1], [s[0] for s in states], rtol=1e-9)


def test_a_depot_alone_with_the_same_rate_everywhere() -> None:
    """One compartment, ka = k10 = ke0: the textbook formulas divide by zero three times."""
    model = Mammillary(20.0, 0.1, ke0_per_min=0.1, ka_per_min=0.1)
    curves = solve(model, [Dose("oral", 0, 40)], [0.0, 3.0, 10.0, 60.0])
    t = curves.times_min
    np.testing.assert_allclose(curves.cp_ng_per_ml, 2000 * 0.1 * t * np.exp(-0.1 * t), rtol=1e-13)
    np.testing.assert_allclose(curves.ce_ng_per_ml, 2000 * (0.1 * t) ** 2 / 2 * np.exp(-0.1 * t), rtol=1e-13)


rates = st.floats(1e-5, 30.0)


@settings(max_examples=80, deadline=None)
@given(st.lists(rates, min_size=2, max_size=5), st.floats(1e-3, 300.0), st.sampled_from([0.0, 1e-13, 1e-7, 1e-3]))
def test_stages_in_a_row_in_sixty_digits(drawn: list[float], t: float, nearness: float) -> None:
    """Also where two of the rates are equal or nearly so. The oracle is the chain of stages itself."""
    drawn[-1] = drawn[0] * (1 + nearness)
    count = len(drawn)
    matrix = [[D(0)] * count for _ in range(count)]
    for place, rate in enumerate(drawn):
        matrix[place][place] = -D(rate)
        if place:
            matrix[place][place - 1] = D(1)
    expected = linear_by_decimal(matrix, [], [(0, 0.0, D(1))], [t])[0][-1]
    got = float(through(drawn, np.array([t]))[0])
    assert got == pytest.approx(expected, rel=1e-11, abs=1e-300)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 7), st.integers(0, 2**32 - 1), st.floats(1e-3, 50.0))
def test_the_matrix_exponential_agrees_with_scipy(count: int, seed: int, span: float) -> None:
    rng = np.random.default_rng(seed)
    flows = rng.exponential(0.3, (3, count, count)) * (rng.random((3, count, count)) < 0.5)
    for one in flows:
        np.fill_diagonal(one, 0.0)
        np.fill_diagonal(one, -(one.sum(axis=0) + 0.01))
    ours = metzler_exponential(flows * span)
    for one, got in zip(flows, ours, strict=True):
        np.testing.assert_allclose(got, expm(one * span), rtol=1e-8, atol=1e-13)
        assert (got >= 0).all()


def test_stiff_chains_keep_every_digit() -> None:
    """40 per minute beside 1e-6 per minute, over a week: each entry in 60 digits."""
    matrix = [[D(-40), D(1) / 1000, D(0)], [D(40), D("-0.501"), D(0)], [D(0), D("0.5"), D("-0.000001")]]
    chain = Chain(
        ("central", "b", "c"), np.array([[float(v) for v in row] for row in matrix]), {"Cp": "central"}, {"Cp": 5.0}
    )
    times = [0.01, 1.0, 60.0, 1440.0, 10_080.0]
    states = linear_by_decimal(matrix, [(0, 0.0, 40.0, D(1))], [], times)
    curves = solve(chain, [Dose("iv", 0, 40, 40)], times)
    np.testing.assert_allclose(curves.amounts_mg.T, states, rtol=1e-9)


def test_a_flow_backwards_is_no_model() -> None:
    for bad in (np.array([[-1.0, -0.1], [0.5, -0.2]]), np.array([[-1.0, math.nan], [0.5, -0.2]])):
        with pytest.raises(Refused) as refusal:
            Chain(("central", "b"), bad, {"Cp": "central"}, {"Cp": 1.0})
        assert refusal.value.field == "model"
    with pytest.raises(ValueError, match="negative"):
        metzler_exponential(np.array([[0.0, -1.0], [0.0, 0.0]]))
