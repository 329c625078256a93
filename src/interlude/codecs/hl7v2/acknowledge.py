"""Which answers a message is due, and their bytes (HL7 v2 2.9; IHE PCD TF Vol 2 appendix B).

Original mode (MSH-15 and MSH-16 empty): AA, AE, AR. Enhanced mode: an accept acknowledgement (CA, CE, CR)
as MSH-15 asks, and, unless that one was a refusal, an application acknowledgement (AA, AE, AR) as MSH-16
asks. A reply is never answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from interlude.codecs.hl7v2.header import Header
from interlude.codecs.hl7v2.separators import STANDARD
from interlude.codecs.hl7v2.times import format_dtm
from interlude.codecs.mllp.frames import FS, VT, frame

_FALLBACK_VERSION = "2.6"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message is not accepted.

    `kind`: "reject" (wrong type, version, processing id or header: AR/CR) or "error" (anything else:
    AE/CE). `code` is from HL7 table 0357, `location` "MSH^1^9"-like."""

    kind: Literal["reject", "error"]
    code: str
    text: str
    location: str = ""


CODES_0357 = {
    "100": "Segment sequence error",
    "101": "Required field missing",
    "102": "Data type error",
    "200": "Unsupported message type",
    "201": "Unsupported event code",
    "202": "Unsupported processing id",
    "203": "Unsupported version id",
    "207": "Application internal error",
}
NOT_STORED = Refusal("error", "207", "The message could not be stored. Send it again.")
TOO_LARGE = Refusal("reject", "207", "The message is larger than this listener takes.")
NO_HEADER = Refusal("reject", "100", "No readable message header (MSH) was found.", "MSH^1")


def codes_due(header: Header | None, refusal: Refusal | None) -> tuple[str, ...]:
    """The acknowledgement codes owed, in sending order; () when silence is right."""
    letter = "A" if refusal is None else {"error": "E", "reject": "R"}[refusal.kind]
    if header is None:
        return (f"A{letter}",)
    if header.is_reply:
        return ()
    if not header.is_enhanced:
        return (f"A{letter}",)
    accept = _wanted(header.raw(15), refusal)
    application = _wanted(header.raw(16), refusal) and not (accept and refusal)
    return (f"C{letter}",) * accept + (f"A{letter}",) * application


def acknowledge(header: Header | None, refusal: Refusal | None, *, at: datetime, control_id: str) -> bytes | None:
    """The framed bytes for the wire: one acknowledgement, two when both kinds are due, None when none is.

    `control_id` becomes MSH-10 of the answer and must be unique; a second answer adds "-2".
    """
    due = codes_due(header, refusal)
    if not due:
        return None
    return b"".join(
        frame(_message(header, code, refusal, at=at, control_id=control_id + ("" if index == 0 else "-2")))
        for index, code in enumerate(due)
    )


def _wanted(condition: str, refusal: Refusal | None) -> bool:
    condition = condition.strip().upper()
    if condition in ("", "NE"):
        return False
    return {"ER": refusal is not None, "SU": refusal is None}.get(condition, True)


def _message(header: Header | None, code: str, refusal: Refusal | None, *, at: datetime, control_id: str) -> bytes:
    marks = header.separators if header else STANDARD
    fields = [""] * 19
    fields[0] = "MSH"
    fields[1] = marks.msh_2
    if header:
        fields[2:6] = header.raw(5), header.raw(6), header.raw(3), header.raw(4)
        fields[17] = header.raw(18)
    fields[6] = format_dtm(at)
    trigger = header.trigger if header else ""
    fields[8] = marks.component.join(("ACK", marks.encode(trigger), "ACK")) if trigger else "ACK"
    fields[9] = control_id
    fields[10] = (header.raw(11) if header else "") or "P"
    fields[11] = (header.raw(12) if header else "") or _FALLBACK_VERSION
    lines = [
        marks.field.join(fields).rstrip(marks.field),
        marks.field.join(("MSA", code, header.control_id if header else "")),
    ]
    if refusal is not None:
        lines.append(_error_segment(refusal, marks.field, marks.component, marks.encode(refusal.text)))
    text = "\r".join(lines) + "\r"
    return text.encode("latin-1", "replace").translate(None, VT + FS)  # a copied framing byte would cut the answer


def _error_segment(refusal: Refusal, field: str, component: str, text: str) -> str:
    """ERR-2 location, ERR-3 code of table 0357, ERR-4 severity, ERR-8 words for a person."""
    what = component.join((refusal.code, CODES_0357[refusal.code], "HL70357"))
    return field.join(("ERR", "", refusal.location.replace("^", component), what, "E", "", "", "", text))
