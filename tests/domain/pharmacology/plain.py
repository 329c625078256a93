"""The obvious way for one mammillary model: its matrix and SciPy's expm, nothing of the package's own mathematics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from interlude.domain.pharmacology import Mammillary

Vector = NDArray[np.float64]


def matrix_of(model: Mammillary) -> Vector:
    """d/dt (A1, A2, A3, Ce): amounts in mg, Ce in mg/L, per minute."""
    k12, k21 = model.k12_per_min or 0.0, model.k21_per_min or 0.0
    k13, k31 = model.k13_per_min or 0.0, model.k31_per_min or 0.0
    ke0 = model.ke0_per_min or 0.0
    return np.array(
        [
            [-(model.k10_per_min + k12 + k13), k21, k31, 0.0],
            [k12, -k21, 0.0, 0.0],
            [k13, 0.0, -k31, 0.0],
            [ke0 / model.v1_l, 0.0, 0.0, -ke0],
        ]
    )


def step(model: Mammillary, state: Vector, rate_mg_per_h: float, minutes: float) -> Vector:
    """The state after `minutes` at a constant rate, from the exponential of the matrix with its input."""
    whole = np.zeros((5, 5))
    whole[:4, :4] = matrix_of(model)
    whole[0, 4] = rate_mg_per_h / 60
    return np.asarray((expm(whole * minutes) @ np.append(state, 1.0))[:4])


def bolus(amount_mg: float) -> Vector:
    return np.array([amount_mg, 0.0, 0.0, 0.0])


def cp(model: Mammillary, state: Vector) -> float:
    return float(state[0] / model.v1_l * 1000)


def ce(state: Vector) -> float:
    return float(state[3] * 1000)
