"""The turnover marker against a numerical integrator and against a plain refined sum."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from interlude.domain.pharmacology import Dose, Mammillary, load_card, solve
from interlude.domain.pharmacology.effects import sigmoid
from interlude.domain.pharmacology.turnover import Marker, load_turnover, marker_under_doses, marker_under_level
from interlude.domain.refusals import Refused

KAMP = load_card("kamp2020").individual(70)
USUAL = (Dose("iv", 0.0, 35.0, 40.0),)
SERIES = tuple(Dose("iv", day * 1440.0, 35.0, 40.0) for day in (0, 3, 7, 11))
BOLUS = (Dose("iv", 0.0, 10.0), Dose("iv", 5.0, 20.0, 30.0), Dose("iv", 60.0, 5.0))

# V23: the Hill coefficient 1.5 and the rates are assumed.
CASES = {
    "V23 one infusion": (Marker(10.0, math.log(2) / 60, 121.0, 1.5, 2.0), USUAL, [5.0, 40.0, 60.0, 240.0, 1440.0]),
    "V23 inhibition": (Marker(10.0, math.log(2) / 60, 121.0, 1.5, -0.8), USUAL, [5.0, 40.0, 60.0, 240.0, 1440.0]),
    "full inhibition": (Marker(3.0, 0.05, 20.0, 1.5, -1.0), USUAL, [10.0, 40.0, 90.0]),
    "steep": (Marker(1.0, 0.01, 100.0, 8.0, 5.0), USUAL, [5.0, 20.0, 40.0, 100.0, 600.0]),
    "shallow": (Marker(1.0, 0.01, 50.0, 0.4, 5.0), USUAL, [1e-3, 5.0, 40.0, 100.0, 600.0]),
    "fast marker": (Marker(1.0, 20.0, 121.0, 1.5, 1.0), USUAL, [1.0, 40.0, 40.5, 100.0]),
    "boluses": (Marker(7.0, 0.02, 80.0, 1.5, 1.0), BOLUS, [0.0, 1.0, 5.0, 35.0, 60.0, 60.1, 300.0]),
    "weeks": (load_turnover().marker(baseline=1.0, hill=1.5, maximum=-0.7), SERIES, [40.0, 4320.0, 15_900.0, 60_000.0]),
}


def by_solve_ivp(marker: Marker, doses: tuple[Dose, ...], times: list[float]) -> list[float]:
    """Piece by piece at a tight tolerance; the level from the package, the equation written out."""
    kin = marker.baseline * marker.kout_per_min
    edges = sorted({0.0, *times, *(e for d in doses for e in (d.start_min, d.end_min) if e < times[-1])})
    value, seen = marker.baseline, {0.0: marker.baseline}
    for start, end in pairwise(edges):

        def slope(t: float, e: np.ndarray) -> np.ndarray:
            level = float(solve(KAMP, doses, [t]).cp_ng_per_ml[0])
            power = (level / marker.c50_ng_per_ml) ** marker.hill
            return np.asarray(kin * (1 + marker.maximum * power / (1 + power)) - marker.kout_per_min * e)

        inside = np.nextafter(end, start)  # a bolus at `end` belongs to the next piece
        method = "LSODA" if marker.kout_per_min > 1 else "DOP853"
        found = solve_ivp(slope, (start, inside), [value], method=method, rtol=1e-12, atol=1e-14)
        value = float(found.y[0, -1])
        seen[end] = value
    return [seen[t] for t in times]


def by_refined_sum(marker: Marker, doses: tuple[Dose, ...], times: list[float], panels: int) -> list[float]:
    """Variation of constants for E itself with composite Simpson on s = edge + L u^4, which tames the edge."""
    kin = marker.baseline * marker.kout_per_min
    edges = sorted({0.0, *times, *(e for d in doses for e in (d.start_min, d.end_min) if e < times[-1])})
    value, seen = marker.baseline, {0.0: marker.baseline}
    u = np.linspace(0.0, 1.0, 2 * panels + 1)
    weights = np.ones_like(u)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    weights /= 6.0 * panels
    for start, end in pairwise(edges):
        s = np.minimum(start + (end - start) * u**4, np.nextafter(end, start))
        drive = 1 + marker.maximum * sigmoid(solve(KAMP, doses, s).cp_ng_per_ml, marker.c50_ng_per_ml, marker.hill)
        integrand = np.exp(-marker.kout_per_min * (end - s)) * drive * 4 * u**3 * (end - start)
        value = value * math.exp(-marker.kout_per_min * (end - start)) + kin * float(weights @ integrand)
        seen[end] = value
    return [seen[t] for t in times]


@pytest.mark.parametrize("name", [name for name in CASES if name != "weeks"])
def test_it_agrees_with_a_numerical_integrator(name: str) -> None:
    marker, doses, times = CASES[name]
    found = marker_under_doses(marker, KAMP, doses, times)
    np.testing.assert_allclose(found, by_solve_ivp(marker, doses, times), rtol=1e-9)


@pytest.mark.parametrize("name", [name for name in CASES if name != "fast marker"])
def test_it_agrees_with_a_refined_sum(name: str) -> None:
    marker, doses, times = CASES[name]
    found = marker_under_doses(marker, KAMP, doses, times)
    np.testing.assert_allclose(found, by_refined_sum(marker, doses, times, 60_000), rtol=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    st.floats(1e-4, 0.2), st.floats(5, 500), st.floats(0.5, 6), st.floats(-1, 5), st.floats(1, 90), st.floats(1, 600)
)
def test_random_markers_against_the_refined_sum(
    kout: float, c50: float, hill: float, maximum: float, duration: float, later: float
) -> None:
    marker = Marker(2.0, kout, c50, hill, maximum)
    doses = (Dose("iv", 0.0, 35.0, duration),)
    times = [duration, duration + later]
    found = marker_under_doses(marker, KAMP, doses, times)
    np.testing.assert_allclose(found, by_refined_sum(marker, doses, times, 20_000), rtol=1e-9)


@pytest.mark.parametrize("level_ng_per_ml", [0.0, 30.0, 121.0, 1e9])
def test_a_constant_level_has_its_closed_form(level_ng_per_ml: float) -> None:
    marker = Marker(10.0, 0.01, 121.0, 1.5, 2.0)
    times = np.array([0.0, 1.0, 50.0, 500.0, 10_000.0])
    found = marker_under_level(marker, lambda t: np.full_like(t, level_ng_per_ml), times)
    power = (level_ng_per_ml / 121.0) ** 1.5
    plateau = 10.0 * (1 + 2.0 * power / (1 + power))
    np.testing.assert_allclose(found, plateau + (10.0 - plateau) * np.exp(-0.01 * times), rtol=1e-12)


def test_without_drug_it_returns_to_its_baseline() -> None:
    marker = Marker(10.0, 0.01, 121.0, 1.5, 2.0)
    found = marker_under_level(marker, np.zeros_like, [5.0, 105.0], start_min=5.0, start_value=4.0)
    np.testing.assert_allclose(found, [4.0, 10.0 - 6.0 * math.exp(-1.0)], rtol=1e-14)


def test_a_course_can_be_continued() -> None:
    marker, doses, times = CASES["V23 one infusion"]
    whole = marker_under_doses(marker, KAMP, doses, times)
    rest = marker_under_level(
        marker,
        lambda t: solve(KAMP, doses, t).cp_ng_per_ml,
        times[1:],
        edges_min=[40.0],
        start_min=times[0],
        start_value=float(whole[0]),
    )
    np.testing.assert_allclose(rest, whole[1:], rtol=1e-11)


def test_other_outputs_and_routes_drive_it_too() -> None:
    marker = Marker(1.0, 0.01, 50.0, 1.5, 1.0)
    by_cp, by_s = (marker_under_doses(marker, KAMP, USUAL, [40.0], output=name)[0] for name in ("Cp", "Ce_s"))
    assert 1.0 < by_s < by_cp
    otto = load_card("otto2021").individual(70)
    assert marker_under_doses(marker, otto, USUAL, [400.0], output="Cp_norketamine")[0] > 1.0
    depot = load_card("kamp2020").individual(70, ka_per_min=0.05)
    assert marker_under_doses(marker, depot, (Dose("im", 10.0, 35.0),), [10.0, 60.0])[0] == 1.0


def test_pain_in_crps_outlasts_the_drug_by_weeks() -> None:
    """Dahan 2011: C50 10.5 ng/mL, half-life 10.9 days; the rest of the marker is assumed here."""
    facts = load_turnover()
    assert (facts.c50.value, facts.c50.low, facts.c50.high) == (10.5, 4.37, 21.2)
    assert (facts.half_life_d.value, facts.half_life_d.low, facts.half_life_d.high) == (10.9, 5.3, 20.5)
    assert facts.driver == "S-ketamine"
    assert "depression" in facts.not_for
    assert {"Hill coefficient", "size of the effect"} <= set(facts.missing)
    marker = facts.marker(baseline=7.0, hill=1.5, maximum=-0.5)
    hours_100 = (Dose("iv", 0.0, 15.0 * 100, 100 * 60.0),)
    s_ketamine = load_card("simons2022").individual(70)
    end, later = marker_under_doses(marker, s_ketamine, hours_100, [6000.0, 6000.0 + 10.9 * 1440])
    assert end < 7.0
    # The level stays above the C50 for some hours; one half-life later a good half of the relief is left.
    assert 0.5 < (7.0 - later) / (7.0 - end) < 0.6


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: Marker(0.0, 0.1, 1.0, 1.0, 1.0), "baseline"),
        (lambda: Marker(1.0, -0.1, 1.0, 1.0, 1.0), "kout_per_min"),
        (lambda: Marker(1.0, 0.1, math.nan, 1.0, 1.0), "c50_ng_per_ml"),
        (lambda: Marker(1.0, 0.1, 1.0, 0.0, 1.0), "hill"),
        (lambda: Marker(1.0, 0.1, 1.0, 1.0, -1.1), "maximum"),
        (lambda: marker_under_level(Marker(1, 0.1, 1, 1, 1), np.zeros_like, [2, 1]), "times_min"),
        (lambda: marker_under_level(Marker(1, 0.1, 1, 1, 1), np.zeros_like, [-1]), "times_min"),
        (lambda: marker_under_level(Marker(1, 0.1, 1, 1, 1), np.zeros_like, [1], start_value=math.inf), "start_value"),
        (lambda: marker_under_level(Marker(1, 0.1, 1, 1, 1), lambda t: -t, [1]), "level"),
        (lambda: marker_under_level(Marker(1, 0.1, 50, 9, 1), lambda t: 100 * (np.sin(1e9 * t) > 0), [100]), "marker"),
        (lambda: load_turnover("olofsen2022"), "effect"),
        (lambda: marker_under_doses(Marker(1, 0.1, 1, 1, 1), Mammillary(1, 1), USUAL, [1], output="Ce"), "ke0_per_min"),
    ],
)
def test_bad_input_names_its_field(call: object, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        call()  # type: ignore[operator]
    assert refusal.value.field == field
