"""Exact concentrations against an ordinary differential equation solver, as a ratio within one run.

    python benchmarks/pharmacology.py [--people 200]

Workload: three compartments and an effect site, seven parameters varied log-normally by 30 %, 0.5 mg/kg over
40 min, Cp and Ce at 241 points one minute apart, one person at a time. Peer: SciPy solve_ivp LSODA at
rtol 1e-8, restarted at the end of the infusion. Reference for errors: SciPy's matrix exponential. CPU time of
one process.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from interlude.domain.pharmacology import (
    Mammillary,
    advance,
    at_rest,
    concentrations,
    forecast,
    if_stopped,
    load_card,
)
from interlude.domain.pharmacology.mammillary import Floats

TIMES = np.arange(241.0)
RATE_MG_PER_H, END_MIN = 52.5, 40.0
CV = 0.30


def people(count: int) -> list[Mammillary]:
    """Models that vary around the Kamp 2020 set; the 30 % is the workload's, not a published variability."""
    rng = np.random.default_rng(20)
    typical = load_card("kamp2020").individual(70)
    names = ("v1_l", "k10_per_min", "k12_per_min", "k21_per_min", "k13_per_min", "k31_per_min", "ke0_per_min")
    sd = math.sqrt(math.log(1 + CV * CV))
    return [
        Mammillary(**{name: getattr(typical, name) * math.exp(sd * rng.standard_normal()) for name in names})
        for _ in range(count)
    ]


def matrix_of(m: Mammillary) -> Floats:
    """Amounts (mg), effect site (mg/L) and a constant that carries the input (mg/min)."""
    k12, k21, k13, k31 = (v or 0.0 for v in (m.k12_per_min, m.k21_per_min, m.k13_per_min, m.k31_per_min))
    ke0 = m.ke0_per_min or 0.0
    return np.array(
        [
            [-(m.k10_per_min + k12 + k13), k21, k31, 0.0, 1.0],
            [k12, -k21, 0.0, 0.0, 0.0],
            [k13, 0.0, -k31, 0.0, 0.0],
            [ke0 / m.v1_l, 0.0, 0.0, -ke0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.0],
        ]
    )


def ours(model: Mammillary) -> Floats:
    curves = concentrations(model, [(0.0, END_MIN, RATE_MG_PER_H)], TIMES)
    return np.vstack([curves.cp_ng_per_ml, curves.ce_ng_per_ml])


def lsoda(model: Mammillary) -> Floats:
    matrix = matrix_of(model)
    out = np.zeros((2, len(TIMES)))
    state = np.zeros(5)
    for rate, start, end in ((RATE_MG_PER_H / 60, 0.0, END_MIN), (0.0, END_MIN, TIMES[-1])):
        state[4] = rate
        wanted = np.logical_and(np.greater_equal(TIMES, start), np.less_equal(TIMES, end))
        solution = solve_ivp(
            lambda _, y: matrix @ y, (start, end), state, "LSODA", TIMES[wanted], rtol=1e-8, atol=1e-12
        )
        out[:, wanted] = solution.y[0] / model.v1_l * 1000, solution.y[3] * 1000
        state = solution.y[:, -1].copy()
    return out


def reference(model: Mammillary) -> Floats:
    step = expm(matrix_of(model))
    state, rows = np.zeros(5), []
    for minute in TIMES:
        state[4] = RATE_MG_PER_H / 60 if minute < END_MIN else 0.0
        rows.append((state[0] / model.v1_l * 1000, state[3] * 1000))
        state = step @ state
    return np.array(rows).T


def run(solve: Callable[[Mammillary], Floats], models: list[Mammillary]) -> tuple[float, list[Floats]]:
    """Seconds of CPU time and the curves."""
    started = time.process_time()
    curves = [solve(model) for model in models]
    return time.process_time() - started, curves


def worst(curves: list[Floats], truth: list[Floats]) -> float:
    """Largest relative error after time 0."""
    pairs = zip(curves, truth, strict=True)
    return max(float(np.max(np.abs(c[:, 1:] / t[:, 1:] - 1))) for c, t in pairs)


def best_ms(call: Callable[[], object], repeats: int = 300) -> tuple[float, float]:
    """Best and median wall time of one call, in ms."""
    spent = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        spent.append((time.perf_counter() - started) * 1000)
    return min(spent), float(np.median(spent))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=200)
    count = parser.parse_args().people

    truth = [reference(model) for model in people(count)]
    ours(people(1)[0])
    exact_s, exact = run(ours, people(count))
    solver_s, solver = run(lsoda, people(count))
    print(f"people, points each              {count}, 2 x {len(TIMES)}")
    print(f"exact, people per CPU second     {count / exact_s:,.0f}   (a new model for everybody)")
    print(f"LSODA 1e-8, people per CPU second{count / solver_s:>8,.0f}")
    print(f"ratio                            {solver_s / exact_s:,.0f}x")
    print(f"largest relative error, exact    {worst(exact, truth):.1e}")
    print(f"largest relative error, LSODA    {worst(solver, truth):.1e}")

    model = load_card("kamp2020").individual(70)
    now = advance(at_rest(model), RATE_MG_PER_H, 12.5)
    ahead = 12.5 + np.arange(0.0, 241.0)
    for name, call in (
        ("live forecast, 240 min, Cp and Ce", lambda: forecast(now, [(0.0, END_MIN, RATE_MG_PER_H)], ahead)),
        ("if stopped now, 240 min, Cp and Ce", lambda: if_stopped(now, ahead)),
        ("one second of a live session", lambda: advance(now, RATE_MG_PER_H, 1 / 60)),
    ):
        best, median = best_ms(call)
        print(f"{name:<36} best {best:.3f} ms, median {median:.3f} ms")


if __name__ == "__main__":
    main()
