"""`interlude demo`: an example clinic with invented people, alive at once."""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic

from interlude.interfaces.cli.clinic_data import (
    DEMO_MARK,
    add_data_argument,
    create,
    enter,
    migrate,
    unapplied_migrations,
    writing,
)
from interlude.interfaces.cli.failure import Failure
from interlude.interfaces.cli.server import Settings, bind, port_number, serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_argument(parser, default="./var/demo")
    parser.add_argument("--port", type=port_number, default=8000, help="port of the pages (default 8000)")
    parser.add_argument("--mllp-port", type=port_number, default=2575, help="port for devices (default 2575)")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")


def run(options: argparse.Namespace) -> int:
    directory = Path(options.data)
    _check_is_ours(directory)
    host = "127.0.0.1"
    web_socket = bind(host, options.port)
    bind(host, options.mllp_port).close()  # say now, in one line, that it is taken
    port = web_socket.getsockname()[1]
    data = _open(directory)
    with writing(data), _bedside(data) as bedside:
        plan = _prepare(data)
        settings = Settings(port=port, mllp_port=options.mllp_port)

        def ready() -> None:
            print(f"\nThe example clinic is open: http://localhost:{port}", flush=True)
            print("Sign in as anybody on its first page. Ctrl+C closes it.", flush=True)
            bedside.start(f"{host}:{settings.mllp_port}", plan)
            if not options.no_browser:
                threading.Thread(target=webbrowser.open, args=(f"http://localhost:{port}",), daemon=True).start()

        settings.when_ready = ready
        serve(settings, web_socket)
    return 0


def _check_is_ours(directory: Path) -> None:
    """Raise `Failure` for a directory that holds anything but a demo."""
    if directory.exists() and not directory.is_dir():
        raise Failure(f"{directory} is not a directory")
    if directory.exists() and any(directory.iterdir()) and not (directory / DEMO_MARK).exists():
        raise Failure(f"{directory} is not a demo's directory; nothing was changed")


def _open(directory: Path) -> Path:
    if (directory / "keys" / "master.key").exists():
        data = enter(str(directory))
        if unapplied_migrations():
            migrate()
        return data
    directory.mkdir(parents=True, exist_ok=True)
    (directory / DEMO_MARK).write_text("All people and data in this directory are invented.\n")
    print("Creating the database ...", flush=True)
    return create(str(directory))


def _shown(steps: Iterable[str], what: str) -> None:
    """Run steps and show where they are, with the time at the end."""
    begun = monotonic()
    live = sys.stdout.isatty()
    for step in steps:
        print(f"\r\033[K{what}: {step} ..." if live else f"{what}: {step} ...", end="" if live else "\n", flush=True)
    print(f"\r\033[K{what}: done in {monotonic() - begun:.1f} s" if live else f"{what}: done", flush=True)


def _prepare(data: Path) -> Path:
    """Invent the clinic at the first start; at every start anchor its day to now. Returns the bedside's plan."""
    from django.utils import timezone

    from interlude.interfaces.cli.example.setting import Setting, set_the_scene
    from interlude.interfaces.cli.example.stages import populate
    from interlude.interfaces.cli.example.today import anchor, write_plan
    from interlude.record.accounts.models import StaffMember
    from interlude.record.clinic.queries import remember_clinic, the_clinic

    now = timezone.now()
    remember_clinic(None)
    if not StaffMember.objects.exists():
        _shown(_scene(lambda: set_the_scene(now - timedelta(days=90))), "Setting the scene")
        remember_clinic(the_clinic())
        _shown(populate(Setting.load(), now), "Inventing patients")
    remember_clinic(the_clinic())
    setting = Setting.load()
    _shown(anchor(setting, timezone.now()), "Beginning the day")
    remember_clinic(None)
    plan = data / "bedside.json"
    write_plan(timezone.now(), plan)
    return plan


def _scene(build: object) -> Iterator[str]:
    yield "rooms, people, devices, protocols"
    build()  # type: ignore[operator]


class Bedside:
    """The virtual bedside: a process of its own that knows the clinic by its MLLP port alone.

    It reads its standard input and ends when that ends, so it dies with this process however that ends.
    """

    def __init__(self, data: Path) -> None:
        self.log = data / "bedside.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, address: str, plan: Path) -> None:
        if not json.loads(plan.read_text())["monitors"]:
            return
        command = [sys.executable, "-m", "interlude.interfaces.gateway.bedside", "--to", address, "--plan", str(plan)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)

    def stop(self) -> None:
        if self.process is None:
            return
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()


@contextlib.contextmanager
def _bedside(data: Path) -> Iterator[Bedside]:
    bedside = Bedside(data)
    try:
        yield bedside
    finally:
        bedside.stop()
