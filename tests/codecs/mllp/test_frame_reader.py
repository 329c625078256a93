"""MLLP framing: what devices really send, in any cutting, within bounded memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlude.codecs.mllp import (
    Fault,
    Frame,
    FrameReader,
    Heartbeat,
    Junk,
    Oversize,
    Unfinished,
    frame,
)

A = b"MSH|^~\\&|A|||||||1\rOBX|1\r"
B = b"MSH|^~\\&|B|||||||2\rOBX|1\r"


def events_of(data: bytes, *, max_frame: int = 1000, close: bool = True) -> list[object]:
    reader = FrameReader(max_frame)
    return [*reader.feed(data), *(reader.close() if close else [])]


CASES = {
    "one frame": (frame(A), [Frame(A)]),
    "several frames in one read": (frame(A) + frame(B), [Frame(A), Frame(B)]),
    "final CR missing, next frame follows": (
        b"\x0b" + A + b"\x1c" + frame(B),
        [Frame(A), Fault("missing-final-cr"), Frame(B)],
    ),
    "final CR missing, then closed": (b"\x0b" + A + b"\x1c", [Frame(A), Fault("missing-final-cr")]),
    "CR LF after the frame": (frame(A) + b"\n" + frame(B), [Frame(A), Frame(B)]),
    "LF after the frame": (b"\x0b" + A + b"\x1c\n" + frame(B), [Frame(A), Frame(B)]),
    "VT missing": (A + b"\x1c\r" + frame(B), [Frame(A, ("missing-vt",)), Frame(B)]),
    "VT missing after a good frame": (frame(B) + A + b"\x1c\r", [Frame(B), Frame(A, ("missing-vt",))]),
    "VT again inside a message": (b"\x0b" + A[:12] + frame(B), [Unfinished(A[:12]), Frame(B)]),
    "junk before VT": (b"HELO monitor\r\n" + frame(A), [Junk(b"HELO monitor\r\n"), Frame(A)]),
    "line ends and zero bytes between frames are nothing": (
        frame(A) + b"\r\n\x00 \r" + frame(B),
        [Frame(A), Frame(B)],
    ),
    "unframed message, then closed": (A, [Frame(A, ("unframed",))]),
    "unframed message of line feeds, then closed": (
        b"\r\n" + A.replace(b"\r", b"\n"),
        [Frame(A.replace(b"\r", b"\n"), ("unframed",))],
    ),
    "framed message cut by the end of the stream": (b"\x0b" + A, [Unfinished(A)]),
    "unframed message cut by a frame": (A + frame(B), [Unfinished(A), Frame(B)]),
    "empty frame": (b"\x0b\x1c\r" + frame(A), [Heartbeat(), Frame(A)]),
    "frame of blanks": (b"\x0b \r\n\x1c\r", [Heartbeat()]),
    "junk, then closed": (b"GET / HTTP/1.1\r\n\r\n", [Junk(b"GET / HTTP/1.1\r\n\r\n")]),
    "FS without anything": (b"\x1c\r\x1c\r" + frame(A), [Frame(A)]),
    "two MSH in one frame are one frame": (frame(A + B), [Frame(A + B)]),
    "nothing": (b"", []),
}


@pytest.mark.parametrize(("data", "expected"), CASES.values(), ids=CASES.keys())
def test_streams(data: bytes, expected: list[object]) -> None:
    assert events_of(data) == expected


@pytest.mark.parametrize("data", [data for data, _ in CASES.values()], ids=CASES.keys())
def test_one_byte_at_a_time_gives_the_same(data: bytes) -> None:
    reader = FrameReader(1000)
    events = [event for index in range(len(data)) for event in reader.feed(data[index : index + 1])]
    assert [*events, *reader.close()] == events_of(data)


pieces = st.sampled_from(
    [b"\x0b", b"\x1c", b"\r", b"\n", b"\x1c\r", A, B, b"MSH|", b"junk", b"\x00", b"x" * 40, b"\xff\xfe"]
)


@given(st.lists(pieces, max_size=25), st.lists(st.integers(1, 30), max_size=60), st.integers(1, 90))
def test_cutting_never_changes_the_events(parts: list[bytes], cuts: list[int], max_frame: int) -> None:
    data = b"".join(parts)
    reader = FrameReader(max_frame)
    events: list[object] = []
    position = 0
    for cut in [*cuts, len(data) + 1]:
        events += reader.feed(data[position : position + cut])
        assert reader.waiting <= max_frame
        position += cut
    events += reader.close()
    assert events == events_of(data, max_frame=max_frame)


@given(st.binary(max_size=600), st.integers(1, 100))
def test_any_bytes_are_read(data: bytes, max_frame: int) -> None:
    events = events_of(data, max_frame=max_frame)
    assert sum(len(e.data) for e in events if isinstance(e, Frame | Junk | Unfinished)) <= len(data)


@given(st.lists(st.binary(min_size=1, max_size=80).filter(lambda b: b.strip(b"\r\n\x00 \t")), max_size=8))
def test_what_is_framed_comes_out(bodies: list[bytes]) -> None:
    bodies = [body.replace(b"\x0b", b"-").replace(b"\x1c", b"-") for body in bodies]
    assert events_of(b"".join(frame(body) for body in bodies)) == [Frame(body) for body in bodies]


def test_a_frame_at_the_limit_passes_and_one_byte_more_does_not() -> None:
    assert events_of(frame(b"M" * 1000)) == [Frame(b"M" * 1000)]
    assert events_of(frame(b"M" * 1001)) == [Oversize(b"M" * 1000, 1000, True)]


def test_an_oversize_frame_costs_no_memory_and_the_next_frame_is_read() -> None:
    reader = FrameReader(max_frame=100_000)
    events: list[object] = list(reader.feed(b"\x0bMSH|"))
    for _ in range(2_000):
        events += reader.feed(b"y" * 10_000)
        assert reader.waiting <= 100_000
    events += reader.feed(b"\x1c\r" + frame(A))
    oversize, rest = events
    assert isinstance(oversize, Oversize)
    assert oversize.framed
    assert oversize.head.startswith(b"MSH|yyy")
    assert len(oversize.head) == 4096
    assert rest == Frame(A)


def test_an_endless_stream_without_frames_is_one_oversize() -> None:
    reader = FrameReader(max_frame=5_000)
    events = [event for _ in range(50) for event in reader.feed(b"noise " * 1000)]
    assert len(events) == 1
    assert isinstance(events[0], Oversize)
    assert not events[0].framed


def test_events_and_faults_are_counted() -> None:
    reader = FrameReader()
    reader.feed(b"junk" + frame(A) + b"\x0b\x1c\r" + A + b"\x1c" + frame(B))
    assert reader.counts == {"junk": 1, "frame": 3, "heartbeat": 1, "missing-vt": 1, "missing-final-cr": 1}


def test_the_limit_must_be_positive() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        FrameReader(0)
