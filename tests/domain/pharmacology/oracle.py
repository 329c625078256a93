"""The obvious way: the differential equations as one matrix, its exponential by brute force.

`by_scipy` uses SciPy's expm in double precision, `by_decimal` a Taylor series with squaring in 60 digits. Neither
shares a line with the solution under test.
"""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
from scipy.linalg import expm

from interlude.domain.pharmacology import Mammillary

Row = tuple[list[float], list[float]]


def system(model: Mammillary) -> list[list[float]]:
    """Rows of d/dt (A1, A2, A3, Ce, 1): mg, mg, mg, mg/L and the constant that carries the input."""
    k12, k21 = model.k12_per_min or 0.0, model.k21_per_min or 0.0
    k13, k31 = model.k13_per_min or 0.0, model.k31_per_min or 0.0
    ke0 = model.ke0_per_min or 0.0
    return [
        [-(model.k10_per_min + k12 + k13), k21, k31, 0.0, 0.0],
        [k12, -k21, 0.0, 0.0, 0.0],
        [k13, 0.0, -k31, 0.0, 0.0],
        [ke0 / model.v1_l, 0.0, 0.0, -ke0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0],
    ]


def _plan(
    segments: list[tuple[float, float, float]], boluses: list[tuple[float, float]], times: list[float]
) -> list[tuple[float, float, float]]:
    """(time, bolus before it is read, rate from it on) at every time of interest, ascending."""
    points = sorted({0.0, *times, *(t for s in segments for t in s[:2]), *(at for at, _ in boluses)})
    return [
        (
            t,
            sum(amount for at, amount in boluses if at == t),
            sum(rate / 60 for start, end, rate in segments if start <= t < end),
        )
        for t in points
    ]


def by_scipy(
    model: Mammillary,
    segments: list[tuple[float, float, float]],
    times: list[float],
    boluses: list[tuple[float, float]] | None = None,
) -> Row:
    matrix = np.array(system(model))
    state, now, rate = np.array([0.0, 0.0, 0.0, 0.0, 1.0]), 0.0, 0.0
    seen: dict[float, tuple[float, float]] = {}
    for t, bolus, following in _plan(segments, boluses or [], times):
        matrix[0, 4] = rate
        state = expm(matrix * (t - now)) @ state
        state[0] += bolus
        now, rate = t, following
        seen[t] = (state[0] / model.v1_l * 1000, state[3] * 1000)
    return [seen[t][0] for t in times], [seen[t][1] for t in times]


def by_decimal(
    model: Mammillary,
    segments: list[tuple[float, float, float]],
    times: list[float],
    boluses: list[tuple[float, float]] | None = None,
) -> Row:
    with localcontext() as context:
        context.prec = 60
        matrix = [[Decimal(v) for v in row] for row in system(model)]
        # ke0 / V1 and the diagonal are formed in 60 digits, not in double precision.
        k = [Decimal(x or 0.0) for x in (model.k10_per_min, model.k12_per_min, model.k13_per_min)]
        matrix[0][0] = -sum(k)
        matrix[3][0] = Decimal(model.ke0_per_min or 0.0) / Decimal(model.v1_l)
        state, now, rate = [Decimal(0)] * 4 + [Decimal(1)], 0.0, Decimal(0)
        seen: dict[float, tuple[float, float]] = {}
        for t, bolus, _ in _plan(segments, boluses or [], times):
            matrix[0][4] = rate
            state = _times(_exponential(matrix, Decimal(t) - Decimal(now)), state)
            state[0] += Decimal(bolus)
            rate = sum((Decimal(r) / 60 for start, end, r in segments if start <= t < end), Decimal(0))
            now = t
            seen[t] = (float(state[0] / Decimal(model.v1_l) * 1000), float(state[3] * 1000))
    return [seen[t][0] for t in times], [seen[t][1] for t in times]


Matrix = list[list[Decimal]]


def _exponential(matrix: Matrix, span: Decimal) -> Matrix:
    size = max(sum(abs(v) for v in row) for row in matrix) * span
    halvings = 0
    while size > Decimal("0.25"):
        size /= 2
        halvings += 1
    small = [[v * span / 2**halvings for v in row] for row in matrix]
    count = len(matrix)
    total = [[Decimal(int(i == j)) for j in range(count)] for i in range(count)]
    term = total
    for n in range(1, 33):
        term = [[v / n for v in row] for row in _product(term, small)]
        total = [[a + b for a, b in zip(x, y, strict=True)] for x, y in zip(total, term, strict=True)]
    for _ in range(halvings):
        total = _product(total, total)
    return total


def _product(left: Matrix, right: Matrix) -> Matrix:
    columns = list(zip(*right, strict=True))
    return [[sum((a * b for a, b in zip(row, c, strict=True)), Decimal(0)) for c in columns] for row in left]


def _times(matrix: Matrix, vector: list[Decimal]) -> list[Decimal]:
    return [sum((a * b for a, b in zip(row, vector, strict=True)), Decimal(0)) for row in matrix]


def linear_by_decimal(
    matrix: Matrix,
    segments: list[tuple[int, float, float, Decimal]],
    boluses: list[tuple[int, float, Decimal]],
    times: list[float],
) -> list[list[float]]:
    """States (time, compartment) of dx/dt = matrix x + input, in 60 digits.

    `segments` are (place, start, end, amount per minute), `boluses` (place, at, amount), all starting from zero.
    """
    with localcontext() as context:
        context.prec = 60
        count = len(matrix)
        points = sorted({0.0, *times, *(t for s in segments for t in s[1:3]), *(at for _, at, _ in boluses)})
        state = [Decimal(0)] * count + [Decimal(1)]
        now, inflow = 0.0, [Decimal(0)] * count
        seen: dict[float, list[float]] = {}
        for t in points:
            rows = [[*row, gain] for row, gain in zip(matrix, inflow, strict=True)] + [[Decimal(0)] * (count + 1)]
            state = _times(_exponential(rows, Decimal(t) - Decimal(now)), state)
            for place, at, amount in boluses:
                if at == t:
                    state[place] += amount
            inflow = [
                sum((rate for place, start, end, rate in segments if place == i and start <= t < end), Decimal(0))
                for i in range(count)
            ]
            now = t
            seen[t] = [float(value) for value in state[:-1]]
        return [seen[t] for t in times]
