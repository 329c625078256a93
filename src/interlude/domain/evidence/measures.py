"""Effect of one study on the scale on which studies are pooled, with its sampling variance.

Ratios are pooled as natural logarithms, single-arm shares as logits; `Measure.back` leads back to what people read.
Positive always means more of the outcome with the first (ketamine) arm.

Zero cells: for ratios one half is added to all four cells of a table in which a cell is zero, and a table without any
event, or with nothing but events, in both arms says nothing about a ratio and is refused. For the risk difference the
half is added only in the variance. For a share one half is added to events and non-events when one of them is zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from interlude.domain.evidence.distributions import normal_quantile
from interlude.domain.refusals import N_, Refused


@dataclass(frozen=True, slots=True)
class Effect:
    """`value` and `variance` on the pooling scale. `corrected`: a zero cell was met."""

    value: float
    variance: float
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """How effects of one kind are pooled and read. `null`: no difference, as read (None: there is no such value)."""

    code: str
    label: str
    forward: Callable[[float], float]
    back: Callable[[float], float]
    null: float | None
    log_axis: bool = False


def _same(value: float) -> float:
    return value


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _expit(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


MEASURES: dict[str, Measure] = {
    one.code: one
    for one in (
        Measure("risk_ratio", N_("Risk ratio"), math.log, math.exp, 1.0, log_axis=True),
        Measure("odds_ratio", N_("Odds ratio"), math.log, math.exp, 1.0, log_axis=True),
        Measure("hazard_ratio", N_("Hazard ratio"), math.log, math.exp, 1.0, log_axis=True),
        Measure("risk_difference", N_("Risk difference"), _same, _same, 0.0),
        Measure("mean_difference", N_("Difference of means"), _same, _same, 0.0),
        Measure("smd", N_("Standardised mean difference"), _same, _same, 0.0),
        Measure("proportion", N_("Share with the outcome, ketamine arm alone"), _logit, _expit, None),
    )
}


def risk_ratio(a: int, n1: int, c: int, n2: int) -> Effect:
    """ln(a/n1 : c/n2), variance 1/a - 1/n1 + 1/c - 1/n2; `a` of `n1` against `c` of `n2`."""
    x1, m1, x2, m2, corrected = _table(a, n1, c, n2)
    return Effect(math.log(x1 / m1) - math.log(x2 / m2), 1 / x1 - 1 / m1 + 1 / x2 - 1 / m2, corrected)


def odds_ratio(a: int, n1: int, c: int, n2: int) -> Effect:
    """ln of the odds ratio, variance the sum of the reciprocal cells (Woolf)."""
    x1, m1, x2, m2, corrected = _table(a, n1, c, n2)
    cells = (x1, m1 - x1, x2, m2 - x2)
    value = math.log(cells[0] * cells[3]) - math.log(cells[1] * cells[2])
    return Effect(value, sum(1 / cell for cell in cells), corrected)


def risk_difference(a: int, n1: int, c: int, n2: int) -> Effect:
    """a/n1 - c/n2 with the binomial variance; the half for zero cells enters the variance alone."""
    _check_counts(a, n1, c, n2)
    corrected = any(cell == 0 for cell in (a, n1 - a, c, n2 - c))
    half = 0.5 if corrected else 0.0
    variance = 0.0
    for events, n in ((a, n1), (c, n2)):
        share = (events + half) / (n + 2 * half)
        variance += share * (1 - share) / (n + 2 * half)
    return Effect(a / n1 - c / n2, variance, corrected)


def proportion(events: int, n: int) -> Effect:
    """ln(p / (1 - p)) of one arm, variance 1/events + 1/non-events."""
    _check_counts(events, n, 0, 1)
    corrected = events in (0, n)
    yes, no = (events + 0.5, n - events + 0.5) if corrected else (float(events), float(n - events))
    return Effect(math.log(yes / no), 1 / yes + 1 / no, corrected)


def mean_difference(m1: float, sd1: float, n1: int, m2: float, sd2: float, n2: int) -> Effect:
    """m1 - m2, variance sd1^2/n1 + sd2^2/n2."""
    _check_spread(sd1, n1, sd2, n2)
    return Effect(m1 - m2, sd1**2 / n1 + sd2**2 / n2)


def smd(m1: float, sd1: float, n1: int, m2: float, sd2: float, n2: int) -> Effect:
    """Hedges' g: the difference in pooled standard deviations, with the exact correction for small samples.

    J = gamma(df/2) / (sqrt(df/2) gamma((df-1)/2)), df = n1 + n2 - 2; variance 1/n1 + 1/n2 + g^2 / (2 (n1 + n2)).
    """
    _check_spread(sd1, n1, sd2, n2)
    df = n1 + n2 - 2
    pooled = math.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / df)
    if pooled == 0:
        raise Refused(N_("Without any spread in the arms there is no standardised difference."))
    g = (m1 - m2) / pooled * small_sample_factor(df)
    return Effect(g, 1 / n1 + 1 / n2 + g * g / (2 * (n1 + n2)))


def small_sample_factor(df: int) -> float:
    """Hedges' J, the factor that takes the bias of small samples out of a standardised difference; df >= 2."""
    if df < 2:
        raise Refused(N_("A standardised difference needs at least four people."))
    return math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)


def from_interval(measure: str, value: float, low: float, high: float, *, level: float = 0.95) -> Effect:
    """A printed estimate with its interval, by the width of the interval on the pooling scale."""
    forward = MEASURES[measure].forward
    z = normal_quantile(0.5 + level / 2)
    return Effect(forward(value), ((forward(high) - forward(low)) / (2 * z)) ** 2)


def _table(a: int, n1: int, c: int, n2: int) -> tuple[float, float, float, float, bool]:
    _check_counts(a, n1, c, n2)
    if a + c == 0 or (a == n1 and c == n2):
        raise Refused(N_("Nobody or everybody had the outcome in both arms: no ratio can be computed."))
    if 0 in (a, n1 - a, c, n2 - c):
        return a + 0.5, n1 + 1.0, c + 0.5, n2 + 1.0, True
    return float(a), float(n1), float(c), float(n2), False


def _check_counts(a: int, n1: int, c: int, n2: int) -> None:
    if not (0 <= a <= n1 and 0 <= c <= n2 and n1 > 0 and n2 > 0):
        raise Refused(N_("Counts must lie between zero and the number of people."))


def _check_spread(sd1: float, n1: int, sd2: float, n2: int) -> None:
    if min(sd1, sd2) < 0 or min(n1, n2) < 1:
        raise Refused(N_("A standard deviation cannot be negative, and an arm needs people."))
