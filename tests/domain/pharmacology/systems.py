"""The published metabolite models once more, written out as differential equations in 60 digits.

Re-typed from the papers' parameter tables and independent of the cards and of the structure that they describe.
"""

from __future__ import annotations

from decimal import Decimal, localcontext

from tests.domain.pharmacology.oracle import Matrix

D = Decimal
HOUR = D(60)
WHOLE = D(1)


def _empty(count: int) -> Matrix:
    return [[D(0)] * count for _ in range(count)]


def _flow(matrix: Matrix, source: int, target: int | None, rate: Decimal, share: Decimal = WHOLE) -> None:
    matrix[source][source] -= rate
    if target is not None:
        matrix[target][source] += rate * share


def _exchange(matrix: Matrix, one: int, other: int, flow: Decimal, v_one: Decimal, v_other: Decimal) -> None:
    _flow(matrix, one, other, flow / v_one)
    _flow(matrix, other, one, flow / v_other)


def otto(weight_kg: str = "70") -> tuple[Matrix, dict[str, tuple[int, Decimal]]]:
    """S-ketamine 0, 1, 2; S-norketamine 3, 4; (place, volume in L) by output."""
    with localcontext() as context:
        context.prec = 60
        ratio = D(weight_kg) / 70
        clearance = ratio ** D("0.75")
        v1, v_nk = 133 * ratio, D("98.638") * ratio
        m = _empty(5)
        _flow(m, 0, 3, D("95.2") * clearance / HOUR / v1)
        _exchange(m, 0, 1, D("23.2") / HOUR, v1, D(187))
        _exchange(m, 0, 2, D(157) / HOUR, v1, D("98.8"))
        _flow(m, 3, None, D("57.72") * clearance / HOUR / v_nk)
        _exchange(m, 3, 4, D("42.778") / HOUR, v_nk, D("160.04"))
        return m, {"Cp": (0, v1), "Cp_norketamine": (3, v_nk)}


def simons() -> tuple[Matrix, dict[str, tuple[int, Decimal]]]:
    """S-ketamine 0-2, delay 3-4, S-norketamine 5-6, delay 7-8, S-HNK 9-10; film: mucosa 11, gut 12, transit 13."""
    with localcontext() as context:
        context.prec = 60
        v1 = D("11.6")
        m = _empty(14)
        _exchange(m, 0, 1, D("2.43"), v1, D(39))
        _exchange(m, 0, 2, D("1.21"), v1, D(174))
        delay = 2 / D("20.1")
        _flow(m, 0, 3, D("1.48") / v1)
        _flow(m, 3, 4, delay)
        _flow(m, 4, 5, delay, D("0.8"))
        _exchange(m, 5, 6, D("2.63"), v1, D(221))
        later = 2 / D("1.12")
        _flow(m, 5, 7, D(1) / v1)
        _flow(m, 7, 8, later)
        _flow(m, 8, 9, later, D("0.7"))
        _flow(m, 9, None, D("0.933") / D("4.4"))
        _exchange(m, 9, 10, D("1.70"), D("4.4"), D("87.5"))
        _flow(m, 11, 0, D("0.04"))
        _flow(m, 12, 13, D("0.049"))
        _flow(m, 13, 3, 1 / D("10.7"))
        outputs = {"Cp": (0, v1), "Cp_norketamine": (5, v1), "Cp_hydroxynorketamine": (9, D("4.4"))}
        return m, outputs


def perez_ruixo(age_years: int = 40, asian: bool = False) -> tuple[Matrix, dict[str, tuple[int, Decimal]]]:
    """S-ketamine 0-2, liver 3, S-norketamine 4-5, nose 6, gut (swallowed) 7, gut (oral) 8."""
    with localcontext() as context:
        context.prec = 60
        m = _empty(9)
        _exchange(m, 0, 1, D("84.3") / HOUR, D(192), D(143))
        _exchange(m, 0, 2, D("37.6") / HOUR, D(192), D(417))
        liver_flow = D(151) - D("2.19") * max(0, age_years - 60)
        _exchange(m, 0, 3, liver_flow / HOUR, D(192), D(101))
        _flow(m, 3, None, D("1.11") * (D("0.36") if asian else 1) / HOUR)
        _flow(m, 3, 4, D("2.77") / HOUR)
        _flow(m, 4, None, D(38) * (D("0.81") if asian else 1) / HOUR / 70)
        _exchange(m, 4, 5, D("26.1") / HOUR, D(70), D(115))
        _flow(m, 6, 0, D("2.93") / HOUR)
        _flow(m, 7, 3, D("1.45") / HOUR)
        _flow(m, 8, 3, D("0.97") / HOUR)
        return m, {"Cp": (0, D(192)), "Cp_norketamine": (4, D(70))}
