"""The command `interlude`. Each subcommand is loaded when it is called, so that the command starts quickly."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from interlude import __version__
from interlude.domain.refusals import Refused
from interlude.interfaces.cli.failure import Failure

# Name, module, one line of help. `demo` alone has a default data directory.
COMMANDS = (
    ("demo", "interlude.interfaces.cli.demo", "open an example clinic with invented people"),
    ("init", "interlude.interfaces.cli.init", "set up a new clinic"),
    ("serve", "interlude.interfaces.cli.serve", "run a clinic"),
    ("gateway", "interlude.interfaces.cli.gateway", "run the device gateway as a process of its own"),
    ("replay", "interlude.interfaces.gateway.replay", "send recorded HL7 messages to a gateway"),
    ("simulate", "interlude.interfaces.cli.simulate", "compute concentrations of a case file"),
    ("models", "interlude.interfaces.cli.models", "list, show and compare the published models of ketamine"),
    ("protocol", "interlude.interfaces.cli.protocol", "list, show, check and compare protocols and files of protocols"),
    ("evidence", "interlude.interfaces.cli.evidence", "list studies, and pool what they say on one question"),
    ("upgrade", "interlude.interfaces.cli.upgrade", "back up, verify the backup, and migrate"),
    ("check", "interlude.interfaces.cli.check", "say whether this installation may hold patients"),
)


class _Parser(argparse.ArgumentParser):
    """One clear line and exit status 2 for bad arguments."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}", file=sys.stderr)
        raise SystemExit(2)


def _parser(chosen: str) -> argparse.ArgumentParser:
    parser = _Parser(prog="interlude", description="Runs a clinic's ketamine-assisted therapy.")
    parser.add_argument("--version", action="version", version=f"interlude {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module, line in COMMANDS:
        sub = commands.add_parser(name, help=line, description=line.capitalize() + ".")
        if name == chosen:
            import_module(module).add_arguments(sub)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    arguments = list(sys.argv[1:] if argv is None else argv)
    names = {name: module for name, module, _line in COMMANDS}
    chosen = next((word for word in arguments if word in names), "")
    options = _parser(chosen).parse_args(arguments)
    try:
        return int(import_module(names[options.command]).run(options) or 0)
    except Failure as failure:
        print(f"interlude {options.command}: {failure}", file=sys.stderr)
        return 1
    except Refused as refused:
        where = f"{refused.field}: " if refused.field else ""
        print(f"interlude {options.command}: {where}{refused}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever reads the output (`| head`) has seen enough; nothing more may be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


if __name__ == "__main__":
    sys.exit(main())
