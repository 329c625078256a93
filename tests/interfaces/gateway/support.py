"""A listener on a free port with a real batched writer and a recording store, driven from plain sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from interlude.codecs.hl7v2 import parse, read_message
from interlude.codecs.mllp import Frame, FrameReader, RawFrame, frame
from interlude.interfaces.gateway.server import GatewayServer
from interlude.interfaces.gateway.writer import BatchWriter

VIENNA = ZoneInfo("Europe/Vienna")


def oru(control: str = "1", *, value: str = "71", sent: str = "20260302093004+0000", modes: str = "AL|NE") -> bytes:
    """A small monitor message; `modes` is MSH-15|MSH-16."""
    return (
        f"MSH|^~\\&|BED-1|MAKER|||{sent}||ORU^R01^ORU_R01|{control}|P|2.6|||{modes}\r"
        f"OBR|1||||||{sent}\r"
        f"OBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC|1.1.1.1|{value}|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R\r"
    ).encode()


class Store:
    """Stands for the record: keeps the frames of each batch and answers by the codec's rules.

    `fail` is a piece of bytes whose messages cannot be stored; `delay` slows each batch.
    """

    def __init__(self) -> None:
        self.batches: list[list[RawFrame]] = []
        self.fail: bytes | None = None
        self.delay = 0.0
        self.gate = threading.Event()
        self.gate.set()

    @property
    def frames(self) -> list[RawFrame]:
        return [raw for batch in self.batches for raw in batch]

    def receive_batch(self, raws: list[RawFrame]) -> list[bytes | None]:
        self.gate.wait(10)
        time.sleep(self.delay)
        if self.fail is not None and any(self.fail in raw.data for raw in raws):
            raise RuntimeError("disk full")
        self.batches.append(raws)
        answers = []
        for number, raw in enumerate(raws):
            found = read_message(
                raw.data, default_zone=raw.default_zone, received_at=raw.received_at, faults=raw.faults
            )
            answers.append(found.answer(at=datetime.now(UTC), control_id=f"{len(self.batches)}-{number}"))
        return answers


@contextlib.contextmanager
def gateway(
    store: Store, *, max_batch: int = 50, max_pending: int = 100, port: int = 0, **options: Any
) -> Iterator[GatewayServer]:
    """A running listener in its own thread and loop."""
    ready = threading.Event()
    held: dict[str, Any] = {}

    async def serve() -> None:
        writer = BatchWriter(store.receive_batch, max_batch=max_batch, max_pending=max_pending)
        writer.start()
        server = GatewayServer("127.0.0.1", port, sink=writer, default_zone=VIENNA, **options)
        await server.start()
        held.update(server=server, loop=asyncio.get_running_loop(), stop=asyncio.Event(), writer=writer)
        ready.set()
        await held["stop"].wait()
        await server.stop()
        await writer.astop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(5)
    try:
        yield held["server"]
    finally:
        store.gate.set()
        held["loop"].call_soon_threadsafe(held["stop"].set)
        thread.join(10)
        assert not thread.is_alive()


class Device:
    """A device that speaks MLLP."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.reader = FrameReader()
        self.answers: list[bytes] = []

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *messages: bytes) -> None:
        self.socket.sendall(b"".join(frame(message) for message in messages))

    def send_raw(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, timeout: float = 5.0) -> tuple[str, str]:
        """(MSA-1, MSA-2) of the next answer; ("closed", "") or ("silence", "")."""
        deadline = time.monotonic() + timeout
        while not self.answers:
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                data = self.socket.recv(65536)
            except TimeoutError:
                return "silence", ""
            except ConnectionError:
                return "closed", ""
            if not data:
                return "closed", ""
            self.answers += [event.data for event in self.reader.feed(data) if isinstance(event, Frame)]
        message = parse(self.answers.pop(0))
        assert message is not None
        msa = message.first("MSA")
        assert msa is not None
        return msa.field(1), msa.field(2)
