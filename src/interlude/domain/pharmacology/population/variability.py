"""Differences between people: correlated log-normal (and, for fractions, logit-normal) parameters.

A parameter of a person is typical * exp(eta) on the log scale and 1 / (1 + exp(-(logit(typical) + eta))) on the
logit scale; the etas are normal with a covariance, made from independent standard normals by its Cholesky factor.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.refusals import N_, Refused

Scale = Literal["log", "logit"]

_ROUNDING = 1e-10
_NORMAL_975 = 1.959963984540054

_SHAPE = N_("A covariance must be a square table of finite numbers, the same on both sides of its diagonal.")
_NOT_A_COVARIANCE = N_("This is not a covariance: no correlated differences between people can have it.")
_INTERVAL = N_("An interval needs a lower end of more than 0 and an upper end above it.")
_CV = N_("A coefficient of variation must be a finite number of 0 or more.")
_FRACTION = N_("A fraction must lie between 0 and 1.")


def covariance_factor(covariance: ArrayLike, *, field: str = "covariance") -> Floats:
    """Lower triangular L (k, k) with L @ L.T = `covariance`, which may be singular.

    Refused, naming `field`, for a table that is not symmetric or not positive semi-definite.
    """
    try:
        table = np.array(covariance, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise Refused(_SHAPE, field=field) from error
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not bool(np.isfinite(table).all()):
        raise Refused(_SHAPE, field=field)
    diagonal = np.diagonal(table)
    if bool((diagonal < 0).any()):
        raise Refused(_NOT_A_COVARIANCE, field=field)
    scale = np.sqrt(np.outer(diagonal, diagonal))
    if bool((np.abs(table - table.T) > _ROUNDING * scale).any()):
        raise Refused(_SHAPE, field=field)
    factor = np.zeros_like(table)
    for j in range(len(table)):
        left = table[j:, j] - factor[j:, :j] @ factor[j, :j]
        if left[0] > _ROUNDING * scale[j, j]:
            factor[j:, j] = left / math.sqrt(left[0])
        elif left[0] < -_ROUNDING * scale[j, j] or bool((np.abs(left) > math.sqrt(_ROUNDING) * scale[j:, j]).any()):
            raise Refused(_NOT_A_COVARIANCE, field=field)
    return factor


def correlated(normals: Floats, factor: Floats) -> Floats:
    """Etas (k, N) from standard normals (N, k).

    Sums in a fixed order, not a matrix product: the same numbers whatever else the processor is doing.
    """
    etas = np.zeros((len(factor), len(normals)))
    for row in range(len(factor)):
        for column in range(row + 1):
            if factor[row, column]:
                etas[row] += factor[row, column] * normals[:, column]
    return etas


def individual_values(typical: float, etas: Floats, scale: Scale = "log") -> Floats:
    """(N,) values of people around `typical`; the typical value is their median."""
    if scale == "log":
        return typical * np.exp(etas)
    if not 0 < typical < 1:
        raise Refused(_FRACTION, field="typical")
    return 1.0 / (1.0 + np.exp(-(math.log(typical / (1.0 - typical)) + etas)))


def omega2_of_cv(cv_percent: float) -> float:
    """Variance on the log scale of a log-normal parameter with this coefficient of variation, ln(1 + CV^2)."""
    if not (math.isfinite(cv_percent) and cv_percent >= 0):
        raise Refused(_CV, field="cv_percent")
    return math.log1p((cv_percent / 100.0) ** 2)


def omega2_of_interval(low: float, high: float) -> float:
    """Variance on the log scale of a log-normal estimate with this 95 % interval."""
    if not (math.isfinite(low) and math.isfinite(high) and 0 < low <= high):
        raise Refused(_INTERVAL, field="low")
    return (math.log(high / low) / (2.0 * _NORMAL_975)) ** 2
