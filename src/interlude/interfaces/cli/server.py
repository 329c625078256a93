"""One process that serves a clinic: web pages, live streams, device gateway, vitals writer and task loop.

Everything runs in one event loop (pages in its worker threads), so that SQLite has one writing process and a
reading reaches the open pages without leaving the process.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import signal
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from types import FrameType
from typing import Any

import uvicorn

from interlude.interfaces.cli.failure import Failure
from interlude.interfaces.gateway.server import GatewayServer
from interlude.interfaces.gateway.writer import BatchWriter

logger = logging.getLogger("interlude.server")
TASK_LOOP_S = 20.0
BRIDGE_S = 0.5
STOP_GRACE_S = 3


@dataclass
class Settings:
    """What one serving process listens on. `mllp_port` None: no gateway in this process."""

    host: str = "127.0.0.1"
    port: int = 8000
    mllp_host: str = "127.0.0.1"
    mllp_port: int | None = 2575
    mllp_allow: tuple[str, ...] = ()
    tls_certificate: str | None = None
    tls_key: str | None = None
    zone: tzinfo | None = None
    when_ready: Callable[[], Awaitable[None] | None] | None = None
    sockets: list[socket.socket] = field(default_factory=list)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket, or `Failure` with one line when the port is taken or the host is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise Failure(f"port {port} on {host} is taken; choose another one") from error
        raise Failure(f"{host}:{port} cannot be used: {error.strerror}") from error
    listener.set_inheritable(False)
    return listener


class _WebServer(uvicorn.Server):
    """Uvicorn that ends the live streams when it is asked to stop, so that stopping takes no grace time.

    It does not raise the signal again afterwards as Uvicorn does: that would end the process before the gateway has
    answered what it took and the writer has stored it. A second Ctrl+C does not wait for open pages.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        from interlude.record.live import hub

        hub.close()
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def _web_server(settings: Settings) -> _WebServer:
    config = uvicorn.Config(
        "interlude.config.asgi:application",
        interface="asgi3",
        lifespan="off",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_GRACE_S,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
    )
    return _WebServer(config)


def _zone_of_the_clinic() -> tzinfo:
    """What device clocks without a zone mean. Read before the loop starts: the loop itself asks no database."""
    from interlude.record.clinic.queries import clinic_zone

    try:
        return clinic_zone()
    finally:
        _close_connection()


def _close_connection() -> None:
    from django.db import connection

    connection.close()


def _gateway(settings: Settings) -> tuple[GatewayServer, BatchWriter]:
    from interlude.record.dosing.services import receive_batch

    assert settings.mllp_port is not None
    assert settings.zone is not None
    writer = BatchWriter(receive_batch, at_exit=_close_connection)
    server = GatewayServer(
        settings.mllp_host,
        settings.mllp_port,
        sink=writer,
        default_zone=settings.zone,
        allow=settings.mllp_allow,
    )
    return server, writer


async def _task_loop() -> None:
    """What has to happen without anybody asking: overdue questionnaires, tasks, alerts. Every 20 s."""
    from django.utils import timezone

    from interlude.record.followup.services import run_due

    def once(now: datetime) -> None:
        try:
            run_due(at=now)
        finally:
            _close_connection()

    while True:
        try:
            await asyncio.to_thread(once, timezone.now())
        except Exception:
            logger.exception("The task loop failed; it tries again in %s s", TASK_LOOP_S)
        await asyncio.sleep(TASK_LOOP_S)


async def _bridge() -> None:
    """Where the gateway is a process of its own, its rows reach the open pages through the database."""
    from interlude.record.dosing.services import retell_observations

    def once(after_id: int | None) -> int:
        try:
            return retell_observations(after_id=after_id)
        finally:
            _close_connection()

    told: int | None = None
    while True:
        try:
            told = await asyncio.to_thread(once, told)
        except Exception:
            logger.exception("Readings of the other process were not told; next try in %s s", BRIDGE_S)
        await asyncio.sleep(BRIDGE_S)


async def _serve(settings: Settings, web_socket: socket.socket) -> None:
    web = _web_server(settings)
    gateway = writer = None
    if settings.mllp_port is not None:
        gateway, writer = _gateway(settings)
        writer.start()
        try:
            await gateway.start()
        except OSError as error:
            await writer.astop()
            raise Failure(f"port {settings.mllp_port} on {settings.mllp_host} is taken; choose another one") from error
        settings.mllp_port = gateway.port  # 0 has become a free one
    tasks = asyncio.create_task(_task_loop())
    bridge = asyncio.create_task(_bridge()) if settings.mllp_port is None else None
    ready = asyncio.create_task(_announce(web, settings))
    try:
        await web.serve(sockets=[web_socket])
    finally:
        tasks.cancel()
        if bridge is not None:
            bridge.cancel()
        ready.cancel()
        if gateway is not None and writer is not None:
            await gateway.stop()
            await writer.astop()


async def _announce(web: uvicorn.Server, settings: Settings) -> None:
    while not web.started:
        await asyncio.sleep(0.02)
    if settings.when_ready is not None:
        outcome = settings.when_ready()
        if outcome is not None:
            await outcome


def _run(main: Awaitable[None]) -> None:
    try:
        import uvloop
    except ImportError:  # no uvloop on Windows
        asyncio.run(main)  # type: ignore[arg-type]
        return
    uvloop.run(main)  # type: ignore[arg-type]


def _settle_memory() -> None:
    """Load what the first request would load, and keep the garbage collector away from it.

    A full pass over all loaded code takes a tenth of a second, in which no page and no device is answered.
    """
    from django.urls import get_resolver

    assert get_resolver().url_patterns  # imports every view
    gc.collect()
    gc.freeze()


def serve(settings: Settings, web_socket: socket.socket) -> None:
    """Serve until a signal. Raises `Failure` when the gateway's port is taken."""
    settings.zone = _zone_of_the_clinic()
    _settle_memory()
    _run(_serve(settings, web_socket))


def serve_gateway(settings: Settings) -> None:
    """The gateway as a process of its own: its rows go to the one batched writer of this process."""
    settings.zone = _zone_of_the_clinic()

    async def main() -> None:
        gateway, writer = _gateway(settings)
        writer.start()
        try:
            await gateway.start()
        except OSError as error:
            await writer.astop()
            raise Failure(f"port {settings.mllp_port} on {settings.mllp_host} is taken; choose another one") from error
        settings.mllp_port = gateway.port
        if settings.when_ready is not None:
            settings.when_ready()
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signal_number, stop.set)
        await stop.wait()
        await gateway.stop()
        await writer.astop()

    _run(main())


def add_serving_arguments(parser: Any, *, mllp: bool = True, web: bool = True) -> None:
    if web:
        parser.add_argument("--host", default="127.0.0.1", help="address of the pages (default 127.0.0.1)")
        parser.add_argument("--port", type=port_number, default=8000, help="port of the pages (default 8000)")
    if mllp:
        parser.add_argument("--mllp-host", default="127.0.0.1", help="address for devices (default 127.0.0.1)")
        parser.add_argument("--mllp-port", type=port_number, default=2575, help="port for devices (default 2575)")
        parser.add_argument(
            "--mllp-allow",
            action="append",
            default=[],
            metavar="ADDRESS",
            help="only this address or network may send (may be repeated)",
        )


def port_number(text: str) -> int:
    """A port as argparse type."""
    import argparse

    if not (text.isascii() and text.isdigit()) or not 0 <= int(text) < 65_536:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port from 0 to 65535")
    return int(text)
