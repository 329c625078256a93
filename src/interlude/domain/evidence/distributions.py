"""The few distributions that a meta-analysis needs: normal, Student's t and chi-squared, without a statistics library.

Student's t rests on the regularised incomplete beta function (continued fraction, Lentz's method), chi-squared on the
regularised incomplete gamma function (series below, continued fraction above); Abramowitz and Stegun 6.5, 26.5, 26.7.
"""

from __future__ import annotations

import math
from statistics import NormalDist

_NORMAL = NormalDist()
_TINY = 1e-300
_ROUNDS = 1000


def normal_cdf(x: float) -> float:
    """P(Z <= x) of the standard normal distribution."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


def normal_quantile(p: float) -> float:
    """z with P(Z <= z) = p, 0 < p < 1."""
    return _NORMAL.inv_cdf(p)


def t_cdf(x: float, df: float) -> float:
    """P(T <= x) of Student's t with `df` > 0 degrees of freedom (need not be whole)."""
    tail = _t_tail(abs(x), df)
    return tail if x < 0 else 1 - tail


def t_quantile(p: float, df: float) -> float:
    """x with P(T <= x) = p, 0 < p < 1. Bisection on the upper tail, to the last digits of a double."""
    if not 0 < p < 1:
        raise ValueError("a probability between 0 and 1 is needed")
    tail = min(p, 1 - p)
    if p == 0.5:
        return 0.0
    low, high = 0.0, 1.0
    while _t_tail(high, df) > tail:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _t_tail(middle, df) > tail:
            low = middle
        else:
            high = middle
    return math.copysign((low + high) / 2, p - 0.5)


def _t_tail(x: float, df: float) -> float:
    """P(T > x) for x >= 0, each side of sqrt(df) by the form that keeps its digits there."""
    square = x * x
    if square < df:
        return 0.5 - 0.5 * incomplete_beta(square / (df + square), 0.5, df / 2)
    return 0.5 * incomplete_beta(df / (df + square), df / 2, 0.5)


def chi2_tail(x: float, df: float) -> float:
    """P(X > x) of chi-squared with `df` > 0 degrees of freedom; 1 for x <= 0."""
    return 1.0 if x <= 0 else 1 - incomplete_gamma(x / 2, df / 2) if x < df + 2 else _upper_gamma(x / 2, df / 2)


def incomplete_beta(x: float, a: float, b: float) -> float:
    """I_x(a, b), the regularised incomplete beta function, 0 <= x <= 1."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    if x < (a + 1) / (a + b + 2):
        return math.exp(log_front) * _beta_fraction(x, a, b) / a
    return 1 - math.exp(log_front) * _beta_fraction(1 - x, b, a) / b


def _beta_fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _ROUNDS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away(1 + term * d)
            c = _away(1 + term / c)
            step = c * d
            value *= step
        if abs(step - 1) < 1e-16:
            break
    return value


def incomplete_gamma(x: float, a: float) -> float:
    """P(a, x), the lower regularised incomplete gamma function, by its series (good for x < a + 1)."""
    if x < 1e-300:
        return 0.0
    term = total = 1 / a
    for n in range(1, _ROUNDS):
        term *= x / (a + n)
        total += term
        if term < total * 1e-17:
            break
    return total * math.exp(-x + a * math.log(x) - math.lgamma(a))


def _upper_gamma(x: float, a: float) -> float:
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / _away(b)
    value = d
    for n in range(1, _ROUNDS):
        term = -n * (n - a)
        b += 2
        d = 1 / _away(term * d + b)
        c = _away(b + term / c)
        value *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return value * math.exp(-x + a * math.log(x) - math.lgamma(a))


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
