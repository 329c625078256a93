"""`interlude simulate CASE.json`: concentrations of one case, with 17 digits; a band and a picture where asked for."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from interlude.domain.pharmacology.case import answer, dumps, loads, read_case
from interlude.domain.refusals import N_, Refused
from interlude.interfaces.cli.cluster import cluster_map
from interlude.interfaces.cli.progress import progress_bar

_NO_CLUSTER = N_("A cluster computes populations: give --population, or population in the case.")
_NO_POPULATION = N_("A seed needs a population: give --population, or population in the case.")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("case", metavar="CASE.json", help="the case file, or - for standard input")
    parser.add_argument("--plot", metavar="FILE", help="also draw the curves, as .svg or .png")
    parser.add_argument("--population", metavar="N", type=int, help="add the band of N virtual people")
    parser.add_argument("--seed", metavar="K", type=int, help="where the virtual people are drawn from (1)")
    parser.add_argument("--cluster", metavar="WHERE", help="compute it on a Dask cluster: host:port, or local")
    parser.add_argument("--json", action="store_true", help="print JSON; this is what it prints anyway")


def run(options: argparse.Namespace) -> int:
    target = None
    if options.plot is not None:
        from interlude.interfaces.cli.charts.files import check_path

        target = check_path(options.plot)
    case = read_case(_with_population(loads(_text(options.case)), options))
    if options.cluster is not None and case.crowd is None:
        raise Refused(_NO_CLUSTER, field="--cluster")
    with cluster_map(options.cluster) as spread, progress_bar("people") as progress:
        population = case.bands(map=spread, progress=progress)
    print(dumps(answer(case, population)))
    if target is not None:
        from interlude.interfaces.cli.charts.files import write
        from interlude.interfaces.cli.charts.session import chart_of

        write(chart_of(case, population), target)
    return 0


def _text(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(N_("the file cannot be read: {error}"), field="case", error=error) from error


def _with_population(case: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """The case with what the command line says about its population."""
    said = {"n": options.population, "seed": options.seed}
    said = {name: value for name, value in said.items() if value is not None}
    if not said:
        return case
    if "n" not in said and "population" not in case:
        raise Refused(_NO_POPULATION, field="--seed")
    own = case.get("population", {})
    return {**case, "population": {**own, **said} if isinstance(own, dict) else own}
