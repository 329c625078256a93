"""Exact concentrations of populations against other programs, as ratios within one run.

    python benchmarks/pharmacology.py [--people 131072] [--solver-people 100] [--band 1000000]

Workload: three compartments and an effect site, seven parameters varied log-normally by 30 %, 0.5 mg/kg over
40 min, Cp and Ce at 241 points one minute apart, everything stored. Speed is people per second of processor time
(all threads counted). Reference for errors: SciPy's matrix exponential, step by step. The limit that a single core
meets is the rate at which an array of the same size can be filled with a constant; it is measured in turns with our
own runs, so that neighbours disturb both alike. Then the percentile band of a million people (a process of its
own) and one live forecast.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from pharmacology_peers import END_MIN, PEERS, RATE_MG_PER_H, TIMES, Solve, reference
from pharmacology_population import DOSES, source

from interlude.domain.pharmacology import Mammillary, advance, at_rest, concentrations, forecast, if_stopped, load_card
from interlude.domain.pharmacology.batches import MammillaryBatch
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.population import batch_curves

CHECKED = 100
PEER_RUNS = 3
_ENVIRONMENT = {
    # Threads of a matrix library on 5 x 5 matrices would only waste the peers' processor time.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JAX_PLATFORMS": "cpu",
}


def crowd(count: int) -> MammillaryBatch:
    """Models of `count` people."""
    drawn = source()
    batch = drawn.individuals(np.random.default_rng(20).standard_normal((count, drawn.draws))).batch
    assert isinstance(batch, MammillaryBatch)
    return batch


def one_by_one(people: list[Mammillary]) -> Floats:
    curves = [concentrations(model, [(0.0, END_MIN, RATE_MG_PER_H)], TIMES) for model in people]
    return np.array([[one.cp_ng_per_ml, one.ce_ng_per_ml] for one in curves])


def worst(curves: Floats, truth: Floats) -> float:
    """Largest relative error after time 0; (people, 2, T)."""
    return float(np.max(np.abs(curves[:, :, 1:] / truth[:, :, 1:] - 1)))


def processor_s(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


class Table:
    """Rows of the comparison; the first speed is the unit of the ratios."""

    def __init__(self) -> None:
        self.unit: float | None = None
        print(f"{'':<34}{'people per core-second':>24}{'x LSODA':>10}{'largest relative error':>24}")

    def row(self, name: str, speed: float, error: float) -> None:
        self.unit = self.unit or speed
        print(f"{name:<34}{speed:>24,.0f}{speed / self.unit:>10,.1f}{error:>24.1e}", flush=True)


def compare_peers(table: Table, count: int) -> None:
    models = [crowd(count).person(index) for index in range(count)]
    truth = reference(models)
    for name, package, build in PEERS:
        if find_spec(package) is None:
            print(f"{name:<34}{'not installed':>24}")
            continue
        try:
            solve: Solve = build()
            curves = solve(models)  # compiles what compiles
            spent = min(processor_s(partial(solve, models)) for _ in range(PEER_RUNS))
        except Exception as error:
            print(f"{name:<34}{'failed':>24}  {type(error).__name__}: {str(error).splitlines()[0][:60]}")
            continue
        table.row(name, count / spent, worst(curves, truth))
    curves = one_by_one(models)
    spent = min(
        processor_s(partial(one_by_one, [crowd(count).person(i) for i in range(count)])) for _ in range(PEER_RUNS)
    )
    table.row("ours, one person after another", count / spent, worst(curves, truth))


def compare_ours(table: Table, count: int, repeats: int) -> None:
    batch = crowd(count)
    truth = reference([batch.person(index) for index in range(CHECKED)])
    plain = np.empty(2 * len(TIMES) * count)
    plain.fill(0.0)
    for engine in ("numpy", "numba"):
        if find_spec(engine) is None:
            print(f"{'ours, ' + engine:<34}{'not installed':>24}")
            continue
        out = batch_curves(batch, DOSES, TIMES, engine=engine)
        fills, spent = [], []
        for _ in range(repeats):
            fills.append(processor_s(lambda: plain.fill(1.0)))
            ours = partial(batch_curves, batch, DOSES, TIMES, engine=engine, out=out)
            spent.append(processor_s(ours))
        curves = np.stack([rows[:, :CHECKED].T for rows in out], axis=1)
        table.row(f"ours, {engine}, {count:,} at once", count / min(spent), worst(curves, truth))
        limit = count / min(fills)
        print(
            f"{'  limit of storing':<34}{limit:>24,.0f}   {plain.nbytes / min(fills) / 1e9:.1f} GB/s;"
            f" share reached {min(fills) / min(spent):.0%}"
        )


def best_ms(call: Callable[[], object], repeats: int = 300) -> tuple[float, float]:
    """Best and median wall time of one call, in ms."""
    spent = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        spent.append((time.perf_counter() - started) * 1000)
    return min(spent), float(np.median(spent))


def live() -> None:
    """What the chart of a running session asks for, again and again."""
    model = load_card("kamp2020").individual(70)
    chain = load_card("simons2022").individual(70, ke0_per_min=model.ke0_per_min)
    minutes, segment = 12.5, [(0.0, END_MIN, RATE_MG_PER_H)]
    now, ahead = advance(at_rest(model), RATE_MG_PER_H, minutes), minutes + np.arange(0.0, 241.0)
    there = advance(at_rest(chain), RATE_MG_PER_H, minutes)
    metabolites = [name for name in chain.outputs if name != "Cp"]

    def with_metabolites() -> None:
        curves = forecast(there, segment, ahead)
        for name in ("Cp", "Ce", *metabolites):
            curves.output(name)

    def plasma_and_site() -> None:
        curves = forecast(now, segment, ahead)
        _ = curves.cp_ng_per_ml, curves.ce_ng_per_ml

    for name, call in (
        ("live forecast, 240 min, Cp and Ce", plasma_and_site),
        (f"the same and {len(metabolites)} metabolites", with_metabolites),
        ("if stopped now, 240 min", lambda: if_stopped(now, ahead)),
        ("one second of a live session", lambda: advance(now, RATE_MG_PER_H, 1 / 60)),
    ):
        best, median = best_ms(call)
        print(f"{name:<40} best {best:.3f} ms, median {median:.3f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=131_072, help="for our engines")
    parser.add_argument("--solver-people", type=int, default=CHECKED, help="for the peers")
    parser.add_argument("--band", type=int, default=1_000_000, help="people of the percentile band; 0 leaves it away")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()

    if not _ENVIRONMENT.items() <= os.environ.items():
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | _ENVIRONMENT)
    print(f"load before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors")
    table = Table()
    compare_peers(table, arguments.solver_people)
    compare_ours(table, max(arguments.people, CHECKED), arguments.repeats)
    if arguments.band:
        script = Path(__file__).with_name("pharmacology_population.py")
        for engine in ("numpy", "numba") if find_spec("numba") else ("numpy",):
            options = ("--people", arguments.band, "--threads", arguments.threads, "--engine", engine)
            print(flush=True)
            subprocess.run([sys.executable, str(script), *map(str, options)], check=True)
    print()
    live()
    print(f"load after: {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
