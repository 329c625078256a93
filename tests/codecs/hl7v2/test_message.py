"""Reading a message: separators, escapes, character sets, line ends, several messages, and python-hl7 as oracle."""

from __future__ import annotations

import hl7
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlude.codecs.hl7v2 import Header, Message, Separators, parse, split_messages

PLAIN = b"MSH|^~\\&|APP|FAC|||20260302093004||ORU^R01|7|P|2.6\rPID|||9^^^H^MR~8^^^H^VN\rOBX|1|NM|a^b&c||5"


def must(raw: bytes) -> Message:
    found = parse(raw)
    assert found is not None
    return found


def test_fields_repetitions_components() -> None:
    message = must(PLAIN)
    pid = message.first("PID")
    assert [segment.name for segment in message.segments] == ["MSH", "PID", "OBX"]
    assert pid is not None
    assert message.header.field(1) == "|"
    assert message.header.field(2) == "^~\\&"
    assert message.header.component(9, 2) == "R01"
    assert pid.repetitions(3) == ["9^^^H^MR", "8^^^H^VN"]
    assert pid.component(3, 1, repetition=2) == "8"
    assert pid.component(3, 5, repetition=2) == "VN"
    assert pid.component(3, 1, repetition=3) == ""
    assert pid.field(99) == ""
    assert pid.field(-1) == ""
    assert message.tree()[2][1][3] == [[["a"], ["b", "c"]]]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\r", b"\n\n\r"])
def test_every_line_end_separates_segments(end: bytes) -> None:
    assert must(PLAIN.replace(b"\r", end) + end).tree() == must(PLAIN).tree()


def test_separators_come_from_the_header() -> None:
    message = must(b"MSH$*!%+$APP$FAC$$$20260302093004$$ORU*R01$C1$P$2.5\rPID$1$$77!88*x+y\rNTE$1$$50%T%20 %F%")
    pid, nte = message.segments[1:]
    assert message.separators == Separators("$", "*", "!", "%", "+")
    assert pid.repetitions(3) == ["77", "88*x+y"]
    assert pid.tree()[3] == [[["77"]], [["88"], ["x", "y"]]]
    assert nte.component(3, 1) == "50+20 $"


@pytest.mark.parametrize(
    ("raw", "readable"),
    [
        (b"MSH|^~\\&|A", True),
        (b"MSH|^~\\&", True),
        (b"MSH|^|A", True),
        (b"\xef\xbb\xbfMSH|^~\\&|A", True),
        (b"\x0bMSH|^~\\&|A\x1c\r", True),
        (b"FHS|^~\\&|A\rBHS|^~\\&|A\rMSH|^~\\&|A", True),
        (b"noise\rMSH|^~\\&|A", True),
        (b"  MSH|^~\\&|A", True),
        (b"", False),
        (b"PID|1", False),
        (b"MSH", False),
        (b"MSHX^~\\&|A", False),
        (b"MSH||A|B", False),
        (b"MSH|^^^^|A", False),
        (b"MSH|abc|A", False),
        (b"xMSH|^~\\&|A", False),
        ("MSH|^~\\&|A".encode("utf-16"), False),
    ],
)
def test_what_counts_as_a_readable_header(raw: bytes, readable: bool) -> None:
    assert (parse(raw) is not None) is readable


@pytest.mark.parametrize(
    ("declared", "sent", "text", "fault"),
    [
        ("UNICODE UTF-8", "Łukasz °".encode(), "Łukasz °", False),
        ("UNICODE", "Иван".encode(), "Иван", False),
        ("8859/1", "Zürich".encode("latin-1"), "Zürich", False),
        ("8859/5", "Иван".encode("iso8859_5"), "Иван", False),
        ("8859/15", "5 €".encode("iso8859_15"), "5 €", False),
        ("", "Иван".encode(), "Иван", False),
        ("", "Zürich".encode("latin-1"), "Zürich", False),
        ("ASCII", "Zürich".encode(), "Zürich", True),
        ("UNICODE UTF-8", "Zürich".encode("latin-1"), "Zürich", True),
        ("KLINGON", "Zürich".encode(), "Zürich", True),
        ("8859/77", b"plain", "plain", True),
    ],
)
def test_character_sets(declared: str, sent: bytes, text: str, fault: bool) -> None:
    head = b"MSH|^~\\&|A|||||||1|P|2.6||||||" + declared.encode() + b"\rNTE|1||"
    message = must(head + sent)
    assert message.segments[1].field(3) == text
    assert ("charset-fallback" in message.faults) is fault


def test_two_messages_in_one_frame_are_split_at_the_start_of_a_segment_only() -> None:
    first = b"MSH|^~\\&|A|||||||1\rNTE|1||see MSH|^~\\&|quoted\r"
    second = b"MSH|^~\\&|B|||||||2\rNTE|1||MSH\r"
    assert split_messages(first + second) == [first, second]
    assert split_messages(b"junk\r" + first + second) == [b"junk\r" + first, second]
    assert split_messages(first) == [first]
    assert split_messages(b"no header") == [b"no header"]
    assert split_messages(b"") == []


def test_a_header_that_stands_one_field_late_or_early_is_found() -> None:
    late = Header.of(must(b"MSH|^~\\&|A|F|||20260302093004|||ORU^R01|77|P|2.6|||AL|NE"))
    early = Header.of(must(b"MSH|^~\\&|A|F||20260302093004||ORU^R01|77|P|2.6|||AL|NE"))
    for header, shift in ((late, 1), (early, -1)):
        assert (header.shift, header.type, header.control_id) == (shift, "ORU^R01", "77")
        assert (header.part(11, 1), header.part(12, 1), header.raw(15), header.raw(16)) == ("P", "2.6", "AL", "NE")
        assert header.sent_at_raw == "20260302093004"


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (r"a\F\b\S\c\T\d\R\e\E\f", "a|b^c&d~e\\f"),
        (r"line\.br\next", "line\nnext"),
        (r"\H\bold\N\ off", "bold off"),
        (r"\X0D\x\X0A\ ", "\rx\n "),
        (r"\XC3A4\ ", "ä "),
        (r"50\50 unclosed", r"50\50 unclosed"),
        (r"C:\temp\S\x", r"C:\temp^x"),
        (r"\Zvendor\ ", r"\Zvendor\ "),
        (r"\X1\ ", r"\X1\ "),
        ("", ""),
        ("\\", "\\"),
        ("\\\\", "\\\\"),
    ],
)
def test_escapes(sent: str, meant: str) -> None:
    assert Separators().decode(sent) == meant


texts = st.text(st.characters(codec="utf-8"), max_size=40)
separators = st.sampled_from([Separators(), Separators("$", "*", "!", "%", "+"), Separators("@", "~", "&", "#", "\\")])


@given(texts, separators)
def test_encoding_then_decoding_gives_the_text_back(text: str, marks: Separators) -> None:
    sent = marks.encode(text)
    assert marks.decode(sent) == text
    assert not set(sent) & {marks.field, marks.component, marks.repetition, marks.subcomponent, "\r", "\n", "\x0b"}


leaf = st.text("abcXYZ019 .-+", min_size=0, max_size=6)
component = st.lists(leaf, min_size=1, max_size=3).map("&".join)
repetition = st.lists(component, min_size=1, max_size=4).map("^".join)
field = st.lists(repetition, min_size=1, max_size=3).map("~".join)
segment = st.tuples(st.sampled_from(["PID", "PV1", "OBR", "OBX", "NTE"]), st.lists(field, min_size=1, max_size=20))


@given(st.lists(segment, max_size=6))
def test_the_tree_equals_the_one_of_python_hl7(parts: list[tuple[str, list[str]]]) -> None:
    lines = ["MSH|^~\\&|APP|FAC|||20260302093004||ORU^R01|7|P|2.6"]
    lines += ["|".join([name, *fields]) for name, fields in parts]
    text = "\r".join(lines)
    ours = must(text.encode())
    theirs = hl7.parse(text)
    assert len(theirs) == len(ours.segments)
    for mine, other in zip(ours.segments, theirs, strict=True):
        for number in range(1, len(mine.fields)):
            for r, repeated in enumerate(mine.tree()[number + (0 if mine.name != "MSH" else -1)] if number > 2 else []):
                for c, subs in enumerate(repeated):
                    for s, value in enumerate(subs):
                        assert value == _theirs(other, number, r, c, s)


def _theirs(other: hl7.Segment, number: int, r: int, c: int, s: int) -> str:
    """One leaf of python-hl7's tree, which flattens levels that hold one plain text."""
    node = other[number]
    for index in (r, c, s):
        if isinstance(node, str):
            assert index == 0
            return node
        node = node[index]
    return str(node)
