"""Whatever the bytes: a value comes back, an answer is due or is not, and nothing false is charted."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlude.codecs.hl7v2 import Interpretation, parse, read_message, split_messages
from interlude.codecs.hl7v2.codes import VITALS
from interlude.codecs.mllp import Frame, FrameReader

from .build import DIA, HR, MMHG, PCT, RECEIVED, SPO2, SYS, VIENNA, device, message, msh, obx

AT = datetime(2026, 3, 2, 9, 30, 6, tzinfo=UTC)
SEEDS = [
    message(device(own_id="m-1"), obx(), obx(SPO2, "97", PCT), obx(SYS, "120", MMHG), obx(DIA, "80", MMHG)),
    message(obx(), header=msh(accept="", application="")),
    message(obx(flags="DEMO"), header=msh(kind="ORU^R40")),
    b"MSH$*!%+$APP$FAC$US$$20260302093004$$ORU*R01$C1$P$2.5\rOBR$1\rOBX$1$NM$" + HR.replace("^", "*").encode(),
    b"MSH|^~\\&|A|B|C|D|20260302||ACK|1|P|2.5\rMSA|CA|77\r",
    b"",
]
SPICE = [
    b"|", b"^", b"~", b"\\", b"&", b"\r", b"\n", b"\x0b", b"\x1c", b"\x00", b"\xff", b"MSH", b"MSH|^~\\&|", b"OBX|",
    b"OBR|", b"-999", b"DEMO", b"8388607", b"\\X0D\\", b"\\S\\", "é€𝄞".encode(), b"99999999999999999999", b"|" * 50,
    b"^" * 50, b".", b"1.1.1.1", b"20261025023000", b"+9999", b"-0000", b"0002-4182", b"X", b"R", b"NM", b"",
]  # fmt: skip


def check(raw: bytes) -> Interpretation:
    found = read_message(raw, default_zone=VIENNA, received_at=RECEIVED)
    wire = found.answer(at=AT, control_id="A1")
    frames = FrameReader().feed(wire) if wire else []
    assert len(frames) == len(found.answer_codes)
    for event, code in zip(frames, found.answer_codes, strict=True):
        assert isinstance(event, Frame)
        answer = parse(event.data)
        assert answer is not None
        msa = answer.first("MSA")
        assert msa is not None
        assert msa.field(1) == code
    for reading in found.readings:
        vital = VITALS[reading.kind]
        assert vital.lowest <= reading.value <= vital.highest
        assert reading.unit == vital.unit
        assert reading.observed_at.tzinfo is not None
        assert found.refusal is None
    assert found.readings or found.held or found.passed
    return found


@given(st.binary(max_size=300))
def test_random_bytes(raw: bytes) -> None:
    check(raw)
    pieces = split_messages(raw)
    assert b"".join(pieces) == raw


@given(st.text("MSHOBXR|^~\\&\r\n0123456789.NM-", max_size=200))
def test_random_text_after_a_good_header(text: str) -> None:
    check((msh() + "\r" + text).encode())


@given(st.lists(st.sampled_from(SPICE), max_size=40))
def test_random_header_fields(parts: list[bytes]) -> None:
    check(b"MSH|^~\\&|" + b"".join(parts))


def mutate(rng: random.Random) -> bytes:
    raw = bytearray(rng.choice(SEEDS))
    for _ in range(rng.randint(1, 6)):
        spot = rng.randint(0, len(raw))
        match rng.randint(0, 4):
            case 0:
                raw[spot:spot] = rng.choice(SPICE)
            case 1:
                del raw[spot : spot + rng.randint(1, 12)]
            case 2 if spot < len(raw):
                raw[spot] = rng.randrange(256)
            case 3:
                other = rng.choice(SEEDS)
                raw[spot : spot + rng.randint(0, 20)] = other[: rng.randint(0, len(other))][-20:]
            case _:
                raw[spot : spot + rng.randint(1, 6)] = rng.choice(SPICE)
    return bytes(raw)


def test_twenty_thousand_mutated_messages() -> None:
    rng = random.Random(20260302)
    verdicts = {check(mutate(rng)).verdict for _ in range(20_000)}
    assert verdicts == {"charted", "quarantined", "ignored"}


@pytest.mark.slow
def test_a_million_mutated_messages_without_growth_or_hang() -> None:
    resource = pytest.importorskip("resource")
    rng = random.Random(7)
    for _ in range(20_000):
        check(mutate(rng))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(1_000_000):
        raw = mutate(rng)
        started = time.monotonic()
        read_message(raw, default_zone=VIENNA, received_at=RECEIVED).answer(at=AT, control_id="A1")
        assert time.monotonic() - started < 1.0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes


@pytest.mark.parametrize(
    "raw",
    [
        b"MSH|^~\\&|" + b"\\" * 1_000_000,
        b"MSH|^~\\&|" + b"^" * 1_000_000,
        b"MSH|^~\\&" + b"|" * 1_000_000,
        b"MSH|^~\\&|A\r" + b"\r " * 500_000,
        b"MSH|^~\\&|A\r" + b"MSH|^~\\&\r" * 100_000,
        (msh() + "\r").encode() + b"OBX|\r" * 200_000,
        (msh() + "\r").encode() + b"OBR|\r" * 200_000,
        message(*[obx(level=f"1.{n}.1.1", value="1" * 200) for n in range(3_000)]),
        message(obx(value="1" * 900_000)),
        message(obx(code="147842^" + "A" * 900_000 + "^MDC")),
        message(obx(level="1." * 400_000)),
    ],
    ids=lambda raw: raw[-8:].decode("latin-1").encode("unicode_escape").decode(),
)
def test_a_megabyte_of_anything_takes_no_longer_than_reading_it(raw: bytes) -> None:
    started = time.process_time()
    check(raw)
    split_messages(raw)
    assert time.process_time() - started < 10.0
