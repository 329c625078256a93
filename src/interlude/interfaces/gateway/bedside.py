"""The virtual bedside: monitors that send one message a second over TCP, as a process of its own.

    python -m interlude.interfaces.gateway.bedside --to HOST:PORT --plan FILE.json

It knows the clinic by its MLLP port alone. It ends when its standard input ends, so it dies with the process that
started it and holds the other end of the pipe, also when that one is killed. Lines on standard input:
`silence NAME SECONDS` cuts a monitor off for a while.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from interlude.codecs.hl7v2 import parse
from interlude.codecs.hl7v2.build import monitor_message
from interlude.codecs.mllp import Frame, FrameReader, frame
from interlude.interfaces.gateway.replay import address
from interlude.interfaces.gateway.virtual import BadPlan, VirtualMonitor, read_plan

__all__ = ["Bedside", "main", "monitor_message"]

PERIOD_S = 1.0
ACK_TIMEOUT_S = 5.0
FIRST_BACKOFF_S = 0.25
LONGEST_BACKOFF_S = 5.0


class Bedside:
    """Runs monitors against one listener until `stop`. `counts`: sent, positive, negative, lost-connection."""

    def __init__(
        self,
        monitors: Sequence[VirtualMonitor],
        to: tuple[str, int],
        *,
        period_s: float = PERIOD_S,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._monitors = {monitor.name: monitor for monitor in monitors}
        self._to = to
        self._period_s = period_s
        self._now = now
        self._silent_until: dict[str, float] = {}
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """End all monitors (call it on the loop's thread)."""
        self._stopped.set()

    def silence(self, name: str, seconds: float) -> None:
        """Cut one monitor off for some seconds (call it on the loop's thread)."""
        self._silent_until[name] = asyncio.get_running_loop().time() + seconds

    async def run(self) -> None:
        """Send until stopped."""
        tasks = [
            asyncio.create_task(self._monitor(monitor, index / max(1, len(self._monitors))))
            for index, monitor in enumerate(self._monitors.values())
        ]
        await self._stopped.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _monitor(self, monitor: VirtualMonitor, phase: float) -> None:
        """One monitor for ever: connect, send each second, connect again when the line breaks."""
        backoff_s = FIRST_BACKOFF_S
        unanswered: bytes | None = None
        await asyncio.sleep(phase * self._period_s)
        while True:
            await self._while_silent(monitor.name)
            try:
                reader, writer = await asyncio.open_connection(*self._to)
            except OSError:
                await asyncio.sleep(backoff_s)
                backoff_s = min(LONGEST_BACKOFF_S, backoff_s * 2)
                continue
            link = _Link(reader, writer)
            try:
                if unanswered is not None:  # the same bytes again: stored once, acknowledged again
                    await self._exchange(link, unanswered)
                    unanswered = None
                backoff_s = FIRST_BACKOFF_S
                due = asyncio.get_running_loop().time()
                while not self._is_silent(monitor.name):
                    unanswered = monitor.message(self._now())
                    await self._exchange(link, unanswered)
                    unanswered = None
                    due = max(due + self._period_s, asyncio.get_running_loop().time() - self._period_s)
                    await asyncio.sleep(due - asyncio.get_running_loop().time())
            except (OSError, TimeoutError):
                self.counts["lost-connection"] += 1
                await asyncio.sleep(backoff_s)
            finally:
                link.close()

    async def _exchange(self, link: _Link, message: bytes) -> None:
        self.counts["sent"] += 1
        code = await link.exchange(message)
        self.counts["positive" if code in ("AA", "CA") else "negative"] += 1

    def _is_silent(self, name: str) -> bool:
        return self._silent_until.get(name, 0.0) > asyncio.get_running_loop().time()

    async def _while_silent(self, name: str) -> None:
        while self._is_silent(name):
            await asyncio.sleep(0.1)


class _Link:
    """One connection; waits for each acknowledgement before the next message."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._frames = FrameReader()

    async def exchange(self, message: bytes) -> str:
        """MSA-1 of the answer. Raises OSError or TimeoutError."""
        self._writer.write(frame(message))
        async with asyncio.timeout(ACK_TIMEOUT_S):
            await self._writer.drain()
            while True:
                data = await self._reader.read(65_536)
                if not data:
                    raise ConnectionResetError
                for event in self._frames.feed(data):
                    if isinstance(event, Frame):
                        return _code(event.data)

    def close(self) -> None:
        self._writer.close()


def _code(answer: bytes) -> str:
    parsed = parse(answer)
    msa = parsed.first("MSA") if parsed else None
    return msa.field(1).strip() if msa else ""


def die_with_parent() -> None:
    """Linux: be killed when the thread that started us ends, even if our standard input stays open."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the call
        os._exit(0)


def main(argv: Sequence[str] | None = None) -> int:
    """0 when told to stop, 2 for a plan that cannot be used."""
    parser = argparse.ArgumentParser(prog="bedside", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--to", type=address, required=True, metavar="HOST:PORT")
    parser.add_argument("--plan", type=Path, required=True, metavar="FILE.json")
    parser.add_argument("--die-with-parent", action="store_true", help="Linux: also end with the starting thread")
    args = parser.parse_args(argv)
    if args.die_with_parent:
        die_with_parent()
    try:
        monitors = read_plan(args.plan.read_text("utf-8"), now=datetime.now(UTC))
    except (OSError, UnicodeDecodeError, BadPlan) as problem:
        print(f"bedside: {problem}", file=sys.stderr)
        return 2
    asyncio.run(_run(monitors, args.to))
    return 0


async def _run(monitors: Sequence[VirtualMonitor], to: tuple[str, int]) -> None:
    bedside = Bedside(monitors, to)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # no signal handlers on Windows' loop
            loop.add_signal_handler(number, bedside.stop)
    threading.Thread(target=_listen, args=(bedside, loop), daemon=True).start()
    await bedside.run()


def _listen(bedside: Bedside, loop: asyncio.AbstractEventLoop) -> None:
    """Read commands until standard input ends, then stop."""
    with contextlib.suppress(OSError, ValueError):
        for line in sys.stdin.buffer:
            words = line.decode("utf-8", "replace").split()
            if len(words) == 3 and words[0] == "silence":
                with contextlib.suppress(ValueError):
                    loop.call_soon_threadsafe(bedside.silence, words[1], float(words[2]))
    with contextlib.suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(bedside.stop)


if __name__ == "__main__":
    sys.exit(main())
