"""Meta-analysis of effects with known sampling variances: fixed effect and random effects.

Model: y_i = mu + u_i + e_i, u_i ~ N(0, tau2), e_i ~ N(0, v_i). Fixed effect: tau2 = 0, weights 1/v_i. Random effects:
weights 1/(v_i + tau2). Sums are exact (`math.fsum`), so the order of the studies does not matter to the last digit.

Sources: DerSimonian and Laird 1986 (Control Clin Trials 7:177); REML as in Viechtbauer 2005 (J Educ Behav Stat 30:261);
Hartung and Knapp 2001 (Stat Med 20:3875); prediction interval and I2 as in Higgins, Thompson and Spiegelhalter 2009
(J R Stat Soc A 172:137) and Higgins and Thompson 2002 (Stat Med 21:1539).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from interlude.domain.evidence.distributions import chi2_tail, normal_cdf, normal_quantile, t_cdf, t_quantile
from interlude.domain.evidence.measures import Effect
from interlude.domain.refusals import N_, Refused

Tau2Method = Literal["REML", "DL"]
_GRID = 80


@dataclass(frozen=True, slots=True)
class Interval:
    """`low` to `high`, at the level of the synthesis that it belongs to."""

    low: float
    high: float

    def contains(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Combined:
    """One pooled estimate: `se` its standard error, `p` two-sided against zero on the pooling scale."""

    value: float
    se: float
    interval: Interval
    p: float


@dataclass(frozen=True, slots=True)
class Synthesis:
    """Everything about k studies on the pooling scale; weights are shares of 1 in the order of the studies.

    `i2` is (Q - df)/Q, never below 0. `prediction`: where the true effect of a further study of this kind may lie,
    mu +/- t(k-2) sqrt(tau2 + se^2); None below three studies.
    """

    k: int
    level: float
    method: Tau2Method
    tau2: float
    q: float
    df: int
    p_q: float
    i2: float
    fixed: Combined
    random: Combined
    hartung_knapp: Combined
    prediction: Interval | None
    weights_fixed: tuple[float, ...]
    weights_random: tuple[float, ...]


def synthesise(effects: Sequence[Effect], *, method: Tau2Method = "REML", level: float = 0.95) -> Synthesis:
    """Pool at least two effects. Raises `Refused` for fewer, or for an effect without a positive variance."""
    if len(effects) < 2:
        raise Refused(N_("At least two studies are needed for pooling."), field="studies")
    if not all(math.isfinite(one.value) and 0 < one.variance < math.inf for one in effects):
        raise Refused(N_("Every study needs an effect with a positive variance."), field="studies")
    y = [one.value for one in effects]
    v = [one.variance for one in effects]
    z = normal_quantile(0.5 + level / 2)
    fixed = _combine(y, v, 0.0, z)
    q, df = cochran_q(y, v), len(y) - 1
    tau2 = tau2_reml(y, v) if method == "REML" else tau2_dl(y, v)
    random = _combine(y, v, tau2, z)
    prediction = None
    if df >= 2:
        reach = t_quantile(0.5 + level / 2, df - 1) * math.sqrt(tau2 + random.se**2)
        prediction = Interval(random.value - reach, random.value + reach)
    return Synthesis(
        k=len(y),
        level=level,
        method=method,
        tau2=tau2,
        q=q,
        df=df,
        p_q=chi2_tail(q, df),
        i2=max(0.0, (q - df) / q) if q > 0 else 0.0,
        fixed=fixed,
        random=random,
        hartung_knapp=_hartung_knapp(y, v, tau2, random.value, level),
        prediction=prediction,
        weights_fixed=_shares(v, 0.0),
        weights_random=_shares(v, tau2),
    )


def cochran_q(y: Sequence[float], v: Sequence[float]) -> float:
    """Sum of squared distances from the fixed-effect mean, each divided by its variance."""
    mean = _mean(y, [1 / one for one in v])
    return math.fsum((yi - mean) ** 2 / vi for yi, vi in zip(y, v, strict=True))


def tau2_dl(y: Sequence[float], v: Sequence[float]) -> float:
    """Variance between studies by moments: (Q - df) / (S1 - S2/S1), not below 0."""
    w = [1 / one for one in v]
    s1, s2 = math.fsum(w), math.fsum(one * one for one in w)
    return max(0.0, (cochran_q(y, v) - (len(y) - 1)) / (s1 - s2 / s1))


def tau2_reml(y: Sequence[float], v: Sequence[float]) -> float:
    """Variance between studies that maximises the restricted likelihood, not below 0.

    A grid over the whole range finds the highest hill (there can be several), then the slope's zero is bisected on it.
    """
    spread = max((yi - yj) ** 2 for yi in y for yj in y)
    if spread == 0:
        return 0.0
    top = spread + max(v)
    bottom = 1e-9 * top
    ratio = math.pow(top / bottom, 1 / _GRID)
    grid = [0.0, *(bottom * ratio**step for step in range(_GRID + 1))]
    heights = [restricted_log_likelihood(y, v, tau2) for tau2 in grid]
    best = max(range(len(grid)), key=heights.__getitem__)
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    if best == 0 and _slope(y, v, 0.0) <= 0:
        return 0.0
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if _slope(y, v, middle) > 0 else (low, middle)
    return (low + high) / 2


def restricted_log_likelihood(y: Sequence[float], v: Sequence[float], tau2: float) -> float:
    """-1/2 [sum ln(v_i + tau2) + ln sum w_i + sum w_i (y_i - mu)^2], up to a constant."""
    w = [1 / (one + tau2) for one in v]
    mean = _mean(y, w)
    distance = math.fsum(wi * (yi - mean) ** 2 for yi, wi in zip(y, w, strict=True))
    return 0.5 * (math.fsum(math.log(wi) for wi in w) - math.log(math.fsum(w)) - distance)


def _slope(y: Sequence[float], v: Sequence[float], tau2: float) -> float:
    """Derivative of the restricted log likelihood to tau2, doubled."""
    w = [1 / (one + tau2) for one in v]
    mean, total = _mean(y, w), math.fsum(w)
    distance = math.fsum((wi * (yi - mean)) ** 2 for yi, wi in zip(y, w, strict=True))
    return distance - total + math.fsum(wi * wi for wi in w) / total


def _mean(y: Sequence[float], w: Sequence[float]) -> float:
    return math.fsum(yi * wi for yi, wi in zip(y, w, strict=True)) / math.fsum(w)


def _shares(v: Sequence[float], tau2: float) -> tuple[float, ...]:
    w = [1 / (one + tau2) for one in v]
    total = math.fsum(w)
    return tuple(one / total for one in w)


def _combine(y: Sequence[float], v: Sequence[float], tau2: float, z: float) -> Combined:
    w = [1 / (one + tau2) for one in v]
    value, se = _mean(y, w), 1 / math.sqrt(math.fsum(w))
    return Combined(value, se, Interval(value - z * se, value + z * se), 2 * normal_cdf(-abs(value) / se))


def _hartung_knapp(y: Sequence[float], v: Sequence[float], tau2: float, mean: float, level: float) -> Combined:
    """The variance of the mean is estimated from the studies themselves, and the quantile is Student's t(k-1)."""
    w = [1 / (one + tau2) for one in v]
    df = len(y) - 1
    squares = math.fsum(wi * (yi - mean) ** 2 for yi, wi in zip(y, w, strict=True))
    se = math.sqrt(squares / (df * math.fsum(w)))
    reach = t_quantile(0.5 + level / 2, df) * se
    p = 2 * t_cdf(-abs(mean) / se, df) if se > 0 else float(mean == 0)
    return Combined(mean, se, Interval(mean - reach, mean + reach), p)
