"""A patient's parameters from measured levels: against a general optimiser, by simulation, and when to say no."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from interlude.domain.pharmacology import Dose, Mammillary, load_card, solve
from interlude.domain.pharmacology.individual import (
    Observation,
    Prior,
    ResidualError,
    fit,
    prior_of,
    residual_of,
)
from interlude.domain.refusals import Refused
from tests.domain.pharmacology import plain
from tests.domain.tables import rows

USUAL = (Dose("iv", 0.0, 35.0, 40.0),)
TIMES = [10.0, 30.0, 45.0, 80.0, 150.0, 300.0]
NAMES = ("v1_l", "cl_l_per_h", "q3_l_per_h")
OMEGA = np.array([[0.09, 0.03, 0.0], [0.03, 0.06, 0.01], [0.0, 0.01, 0.12]])
ERROR = ResidualError(0.12, 2.0)


def build(eta: np.ndarray) -> Mammillary:
    """Kamp's typical values at 70 kg with three of them varied."""
    v1, cl, q3 = (v * math.exp(e) for v, e in zip((25.0, 84.0 / 60, 79.0 / 60), eta, strict=True))
    q2 = 161.0 / 60
    return Mammillary(v1, cl / v1, q2 / v1, q2 / 56.0, q3 / v1, q3 / 157.0, ke0_per_min=math.log(2) / 8.3)


PRIOR = Prior(NAMES, OMEGA, build)


def observed(levels: np.ndarray, times: list[float] = TIMES) -> list[Observation]:
    return [Observation(t, float(y)) for t, y in zip(times, levels, strict=True)]


def objective(eta: np.ndarray, levels: np.ndarray, error: ResidualError = ERROR) -> float:
    """Minus the log posterior, written out, with the levels by the matrix exponential."""
    model = build(eta)
    state, now, total = np.zeros(4), 0.0, 0.0
    for t, y in zip(TIMES, levels, strict=True):
        for end, rate in ((min(t, 40.0), 52.5), (t, 0.0)):
            if end > now:
                state, now = plain.step(model, state, rate, end - now), end
        f = plain.cp(model, state)
        variance = (error.proportional_sd * f) ** 2 + error.additive_sd_ng_per_ml**2
        total += 0.5 * ((y - f) ** 2 / variance + math.log(variance))
    return total + 0.5 * float(eta @ np.linalg.inv(OMEGA) @ eta)


DRAWN = np.random.default_rng(20261121)
LEVELS = [
    solve(build(DRAWN.multivariate_normal(np.zeros(3), OMEGA)), USUAL, TIMES).cp_ng_per_ml
    * np.exp(0.12 * DRAWN.standard_normal(len(TIMES)))
    for _ in range(4)
]


@pytest.mark.parametrize("levels", LEVELS, ids=range(len(LEVELS)))
def test_the_maximum_agrees_with_a_general_optimiser(levels: np.ndarray) -> None:
    found = fit(PRIOR, ERROR, USUAL, observed(levels))
    best = minimize(objective, np.zeros(3), args=(levels,), method="BFGS", options={"gtol": 1e-8})
    again = minimize(objective, best.x, args=(levels,), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13})
    np.testing.assert_allclose(found.eta, again.x, atol=2e-6)
    assert found.objective == pytest.approx(again.fun, abs=1e-10)


def test_other_units_give_the_same_patient() -> None:
    table = """
        unit    | ng_per_ml
        ng/mL   | 1
        ug/mL   | 1000
        mg/L    | 1000
        nmol/mL | 237.73
        umol/L  | 237.73
    """
    etas = []
    for row in rows(table):
        given_as = [
            Observation(t, float(y) / float(row["ng_per_ml"]), row["unit"])
            for t, y in zip(TIMES, LEVELS[0], strict=True)
        ]
        etas.append(fit(PRIOR, ERROR, USUAL, given_as).eta)
    for eta in etas[1:]:
        np.testing.assert_allclose(eta, etas[0], atol=1e-8)


def test_true_parameters_are_recovered_from_many_precise_levels() -> None:
    truth = np.array([0.35, -0.2, 0.4])
    times = [1.0, 3.0, 5.0, *np.arange(10.0, 400.0, 10.0).tolist()]
    levels = solve(build(truth), USUAL, times).cp_ng_per_ml
    found = fit(PRIOR, ResidualError(0.001), USUAL, observed(levels, times))
    np.testing.assert_allclose(found.eta, truth, atol=2e-3)
    assert all(one.learned > 0.97 for one in found.parameters())
    assert np.abs(found.weighted_residuals).max() < 0.1


def test_few_levels_pull_towards_the_population() -> None:
    truth = np.array([0.0, -0.6, 0.0])
    levels = solve(build(truth), USUAL, TIMES).cp_ng_per_ml
    one = fit(PRIOR, ERROR, USUAL, observed(levels[-1:], TIMES[-1:]))
    six = fit(PRIOR, ERROR, USUAL, observed(levels))
    assert -0.6 < six.eta[1] < one.eta[1] < 0
    assert six.information_nats > one.information_nats
    assert one.parameters()[0].learned < six.parameters()[0].learned


def test_intervals_and_curves_cover_the_truth_as_often_as_they_say() -> None:
    """150 simulated patients: 90 % intervals of three parameters and of Cp at minutes 60 and 200 of another regimen."""
    rng = np.random.default_rng(7)
    patients, plan, ahead = 150, (Dose("iv", 0.0, 20.0), Dose("iv", 30.0, 30.0, 30.0)), [60.0, 200.0]
    inside_parameter, inside_curve = np.zeros(3), np.zeros(2)
    for _ in range(patients):
        truth = rng.multivariate_normal(np.zeros(3), OMEGA)
        exact = solve(build(truth), USUAL, TIMES).cp_ng_per_ml
        levels = exact + np.sqrt(ERROR.variance(exact)) * rng.standard_normal(len(TIMES))
        found = fit(PRIOR, ERROR, USUAL, observed(np.maximum(levels, 0.1)))
        shown = found.parameters(0.9)
        inside_parameter += [one.low <= eta <= one.high for one, eta in zip(shown, truth, strict=True)]
        band = found.predict(plan, ahead)
        exact_ahead = solve(build(truth), plan, ahead).cp_ng_per_ml
        inside_curve += (band.low_ng_per_ml <= exact_ahead) & (exact_ahead <= band.high_ng_per_ml)
    # Four standard errors of a share of 0.9.
    slack = 4 * math.sqrt(0.09 / patients)
    np.testing.assert_allclose(inside_parameter / patients, 0.9, atol=slack)
    np.testing.assert_allclose(inside_curve / patients, 0.9, atol=slack)
    assert inside_parameter.sum() / (3 * patients) == pytest.approx(0.9, abs=0.05)


def test_the_band_agrees_with_drawing_patients_from_the_posterior() -> None:
    found = fit(PRIOR, ERROR, USUAL, observed(LEVELS[1]))
    times = [0.0, 20.0, 60.0, 200.0]
    band = found.predict(USUAL, times, level=0.9)
    etas = np.random.default_rng(3).multivariate_normal(found.eta, found.covariance, 4000)
    drawn = np.stack([solve(build(eta), USUAL, times).cp_ng_per_ml for eta in etas])
    low, high = np.percentile(drawn, (5, 95), axis=0)
    np.testing.assert_allclose(band.low_ng_per_ml, low, rtol=0.02)
    np.testing.assert_allclose(band.high_ng_per_ml, high, rtol=0.02)
    assert (band.low_ng_per_ml[0], band.high_ng_per_ml[0]) == (0.0, 0.0)
    np.testing.assert_array_equal(band.estimate_ng_per_ml, solve(found.model, USUAL, times).cp_ng_per_ml)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(0.3, 3.0), min_size=6, max_size=6),
    st.floats(0.05, 0.6),
    st.sampled_from([0.0, 1.0, 20.0]),
)
def test_at_the_maximum_nothing_nearby_is_better(factors: list[float], spread: float, additive: float) -> None:
    error = ResidualError(spread, additive)
    levels = solve(build(np.zeros(3)), USUAL, TIMES).cp_ng_per_ml * np.array(factors)
    found = fit(PRIOR, error, USUAL, observed(levels), least_information_nats=0.0)
    here = objective(found.eta, levels, error)
    assert here <= objective(np.zeros(3), levels, error) + 1e-9
    for direction in (*np.eye(3), *-np.eye(3)):
        assert here <= objective(found.eta + 1e-3 * direction, levels, error) + 1e-9
    assert found.information_nats >= 0
    assert all(-1e-9 <= one.learned < 1 for one in found.parameters())


def test_a_card_brings_its_variability_and_its_labels() -> None:
    kamp, otto = load_card("kamp2020"), load_card("otto2021")
    prior = prior_of(kamp, 70.0)
    assert any("Borrowed" in note for note in prior.notes)
    assert prior.build(np.zeros(len(prior.names))) == kamp.individual(70.0)
    with pytest.raises(Refused, match="without a residual error"):
        residual_of(kamp)
    assert residual_of(otto).proportional_sd == 0.236
    assert residual_of(load_card("simons2022")).additive_sd_ng_per_ml == 0.0
    levels = solve(otto.individual(70.0), USUAL, TIMES).cp_ng_per_ml * 1.3
    found = fit(prior_of(otto, 70.0), residual_of(otto), USUAL, observed(levels))
    by_name = {one.name: one for one in found.parameters()}
    # Levels of the parent say nothing about its metabolite or its effect site.
    assert by_name["cl_nk_l_per_h"].learned == pytest.approx(0.0, abs=1e-9)
    assert by_name["ke0_half_life_min"].eta == pytest.approx(0.0, abs=1e-9)
    assert by_name["cl_l_per_h"].eta < 0
    low, estimate, high = by_name["cl_l_per_h"].ratio or (0, 0, 0)
    assert low < estimate == math.exp(by_name["cl_l_per_h"].eta) < high
    assert found.predict(USUAL, [400.0], output="Cp_norketamine").estimate_ng_per_ml[0] > 0


def test_a_share_varies_on_the_logit_scale_and_has_no_ratio() -> None:
    card = load_card("perezruixo2021")
    prior = prior_of(card, 70.0)
    assert "logit" in prior.scales
    nasal = (Dose("nasal", 0.0, 56.0),)
    levels = solve(card.individual(70.0), nasal, TIMES).cp_ng_per_ml * 1.4
    found = fit(prior, ResidualError(0.276), nasal, observed(levels))
    share = next(one for one in found.parameters() if one.scale == "logit")
    assert share.ratio is None
    assert share.eta > 0


def test_an_injection_with_an_assumed_depot_can_be_fitted_too() -> None:
    prior = prior_of(load_card("kamp2020"), 70.0, ka_per_min=0.05, bioavailability=0.93)
    injected = (Dose("im", 0.0, 35.0), Dose("iv", 10_080.0, 35.0, 40.0))
    times = [15.0, 45.0, 10_125.0, 10_180.0]
    truth = np.array([0.2, -0.3, 0.1, 0.0])
    levels = solve(prior.build(truth), injected, times).cp_ng_per_ml
    found = fit(prior, ResidualError(0.01), injected, observed(levels, times))
    np.testing.assert_allclose(found.eta[:2], truth[:2], atol=0.05)
    np.testing.assert_allclose(found.fitted_ng_per_ml, levels, rtol=0.02)


GOOD = [Observation(30.0, 200.0), Observation(90.0, 70.0)]


def _fit(observations: list[Observation], error: ResidualError = ERROR, doses: tuple[Dose, ...] = USUAL) -> object:
    return fit(PRIOR, error, doses, observations)


@pytest.mark.parametrize(
    ("call", "field", "words"),
    [
        (lambda: _fit([]), "observations", "no measured level"),
        (lambda: _fit([Observation(30, math.nan)]), "observations[0].value", "finite"),
        (lambda: _fit([Observation(30, math.inf)]), "observations[0].value", "finite"),
        (lambda: _fit([GOOD[0], Observation(60, -1)]), "observations[1].value", "0 or more"),
        (lambda: _fit([Observation(30, 0)], ResidualError(0.1)), "observations[0].value", "additive"),
        (lambda: _fit([Observation(math.nan, 1)]), "observations[0].at_min", "finite"),
        (lambda: _fit([Observation(-5, 1)]), "observations[0].at_min", "0 minutes"),
        (lambda: _fit(GOOD[::-1]), "observations[1].at_min", "order"),
        (lambda: _fit([GOOD[0], Observation(60, 1, "mmol/L")]), "observations[1].unit", "umol/L"),
        (lambda: _fit(GOOD, doses=()), "doses", "No dose"),
        (lambda: _fit(GOOD, doses=(Dose("iv", 0.0, 0.0, 10.0),)), "doses", "No dose"),
        (lambda: _fit(GOOD, doses=(Dose("iv", 100.0, 35.0, 40.0),)), "observations", "after the first dose"),
        (
            lambda: _fit(GOOD, ResidualError(0.1), (Dose("iv", 40.0, 35.0, 40.0),)),
            "observations[0].at_min",
            "predicts no drug",
        ),
        (lambda: _fit([Observation(30, 1e300)]), "observations", "explain"),
        (lambda: _fit([Observation(300, 20)], ResidualError(3.0, 500.0)), "observations", "say nothing"),
        (lambda: ResidualError(0.0), "proportional_sd", "more than 0"),
        (lambda: ResidualError(-0.1), "proportional_sd", "finite"),
        (lambda: ResidualError(0.1, math.nan), "additive_sd_ng_per_ml", "finite"),
        (lambda: Prior(NAMES, np.eye(2), build), "covariance", "3 x 3"),
        (lambda: Prior(NAMES, -np.eye(3), build), "covariance", "positive definite"),
        (lambda: Prior(NAMES, np.full((3, 3), math.nan), build), "covariance", "finite"),
        (lambda: prior_of(load_card("clements1981"), 70.0), "model", "variability"),
        (lambda: prior_of(load_card("kamp2020"), None), "weight_kg", "missing"),
        (lambda: fit(PRIOR, ERROR, USUAL, GOOD).parameters(1.0), "level", "between 0 and 1"),
        (lambda: fit(PRIOR, ERROR, USUAL, GOOD).predict(USUAL, [1.0], level=0.0), "level", "between 0 and 1"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(call: Callable[[], object], field: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        call()
    assert refusal.value.field == field


def test_a_level_from_before_the_dose_is_weighed_by_its_additive_error_only() -> None:
    with_zero = fit(PRIOR, ERROR, (Dose("iv", 5.0, 35.0, 40.0),), [Observation(0.0, 0.0), *GOOD])
    without = fit(PRIOR, ERROR, (Dose("iv", 5.0, 35.0, 40.0),), GOOD)
    np.testing.assert_allclose(with_zero.eta, without.eta, atol=1e-8)
    assert with_zero.information_nats == pytest.approx(without.information_nats, abs=1e-9)
