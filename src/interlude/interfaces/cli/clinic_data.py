"""A clinic's data directory: where it is, whose it is, and who may write to it now."""

from __future__ import annotations

import argparse
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from interlude.interfaces.cli.failure import Failure

DEMO_MARK = "this-is-a-demo"
SAFE_SQLITE = (3, 51, 3)
"""From this version on, two processes may write one WAL database: earlier ones can corrupt it (WAL-reset defect)."""


def add_data_argument(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    text = "the clinic's data directory" + (f" (default {default})" if default else "")
    parser.add_argument("--data", metavar="DIR", default=default, required=default is None, help=text)


def enter(data: str, *, https: bool = False, hosts: str = "") -> Path:
    """Set up Django for an existing clinic. Raises `Failure` when the directory is not one."""
    directory = Path(data).resolve()
    if not (directory / "keys" / "master.key").exists():
        raise Failure(f"{directory} is not a clinic's data directory; `interlude init --data {data}` makes one")
    _set_up_django(directory, https=https, hosts=hosts)
    return directory


def create(data: str) -> Path:
    """Make the directory with its keys and an empty, migrated database, and set up Django for it."""
    from interlude.record.vault.keys import create_keys

    directory = Path(data).resolve()
    try:
        (directory / "media").mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
        create_keys(directory / "keys")
    except OSError as error:
        raise Failure(f"{directory} cannot be written: {error.strerror}") from error
    _set_up_django(directory)
    migrate()
    return directory


def _set_up_django(directory: Path, *, https: bool = False, hosts: str = "") -> None:
    os.environ["INTERLUDE_DATA"] = str(directory)
    os.environ["DJANGO_SETTINGS_MODULE"] = "interlude.config.settings"
    if https:
        os.environ["INTERLUDE_HTTPS"] = "1"
    if hosts:
        os.environ["INTERLUDE_HOSTS"] = hosts
    import django

    django.setup()


def migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def unapplied_migrations() -> list[str]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _backwards in plan]


def is_sqlite() -> bool:
    from django.db import connection

    return connection.vendor == "sqlite"


def sqlite_allows_two_writers() -> bool:
    return sqlite3.sqlite_version_info >= SAFE_SQLITE


@contextmanager
def writing(directory: Path) -> Iterator[None]:
    """Hold the right to serve this clinic's SQLite file. Raises `Failure` when another process holds it.

    With PostgreSQL several processes may serve. `interlude gateway` asks for itself whether two may write.
    """
    if not is_sqlite():
        yield
        return
    import fcntl

    with (directory / "writer.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Failure(f"another Interlude process is writing to {directory}") from error
        yield
