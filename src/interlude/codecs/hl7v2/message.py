"""A tolerant tree of one message: segments, fields, repetitions, components, subcomponents.

Reading never raises: what has no readable header is `None`, what deviates is read as far as it goes and
named in `Message.faults`. Values are decoded only when they are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from interlude.codecs.hl7v2 import charset
from interlude.codecs.hl7v2.separators import STANDARD, Separators

_START = re.compile(rb"(?:\A|(?<=[\r\n]))[ \t\x00\x0b]*MSH(?=[^\w\s])")
_BOM = b"\xef\xbb\xbf"
Tree = list[tuple[str, list[list[list[list[str]]]]]]


class Segment:
    """One segment. Fields are numbered as in the standard, in MSH too (MSH-1 is the separator itself)."""

    __slots__ = ("_separators", "_shift", "charset", "fields", "name")

    def __init__(self, line: str, separators: Separators, codec: str = "utf-8") -> None:
        self.fields = line.split(separators.field)
        self.name = self.fields[0].strip()
        self._shift = 1 if self.name in ("MSH", "FHS", "BHS") else 0
        self._separators = separators
        self.charset = codec

    def field(self, number: int) -> str:
        """The field as sent; "" when absent."""
        if self._shift and number == 1:
            return self._separators.field
        index = number - self._shift
        return self.fields[index] if 0 < index < len(self.fields) else ""

    def repetitions(self, number: int) -> list[str]:
        """The repetitions of a field as sent; [] when the field is empty."""
        text = self.field(number)
        if not text:
            return []
        mark = self._separators.repetition
        return text.split(mark) if mark and not (self._shift and number == 2) else [text]

    def components(self, number: int, repetition: int = 1) -> list[str]:
        """The components of one repetition, decoded; [] when absent."""
        repeats = self.repetitions(number)
        if not 0 < repetition <= len(repeats):
            return []
        text = repeats[repetition - 1]
        separators = self._separators
        parts = text.split(separators.component) if separators.component else [text]
        if separators.escape and separators.escape in text:
            parts = [separators.decode(part, self.charset) for part in parts]
        return parts

    def component(self, number: int, component: int, repetition: int = 1) -> str:
        """One component, decoded; "" when absent."""
        parts = self.components(number, repetition)
        return parts[component - 1] if 0 < component <= len(parts) else ""

    def plain(self, number: int) -> str:
        """The field as sent when it is written with the standard separators and escapes nothing, else "".

        Two such fields of equal text mean the same in every message, so what they mean can be remembered.
        """
        text = self.field(number)
        return text if self._separators is STANDARD and len(text) < 120 and "\\" not in text else ""

    def tree(self) -> list[list[list[list[str]]]]:
        """fields -> repetitions -> components -> subcomponents, all decoded; index 0 is the segment
        name."""
        separators = self._separators
        rep, comp, sub, esc = (
            separators.repetition,
            separators.component,
            separators.subcomponent,
            separators.escape,
        )
        out: list[list[list[list[str]]]] = []
        for text in self.fields:
            if comp not in text and (not rep or rep not in text) and (not sub or sub not in text):
                if esc and esc in text:
                    text = separators.decode(text, self.charset)
                out.append([[[text]]])
                continue
            repeats = [
                [part.split(sub) if sub else [part] for part in repetition.split(comp)]
                for repetition in (text.split(rep) if rep else (text,))
            ]
            if esc and esc in text:
                repeats = [
                    [[separators.decode(leaf, self.charset) for leaf in part] for part in repetition]
                    for repetition in repeats
                ]
            out.append(repeats)
        if self._shift and len(out) > 1:
            out[1] = [[[self.fields[1]]]]  # MSH-2 names the separators; it is not made of them
        return out


class Message:
    """One message with a readable header. `header` is its MSH segment, the first of `segments`."""

    __slots__ = ("charset", "faults", "header", "segments", "separators")

    def __init__(self, text: str, separators: Separators, codec: str, faults: tuple[str, ...]) -> None:
        self.separators = separators
        self.charset = codec
        self.faults = faults
        lines = text.replace("\n", "\r").split("\r")
        self.segments = [Segment(line, separators, codec) for line in lines if line and not line.isspace()]
        self.header = self.segments[0]

    def named(self, name: str) -> Iterator[Segment]:
        """The segments of this name, in order."""
        return (segment for segment in self.segments if segment.name == name)

    def first(self, name: str) -> Segment | None:
        """The first segment of this name."""
        return next(self.named(name), None)

    def tree(self) -> Tree:
        """Everything, decoded."""
        return [(segment.name, segment.tree()) for segment in self.segments]


def parse(raw: bytes) -> Message | None:
    """The message in these bytes, or None when they hold no readable header.

    Segments end with CR, LF or both. Text before the first MSH at a segment start (batch headers, junk) is
    left out and named "before-header". The character set is MSH-18's, else UTF-8, else 8859/1
    ("charset-fallback")."""
    start = _START.search(raw)
    faults: list[str] = []
    if start is None and raw.startswith(_BOM):
        raw = raw[len(_BOM) :]
        start = _START.search(raw)
    if start is None:
        return None
    begin = raw.index(b"MSH", start.start())
    if raw[:begin].strip(b" \t\r\n\x00\x0b" + _BOM):
        faults.append("before-header")
    body = raw[begin:].rstrip(b"\x1c\r\n\x00 \t")
    separators = _separators(body)
    if separators is None:
        return None
    declared = _declared_charset(body, separators)
    text, codec = charset.decode(body, declared)
    if declared and charset.codec_for(declared) != codec:
        faults.append("charset-fallback")
    return Message(text, separators, codec, tuple(faults))


def split_messages(payload: bytes) -> list[bytes]:
    """The messages of one payload, split where MSH stands at the start of a segment.

    What comes before the first header stays with it; a payload without a header is one piece.
    """
    starts = [match.start() for match in _START.finditer(payload)]
    if len(starts) < 2:
        return [payload] if payload else []
    starts[0] = 0
    return [payload[a:b] for a, b in zip(starts, [*starts[1:], len(payload)], strict=True)]


def _separators(body: bytes) -> Separators | None:
    """MSH-1 and MSH-2 of bytes that start with MSH. None when they do not separate anything."""
    first_line = re.split(rb"[\r\n]", body, maxsplit=1)[0]
    field = first_line[3:4].decode("latin-1")
    if not field or field.isalnum() or ord(field) < 0x20 or ord(field) > 0x7E:
        return None
    encoding = first_line[4:].split(first_line[3:4], 1)[0].decode("latin-1")[:5]
    if any(c.isalnum() or not 0x20 < ord(c) < 0x7F for c in encoding) or len(set(encoding)) < len(encoding):
        return None
    marks = list(encoding.ljust(4))
    component, repetition, escape, subcomponent = (mark.strip() for mark in marks[:4])
    if not component:
        return None
    found = Separators(field, component, repetition, escape, subcomponent)
    return STANDARD if found == STANDARD else found


def _declared_charset(body: bytes, separators: Separators) -> str:
    line = re.split(rb"[\r\n]", body, maxsplit=1)[0].decode("latin-1")
    fields = line.split(separators.field)
    value = fields[17] if len(fields) > 17 else ""
    return value.split(separators.repetition)[0] if separators.repetition else value
