"""Who is answered what: the rules of original and enhanced mode, and what an answer holds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from interlude.codecs.hl7v2 import NOT_STORED, Header, Message, acknowledge, parse, read_message
from interlude.codecs.hl7v2.acknowledge import codes_due
from interlude.codecs.mllp import Frame, FrameReader

from .build import RECEIVED, VIENNA, message, msh, obx, read

AT = datetime(2026, 3, 2, 9, 30, 5, 250_000, tzinfo=UTC)


def answers(raw: bytes, faults: tuple[str, ...] = ()) -> list[Message]:
    found = read_message(raw, default_zone=VIENNA, received_at=RECEIVED, faults=faults)
    wire = found.answer(at=AT, control_id="ACK-1") or b""
    reader = FrameReader()
    frames = reader.feed(wire)
    assert not reader.waiting
    assert all(isinstance(event, Frame) for event in frames)
    parsed = [parse(event.data) for event in frames if isinstance(event, Frame)]
    return [item for item in parsed if item is not None]


def code(answer: Message) -> str:
    msa = answer.first("MSA")
    assert msa is not None
    return msa.field(1)


MODES = """
MSH-15 | MSH-16 | accepted | rejected
       |        | AA       | AR
AL     | NE     | CA       | CR
AL     |        | CA       | CR
NE     | AL     | AA       | AR
       | AL     | AA       | AR
AL     | AL     | CA AA    | CR
AL     | ER     | CA       | CR
ER     | NE     |          | CR
SU     | NE     | CA       |
NE     | NE     |          |
NE     | ER     |          | AR
NE     | SU     | AA       |
SU     | ER     | CA       | AR
"""


@pytest.mark.parametrize("row", MODES.strip().splitlines()[1:])
def test_modes(row: str) -> None:
    accept, application, accepted, rejected = (cell.strip() for cell in row.split("|"))
    good = message(obx(), header=msh(accept=accept, application=application))
    bad = message(obx(), header=msh(accept=accept, application=application, kind="ADT^A08"))
    assert [code(answer) for answer in answers(good)] == accepted.split()
    assert [code(answer) for answer in answers(bad)] == rejected.split()


KINDS = """
MSH-9               | MSH-11 | MSH-12 | MSH-14 | MSH-10 | answer | table 0357 | reason
ORU^R01^ORU_R01     | P      | 2.6    |        | 5      | AA     |            |
ORU                 | P      | 2.3.1  |        | 5      | AA     |            |
ORU^R01             | T      | 2.6    |        | 5      | AA     |            | test-message
ORU^R01             | D^X    | 2.2    |        | 5      | AA     |            | test-message
ORU^R01             |        |        |        | 5      | AA     |            | processing-id-missing
ORU^R40^ORU_R40     | P      | 2.6    |        | 5      | AA     |            | alarm-not-charted
ORU^R42^ORU_R42     | P      | 2.6    |        | 5      | AA     |            | pump-event-not-charted
ADT^A08^ADT_A01     | P      | 2.5    |        | 5      | AR     | 200        | type-not-supported
RGV^O15^RGV_O15     | P      | 2.5    |        | 5      | AR     | 200        | type-not-supported
ORU^R30             | P      | 2.6    |        | 5      | AR     | 201        | type-not-supported
                    | P      | 2.6    |        | 5      | AR     | 200        | type-not-supported
ORU^R01             | Q      | 2.6    |        | 5      | AR     | 202        | processing-id-not-supported
ORU^R01             | P      | 3.0    |        | 5      | AR     | 203        | version-not-supported
ORU^R01             | P      | 2.6    | 77     | 5      | AR     | 207        | continuation-not-supported
ORU^R01             | P      | 2.6    |        |        | AE     | 101        | control-id-missing
"""


@pytest.mark.parametrize("row", KINDS.strip().splitlines()[1:])
def test_kinds_of_message(row: str) -> None:
    kind, mode, version, continuation, control, due, table_0357, reason = (c.strip() for c in row.split("|"))
    header = msh(
        kind=kind, mode=mode, version=version, control=control, continuation=continuation, accept="", application=""
    )
    raw = message(obx(), header=header)
    (answer,) = answers(raw)
    assert code(answer) == due
    err = answer.first("ERR")
    assert (err.component(3, 1) if err else "") == table_0357
    assert err is None or err.field(4) == "E"
    assert [item.reason_code for item in read(raw).held] == ([reason] if reason else [])


def test_the_answer_mirrors_the_request() -> None:
    header = msh(control="00-7 x/é", sender="W^0A^EUI-64", charset="UNICODE UTF-8", version="2.5.1")
    (answer,) = answers(message(obx(), header=header))
    mine = answer.header
    assert (mine.field(3), mine.field(4), mine.field(5), mine.field(6)) == ("CLINIC", "HOUSE", "W^0A^EUI-64", "MAKER")
    assert mine.field(7) == "20260302093005.250+0000"
    assert mine.field(9) == "ACK^R01^ACK"
    assert (mine.field(10), mine.field(11), mine.field(12)) == ("ACK-1", "P", "2.5.1")
    assert (mine.field(15), mine.field(16), mine.field(18)) == ("", "", "UNICODE UTF-8")
    msa = answer.first("MSA")
    assert msa is not None
    assert msa.field(2) == "00-7 x/é"
    assert msa.field(3) == ""


@pytest.mark.parametrize("control", [b"\xff\xfe\x80", b"a\\S\\b", b" 12 ", b"x&y^z"])
def test_the_control_id_comes_back_byte_for_byte(control: bytes) -> None:
    raw = message(obx(), header=msh(control="@@")).replace(b"@@", control)
    wire = read(raw).answer(at=AT, control_id="A")
    assert wire is not None
    assert b"\rMSA|CA|" + control + b"\r" in wire


def test_the_answer_uses_the_separators_of_the_request() -> None:
    raw = b"MSH$*!%+$APP$FAC$US$$20260302093004$$ADT*A01$C1$P$2.5\r"
    (answer,) = answers(raw)
    assert answer.header.field(9) == "ACK*A01*ACK"
    err = answer.first("ERR")
    assert err is not None
    assert err.component(2, 3) == "9"
    assert err.component(3, 3) == "HL70357"


@pytest.mark.parametrize("raw", [b"hello", b"", b"PID|1||2", b"\x00\xff" * 20, b"MSH", b"MSH||a"])
def test_a_framed_message_without_readable_header_is_rejected_with_an_empty_msa_2(raw: bytes) -> None:
    (answer,) = answers(raw)
    msa = answer.first("MSA")
    assert msa is not None
    assert (msa.field(1), msa.field(2)) == ("AR", "")
    assert read(raw).held[0].reason_code == "unreadable"


@pytest.mark.parametrize(
    "raw",
    [
        b"MSH|^~\\&|A|B|C|D|20260302||ACK^O15^ACK|1|P|2.5\rMSA|CA|77\r",
        b"MSH|^~\\&|A|B|C|D|20260302||ACK|1|P|2.5|||AL|AL\r",
        b"MSH|^~\\&|A|B|C|D|20260302||RRG^O16^RRG_O16|1|P|2.5|||AL|NE\rMSA|AA|77\r",
    ],
)
def test_a_reply_is_never_answered(raw: bytes) -> None:
    assert answers(raw) == []
    assert read(raw).verdict == "ignored"


@pytest.mark.parametrize("fault", ["unfinished", "junk"])
def test_what_was_never_finished_is_held_and_not_answered(fault: str) -> None:
    for raw in (message(obx()), b"half"):
        found = read_message(raw, default_zone=VIENNA, received_at=RECEIVED, faults=(fault,))
        assert found.answer(at=AT, control_id="A") is None
        assert found.answer_codes == ()
        assert [item.reason_code for item in found.held] == [fault]


def test_an_oversize_message_is_rejected_with_its_own_control_id() -> None:
    (answer,) = answers(message(obx(), header=msh(control="BIG", accept="", application="")), faults=("oversize",))
    msa = answer.first("MSA")
    assert msa is not None
    assert (msa.field(1), msa.field(2)) == ("AR", "BIG")


def test_a_message_that_could_not_be_stored_gets_an_error_never_aa() -> None:
    parsed = parse(message(obx()))
    assert parsed is not None
    header = Header.of(parsed)
    assert codes_due(header, NOT_STORED) == ("CE",)
    assert codes_due(None, NOT_STORED) == ("AE",)
    wire = acknowledge(header, NOT_STORED, at=AT, control_id="9")
    assert wire is not None
    assert b"\rMSA|CE|M1\r" in wire
    assert b"207^" in wire


def test_two_answers_have_two_control_ids() -> None:
    first, second = answers(message(obx(), header=msh(accept="AL", application="AL")))
    assert first.header.field(10) != second.header.field(10)
