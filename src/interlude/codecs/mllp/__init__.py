"""Minimal Lower Layer Protocol: bytes in, frames out. Pure; the sockets live in the gateway."""

from interlude.codecs.mllp.frames import CR, FS, VT, RawFrame, frame
from interlude.codecs.mllp.reader import (
    DEFAULT_MAX_FRAME,
    Event,
    Fault,
    Frame,
    FrameReader,
    Heartbeat,
    Junk,
    Oversize,
    Unfinished,
)

__all__ = [
    "CR",
    "DEFAULT_MAX_FRAME",
    "FS",
    "VT",
    "Event",
    "Fault",
    "Frame",
    "FrameReader",
    "Heartbeat",
    "Junk",
    "Oversize",
    "RawFrame",
    "Unfinished",
    "frame",
]
