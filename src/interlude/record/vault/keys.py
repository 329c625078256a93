"""Keys on disk: made once, read once, never in the environment or the database.

`keys/` of a clinic's data directory holds three files of 32 random bytes (hex): `master.key` wraps the
per-patient keys, `index.key` makes the blind search index, `session.key` signs cookies and links.
"""

from __future__ import annotations

import os
import secrets
from functools import lru_cache
from pathlib import Path

NAMES = ("master", "index", "session")


class KeysMissing(RuntimeError):
    """The key directory lacks a key, or a key has the wrong length."""


def create_keys(directory: Path) -> None:
    """Create every missing key, readable by its owner alone. An existing key is never replaced."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in NAMES:
        path = directory / f"{name}.key"
        if path.exists():
            continue
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())


@lru_cache(maxsize=16)
def read_key(directory: Path, name: str) -> bytes:
    """Return the 32 bytes of one key. Raises `KeysMissing` when it is absent or malformed."""
    path = directory / f"{name}.key"
    try:
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise KeysMissing(f"{path} cannot be read as a key") from error
    if len(key) != 32:
        raise KeysMissing(f"{path} must hold 32 bytes, it holds {len(key)}")
    return key
