"""Whatever comes over the socket: every framed message is answered, and nobody else notices."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from interlude.codecs.hl7v2.build import monitor_message
from tests.faults.clinic import Running
from tests.faults.monitors import Monitors
from tests.faults.serving import Served, serving
from tests.interfaces.gateway.support import Device

pytestmark = pytest.mark.slow
SEED = 7
FUZZED = 1500
ANSWERS = {"AA", "AE", "AR", "CA", "CE", "CR"}


@pytest.fixture(scope="module")
def served(running: Running) -> Iterator[Served]:
    with serving(running.directory) as server:
        yield server


def good_message(control_id: str, eui64: str = "0A1B2C3D4E5F0001", heart_rate: int = 71) -> bytes:
    return monitor_message(
        eui64=eui64, name="CHAIR", control_id=control_id, at=datetime.now(UTC), values={"heart_rate": heart_rate}
    )


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"", None),
        (b"not hl7 at all", ("AR", "")),
        (b"PID|||1\rOBX|1|NM|x", ("AR", "")),
        (b"\x00\x01\x02\xff\xfe", ("AR", "")),
        (b"MSH", ("AR", "")),
        (b"MSH|^~\\&|A|B|||20260302||ADT^A08|9|P|2.5", ("AR", "9")),
        (b"MSH|^~\\&|A|B|||20260302||ORU^R01|10|X|2.6", ("AR", "10")),
        (b"MSH|^~\\&|A|B|||20260302||ORU^R01|11|P|9.9", ("AR", "11")),
    ],
)
def test_a_frame_without_a_usable_header_is_answered(
    served: Served, body: bytes, answer: tuple[str, str] | None
) -> None:
    with Device(served.mllp_port) as device:
        device.send(body)
        if answer is not None:
            assert device.answer() == answer
        # The same connection goes on.
        device.send(good_message("after"))
        assert device.answer() == ("CA", "after")


def test_two_messages_in_a_frame_get_two_answers(served: Served) -> None:
    with Device(served.mllp_port) as device:
        device.send(good_message("first") + good_message("second", heart_rate=72))
        assert [device.answer(), device.answer()] == [("CA", "first"), ("CA", "second")]


def test_an_oversize_frame_is_rejected_and_its_head_is_kept(running: Running, served: Served) -> None:
    with Device(served.mllp_port) as device:
        device.send_raw(b"\x0b" + good_message("huge") + b"NTE|" + b"x" * 3_000_000)
        assert device.answer(10) == ("CR", "huge")
        device.send_raw(b"x" * 100_000 + b"\x1c\r")
        device.send(good_message("after the huge one"))
        assert device.answer() == ("CA", "after the huge one")
    ((reason, size),) = running.ask(
        "SELECT reason_code, length(body) FROM devices_quarantineitem q JOIN devices_rawmessage r ON r.id = q.raw_id"
        " WHERE r.control_id = 'huge'"
    )
    assert (reason, size) == ("oversize", 4096)


def test_half_a_frame_is_kept_and_never_answered(running: Running, served: Served) -> None:
    with Device(served.mllp_port) as device:
        device.send_raw(b"\x0b" + good_message("half")[:-20])
        assert device.answer(0.5) == ("silence", "")
    within = time.monotonic() + 3
    while not (held := running.ask("SELECT disposition FROM devices_rawmessage WHERE control_id = 'half'")):
        assert time.monotonic() < within, "the half message was not kept"
        time.sleep(0.05)
    assert held == [("quarantined",)]
    with Device(served.mllp_port) as device:  # the device sends it whole after it connected again
        device.send(good_message("half"))
        assert device.answer() == ("CA", "half")


def mangled(drawn: random.Random, number: int) -> bytes:
    """A message with a whole header whose other bytes are changed, cut, doubled or shuffled; never a frame's bytes."""
    head, _cr, rest = good_message(f"fuzz{number}", heart_rate=drawn.randrange(40, 140)).partition(b"\r")
    body = bytearray(rest)
    for _ in range(drawn.randrange(1, 12)):
        at = drawn.randrange(len(body))
        match drawn.randrange(4):
            case 0:
                body[at] = drawn.randrange(256)
            case 1:
                del body[at : at + drawn.randrange(1, 40)]
            case 2:
                body[at:at] = body[at : at + drawn.randrange(1, 60)]
            case _:
                body[at:at] = drawn.choice((b"|", b"^", b"~", b"\\", b"&", b"\r", b"\n", b"\\X00\\", b"\xff\xff"))
        body = body or bytearray(b"OBX")
    return head + b"\r" + bytes(body).translate(None, b"\x0b\x1c").replace(b"MSH", b"XSH")


def test_fuzzed_messages_are_all_answered_while_monitors_stream(running: Running, served: Served) -> None:
    drawn = random.Random(SEED)
    with Monitors(running.eui64s[1:4], served.mllp_port, period_s=0.1, answer_s=5.0) as monitors:
        with Device(served.mllp_port) as device:
            for number in range(FUZZED):
                device.send(mangled(drawn, number))
                code, control_id = device.answer(10)
                assert code in ANSWERS, f"message {number}: {code}"
                assert control_id == f"fuzz{number}"
        for _ in range(30):  # connections that bring noise and break off
            with Device(served.mllp_port) as device:
                device.send_raw(drawn.randbytes(drawn.randrange(1, 5000)))
        monitors.wait_for_answers(5)
    assert all(monitor.reconnects == 0 for monitor in monitors.monitors), "a healthy monitor lost its connection"
    assert all(one.code == "CA" for one in monitors.sent)
    stored = running.ask("SELECT count(*) FROM devices_rawmessage WHERE control_id LIKE 'fuzz%'")
    assert stored == [(FUZZED,)]
    assert "Traceback" not in served.said()
