"""The level of onset from timed scores: against numerical integration, by simulation, and when to say no."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import norm

from interlude.domain.pharmacology import Dose, Mammillary, load_card, solve
from interlude.domain.pharmacology.effects import load_effect, with_effect_site
from interlude.domain.pharmacology.individual import (
    OnsetPrior,
    ScoredSession,
    assumed_prior,
    onset_forecast,
    onset_threshold,
)
from interlude.domain.pharmacology.individual.onset import LevelInterval
from interlude.domain.refusals import Refused

MODEL = with_effect_site(load_card("kamp2020").individual(70), load_effect())
USUAL = (Dose("iv", 0.0, 35.0, 40.0),)
SLOW = (Dose("iv", 0.0, 20.0, 60.0),)

USUAL_SESSION = ScoredSession(MODEL, USUAL, [(5, 0), (10, 1), (15, 6), (20, 9)])
NEVER = ScoredSession(MODEL, SLOW, [(10, 0), (30, 1), (60, 3)])
FROM_THE_FIRST = ScoredSession(MODEL, USUAL, [(15, 8), (20, 9)])
CASES = {
    "an interval": [USUAL_SESSION],
    "not reached": [NEVER],
    "reached at the first score": [FROM_THE_FIRST],
    "three sessions": [USUAL_SESSION, NEVER, FROM_THE_FIRST],
}


def intervals(sessions: list[ScoredSession], at_score: float = 4) -> list[tuple[float, float]]:
    """Where each session puts its threshold, straight from the definition."""
    found = []
    for session in sessions:
        levels = solve(session.model, session.doses, [t for t, _ in session.scores]).ce_s_ng_per_ml
        lower, upper = 0.0, math.inf
        for level, (_, score) in zip(levels, session.scores, strict=True):
            if score >= at_score:
                upper = float(level)
                break
            lower = max(lower, float(level))
        found.append((lower, upper))
    return found


@pytest.mark.parametrize("name", CASES)
def test_the_posterior_agrees_with_numerical_integration(name: str) -> None:
    sessions = CASES[name]
    found = onset_threshold(sessions, at_score=4)
    prior = norm(math.log(45), 1.0)

    def density(x: float) -> float:
        likelihood = 1.0
        for lower, upper in intervals(sessions):
            above = norm.cdf((math.log(upper) - x) / 0.3) if math.isfinite(upper) else 1.0
            below = norm.cdf((math.log(lower) - x) / 0.3) if lower else 0.0
            likelihood *= above - below
        return float(prior.pdf(x)) * likelihood

    low, high = math.log(45) - 7, math.log(45) + 7
    points = np.linspace(low, high, 15)
    total = sum(quad(density, a, b, epsabs=1e-14)[0] for a, b in pairwise(points))

    def share(x: float) -> float:
        inner = np.append(points[points < x], x)
        return sum(quad(density, a, b, epsabs=1e-14)[0] for a, b in pairwise(inner)) / total

    for wanted, shown in ((0.05, found.low_ng_per_ml), (0.5, found.median_ng_per_ml), (0.95, found.high_ng_per_ml)):
        assert math.log(shown) == pytest.approx(brentq(lambda x, w=wanted: share(x) - w, low + 1, high - 1), abs=1e-4)

    def information(x: float) -> float:
        posterior = density(x) / total
        return posterior * math.log(posterior / float(prior.pdf(x))) if posterior > 1e-300 else 0.0

    gained = sum(quad(information, a, b, epsabs=1e-12)[0] for a, b in pairwise(points))
    assert found.information_nats == pytest.approx(gained, abs=1e-4)


def test_what_is_assumed_is_said_to_be() -> None:
    prior = assumed_prior()
    assert (prior.threshold.certainty, prior.between_sessions.certainty) == ("assumed", "assumed")
    assert prior.threshold.low == pytest.approx(45 * math.exp(-1.96), rel=0.01)
    assert prior.threshold.high == pytest.approx(45 * math.exp(1.96), rel=0.01)
    levels = solve(MODEL, USUAL, [10.0, 20.0]).ce_s_ng_per_ml
    assert levels[0] < prior.threshold.value < levels[1]
    assert onset_threshold([USUAL_SESSION], at_score=4).prior is prior


def test_sessions_narrow_the_interval_but_not_below_what_sessions_differ() -> None:
    widths = []
    for count in (1, 2, 4, 16, 64):
        found = onset_threshold([USUAL_SESSION] * count, at_score=4)
        widths.append(math.log(found.high_ng_per_ml / found.low_ng_per_ml))
        assert intervals([USUAL_SESSION])[0][0] < found.median_ng_per_ml < intervals([USUAL_SESSION])[0][1]
    assert widths == sorted(widths, reverse=True)


def test_one_sided_sessions_move_the_median_their_way() -> None:
    assert onset_threshold([NEVER], at_score=4).median_ng_per_ml > 45
    assert onset_threshold([FROM_THE_FIRST], at_score=4).median_ng_per_ml < 45
    assert onset_threshold([NEVER], at_score=4).used == (LevelInterval(intervals([NEVER])[0][0], None),)


def test_the_credible_interval_covers_the_truth_as_often_as_it_says() -> None:
    """300 simulated patients of the assumed population, two sessions each, scored every 3 minutes."""
    rng = np.random.default_rng(11)
    times = np.arange(3.0, 61.0, 3.0)
    levels = solve(MODEL, USUAL, times).ce_s_ng_per_ml
    inside = counted = 0
    for _ in range(300):
        truth = 45 * math.exp(rng.standard_normal())
        sessions = []
        for _ in range(2):
            own = truth * math.exp(0.3 * rng.standard_normal())
            scores = [(float(t), 5.0 if level >= own else 0.0) for t, level in zip(times, levels, strict=True)]
            sessions.append(ScoredSession(MODEL, USUAL, scores))
        found = onset_threshold(sessions, at_score=4, least_information_nats=0.0)
        counted += 1
        inside += found.low_ng_per_ml <= truth <= found.high_ng_per_ml
    assert inside / counted == pytest.approx(0.9, abs=4 * math.sqrt(0.09 / 300))


def test_the_forecast_agrees_with_drawing_patients_and_sessions() -> None:
    threshold = onset_threshold([USUAL_SESSION], at_score=4)
    plan = (Dose("iv", 0.0, 30.0, 40.0),)
    found = onset_forecast(threshold, MODEL, plan, 90.0)
    rng = np.random.default_rng(5)
    own = rng.choice(threshold.grid_ng_per_ml, 200_000, p=threshold.weights) * np.exp(
        0.3 * rng.standard_normal(200_000)
    )
    times = np.linspace(0, 90, 9001)
    highest = np.maximum.accumulate(solve(MODEL, plan, times).ce_s_ng_per_ml)
    index = np.searchsorted(highest, own)
    minutes = np.where(index < len(times), times[np.minimum(index, len(times) - 1)], np.inf)
    assert found.probability == pytest.approx(float(np.isfinite(minutes).mean()), abs=0.005)
    for share, shown in ((5, found.low_min), (50, found.median_min), (95, found.high_min)):
        exact = np.percentile(minutes, share, method="lower")
        if shown is None:
            assert math.isinf(exact)
        else:
            assert shown == pytest.approx(exact, rel=0.02)


def test_the_minute_is_where_the_level_reaches_the_threshold() -> None:
    """With a patient known for certain the forecast is the crossing itself."""
    sure = replace(assumed_prior().between_sessions, value=1e-4)
    prior = OnsetPrior(assumed_prior().threshold, 1.0, sure)
    levels = solve(MODEL, USUAL, [11.999, 12.001]).ce_s_ng_per_ml
    narrow = ScoredSession(MODEL, USUAL, [(11.999, 0), (12.001, 9)])
    found = onset_forecast(onset_threshold([narrow], at_score=4, prior=prior), MODEL, USUAL, 60.0)
    assert found.median_min == pytest.approx(12.0, abs=0.05)
    assert levels[0] < levels[1]
    assert found.probability == pytest.approx(1.0, abs=1e-9)


def test_a_faster_infusion_sets_in_earlier_and_a_weak_one_perhaps_never() -> None:
    threshold = onset_threshold([USUAL_SESSION], at_score=4)
    fast, usual, weak = (
        onset_forecast(threshold, MODEL, (Dose("iv", 0.0, amount, 40.0),), 120.0) for amount in (70.0, 35.0, 12.0)
    )
    assert fast.median_min is not None
    assert usual.median_min is not None
    assert fast.median_min < usual.median_min
    assert 9 < usual.median_min < 16
    assert weak.median_min is None
    assert weak.probability < 0.5 < usual.probability < fast.probability
    nothing = onset_forecast(threshold, MODEL, (), 60.0)
    assert (nothing.low_min, nothing.median_min, nothing.high_min, nothing.probability) == (None, None, None, 0.0)


def test_a_session_that_says_nothing_is_left_out_with_its_reason() -> None:
    late = ScoredSession(MODEL, USUAL, [(40, 0), (120, 9)])
    early = ScoredSession(MODEL, (Dose("iv", 30.0, 35.0, 40.0),), [(0, 9), (60, 9)])
    empty = ScoredSession(MODEL, (), [(10, 0), (20, 0)])
    found = onset_threshold([USUAL_SESSION, late, early, empty], at_score=4)
    alone = onset_threshold([USUAL_SESSION], at_score=4)
    assert found.median_ng_per_ml == alone.median_ng_per_ml
    assert [index for index, _ in found.left_out] == [1, 2, 3]
    assert "lower than at an earlier score" in found.left_out[0][1]
    assert "before any drug" in found.left_out[1][1]
    assert "No drug" in found.left_out[2][1]


BARE = Mammillary(10.0, 0.1, s_fraction=0.5)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: onset_threshold([], at_score=4), "sessions"),
        (lambda: onset_threshold([ScoredSession(MODEL, (), [(10, 0)])], at_score=4), "sessions[0].scores"),
        (lambda: onset_threshold([ScoredSession(MODEL, USUAL, [(0.001, 0)])], at_score=4), "sessions"),
        (lambda: onset_threshold([ScoredSession(MODEL, USUAL, [])], at_score=4), "sessions[0].scores"),
        (
            lambda: onset_threshold([USUAL_SESSION, ScoredSession(MODEL, USUAL, [(9, 1), (5, 1)])], at_score=4),
            "sessions[1].scores",
        ),
        (lambda: onset_threshold([ScoredSession(MODEL, USUAL, [(5, math.nan)])], at_score=4), "sessions[0].scores"),
        (lambda: onset_threshold([USUAL_SESSION], at_score=0), "at_score"),
        (lambda: onset_threshold([USUAL_SESSION], at_score=math.nan), "at_score"),
        (lambda: onset_threshold([ScoredSession(BARE, USUAL, [(5, 1)])], at_score=4), "ke0_per_min"),
        (
            lambda: onset_threshold(
                [ScoredSession(replace(MODEL, s_fraction=None), USUAL, [(5, 1)])],  # type: ignore[type-var]
                at_score=4,
            ),
            "s_fraction",
        ),
        (lambda: onset_threshold([ScoredSession(MODEL, USUAL, [(1e-9, 9)])], at_score=4), "sessions"),
        (lambda: onset_forecast(onset_threshold([USUAL_SESSION], at_score=4), MODEL, USUAL, 0.0), "end_min"),
        (lambda: onset_forecast(onset_threshold([USUAL_SESSION], at_score=4), MODEL, USUAL, 1e9), "end_min"),
        (
            lambda: onset_forecast(onset_threshold([USUAL_SESSION], at_score=4), MODEL, USUAL, 60.0, step_min=0.0),
            "step_min",
        ),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(call: Callable[[], object], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        call()
    assert refusal.value.field == field
