"""The header of a message as it is needed for routing and for the answer.

The header is kept as 8859/1 text, which maps every byte to one character and back: an answer can repeat any
field exactly, whatever character set the message is in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from interlude.codecs.hl7v2.message import Message
from interlude.codecs.hl7v2.separators import Separators

_TYPE = re.compile(r"[A-Z]{3}(?:\W[A-Z][A-Z0-9]{2}\b|\Z)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Header:
    """MSH. `shift` is 1 when the fields from the message type on stand one place late, -1 one early."""

    separators: Separators
    fields: tuple[str, ...]
    shift: int = 0
    is_reply: bool = False  # an acknowledgement or another answer: it holds MSA
    continues: bool = False  # continued in another message: DSC, or MSH-14

    @classmethod
    def of(cls, message: Message) -> Header:
        """The header of a parsed message."""
        codec = message.charset
        fields = tuple(
            text.encode(codec, "replace").decode("latin-1") if not text.isascii() else text
            for text in message.header.fields
        )
        header = cls(message.separators, fields)
        shift = _shift(header)
        names = {segment.name for segment in message.segments[1:]}
        plain = cls(message.separators, fields, shift)
        return cls(
            message.separators,
            fields,
            shift,
            is_reply="MSA" in names or plain.message_code == "ACK",
            continues="DSC" in names or bool(plain.raw(14).strip()),
        )

    def raw(self, number: int) -> str:
        """MSH-n as sent, as 8859/1 text; "" when absent."""
        if number == 1:
            return self.separators.field
        index = number - 1 + (self.shift if number >= 8 else 0)
        return self.fields[index] if 0 < index < len(self.fields) else ""

    def part(self, number: int, component: int) -> str:
        """One component of MSH-n (first repetition), escapes decoded, without surrounding spaces."""
        text = self.raw(number)
        if self.separators.repetition:
            text = text.split(self.separators.repetition, 1)[0]
        parts = text.split(self.separators.component)
        return self.separators.decode(parts[component - 1]).strip() if component <= len(parts) else ""

    @property
    def message_code(self) -> str:
        """MSH-9.1, such as ORU."""
        return self.part(9, 1)

    @property
    def trigger(self) -> str:
        """MSH-9.2, such as R01."""
        return self.part(9, 2)

    @property
    def type(self) -> str:
        """ORU^R01, or ORU when no trigger event was sent."""
        return f"{self.message_code}^{self.trigger}" if self.trigger else self.message_code

    @property
    def control_id(self) -> str:
        """MSH-10 exactly as sent."""
        return self.raw(10)

    @property
    def sent_at_raw(self) -> str:
        """MSH-7 without the degree of precision that versions before 2.6 allow as a second component."""
        text = self.part(7, 1)
        if self.shift and not text[:8].isdigit():
            return self.fields[6 + self.shift] if 6 + self.shift < len(self.fields) else ""
        return text

    @property
    def is_enhanced(self) -> bool:
        """Enhanced acknowledgement mode: MSH-15 or MSH-16 is valued."""
        return bool(self.raw(15).strip() or self.raw(16).strip())


def _shift(header: Header) -> int:
    """Where the message type stands, when it is not in MSH-9 but next to it."""

    def is_type(number: int) -> bool:
        return bool(_TYPE.match(header.raw(number).strip()))

    if is_type(9):
        return 0
    if is_type(10) and header.raw(11).strip():
        return 1
    if is_type(8) and header.raw(9).strip():
        return -1
    return 0
