"""From the readings of messages to rows of the chart, many messages at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Model

from interlude.codecs.hl7v2 import Held, Interpretation, Reading
from interlude.codecs.mllp import RawFrame
from interlude.record import live
from interlude.record.audit import services as audit
from interlude.record.audit.actors import device_actor
from interlude.record.devices.models import DeviceLink, Disposition, RawMessage
from interlude.record.devices.services.intake import HeldBack, is_steady
from interlude.record.dosing.models import Observation, Source
from interlude.record.dosing.services.binding import Bindings, Bound, Stay, Unbound
from interlude.record.dosing.services.observations import key_of, value_json

THOUSANDTH = Decimal("0.001")
CLOCK_EPOCH_S = 600.0
"""A clock that jumps further than this counts as another clock, so that a stamp that returns is not a repetition."""


@dataclass
class Message:
    """One new message on its way into the record."""

    frame: RawFrame
    interpretation: Interpretation
    device_id: UUID | None
    stay: Stay | None
    bound: list[tuple[Reading, Bound]] = field(default_factory=list)
    unbound: list[tuple[Reading, Unbound]] = field(default_factory=list)
    clock_offset_s: float | None = None
    raw: RawMessage = field(default_factory=RawMessage)

    @property
    def device_shown(self) -> str:
        return ", ".join(self.interpretation.device_ids)[:120]

    @property
    def disposition(self) -> str:
        held = bool(self.interpretation.held or self.unbound)
        if self.bound:
            return Disposition.PARTLY if held else Disposition.CHARTED
        return Disposition.QUARANTINED if held else Disposition.IGNORED

    def new_raw(self) -> RawMessage:
        """A row for the bytes; a new one for each attempt, because a failed attempt leaves nothing."""
        one = self.interpretation
        self.raw = RawMessage(
            received_at=self.frame.received_at,
            peer=self.frame.peer[:80],
            listener=self.frame.listener[:40],
            body=self.frame.data,
            sha256=one.duplicate_key[2],
            sender=one.sender[:120],
            control_id=one.control_id[:120],
            message_type=one.type[:16],
            answer_code=" ".join(one.answer_codes)[:8],
            disposition=self.disposition,
            device_id=self.device_id,
            clock_offset_s=one.clock_offset_s,
            faults=list(one.faults),
        )
        return self.raw

    def held_back(self) -> Iterator[HeldBack]:
        """Everything of this message that was not charted, with its reason."""
        for held in self.interpretation.held:
            yield self._held(held)
        for reading, unbound in self.unbound:
            yield HeldBack(
                raw=self.raw,
                reason_code=unbound.reason_code,
                text=unbound.text,
                detail=f"{reading.kind} {reading.value_as_sent} {reading.unit}",
                raw_code="",
                device_id=unbound.device_id,
                device_shown=", ".join(reading.device_ids) or self.device_shown,
                session_id=None,
                patient_id=None,
            )

    def _held(self, held: Held) -> HeldBack:
        return HeldBack(
            raw=self.raw,
            reason_code=held.reason_code,
            text=held.text,
            detail=held.detail,
            raw_code=held.raw_code,
            device_id=self.device_id,
            device_shown=self.device_shown,
            session_id=self.stay.session_id if self.stay else None,
            patient_id=self.stay.patient_id if self.stay else None,
        )


def make_message(frame: RawFrame, one: Interpretation, bindings: Bindings, link: DeviceLink | None = None) -> Message:
    """Bind every reading of a message. Of several sources of one value at one time the preferred one is charted;
    the others stay in the raw message. `link` is the device's as it was before this message."""
    entry = bindings.device_of(one.device_ids)
    message = Message(
        frame,
        one,
        device_id=entry.device_id if entry else None,
        stay=bindings.stay_at(entry.device_id, frame.received_at) if entry else None,
        clock_offset_s=link.clock_offset_s if link else None,
    )
    steady = is_steady(link, one.clock_offset_s)
    for reading in one.readings:
        if not reading.primary:
            continue
        target: Bound | Unbound = bindings.bind(reading, one.clock_offset_s)
        if isinstance(target, Bound) and not reading.observed_at_is_device_time and not steady:
            target = Unbound("clock-jumped", target.device_id)
        if isinstance(target, Bound):
            message.bound.append((reading, target))
        else:
            message.unbound.append((reading, target))
    return message


def chart_messages(messages: list[Message]) -> None:
    """Chart what is new: one insert for the batch, one audit entry for each message that charted something."""
    rows: dict[str, tuple[Message, Bound, Observation]] = {}
    for message in messages:
        for reading, bound in message.bound:
            row = observation_of(message, reading, bound)
            rows.setdefault(row.key, (message, bound, row))
    if not rows:
        return
    known = set(Observation.objects.filter(key__in=list(rows)).values_list("key", flat=True))
    fresh = [entry for key, entry in rows.items() if key not in known]
    Observation.objects.bulk_create([row for _message, _bound, row in fresh], ignore_conflicts=True)
    _audit(fresh)
    _tell(fresh)


def observation_of(message: Message, reading: Reading, bound: Bound) -> Observation:
    """One reading as a row. The chart's time is the reading's own; `seen_at` is that instant on our clock."""
    offset_s = message.clock_offset_s
    if offset_s is None:
        offset_s = message.interpretation.clock_offset_s
    seen_at = reading.observed_at
    if reading.observed_at_is_device_time and offset_s is not None:
        seen_at = seen_at + timedelta(seconds=offset_s)
    return Observation(
        session_id=bound.stay.session_id,
        kind=reading.kind,
        value=reading.value.quantize(THOUSANDTH),
        unit=reading.unit,
        observed_at=reading.observed_at,
        seen_at=min(seen_at, message.frame.received_at),
        received_at=message.frame.received_at,
        source=Source.MONITOR,
        method=reading.method,
        is_aperiodic=reading.aperiodic,
        is_device_time=reading.observed_at_is_device_time,
        flags=" ".join(reading.flags)[:120],
        device_id=bound.device_id,
        raw=message.raw,
        key=_key(message, reading, bound),
    )


def _key(message: Message, reading: Reading, bound: Bound) -> str:
    """Device, kind, time and value: what makes two readings the same one.

    Without a believable device time the stamp as sent tells repetitions apart, within one setting of that clock.
    """
    same = (bound.device_id, bound.stay.session_id, reading.kind)
    value = reading.value.normalize()
    if reading.observed_at_is_device_time:
        return key_of(*same, reading.observed_at.timestamp(), value)
    if reading.time_as_sent:
        epoch = round((message.interpretation.clock_offset_s or 0.0) / CLOCK_EPOCH_S)
        return key_of(*same, "sent", reading.time_as_sent, epoch, value)
    return key_of(*same, "received", message.frame.received_at.timestamp(), value)


def _audit(fresh: list[tuple[Message, Bound, Observation]]) -> None:
    groups: dict[Bound, dict[int, RawMessage]] = {}
    for message, bound, _row in fresh:
        groups.setdefault(bound, {})[message.raw.pk] = message.raw
    for bound, raws in groups.items():
        about: list[Model] = list(raws.values())
        audit.record_many(
            by=device_actor(bound.device_id),
            at=max(raw.received_at for raw in raws.values()),
            what="dosing.vitals.received",
            about=about,
            patient_id=bound.stay.patient_id,
        )


def _tell(fresh: list[tuple[Message, Bound, Observation]]) -> None:
    """The newest value of each kind to the pages of its session; the chart itself is fetched."""
    newest: dict[UUID, dict[str, Observation]] = {}
    for _message, bound, row in fresh:
        held = newest.setdefault(bound.stay.session_id, {})
        if row.kind not in held or held[row.kind].observed_at <= row.observed_at:
            held[row.kind] = row
    for session_id, rows in newest.items():
        live.publish(f"session:{session_id}", "vitals", {"values": [value_json(row) for row in rows.values()]})
