"""`interlude simulate CASE.json`: concentrations of one case, with 17 digits."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from interlude.domain.pharmacology.case import dumps, simulate_case
from interlude.domain.refusals import N_, Refused


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("case", metavar="CASE.json", help="the case file, or - for standard input")


def _refuse_constant(text: str) -> float:
    raise Refused(N_("{text} is not a number that a case may hold."), field="case", text=text)


def run(options: argparse.Namespace) -> int:
    try:
        text = sys.stdin.read() if options.case == "-" else Path(options.case).read_text(encoding="utf-8")
        case = json.loads(text, parse_constant=_refuse_constant)
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(N_("the file cannot be read: {error}"), field="case", error=error) from error
    except json.JSONDecodeError as error:
        raise Refused(
            N_("not JSON: {reason} in line {line}"), field="case", reason=error.msg, line=error.lineno
        ) from error
    print(dumps(simulate_case(case)))
    return 0
