"""The three framing bytes, framing one message, and the value that travels from a listener to the
record."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

VT = b"\x0b"
FS = b"\x1c"
CR = b"\x0d"


def frame(message: bytes) -> bytes:
    """One MLLP frame: VT, the message, FS, CR."""
    return VT + message + FS + CR


@dataclass(frozen=True, slots=True)
class RawFrame:
    """One received message before anybody has understood it.

    `data` holds the bytes between the framing bytes, kept for ever as they came. `peer` is "address:port",
    `listener` the configured name of the listener, `default_zone` the zone that its devices are assumed to
    mean when they send none. `faults` are the framing deviations of this frame by name (see
    `interlude.codecs.mllp.reader`): "oversize" (data holds only the head of what was sent), "unfinished"
    (no end was ever seen: never acknowledged), "junk" (no message at all: never acknowledged),
    "missing-vt", "unframed"."""

    data: bytes
    peer: str
    received_at: datetime
    listener: str = "mllp"
    default_zone: tzinfo = field(default=UTC)
    faults: tuple[str, ...] = ()
