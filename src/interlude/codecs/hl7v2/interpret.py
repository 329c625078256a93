"""One message from bytes to meaning: whether it is accepted, what may be charted, what is held and why.

`read_message` never raises, whatever the bytes. Storing, de-duplicating and binding to a patient are the
record's: a name in a message never decides whose chart a value enters.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from interlude.codecs.hl7v2 import devices
from interlude.codecs.hl7v2.acknowledge import NO_HEADER, TOO_LARGE, Refusal, acknowledge, codes_due
from interlude.codecs.hl7v2.clock import Clock
from interlude.codecs.hl7v2.header import Header
from interlude.codecs.hl7v2.message import Message, parse
from interlude.codecs.hl7v2.observations import read_rows
from interlude.codecs.hl7v2.results import Held, Passed, Reading
from interlude.codecs.hl7v2.times import SentTime

_VERSION = re.compile(r"2\.[1-9](?:\.\d)?\Z", re.ASCII)
_TYPES = {"ORU": frozenset({"", "R01", "R40", "R42", "W01"})}
_TEST_MODES = frozenset({"T", "D"})
NEVER_ANSWERED = frozenset({"unfinished", "junk"})


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What one message says, without knowing whose it is.

    `refusal` is None when the message is accepted. `device_ids` are all identifiers seen in accepted rows
    and header, for the page that shows unassigned devices. `patient_shown` is PID-3 as sent: for people to
    read, never for binding. `clock_offset_s` is receipt less MSH-7. `faults` names deviations that cost
    nothing. `duplicate_key` is (sender, control id, SHA-256 of the bytes): the same bytes again get the
    same answer."""

    header: Header | None
    refusal: Refusal | None
    received_at: datetime
    duplicate_key: tuple[str, str, str]
    answerable: bool = True
    sent_at: SentTime | None = None
    clock_offset_s: float | None = None
    readings: tuple[Reading, ...] = ()
    held: tuple[Held, ...] = ()
    passed: tuple[Passed, ...] = ()
    device_ids: tuple[str, ...] = ()
    patient_shown: str = ""
    faults: tuple[str, ...] = ()

    @property
    def sender(self) -> str:
        """MSH-3 as sent."""
        return self.duplicate_key[0]

    @property
    def control_id(self) -> str:
        """MSH-10 as sent."""
        return self.duplicate_key[1]

    @property
    def type(self) -> str:
        """ORU^R01; "" without a header."""
        return self.header.type if self.header else ""

    @property
    def processing_id(self) -> str:
        """MSH-11.1: P, T or D."""
        return self.header.part(11, 1) if self.header else ""

    @property
    def version(self) -> str:
        """MSH-12.1."""
        return self.header.part(12, 1) if self.header else ""

    @property
    def verdict(self) -> str:
        """What became of it: "charted" if anything may be, else "quarantined" if anything is held, else
        "ignored"."""
        return "charted" if self.readings else "quarantined" if self.held else "ignored"

    @property
    def answer_codes(self) -> tuple[str, ...]:
        """The acknowledgement codes owed, such as ("CA",); () when silence is right."""
        return codes_due(self.header, self.refusal) if self.answerable else ()

    def answer(self, *, at: datetime, control_id: str) -> bytes | None:
        """The framed answer for the wire, to be sent only after the message is stored; None for silence."""
        if not self.answerable:
            return None
        return acknowledge(self.header, self.refusal, at=at, control_id=control_id)


def read_message(
    raw: bytes, *, default_zone: tzinfo, received_at: datetime, faults: Sequence[str] = ()
) -> Interpretation:
    """The meaning of one message. `faults` are the framing faults that it arrived with."""
    message = parse(raw)
    digest = hashlib.sha256(raw).hexdigest()
    answerable = not NEVER_ANSWERED.intersection(faults)
    if message is None:
        reason = next((name for name in ("oversize", "unfinished", "junk") if name in faults), "unreadable")
        no_header = TOO_LARGE if reason == "oversize" else NO_HEADER
        kept = (Held.because(reason),)
        key = ("", "", digest)
        return Interpretation(None, no_header, received_at, key, answerable=answerable, held=kept, faults=tuple(faults))
    header = Header.of(message)
    clock = Clock(header.sent_at_raw, default_zone=default_zone, received_at=received_at)
    refusal, held, passed, hold_rows = _judge(header, message, faults)
    readings: tuple[Reading, ...] = ()
    device_ids = devices.ids_of_sender(header)
    if refusal is None and not held and not passed:
        outcomes = read_rows(message.segments, clock=clock, sender_ids=device_ids, hold_all=hold_rows)
        readings = tuple(item for item in outcomes if isinstance(item, Reading))
        held = tuple(item for item in outcomes if isinstance(item, Held))
        passed = tuple(item for item in outcomes if isinstance(item, Passed))
    return Interpretation(
        header=header,
        refusal=refusal,
        received_at=received_at,
        duplicate_key=(_text(header.raw(3), message), _text(header.control_id, message), digest),
        answerable=answerable,
        sent_at=clock.sent_at,
        clock_offset_s=clock.offset_s,
        readings=readings,
        held=held,
        passed=passed,
        device_ids=_all_ids(message, device_ids),
        patient_shown=_patient(message),
        faults=(*faults, *message.faults, *(("header-shifted",) if header.shift else ())),
    )


_Judgement = tuple[Refusal | None, tuple[Held, ...], tuple[Passed, ...], str]


def _judge(header: Header, message: Message, faults: Sequence[str]) -> _Judgement:
    """(refusal, message-level held, message-level passed, reason that holds every row)."""
    for broken in ("unfinished", "junk"):
        if broken in faults:
            return None, (Held.because(broken),), (), ""
    if header.is_reply:
        return None, (), (Passed("acknowledgement", 0),), ""
    if "oversize" in faults:
        return TOO_LARGE, (Held.because("oversize"),), (), ""
    refused = _refuse(header)
    if refused is not None:
        reason, refusal = refused
        return refusal, (Held.because(reason, 0, header.type),), (), ""
    return _by_type(header, message)


def _refuse(header: Header) -> tuple[str, Refusal] | None:
    """(reason for quarantine, refusal) of a message that is not accepted."""
    triggers = _TYPES.get(header.message_code)
    if triggers is None:
        return "type-not-supported", Refusal("reject", "200", "This message type is not taken here.", "MSH^1^9")
    if header.trigger not in triggers:
        return "type-not-supported", Refusal("reject", "201", "This event is not taken here.", "MSH^1^9")
    version = header.part(12, 1)
    if version and not _VERSION.match(version):
        return "version-not-supported", Refusal("reject", "203", "HL7 versions 2.1 to 2.9 are taken.", "MSH^1^12")
    mode = header.part(11, 1).upper()
    if mode and mode != "P" and mode not in _TEST_MODES:
        return (
            "processing-id-not-supported",
            Refusal("reject", "202", "Processing ids P, T and D are taken.", "MSH^1^11"),
        )
    if header.continues:
        return (
            "continuation-not-supported",
            Refusal("reject", "207", "Continued messages are not taken. Send each one whole.", "MSH^1^14"),
        )
    if not header.control_id.strip():
        return "control-id-missing", Refusal("error", "101", "The control id is missing.", "MSH^1^10")
    return None


def _by_type(header: Header, message: Message) -> _Judgement:
    if header.trigger == "W01":
        return None, (), (Passed("waveform-message", 0),), ""
    if header.trigger == "R40":
        if any("WATCHDOG" in part.upper() for obx in message.named("OBX") for part in (obx.field(3), obx.field(5))):
            return None, (), (Passed("watchdog", 0),), ""
        return None, (Held.because("alarm-not-charted", 0, _event(message)),), (), ""
    if header.trigger == "R42":
        return None, (Held.because("pump-event-not-charted", 0, _event(message)),), (), ""
    if message.first("OBX") is None:
        return None, (), (Passed("heartbeat", 0),), ""
    mode = header.part(11, 1).upper()
    if not mode:
        return None, (), (), "processing-id-missing"
    return None, (), (), "test-message" if mode in _TEST_MODES else ""


def _event(message: Message) -> str:
    """The event that an alarm or pump message is about, as sent: its first coded value."""
    for obx in message.named("OBX"):
        if "EVT" in obx.field(3) and obx.field(5):
            return " ".join(part for part in obx.components(5) if part)[:200]
    return ""


def _text(latin: str, message: Message) -> str:
    """Header text in the message's own character set."""
    return latin if latin.isascii() else latin.encode("latin-1").decode(message.charset, "replace")


def _all_ids(message: Message, sender_ids: tuple[str, ...]) -> tuple[str, ...]:
    found: list[str] = []
    for segment in message.segments:
        if segment.name == "OBX" and segment.field(18):
            found += devices.ids_of_row(segment)
        elif segment.name == "OBR":
            found += devices.ids_of_group(segment)
    return tuple(dict.fromkeys([*found, *sender_ids]))


def _patient(message: Message) -> str:
    pid = message.first("PID")
    return pid.component(3, 1).strip() if pid else ""
