"""The MLLP listener: sockets in, raw frames to the sink, its answers back in order.

What goes wrong on one connection stays on it. The listener answers nothing by itself: a message is answered
when the sink says so, which is after it was stored; a sink that fails gives "not stored, send again"."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Protocol

from interlude.codecs.hl7v2 import NOT_STORED, Header, acknowledge, parse, split_messages
from interlude.codecs.mllp import (
    DEFAULT_MAX_FRAME,
    VT,
    Event,
    Frame,
    FrameReader,
    Junk,
    Oversize,
    RawFrame,
    Unfinished,
    frame,
)

logger = logging.getLogger(__name__)

Answer = bytes
READ_BYTES = 65_536
IDLE_TIMEOUT_S = 600.0
STOP_GRACE_S = 5.0


class Sink(Protocol):
    """Where frames go. The answer is the wire's bytes, framed or not, or None for silence."""

    async def submit(self, raw: RawFrame) -> Answer | None:
        """Store the frame and return its answer."""
        ...


def utc_now() -> datetime:
    """The present, aware."""
    return datetime.now(UTC)


def not_stored(raw: RawFrame, *, at: datetime) -> Answer | None:
    """The answer to a message that could not be stored: AE or CE, never AA."""
    if {"unfinished", "junk"}.intersection(raw.faults):
        return None
    message = parse(raw.data)
    header = Header.of(message) if message else None
    return acknowledge(header, NOT_STORED, at=at, control_id=f"N{at.timestamp():.6f}".replace(".", ""))


class GatewayServer:
    """One listener. Use `start`, then `serve_forever` or anything else on the loop, then `stop`.

    `allow` names the addresses or networks that may connect; empty means whoever reaches `host`, which is
    the loopback address unless somebody chose otherwise. `port` 0 takes a free one; read it back after
    `start`. `counts` adds up connections, frames, faults and answers."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sink: Sink,
        default_zone: tzinfo,
        idle_timeout: float = IDLE_TIMEOUT_S,
        max_frame: int = DEFAULT_MAX_FRAME,
        allow: Sequence[str] = (),
        listener: str = "mllp",
        now: Callable[[], datetime] = utc_now,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.counts: Counter[str] = Counter()
        self._sink = sink
        self._default_zone = default_zone
        self._idle_timeout = idle_timeout
        self._max_frame = max_frame
        self._allow = [ip_network(text, strict=False) for text in allow]
        self._listener = listener
        self._now = now
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamReader] = {}
        self._stopping = False

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._server = await asyncio.start_server(self._connected, self.host, self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def serve_forever(self) -> None:
        """Run until cancelled or stopped."""
        if self._server is None:
            await self.start()
        assert self._server is not None
        await self._server.serve_forever()

    async def stop(self) -> None:
        """Take no more; answer what was received, for a few seconds at most; close."""
        if self._server is None:
            return
        self._stopping = True
        self._server.close()
        for reader in self._connections.values():
            reader.feed_eof()  # each connection answers what it has and then sees the end
        if self._connections:
            _, late = await asyncio.wait(self._connections, timeout=STOP_GRACE_S)
            for task in late:
                task.cancel()
        await self._server.wait_closed()
        self._server = None

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = reader
        try:
            await self._serve(reader, writer)
        except (ConnectionError, TimeoutError, ssl.SSLError):
            self.counts["connection-lost"] += 1
        except asyncio.CancelledError:
            self.counts["connection-cut"] += 1  # the server stops and could not wait any longer
        except Exception:
            self.counts["connection-failed"] += 1
            logger.exception("A device connection failed")
        finally:
            self._connections.pop(task, None)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = writer.get_extra_info("peername") or ("?", 0)
        if not self._allowed(str(name[0])):
            self.counts["connection-refused"] += 1
            return
        self.counts["connection"] += 1
        peer = f"{name[0]}:{name[1]}"
        frames = FrameReader(self._max_frame)
        while True:
            try:
                data = await asyncio.wait_for(reader.read(READ_BYTES), self._idle_timeout)
            except TimeoutError:
                self.counts["idle"] += 1
                data = b""
            if not data and self._stopping:
                return  # the device was cut off by us and sends its unfinished message again
            await self._handle(frames.feed(data) if data else frames.close(), peer, writer)
            if not data:
                return

    async def _handle(self, events: list[Event], peer: str, writer: asyncio.StreamWriter) -> None:
        """Submit every message of one read, then answer in the order of arrival."""
        raws = list(self._raw_frames(events, peer))
        if not raws:
            return
        answers = await asyncio.gather(*(self._submit(raw) for raw in raws))
        wire = b"".join(answer if answer[:1] == VT else frame(answer) for answer in answers if answer)
        self.counts["answers"] += sum(1 for answer in answers if answer)
        if wire:
            writer.write(wire)
            await writer.drain()

    async def _submit(self, raw: RawFrame) -> Answer | None:
        try:
            return await self._sink.submit(raw)
        except Exception:
            self.counts["not-stored"] += 1
            logger.exception("A message could not be stored")
            return not_stored(raw, at=self._now())

    def _raw_frames(self, events: Iterable[Event], peer: str) -> Iterable[RawFrame]:
        at = self._now()

        def raw(data: bytes, *faults: str) -> RawFrame:
            return RawFrame(data, peer, at, self._listener, self._default_zone, faults)

        for event in events:
            self.counts[getattr(event, "name", type(event).__name__.lower())] += 1
            if isinstance(event, Frame):
                messages = split_messages(event.data)
                more = ("several-messages",) if len(messages) > 1 else ()
                yield from (raw(message, *event.faults, *more) for message in messages)
            elif isinstance(event, Oversize):
                is_message = event.framed or parse(event.head) is not None
                yield raw(event.head, "oversize", *(() if is_message else ("junk",)))
            elif isinstance(event, Unfinished):
                yield raw(event.data, "unfinished")
            elif isinstance(event, Junk):
                yield raw(event.data, "junk")

    def _allowed(self, host: str) -> bool:
        if not self._allow:
            return True
        try:
            address: IPv4Address | IPv6Address = ip_address(host.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self._allow)
