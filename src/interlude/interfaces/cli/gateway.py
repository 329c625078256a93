"""`interlude gateway`: the device gateway apart from the pages, where the database allows two writers."""

from __future__ import annotations

import argparse
import sqlite3

from interlude.interfaces.cli.clinic_data import (
    SAFE_SQLITE,
    add_data_argument,
    enter,
    is_sqlite,
    sqlite_allows_two_writers,
)
from interlude.interfaces.cli.failure import Failure
from interlude.interfaces.cli.server import Settings, add_serving_arguments, serve_gateway


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_argument(parser)
    add_serving_arguments(parser, web=False)


def run(options: argparse.Namespace) -> int:
    enter(options.data)
    if is_sqlite() and not sqlite_allows_two_writers():
        least = ".".join(map(str, SAFE_SQLITE))
        raise Failure(
            f"SQLite {sqlite3.sqlite_version} can be damaged by two writing processes (safe from {least} on): "
            "`interlude serve` runs the gateway in its own process"
        )
    settings = Settings(mllp_host=options.mllp_host, mllp_port=options.mllp_port, mllp_allow=tuple(options.mllp_allow))
    settings.when_ready = lambda: print(f"Devices: MLLP on {options.mllp_host}:{settings.mllp_port}", flush=True)
    serve_gateway(settings)
    return 0
