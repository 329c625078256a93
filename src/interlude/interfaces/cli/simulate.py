"""`interlude simulate CASE.json`: concentrations of one case, with 17 digits."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from interlude.domain.pharmacology.case import dumps, loads, simulate_case
from interlude.domain.refusals import N_, Refused


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("case", metavar="CASE.json", help="the case file, or - for standard input")


def run(options: argparse.Namespace) -> int:
    try:
        text = sys.stdin.read() if options.case == "-" else Path(options.case).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(N_("the file cannot be read: {error}"), field="case", error=error) from error
    print(dumps(simulate_case(loads(text))))
    return 0
