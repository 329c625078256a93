"""Messages of devices into the record: stored raw, read, bound to a session, charted or held, in one transaction.

A message is answered positively only by what the caller sends after this transaction is committed.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from uuid import UUID, uuid4

from django.db import transaction

from interlude.codecs.hl7v2 import Header, Interpretation, Refusal, acknowledge, codes_due, read_message
from interlude.codecs.mllp import RawFrame
from interlude.domain.refusals import N_
from interlude.record.devices.models import DeviceLink, Disposition, RawMessage
from interlude.record.devices.services import hold, note_heard, store_messages
from interlude.record.devices.services.intake import HeldBack, hear, links_of
from interlude.record.dosing.services.binding import Bindings, current_bindings
from interlude.record.dosing.services.charting import Message, chart_messages, make_message

logger = logging.getLogger(__name__)

COULD_NOT_BE_CHARTED = N_("The message is stored, but charting it failed inside the system.")
PROCESSING_FAILED = Refusal("error", "207", "The message is stored. It could not be charted.")


def receive_batch(frames: list[RawFrame]) -> list[bytes | None]:
    """Store and chart a batch; one answer for each frame in order, None where silence is right.

    The same bytes are stored and charted once and get the same answer again. A message whose charting fails is
    stored all the same and put into quarantine: its safe storage is acknowledged (CA), its processing is not (AE).
    Raises when nothing could be stored: then nothing was, and no frame may be answered positively.
    """
    if not frames:
        return []
    with transaction.atomic():
        interpreted = [_read(frame) for frame in frames]
        known = _known([one.duplicate_key[2] for one in interpreted])
        bindings = current_bindings(min(frame.received_at for frame in frames))
        links = links_of(_heard(interpreted, bindings))
        fresh = _fresh(frames, interpreted, known, bindings, links)
        note_heard(links)
        failed = _write(fresh)
        failed |= {sha for sha, disposition in known.items() if disposition == Disposition.FAILED}
    return [_answer(frame, one, failed) for frame, one in zip(frames, interpreted, strict=True)]


def _read(frame: RawFrame) -> Interpretation:
    return read_message(frame.data, default_zone=frame.default_zone, received_at=frame.received_at, faults=frame.faults)


def _known(digests: list[str]) -> dict[str, str]:
    """What is stored already: digest -> disposition. The digest covers sender, control id and body."""
    return dict(RawMessage.objects.filter(sha256__in=set(digests)).values_list("sha256", "disposition"))


def _fresh(
    frames: list[RawFrame],
    interpreted: list[Interpretation],
    known: dict[str, str],
    bindings: Bindings,
    links: dict[UUID, DeviceLink],
) -> list[Message]:
    """The messages that are new, each once, in the order of their arrival; the links hear every one of them."""
    seen = set(known)
    fresh = []
    for frame, one in zip(frames, interpreted, strict=True):
        entry = bindings.device_of(one.device_ids)
        link = links[entry.device_id] if entry else None
        digest = one.duplicate_key[2]
        is_new = digest not in seen
        if is_new:
            seen.add(digest)
            fresh.append(make_message(frame, one, bindings, link))
        if link is not None:
            # A repetition shows that the link lives; its time of sending is not now.
            hear(link, frame.received_at, one.clock_offset_s if is_new else None)
    return fresh


def _heard(interpreted: list[Interpretation], bindings: Bindings) -> set[UUID]:
    entries = (bindings.device_of(one.device_ids) for one in interpreted)
    return {entry.device_id for entry in entries if entry is not None}


def _write(messages: list[Message]) -> set[str]:
    """Write the batch whole; if that fails, message by message. Returns the digests of those that failed."""
    if not messages:
        return set()
    try:
        with transaction.atomic():
            _write_all(messages)
        return set()
    except Exception:
        logger.exception("Charting a batch of %d messages failed; trying them one by one", len(messages))
    failed = set()
    for message in messages:
        try:
            with transaction.atomic():
                _write_all([message])
        except Exception:
            logger.exception("A message could not be charted; it is kept in quarantine")
            _keep_failed(message)
            failed.add(message.raw.sha256)
    return failed


def _write_all(messages: list[Message]) -> None:
    raws = [message.new_raw() for message in messages]
    store_messages(raws)
    chart_messages(messages)
    hold(item for message in messages for item in message.held_back())


def _keep_failed(message: Message) -> None:
    raw = message.new_raw()
    raw.disposition = Disposition.FAILED
    raw.answer_code = " ".join(_failed_codes(message.interpretation.header))[:8]
    store_messages([raw])
    hold(
        [
            HeldBack(
                raw=raw,
                reason_code="could-not-be-charted",
                text=COULD_NOT_BE_CHARTED,
                detail="",
                raw_code="",
                device_id=message.device_id,
                device_shown=message.device_shown,
                session_id=None,
                patient_id=None,
            )
        ]
    )


def _answer(frame: RawFrame, one: Interpretation, failed: set[str]) -> bytes | None:
    control_id = uuid4().hex[:20]
    if one.duplicate_key[2] not in failed or one.refusal is not None or not one.answerable:
        return one.answer(at=frame.received_at, control_id=control_id)
    header = one.header
    if header is None or not header.is_enhanced:
        return acknowledge(header, PROCESSING_FAILED, at=frame.received_at, control_id=control_id)
    # Enhanced mode keeps the two apart: stored safely, yes; processed, no.
    accept = acknowledge(_asking(header, 15), None, at=frame.received_at, control_id=control_id)
    applied = acknowledge(
        _asking(header, 16), PROCESSING_FAILED, at=frame.received_at, control_id=f"{control_id[:18]}-2"
    )
    return (accept or b"") + (applied or b"") or None


def _failed_codes(header: Header | None) -> tuple[str, ...]:
    if header is None or not header.is_enhanced:
        return codes_due(header, PROCESSING_FAILED)
    return codes_due(_asking(header, 15), None) + codes_due(_asking(header, 16), PROCESSING_FAILED)


def _asking(header: Header, number: int) -> Header:
    """The header as if it asked for one kind of acknowledgement only (MSH-15 or MSH-16)."""
    index = (31 - number) - 1 + header.shift
    fields = list(header.fields) + [""] * max(0, index + 1 - len(header.fields))
    fields[index] = "NE"
    return replace(header, fields=tuple(fields))
