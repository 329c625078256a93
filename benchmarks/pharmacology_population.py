"""The 5/50/95 % band of Cp and Ce of a virtual population: wall time and peak memory of one process.

    python benchmarks/pharmacology_population.py [--people 1000000] [--threads 2] [--engine auto]

Around the Kamp 2020 set, seven parameters varied by 30 %, 0.5 mg/kg over 40 min, 241 points one minute apart. The
compiled engine is warmed up on a few people first (its compilation is kept on disk); the memory is that of the whole
process, Python and all libraries included.
"""

from __future__ import annotations

import argparse
import math
import resource
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from interlude.domain.pharmacology import Dose, load_card
from interlude.domain.pharmacology.population import LognormalSource, Population, simulate_population

NAMES = ("v1_l", "k10_per_min", "k12_per_min", "k21_per_min", "k13_per_min", "k31_per_min", "ke0_per_min")
CV = 0.30
TIMES = np.arange(241.0)
DOSES = [Dose("iv", 0.0, 35.0, 40.0)]


def source() -> LognormalSource:
    """People that vary around the Kamp 2020 set; the 30 % is the workload's, not a published variability."""
    return LognormalSource(load_card("kamp2020").individual(70), dict.fromkeys(NAMES, math.sqrt(math.log(1 + CV * CV))))


def peak_mb() -> float:
    """Most memory that this process has held; getrusage would count the process that started it as well."""
    status = Path("/proc/self/status")
    if status.exists():
        return float(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()

    def run(people: int, pool: ThreadPoolExecutor) -> Population:
        return simulate_population(
            source(), DOSES, TIMES, n=people, seed=20, percentiles=(5, 50, 95), engine=arguments.engine, map=pool.map
        )

    with ThreadPoolExecutor(arguments.threads) as pool:
        result = run(1000, pool)
        before, spent, busy = peak_mb(), [], []
        for _ in range(arguments.repeats):
            started, started_cpu = time.perf_counter(), time.process_time()
            result = run(arguments.people, pool)
            spent.append(time.perf_counter() - started)
            busy.append(time.process_time() - started_cpu)
    levels = ", ".join(f"{result.bands['Cp'][percentile][40]:.1f}" for percentile in (5, 50, 95))
    print(f"band of {arguments.people:,} people, engine {result.engine}, {arguments.threads} threads")
    print(f"  wall time, best and worst of {arguments.repeats}   {min(spent):.2f} s, {max(spent):.2f} s")
    print(f"  processor time                {min(busy):.2f} s")
    print(f"  peak memory of the process    {peak_mb():.0f} MB ({before:.0f} MB before the run)")
    print(f"  Cp at 40 min, 5/50/95 %       {levels} ng/mL")


if __name__ == "__main__":
    main()
