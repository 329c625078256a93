"""The database: one SQLite file by default, PostgreSQL by one setting."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

# WAL with synchronous=FULL: an acknowledged reading survives a power cut. IMMEDIATE (below): a transaction
# that may write takes the lock at its start, because upgrading later fails at once under WAL.
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
    "PRAGMA busy_timeout=20000; PRAGMA temp_store=MEMORY;"
)


class BadDatabaseAddress(ValueError):
    """INTERLUDE_DATABASE is not an address that this version understands."""


def database_settings(address: str, data: Path | None) -> dict[str, Any]:
    """Django's settings of the one database. `data` None means: a throw-away database in memory."""
    if address:
        return _postgres(address)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(data / "interlude.sqlite3") if data else ":memory:",
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": SQLITE_PRAGMAS, "timeout": 20},
    }


def _postgres(address: str) -> dict[str, Any]:
    parts = urlparse(address)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise BadDatabaseAddress("INTERLUDE_DATABASE must look like postgresql://user:password@host:port/name")
    host = parts.hostname or ""
    for pair in parts.query.split("&"):
        if pair.startswith("host="):
            host = unquote(pair.removeprefix("host="))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
    }
