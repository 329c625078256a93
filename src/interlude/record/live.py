"""The hub between a committed change and every page that shows it.

One hub lives in each process. A door subscribes with the topics it shows; services publish with `publish`,
which waits for the commit. Queues are bounded: a slow reader loses its oldest messages first and is
disconnected when it keeps falling behind, so that it can never delay the others.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

QUEUE_LENGTH = 256
DROPS_BEFORE_DISCONNECT = 1024


@dataclass(frozen=True)
class Message:
    topic: str
    event: str
    data: dict[str, Any]
    at: str

    def as_dict(self) -> dict[str, Any]:
        return {"topic": self.topic, "event": self.event, "data": self.data, "at": self.at}


@dataclass(eq=False)
class Subscription:
    """The queue of one connected reader, bound to the event loop that reads it."""

    topics: frozenset[str]
    loop: asyncio.AbstractEventLoop
    queue: asyncio.Queue[Message | None] = field(default_factory=lambda: asyncio.Queue(QUEUE_LENGTH))
    dropped: int = 0
    closed: bool = False

    def offer(self, message: Message | None) -> None:
        """Add a message; runs in the reader's event loop. `None` means: end of stream."""
        if self.closed:
            return
        if self.queue.full():
            self.queue.get_nowait()
            self.dropped += 1
        if self.dropped > DROPS_BEFORE_DISCONNECT:
            self.closed = True
            message = None
        self.queue.put_nowait(message)


class Hub:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_topic: dict[str, set[Subscription]] = {}

    def subscribe(self, topics: Iterable[str]) -> Subscription:
        """Start to receive the messages of `topics` in the running event loop."""
        subscription = Subscription(frozenset(topics), asyncio.get_running_loop())
        with self._lock:
            for topic in subscription.topics:
                self._by_topic.setdefault(topic, set()).add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        with self._lock:
            for topic in subscription.topics:
                readers = self._by_topic.get(topic, set())
                readers.discard(subscription)
                if not readers:
                    self._by_topic.pop(topic, None)

    def publish(self, message: Message) -> None:
        """Hand a message to every reader of its topic. Safe from any thread; never blocks."""
        with self._lock:
            readers = tuple(self._by_topic.get(message.topic, ()))
        for reader in readers:
            try:
                reader.loop.call_soon_threadsafe(reader.offer, message)
            except RuntimeError:  # the reader's loop has ended: the process is shutting down
                self.unsubscribe(reader)

    def close(self) -> None:
        """End every stream, so that a server can stop at once."""
        with self._lock:
            readers = {reader for readers in self._by_topic.values() for reader in readers}
        for reader in readers:
            reader.loop.call_soon_threadsafe(reader.offer, None)

    def count(self) -> int:
        with self._lock:
            return len({reader for readers in self._by_topic.values() for reader in readers})


hub = Hub()


def publish(topic: str, event: str, data: dict[str, Any] | None = None) -> None:
    """Tell every open page of `topic`, once the running transaction is committed (at once outside of one)."""
    message = Message(topic, event, data or {}, timezone.now().isoformat())
    transaction.on_commit(lambda: hub.publish(message))
