"""The product as a clinic runs it: real processes on loopback, on free ports, with a data directory of their own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.journeys.cast import AYLIN, EVERYBODY

READY_S = 180
MONITOR_EUI64 = "0A1B2C3D4E5F6071"
MONITOR_NAME = "Monitor 1"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _environment() -> dict[str, str]:
    """This machine's, without what the test suite has set for itself."""
    dropped = ("DJANGO_", "INTERLUDE_", "PYTEST_")
    return {key: value for key, value in os.environ.items() if not key.startswith(dropped)} | {"PYTHONUNBUFFERED": "1"}


@dataclass
class Product:
    """One running clinic. `url` is where its pages are; `mllp_port` where its devices send."""

    data: Path
    command: Sequence[str]
    port: int
    mllp_port: int
    time_zone: str
    welcome: dict[str, str] = field(default_factory=dict)  # sign-in name -> path of the one-time link
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.data.with_name(f"{self.data.name}.log")

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "interlude.interfaces.cli.main", *self.command],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def wait_until_it_serves(self) -> None:
        assert self.process is not None
        end = time.monotonic() + READY_S
        while not self._is_healthy():
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.log.read_text()}"
            assert time.monotonic() < end, f"does not serve after {READY_S} s:\n{self.log.read_text()}"
            time.sleep(0.2)

    def _is_healthy(self) -> bool:
        with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as page:
            return bool(page.status == 200 and json.load(page))
        return False

    def stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def example_clinic(directory: Path) -> Product:
    """`interlude demo`. Started, not yet waited for: it invents its patients first."""
    port, mllp_port, data = free_port(), free_port(), directory / "demo"
    ports = ["--port", str(port), "--mllp-port", str(mllp_port)]
    command = ["demo", "--data", str(data), "--no-browser", *ports]
    product = Product(data, command, port, mllp_port, "Europe/Berlin")
    product.start()
    return product


def zone_where_it_is_morning(now: datetime) -> str:
    """A time zone in which it is about nine now, so that a whole session fits into today whenever the suite runs."""
    ahead = 9 - now.astimezone(UTC).hour  # -14 to 9; Etc/GMT-9 is nine hours ahead of Greenwich
    return f"Etc/GMT{-ahead if ahead > 0 else f'+{-ahead}'}" if ahead >= -12 else f"Etc/GMT-{ahead + 24}"


def empty_clinic(directory: Path) -> Product:
    """`interlude init` and `interlude serve`: a clinic with one room, two chairs, its staff, and no patients."""
    port, mllp_port, data = free_port(), free_port(), directory / "clinic"
    zone = zone_where_it_is_morning(datetime.now(UTC))
    product = Product(data, ["serve", "--data", str(data), "--port", str(port)], port, mllp_port, zone)
    product.command = [*product.command, "--mllp-port", str(mllp_port)]
    made = subprocess.run(
        [sys.executable, "-m", "interlude.interfaces.cli.main", "init", "--data", str(data), *_wishes(product)],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=READY_S,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    names = {person.name: person.username for person in EVERYBODY}
    for name, path in re.findall(r"^  (.+): https?://[^/]+(/welcome/\S+)$", made.stdout, re.MULTILINE):
        product.welcome[names[name]] = path
    assert set(product.welcome) == set(names.values()), made.stdout
    product.start()
    product.wait_until_it_serves()
    return product


def _wishes(product: Product) -> list[str]:
    staff = [person for person in EVERYBODY if person is not AYLIN]
    return [
        *("--name", "Clinic at the Canal", "--time-zone", product.time_zone, "--language", "en", "--country", "DE"),
        *("--decimal-sign", ",", "--site", "Canal Street", "--hours", "mon-sun=08:00-20:00"),
        *("--chair", "Room 1/Chair 1", "--chair", "Room 1/Chair 2", "--emergency", "Emergency=112"),
        *("--device", f"{MONITOR_NAME}={MONITOR_EUI64}", "--admin", f"{AYLIN.username}:{AYLIN.name}"),
        *(word for one in staff for word in ("--staff", f"{one.username}:{one.name}:{one.role}")),
        *("--address", product.url),
    ]


class VirtualMonitor:
    """A bedside monitor as a process of its own. It knows the clinic by its MLLP port alone."""

    def __init__(self, product: Product, *, name: str = "MONITOR-1", eui64: str = MONITOR_EUI64) -> None:
        self.name = name
        plan = product.data.with_name("monitor.json")
        begun = datetime.now(UTC) - timedelta(minutes=1)
        monitor = {"name": name, "eui64": eui64, "seed": 7, "started_at": begun.isoformat(), "nibp_every_min": 0.2}
        plan.write_text(json.dumps({"monitors": [monitor]}))
        module = "interlude.interfaces.gateway.bedside"
        to = f"127.0.0.1:{product.mllp_port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, "--to", to, "--plan", str(plan)],
            env=_environment(),
            stdin=subprocess.PIPE,
        )

    def fall_silent(self, seconds: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"silence {self.name} {seconds}\n".encode())
        self.process.stdin.flush()

    def stop(self) -> None:
        """Its standard input ends, so it ends."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
