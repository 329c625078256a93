"""Monitors that stream over real sockets, and remember what was acknowledged, when, and how.

Each waits for the answer before its next message. When the line breaks or the answer does not come it connects again
and sends the same bytes again, as monitors do.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from interlude.codecs.hl7v2 import parse
from interlude.codecs.hl7v2.build import monitor_message
from interlude.codecs.mllp import Frame, FrameReader, frame
from tests.faults.serving import HOST

RETRY_S = 0.05


@dataclass
class Sent:
    """One message: its bytes, the times it was written to the socket and answered (monotonic), and the answer."""

    body: bytes
    heart_rate: int
    written_at: list[float] = field(default_factory=list)
    answered_at: float | None = None
    code: str = ""
    control_id: str = ""

    @property
    def seconds(self) -> float:
        """From the last time it was written until its answer."""
        assert self.answered_at is not None
        return self.answered_at - self.written_at[-1]


@dataclass
class Monitor:
    eui64: str
    sent: list[Sent] = field(default_factory=list)
    reconnects: int = 0

    @property
    def acknowledged(self) -> list[Sent]:
        return [one for one in self.sent if one.code in ("AA", "CA")]


class Monitors:
    """Streams in a thread of its own between `with` and its end; the last message of each is waited for.

    `period_s` is the time between two messages of one monitor. A message that stays without an answer for
    `answer_s` is sent again on a new connection.
    """

    def __init__(self, eui64s: Sequence[str], port: int, *, period_s: float = 1.0, answer_s: float = 2.0) -> None:
        self.monitors = [Monitor(eui64) for eui64 in eui64s]
        self.period_s, self.answer_s, self.port = period_s, answer_s, port
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> Monitors:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """No new messages; returns when every message has its answer, or after 30 s."""
        self._stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive(), "a monitor still waits for an answer"

    @property
    def sent(self) -> list[Sent]:
        return [one for monitor in self.monitors for one in monitor.sent]

    @property
    def acknowledged(self) -> list[Sent]:
        return [one for monitor in self.monitors for one in monitor.acknowledged]

    def wait_for_answers(self, count: int, timeout_s: float = 20) -> float:
        """Seconds until `count` more messages were answered."""
        began, before = time.monotonic(), len(self.acknowledged)
        while len(self.acknowledged) < before + count:
            assert time.monotonic() - began < timeout_s, "no more answers"
            time.sleep(0.005)
        return time.monotonic() - began

    async def _run(self) -> None:
        await asyncio.gather(*(self._one(monitor, number) for number, monitor in enumerate(self.monitors)))

    async def _one(self, monitor: Monitor, number: int) -> None:
        drawn = random.Random(number)
        await asyncio.sleep(self.period_s * number / max(1, len(self.monitors)))
        due = time.monotonic()
        link: _Link | None = None
        while not self._stop.is_set():
            one = _next(monitor, drawn)
            monitor.sent.append(one)
            while one.answered_at is None:
                try:
                    link = link or await _Link.open(self.port)
                    await link.exchange(one, self.answer_s)
                except (OSError, TimeoutError):
                    monitor.reconnects += 1
                    if link is not None:
                        link.close()
                    link = None
                    await asyncio.sleep(RETRY_S)
            due = max(due + self.period_s, time.monotonic() - self.period_s)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        if link is not None:
            link.close()


def _next(monitor: Monitor, drawn: random.Random) -> Sent:
    """The message of this instant; its heart rate differs from the one before."""
    last = monitor.sent[-1].heart_rate if monitor.sent else 0
    heart_rate = drawn.choice([rate for rate in range(58, 92) if rate != last])
    control_id = f"{monitor.eui64[-4:]}-{len(monitor.sent)}"
    body = monitor_message(
        eui64=monitor.eui64,
        name=f"CHAIR-{monitor.eui64[-2:]}",
        control_id=control_id,
        at=datetime.now(UTC),
        values={"heart_rate": heart_rate, "spo2": 95 + drawn.randrange(5), "resp_rate": 12 + drawn.randrange(5)},
    )
    return Sent(body, heart_rate, control_id=control_id)


class _Link:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer, self._frames = reader, writer, FrameReader()

    @classmethod
    async def open(cls, port: int) -> _Link:
        return cls(*await asyncio.wait_for(asyncio.open_connection(HOST, port), 2))

    async def exchange(self, one: Sent, answer_s: float) -> None:
        """Write the message and note its answer. Raises OSError or TimeoutError."""
        one.written_at.append(time.monotonic())
        self._writer.write(frame(one.body))
        async with asyncio.timeout(answer_s):
            while True:
                data = await self._reader.read(65_536)
                if not data:
                    raise ConnectionResetError
                for event in self._frames.feed(data):
                    if not isinstance(event, Frame):
                        continue
                    code, control_id = answer_of(event.data)
                    assert control_id == one.control_id, f"answer to {control_id}, not to {one.control_id}"
                    one.code, one.answered_at = code, time.monotonic()
                    return

    def close(self) -> None:
        self._writer.close()


def answer_of(data: bytes) -> tuple[str, str]:
    """MSA-1 and MSA-2 of an answer."""
    message = parse(data)
    msa = message.first("MSA") if message else None
    assert msa is not None, f"an answer without MSA: {data!r}"
    return msa.field(1).strip(), msa.field(2).strip()
