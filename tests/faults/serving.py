"""A clinic that is served by a process of its own, as its users start it: made, filled, started, killed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
START_TIMEOUT_S = 60.0
COMMAND = [sys.executable, "-m", "interlude.interfaces.cli.main"]
PEOPLE = ["--admin", "aylin:Aylin Demir", "--staff", "mira:Mira Sand:front_desk"]


def make_clinic(directory: Path) -> list[str]:
    """`interlude init` in `directory`; returns the paths of the one-time links."""
    done = subprocess.run(
        [*COMMAND, "init", "--data", str(directory), "--name", "Quiet House", *PEOPLE],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return re.findall(r"http://[^/]+(/welcome/\S+)", done.stdout)


def fill(directory: Path, *arguments: str) -> dict[str, Any]:
    """Run `tests.faults.populate` on a clinic that is not being served; returns what it says about it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.populate", "--data", str(directory), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


@dataclass
class Served:
    """A running server: its process and the ports that it printed."""

    process: subprocess.Popen[bytes]
    port: int
    mllp_port: int
    output: IO[bytes]
    lines: list[str] = field(default_factory=list)

    def kill(self) -> None:
        """What a power cut does to a process."""
        self.process.kill()
        self.process.wait()

    def terminate(self, timeout_s: float = 20) -> int:
        """Ask it to stop, as a supervisor does."""
        self.process.terminate()
        return self.process.wait(timeout_s)

    def hold(self, seconds: float) -> None:
        """SIGSTOP for a while."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            self.process.send_signal(signal.SIGCONT)

    def said(self) -> str:
        self.output.seek(0)
        return self.output.read().decode("utf-8", "replace")


def start(command: Sequence[str]) -> Served:
    """Start a server that prints its two ports, and wait until it has."""
    output = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the server)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=ROOT)
    served = Served(process, 0, 0, output)
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until and process.poll() is None:
        said = served.said()
        web, mllp = re.search(r"Serving \w+://\S+:(\d+)", said), re.search(r"MLLP on \S+:(\d+)", said)
        if web and mllp:
            served.port, served.mllp_port = int(web[1]), int(mllp[1])
            return served
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise AssertionError(f"the server did not start: {served.said()}")


def serve_command(directory: Path, port: int = 0, mllp_port: int = 0) -> list[str]:
    return [*COMMAND, "serve", "--data", str(directory), "--port", str(port), "--mllp-port", str(mllp_port)]


@contextlib.contextmanager
def serving(directory: Path, port: int = 0, mllp_port: int = 0) -> Iterator[Served]:
    """`interlude serve` on free ports, killed at the end if it still runs."""
    served = start(serve_command(directory, port, mllp_port))
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.kill()
        served.output.close()


def is_free(port: int) -> bool:
    """Nobody listens on the port, and a new server could."""
    with closing(socket.socket()) as asking:
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asking.bind((HOST, port))
            asking.listen()
        except OSError:
            return False
    return True


def is_alive(pid: int) -> bool:
    """The process runs: one that ended and was not yet collected by its parent does not."""
    with contextlib.suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    if Path("/proc/self").exists():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def within(seconds: float, condition: Any) -> float:
    """Seconds until the condition held; fails when it did not in time."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not within {seconds} s: {condition}")
        time.sleep(0.01)
    return time.monotonic() - began


def ask(directory: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Rows of the stored record, read beside the server."""
    with closing(sqlite3.connect(f"file:{directory / 'interlude.sqlite3'}?mode=ro", uri=True, timeout=20)) as database:
        return database.execute(statement, values).fetchall()
