"""The effect-site level at which a patient's experience sets in, learnt from timed scores of earlier sessions.

In session i the threshold T_i lies between the highest level at which the score was still below the chosen value and
the level at the first score at or above it; if no score reached it, above the highest level of the session.

    ln T_i ~ N(ln T, w^2) between sessions,   ln T ~ N(ln m, s^2) before anything was seen
    likelihood of a session = Phi((ln upper - ln T) / w) - Phi((ln lower - ln T) / w)

m, s and w are assumed (onset.toml). The posterior is computed on a grid; its information is the Kullback-Leibler
divergence from the prior in nats. Only the first crossing counts: what comes after it is not onset.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from interlude.domain.pharmacology.cards import SourcedValue, folder
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.regimen import Dose, solve
from interlude.domain.pharmacology.solution import Model
from interlude.domain.refusals import N_, Refused

LEAST_INFORMATION_NATS = 0.05

_GRID_SD, _GRID_POINTS = 7.0, 4001
_ZOOMS = 3

NOT_ORDERED = N_("The score rose while the predicted level was lower than at an earlier score below the threshold.")
BEFORE_DRUG = N_("The score was at or above the threshold before any drug was predicted.")
NO_LEVEL = N_("No drug was predicted at any score of this session.")

_NO_SCORES = N_("This session has no scores.")
_SCORE = N_("Scores must be finite numbers in ascending order of their times, from minute 0 on.")
_POSITIVE = N_("This must be a finite number of more than 0.")
_SAYS_NOTHING = N_(
    "The scores say nothing about the onset beyond what was assumed before "
    "(information {gained} nats, at least {least} is asked for)."
)
_NONE = N_("There is no scored session, so nothing can be learnt about this patient.")
_IMPOSSIBLE = N_("No level of onset fits these sessions together. Check their doses, times and scores.")
_HORIZON = N_("The end must be more than 0 minutes and at most {most} steps of {step_min} minutes away.")
_MOST_STEPS = 100_000


@dataclass(frozen=True, slots=True)
class ScoredSession:
    """An earlier session: the patient's model, what was given, and the scores as (at_min, score)."""

    model: Model
    doses: Sequence[Dose]
    scores: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class OnsetPrior:
    """Assumed before anything was seen: median and log SD of the threshold, log SD between sessions."""

    threshold: SourcedValue
    log_sd: float
    between_sessions: SourcedValue


@dataclass(frozen=True, slots=True)
class LevelInterval:
    """Where a session puts its threshold (ng/mL of S-ketamine at the effect site); upper None: it was not reached."""

    lower: float
    upper: float | None


@dataclass(frozen=True, eq=False)
class OnsetThreshold:
    """Posterior of a patient's threshold: `grid_ng_per_ml` (n,) with `weights` (n,) that sum to 1.

    `low`, `median`, `high`: 5, 50 and 95 % (the 90 % credible interval). `used` are the intervals of the sessions
    that counted, `left_out` (index, reason) those that did not. Rests on `prior`, which is assumed.
    """

    grid_ng_per_ml: Floats
    weights: Floats
    low_ng_per_ml: float
    median_ng_per_ml: float
    high_ng_per_ml: float
    information_nats: float
    used: tuple[LevelInterval, ...]
    left_out: tuple[tuple[int, str], ...]
    prior: OnsetPrior


@dataclass(frozen=True, slots=True)
class OnsetForecast:
    """Minute of onset under a planned regimen: 5, 50 and 95 % over patient and session; None is not within the time.

    `probability` is the chance of an onset before `end_min` at all.
    """

    low_min: float | None
    median_min: float | None
    high_min: float | None
    probability: float
    end_min: float


@cache
def assumed_prior() -> OnsetPrior:
    """The weak prior of onset.toml, certainty "assumed"."""
    data = tomllib.loads(folder("individual").joinpath("onset.toml").read_text("utf-8"))
    log_sd = data["threshold"].pop("log_sd")
    return OnsetPrior(SourcedValue(**data["threshold"]), log_sd, SourcedValue(**data["between_sessions"]))


def onset_threshold(
    sessions: Sequence[ScoredSession],
    *,
    at_score: float,
    prior: OnsetPrior | None = None,
    least_information_nats: float = LEAST_INFORMATION_NATS,
) -> OnsetThreshold:
    """The posterior threshold from sessions whose scores reach (or do not reach) `at_score`.

    Refused ("sessions") when no session can be used or together they say nothing; by field for bad scores. The
    models must hold the effect-site half-life of dissociation (`effects.with_effect_site`) and the S-ketamine share.
    """
    prior = prior or assumed_prior()
    for field, value in (("at_score", at_score), ("log_sd", prior.log_sd), ("between", prior.between_sessions.value)):
        if not (math.isfinite(value) and value > 0):
            raise Refused(_POSITIVE, field=field)
    used: list[LevelInterval] = []
    left_out: list[tuple[int, str]] = []
    for index, session in enumerate(sessions):
        found = _interval(session, at_score, f"sessions[{index}]")
        if isinstance(found, str):
            left_out.append((index, found))
        else:
            used.append(found)
    if not used:
        if not left_out:
            raise Refused(_NONE, field="sessions")
        raise Refused(left_out[0][1], field=f"sessions[{left_out[0][0]}].scores")
    centre = math.log(prior.threshold.value)
    grid = centre + prior.log_sd * np.linspace(-_GRID_SD, _GRID_SD, _GRID_POINTS)
    before = _normalised(-0.5 * ((grid - centre) / prior.log_sd) ** 2)
    log_likelihood = np.sum([_log_likelihood(one, grid, prior.between_sessions.value) for one in used], axis=0)
    if not bool(np.isfinite(log_likelihood).any()):
        raise Refused(_IMPOSSIBLE, field="sessions")
    with np.errstate(divide="ignore"):
        weights = _normalised(np.log(before) + log_likelihood)
    seen = weights > 0
    gained = float((weights[seen] * np.log(weights[seen] / before[seen])).sum())
    if gained < least_information_nats:
        raise Refused(_SAYS_NOTHING, field="sessions", gained=f"{gained:.2g}", least=f"{least_information_nats:g}")
    low, median, high = (math.exp(_quantile(grid, weights, p)) for p in (0.05, 0.5, 0.95))
    return OnsetThreshold(np.exp(grid), weights, low, median, high, gained, tuple(used), tuple(left_out), prior)


def onset_forecast(
    threshold: OnsetThreshold, model: Model, doses: Sequence[Dose], end_min: float, *, step_min: float = 0.25
) -> OnsetForecast:
    """When the experience sets in under planned doses, from what is known of this patient.

    P(onset by t) = P(T_new <= highest Ce_s up to t) with T_new a threshold of a new session.
    """
    if not (math.isfinite(step_min) and step_min > 0):
        raise Refused(_POSITIVE, field="step_min")
    if not 0 < end_min <= _MOST_STEPS * step_min:
        raise Refused(_HORIZON, field="end_min", most=f"{_MOST_STEPS:,}", step_min=f"{step_min:g}")
    times = np.append(np.arange(0.0, end_min, step_min), end_min)
    levels = solve(model, doses, times).output("Ce_s")
    spread = threshold.prior.between_sessions.value
    counts = threshold.weights > 1e-15
    grid, weights = np.log(threshold.grid_ng_per_ml[counts]), threshold.weights[counts]

    def share_below(log_level: float) -> float:
        return float(weights @ _phi((log_level - grid) / spread))

    def reached(share: float) -> float | None:
        low, high = float(grid[0]) - 10 * spread, float(grid[-1]) + 10 * spread
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if share_below(middle) < share else (low, middle)
        return _first_time(model, doses, times, levels, math.exp((low + high) / 2))

    highest = float(levels.max())
    chance = share_below(math.log(highest)) if highest > 0 else 0.0
    return OnsetForecast(reached(0.05), reached(0.5), reached(0.95), chance, end_min)


def _interval(session: ScoredSession, at_score: float, field: str) -> LevelInterval | str:
    """Where a session puts its threshold, or why it says nothing."""
    if not session.scores:
        raise Refused(_NO_SCORES, field=f"{field}.scores")
    table = np.array(session.scores, dtype=np.float64)
    ordered = table.ndim == 2 and table.shape[1] == 2 and bool(np.isfinite(table).all())
    if not (ordered and table[0, 0] >= 0 and bool((np.diff(table[:, 0]) > 0).all())):
        raise Refused(_SCORE, field=f"{field}.scores")
    levels = solve(session.model, session.doses, table[:, 0]).output("Ce_s")
    reached = np.flatnonzero(table[:, 1] >= at_score)
    first = int(reached[0]) if len(reached) else len(table)
    lower = float(levels[:first].max(initial=0.0))
    if first == len(table):
        return LevelInterval(lower, None) if lower > 0 else NO_LEVEL
    upper = float(levels[first])
    if upper <= 0:
        return BEFORE_DRUG
    return LevelInterval(lower, upper) if upper > lower else NOT_ORDERED


def _first_time(model: Model, doses: Sequence[Dose], times: Floats, levels: Floats, wanted: float) -> float | None:
    """The first minute at which Ce_s is at or above `wanted`; None if it isn't on the grid."""
    above = np.flatnonzero(levels >= wanted)
    if not len(above):
        return None
    index = int(above[0])
    if index == 0:
        return float(times[0])
    low, high = float(times[index - 1]), float(times[index])
    for _ in range(_ZOOMS):
        fine = np.linspace(low, high, 257)
        at = int(np.argmax(solve(model, doses, fine).output("Ce_s") >= wanted))
        low, high = float(fine[max(at - 1, 0)]), float(fine[at])
    return (low + high) / 2


def _phi(x: Floats) -> Floats:
    """The standard normal distribution function."""
    return np.array([0.5 * math.erfc(-value / math.sqrt(2.0)) for value in x.tolist()])


def _log_likelihood(one: LevelInterval, grid: Floats, spread: float) -> Floats:
    """ln P(lower < T_i <= upper | ln T = grid) (n,), computed on the side where nothing cancels."""
    lower = np.full_like(grid, -np.inf) if one.lower <= 0 else (math.log(one.lower) - grid) / spread
    upper = np.full_like(grid, np.inf) if one.upper is None else (math.log(one.upper) - grid) / spread
    right = lower > 0
    near, far = np.where(right, -upper, lower), np.where(right, -lower, upper)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(_phi(far) - _phi(near)))


def _normalised(log_weights: Floats) -> Floats:
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def _quantile(grid: Floats, weights: Floats, share: float) -> float:
    """Between the middles of the grid cells, linearly."""
    total = np.cumsum(weights) - 0.5 * weights
    return float(np.interp(share, total, grid))
