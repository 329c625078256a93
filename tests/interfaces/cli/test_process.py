"""The serving process as a supervisor and a power cut meet it."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.serving import (
    COMMAND,
    HOST,
    Served,
    is_alive,
    is_free,
    make_clinic,
    serve_command,
    serving,
    start,
    within,
)
from tests.faults.web import Person

PASSWORD = "a long test password"
# What `interlude demo` does around its server, on a clinic that is there already: the same class starts the bedside.
WITH_BEDSIDE = """
import json, sys
from pathlib import Path
from interlude.interfaces.cli.clinic_data import enter, writing
from interlude.interfaces.cli.demo import Bedside
from interlude.interfaces.cli.server import Settings, bind, serve

data = enter(sys.argv[1])
plan = data / "bedside.json"
plan.write_text(json.dumps({"monitors": [{"name": "CHAIR-1", "eui64": "0A1B2C3D4E5F6071"}]}))
bedside = Bedside(data)
web_socket = bind("127.0.0.1", 0)
settings = Settings(mllp_port=0)

def ready():
    bedside.start(f"127.0.0.1:{settings.mllp_port}", plan)
    print("bedside", bedside.process.pid, flush=True)
    print(f"Serving http://127.0.0.1:{web_socket.getsockname()[1]}")
    print(f"MLLP on 127.0.0.1:{settings.mllp_port}", flush=True)

settings.when_ready = ready
with writing(data):
    serve(settings, web_socket)
bedside.stop()
"""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    directory = tmp_path_factory.mktemp("served") / "data"
    return directory, make_clinic(directory)


@pytest.fixture
def served(clinic: tuple[Path, list[str]]) -> Iterator[Served]:
    with serving(clinic[0]) as server:
        yield server


def test_it_answers_that_it_lives_and_stops_in_time_with_open_pages_and_devices(
    clinic: tuple[Path, list[str]], served: Served
) -> None:
    health = Person(served.port).get("/healthz")
    assert health.status == 200
    assert isinstance(health.json(), dict)
    mira = Person(served.port).welcome(clinic[1][1], PASSWORD)
    stream = mira.listen("today")
    with closing(stream), closing(socket.create_connection((HOST, served.mllp_port))):
        began = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        # Before the process is gone, the page learns that its stream has ended.
        while stream.readline():
            assert time.monotonic() - began < 4
        assert served.process.wait(4 - (time.monotonic() - began)) == 0
    assert is_free(served.port)
    assert is_free(served.mllp_port)
    assert "Traceback" not in served.said()


@pytest.mark.skipif(sqlite3.sqlite_version_info >= (3, 51, 3), reason="this SQLite allows two writing processes")
def test_a_second_server_of_the_same_clinic_is_refused_in_one_line(
    clinic: tuple[Path, list[str]], served: Served
) -> None:
    second = subprocess.run(serve_command(clinic[0]), capture_output=True, text=True, timeout=30)
    assert second.returncode == 1
    assert second.stderr.strip().splitlines() == [
        f"interlude serve: another Interlude process is writing to {clinic[0]}"
    ]
    assert second.stdout == ""
    assert Person(served.port).get("/healthz").status == 200


def test_a_killed_server_leaves_its_ports_and_can_be_started_again(clinic: tuple[Path, list[str]]) -> None:
    with serving(clinic[0]) as first:
        first.kill()
        within(1, lambda: is_free(first.port) and is_free(first.mllp_port))
    with serving(clinic[0], first.port, first.mllp_port) as again:
        assert (again.port, again.mllp_port) == (first.port, first.mllp_port)
        assert Person(again.port).get("/healthz").status == 200


def test_the_bedside_dies_with_its_killed_server(clinic: tuple[Path, list[str]]) -> None:
    server = start([sys.executable, "-c", WITH_BEDSIDE, str(clinic[0])])
    try:
        bedside = int(server.said().split("bedside ")[1].split()[0])
        assert is_alive(bedside)
        server.kill()
        within(1, lambda: is_free(server.port) and is_free(server.mllp_port) and not is_alive(bedside))
    finally:
        if server.process.poll() is None:
            server.kill()


def test_a_taken_device_port_is_one_line_and_leaves_the_clinic_as_it_was(clinic: tuple[Path, list[str]]) -> None:
    with closing(socket.socket()) as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(serve_command(clinic[0], 0, port), capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [f"interlude serve: port {port} on {HOST} is taken; choose another one"]


def test_the_virtual_bedside_ends_with_its_input(tmp_path: Path) -> None:
    """Without a parent that was killed: closing the pipe is enough, and nobody needs to be reachable."""
    plan = tmp_path / "plan.json"
    plan.write_text('{"monitors": [{"name": "CHAIR-1", "eui64": "0A1B2C3D4E5F6071"}]}')
    command = [sys.executable, "-m", "interlude.interfaces.gateway.bedside", "--to", f"{HOST}:9", "--plan", str(plan)]
    bedside = subprocess.Popen(command, stdin=subprocess.PIPE)
    assert bedside.stdin is not None
    bedside.stdin.close()
    assert bedside.wait(10) == 0


def test_the_command_starts_quickly_enough_to_be_a_command() -> None:
    """The help text needs neither a database nor Django's set-up: it comes from a clean interpreter."""
    code = (
        "import sys; from interlude.interfaces.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code + "print('django' in sys.modules)"], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "False", done.stderr
    assert COMMAND[0] == sys.executable
