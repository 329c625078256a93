"""`interlude upgrade`: a backup that was opened and compared, then the migrations."""

from __future__ import annotations

import argparse
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from interlude.interfaces.cli.clinic_data import (
    add_data_argument,
    enter,
    is_sqlite,
    migrate,
    unapplied_migrations,
    writing,
)
from interlude.interfaces.cli.failure import Failure


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_argument(parser)
    parser.add_argument(
        "--backup-made",
        action="store_true",
        help="PostgreSQL only: you have made and verified a backup with its own tools",
    )


def run(options: argparse.Namespace) -> int:
    directory = enter(options.data)
    with writing(directory):
        waiting = unapplied_migrations()
        if not waiting:
            print("Nothing to upgrade.")
            return 0
        print(f"{len(waiting)} migrations wait.")
        if is_sqlite():
            print("Backing up ...", flush=True)
            copy = back_up(directory)
            print(f"Backup verified: {copy}")
        elif not options.backup_made:
            raise Failure("make and verify a backup of the PostgreSQL database, then add --backup-made")
        print("Migrating ...", flush=True)
        migrate()
    print("Upgraded.")
    return 0


def back_up(directory: Path) -> Path:
    """Copy the database while nobody writes, open the copy, and compare. Raises `Failure` when they differ."""
    source = directory / "interlude.sqlite3"
    copy = directory / "backups" / f"interlude-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.sqlite3"
    copy.parent.mkdir(mode=0o700, exist_ok=True)
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(copy)) as backup:
        original.backup(backup)
    copy.chmod(0o600)
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(copy)) as backup:
        verify(original, backup, copy)
    return copy


def verify(original: sqlite3.Connection, backup: sqlite3.Connection, copy: Path) -> None:
    """The copy must be whole and hold the same number of rows in every table."""
    state = backup.execute("PRAGMA integrity_check").fetchone()[0]
    if state != "ok":
        raise Failure(f"the backup {copy} is damaged: {state}")
    for (table,) in original.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        count = f'SELECT count(*) FROM "{table}"'
        expected = original.execute(count).fetchone()[0]
        try:
            found = backup.execute(count).fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise Failure(f"the backup {copy} lacks the table {table}") from error
        if found != expected:
            raise Failure(f"the backup {copy} has {found} rows in {table}, the database has {expected}")
