"""The one batched writer of received messages: a thread that commits all that is pending in one
transaction.

SQLite has one writer at a time and a commit costs a disk sync; taking everything that waits into one commit
keeps the answer of each message fast and every answered message stored."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import datetime

from interlude.codecs.mllp import RawFrame
from interlude.interfaces.gateway.server import Answer, not_stored, utc_now

logger = logging.getLogger(__name__)

ReceiveBatch = Callable[[list[RawFrame]], Sequence[Answer | None]]
MAX_BATCH = 200
MAX_PENDING = 2_000


class WriterStopped(RuntimeError):
    """The writer takes no more messages."""


class _Job:
    __slots__ = ("future", "loop", "raw")

    def __init__(self, raw: RawFrame, loop: asyncio.AbstractEventLoop) -> None:
        self.raw = raw
        self.loop = loop
        self.future: asyncio.Future[Answer | None] = loop.create_future()


class BatchWriter:
    """A sink for `GatewayServer`. `start` before the first message, `stop` drains what was taken.

    `receive_batch` stores its frames in one transaction and returns one answer per frame, in order. When it
    raises, its frames are tried one by one; one that still fails is answered AE or CE. More than
    `max_pending` waiting messages make `submit` wait, so a device's socket fills up instead of our memory.
    `at_exit` runs in the thread when it ends (closing its database connection)."""

    def __init__(
        self,
        receive_batch: ReceiveBatch,
        *,
        max_batch: int = MAX_BATCH,
        max_pending: int = MAX_PENDING,
        at_exit: Callable[[], None] | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._receive_batch = receive_batch
        self._max_batch = max_batch
        self._room = asyncio.Semaphore(max_pending)
        self._at_exit = at_exit
        self._now = now
        self._jobs: deque[_Job] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name="message-writer", daemon=True)
        self._thread.start()

    def stop(self, timeout: float | None = 10.0) -> None:
        """Take no more, store what was taken, end the thread. Blocks; from a loop use `astop`."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(timeout)

    async def astop(self, timeout: float | None = 10.0) -> None:
        """`stop` without blocking the loop, which has to run to deliver the last answers."""
        await asyncio.to_thread(self.stop, timeout)

    @property
    def pending(self) -> int:
        """Messages taken and not yet stored."""
        return len(self._jobs)

    async def submit(self, raw: RawFrame) -> Answer | None:
        """Hand over one frame and wait for its answer. Raises WriterStopped once the writer stops."""
        async with self._room:
            job = _Job(raw, asyncio.get_running_loop())
            with self._wake:
                if self._stopping or self._thread is None:
                    raise WriterStopped
                self._jobs.append(job)
                self._wake.notify()
            return await job.future

    def _run(self) -> None:
        try:
            while (batch := self._take()) is not None:
                self._settle(batch)
        finally:
            with self._wake:
                self._stopping = True
                left = list(self._jobs)
                self._jobs.clear()
            self._resolve([(job, not_stored(job.raw, at=self._now())) for job in left])
            if self._at_exit is not None:
                self._at_exit()

    def _take(self) -> list[_Job] | None:
        with self._wake:
            while not self._jobs:
                if self._stopping:
                    return None
                self._wake.wait()
            return [self._jobs.popleft() for _ in range(min(len(self._jobs), self._max_batch))]

    def _settle(self, batch: list[_Job]) -> None:
        """Store a batch and answer it, whole if that works, else one by one."""
        self.counts["batches"] += 1
        self.counts["messages"] += len(batch)
        try:
            self._resolve(list(zip(batch, self._store([job.raw for job in batch]), strict=True)))
            return
        except Exception:
            self.counts["failed-batches"] += 1
            if len(batch) > 1:
                logger.warning("A batch of %d messages failed; trying them one by one", len(batch), exc_info=True)
        for job in batch:
            self._resolve([(job, self._store_alone(job.raw))])

    def _store_alone(self, raw: RawFrame) -> Answer | None:
        try:
            return self._store([raw])[0]
        except Exception:
            self.counts["not-stored"] += 1
            logger.exception("A message could not be stored")
            return not_stored(raw, at=self._now())

    def _store(self, raws: list[RawFrame]) -> Sequence[Answer | None]:
        answers = self._receive_batch(raws)
        if len(answers) != len(raws):
            raise RuntimeError(f"{len(answers)} answers to {len(raws)} messages")
        return answers

    def _resolve(self, settled: list[tuple[_Job, Answer | None]]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Job, Answer | None]]] = {}
        for job, answer in settled:
            by_loop.setdefault(job.loop, []).append((job, answer))
        for loop, pairs in by_loop.items():
            try:
                loop.call_soon_threadsafe(_set_results, pairs)
            except RuntimeError:  # the loop is closed: nobody waits any more, the messages are stored
                self.counts["unheard-answers"] += len(pairs)


def _set_results(pairs: list[tuple[_Job, Answer | None]]) -> None:
    for job, answer in pairs:
        if not job.future.done():
            job.future.set_result(answer)
