"""An incremental reader of MLLP streams that survives what real devices send.

Rules (HL7 v2 transport of MLLP, and deviations collected from devices):

* VT starts a frame, FS ends it; the CR after FS is expected, its absence is reported, never waited for.
* A VT inside a frame means that the sender started again: the first part is `Unfinished`.
* Bytes before a VT that are not line ends are `Junk`, unless they hold a message header and are ended by FS
  (the sender forgot VT) or by the end of the stream (the sender frames nothing): these are `Frame`s with a
  fault.
* A frame larger than the limit gives one `Oversize` with its head; the rest is thrown away as it arrives,
  so memory stays below the limit plus one read.

The same bytes give the same events however they are cut into reads.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

DEFAULT_MAX_FRAME = 1_048_576
HEAD_BYTES = 4_096

_MARK = re.compile(rb"[\x0b\x1c]")
_HEADER = re.compile(rb"(?:\A|[\r\n])[\s\x00]*(?:\xef\xbb\xbf)?(?:MSH|FHS|BHS)[^\w\s]")
_LINE_ENDS = b"\r\n\x00 \t"


@dataclass(frozen=True, slots=True)
class Frame:
    """One message. `faults`: "missing-vt" and "unframed" tell how it was recovered."""

    data: bytes
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """An empty frame: the sender shows that it lives; not answered."""


@dataclass(frozen=True, slots=True)
class Oversize:
    """More than `limit` bytes without an end; `head` is the first few kilobytes, `framed` whether VT opened
    it."""

    head: bytes
    limit: int
    framed: bool


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A frame whose end never came, because the sender began again or left."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Junk:
    """Bytes outside any frame that hold no message header."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """A deviation that cost nothing: "missing-final-cr"."""

    name: str


Event = Frame | Heartbeat | Oversize | Unfinished | Junk | Fault


class FrameReader:
    """Feed it what the socket gives; take the events. `counts` adds up the event and fault names."""

    def __init__(self, max_frame: int = DEFAULT_MAX_FRAME) -> None:
        if max_frame < 1:
            raise ValueError("max_frame must be at least 1 byte")
        self.max_frame = max_frame
        self.counts: Counter[str] = Counter()
        self._buffer = bytearray()
        self._inside = False  # a VT was seen and its FS was not
        self._skipping = False  # over the limit: wait for the end without keeping anything
        self._expect_cr = False  # the previous byte was FS

    def feed(self, data: bytes) -> list[Event]:
        """The events that these bytes complete, in stream order."""
        events: list[Event] = []
        position = 0
        size = len(data)
        while position < size:
            if self._expect_cr:
                self._expect_cr = False
                if data[position] == 0x0D:
                    position += 1
                    continue
                if data[position] != 0x0A:
                    self._emit(events, Fault("missing-final-cr"))
            mark = _MARK.search(data, position)
            end = mark.start() if mark else size
            self._take(data[position:end], events)
            position = end
            if mark:
                position += 1
                if data[end] == 0x0B:
                    self._start(events)
                else:
                    self._end(events)
        return events

    def close(self) -> list[Event]:
        """The stream has ended: what was still waiting."""
        events: list[Event] = []
        if self._expect_cr:
            self._emit(events, Fault("missing-final-cr"))
        rest = bytes(self._buffer)
        if self._inside and not self._skipping:
            self._emit(events, Unfinished(rest))
        elif not self._inside:
            self._outside(rest, events, fault="unframed")
        self._reset()
        self._expect_cr = False
        return events

    @property
    def waiting(self) -> int:
        """Bytes held for a message that is not complete yet."""
        return len(self._buffer)

    def _take(self, chunk: bytes, events: list[Event]) -> None:
        if self._skipping or not chunk:
            return
        if not self._inside and not self._buffer:
            chunk = chunk.lstrip(_LINE_ENDS)
        room = self.max_frame - len(self._buffer)
        if len(chunk) <= room:
            self._buffer += chunk
            return
        head_room = max(0, HEAD_BYTES - len(self._buffer))
        head = bytes(self._buffer[:HEAD_BYTES]) + chunk[:head_room]
        self._skipping = True
        self._buffer.clear()
        self._emit(events, Oversize(head[: self.max_frame], self.max_frame, self._inside))

    def _start(self, events: list[Event]) -> None:
        if not self._skipping:
            rest = bytes(self._buffer)
            if self._inside:
                self._emit(events, Unfinished(rest))
            else:
                self._outside(rest, events, fault="")
        self._reset()
        self._inside = True

    def _end(self, events: list[Event]) -> None:
        if not self._skipping:
            content = bytes(self._buffer)
            if not self._inside:
                self._outside(content, events, fault="missing-vt")
            elif content.strip(_LINE_ENDS):
                self._emit(events, Frame(content))
            else:
                self._emit(events, Heartbeat())
        self._reset()
        self._expect_cr = True

    def _outside(self, content: bytes, events: list[Event], *, fault: str) -> None:
        """Content that no VT opened: a message if it holds a header and something ended it."""
        if not content.strip(_LINE_ENDS):
            return
        header = _HEADER.search(content)
        if header is None:
            self._emit(events, Junk(content))
        elif fault:
            self._emit(events, Frame(content, (fault,)))
        else:
            self._emit(events, Unfinished(content))

    def _reset(self) -> None:
        self._buffer.clear()
        self._inside = False
        self._skipping = False

    def _emit(self, events: list[Event], event: Event) -> None:
        events.append(event)
        self.counts[event.name if isinstance(event, Fault) else type(event).__name__.lower()] += 1
        if isinstance(event, Frame):
            self.counts.update(event.faults)
