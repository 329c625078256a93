"""`interlude check`: the gate before patients. `serve` passes the same gate at each start."""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from interlude.interfaces.cli.clinic_data import (
    SAFE_SQLITE,
    add_data_argument,
    enter,
    is_sqlite,
    sqlite_allows_two_writers,
    unapplied_migrations,
)

# Django's warnings about secure cookies and HSTS do not apply while only this machine can reach the server.
NEEDS_HTTPS = {"security.W004", "security.W005", "security.W012", "security.W016", "security.W021"}
LEAST_FREE_BYTES = 500 * 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """One line of the gate. `ok` None: it does not apply, with the reason."""

    ok: bool | None
    text: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_argument(parser)
    parser.add_argument("--https", action="store_true", help="browsers reach this clinic by HTTPS")


def run(options: argparse.Namespace) -> int:
    directory = enter(options.data, https=options.https)
    findings = list(gate(directory, loopback_only=not options.https))
    show(findings)
    return 0 if passed(findings) else 1


def passed(findings: list[Finding]) -> bool:
    return all(finding.ok is not False for finding in findings)


def show(findings: list[Finding], *, failures_only: bool = False) -> None:
    words = {True: "ok    ", False: "FAILS ", None: "n/a   "}
    for finding in findings:
        if not failures_only or finding.ok is False:
            print(words[finding.ok] + finding.text, file=sys.stderr if finding.ok is False else sys.stdout)


def gate(directory: Path, *, loopback_only: bool) -> Iterator[Finding]:
    """Every condition under which the record is safe to use, each with its state."""
    checks: tuple[Callable[[Path], Finding], ...] = (_keys, _database, _writers, _free_space, _clock)
    for check in checks:
        yield check(directory)
    waiting = unapplied_migrations()
    yield Finding(
        not waiting,
        "all migrations are applied"
        if not waiting
        else f"{len(waiting)} migrations wait: run `interlude upgrade --data {directory}`",
    )
    yield from _django(loopback_only)


def _keys(directory: Path) -> Finding:
    from interlude.record.vault.keys import NAMES, KeysMissing, read_key

    for name in NAMES:
        try:
            read_key(directory / "keys", name)
        except KeysMissing as error:
            return Finding(False, str(error))
        mode = (directory / "keys" / f"{name}.key").stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            return Finding(False, f"keys/{name}.key is readable by others: chmod 400 it")
    return Finding(True, "keys are present and readable by their owner alone")


def _database(_directory: Path) -> Finding:
    from django.db import connection

    with connection.cursor() as cursor:
        if not is_sqlite():
            cursor.execute("SHOW synchronous_commit")
            state = cursor.fetchone()[0]
            return Finding(state in ("on", "remote_apply"), f"PostgreSQL commits with synchronous_commit={state}")
        states = {}
        for name in ("journal_mode", "synchronous", "foreign_keys"):
            cursor.execute(f"PRAGMA {name}")
            states[name] = str(cursor.fetchone()[0]).lower()
        cursor.execute("PRAGMA quick_check")
        whole = cursor.fetchone()[0]
    if whole != "ok":
        return Finding(False, f"the database is damaged: {whole}")
    right = states == {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}
    return Finding(right, f"SQLite is whole, journal {states['journal_mode']}, synchronous {states['synchronous']}")


def _writers(_directory: Path) -> Finding:
    if not is_sqlite():
        return Finding(True, "PostgreSQL: several processes may write")
    version = sqlite3.sqlite_version
    if sqlite_allows_two_writers():
        return Finding(True, f"SQLite {version}: several processes may write")
    least = ".".join(map(str, SAFE_SQLITE))
    return Finding(True, f"SQLite {version} is older than {least}: one process writes, a lock enforces it")


def _free_space(directory: Path) -> Finding:
    free = shutil.disk_usage(directory).free
    return Finding(free > LEAST_FREE_BYTES, f"{free // 1024**2} MiB of disk are free")


def _clock(_directory: Path) -> Finding:
    year = datetime.now(UTC).year
    return Finding(2026 <= year < 2100, f"the clock of this machine says {year}")


def _django(loopback_only: bool) -> Iterator[Finding]:
    from django.core import checks

    messages = checks.run_checks(include_deployment_checks=True)
    for message in messages:
        if loopback_only and message.id in NEEDS_HTTPS:
            yield Finding(None, f"{message.id}: only this machine can reach the server; use --https beyond it")
        elif not message.is_silenced():
            yield Finding(False, f"{message.id}: {str(message.msg).splitlines()[0]}")
    if not messages:
        yield Finding(True, "Django's deployment checks find nothing")
