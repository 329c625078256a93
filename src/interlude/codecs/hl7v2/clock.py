"""When a measurement was made, from a device clock that may be wrong.

MSH-7 against our receipt tells how far the device's clock is off. Up to five minutes the device's time
stands (the tolerance that IHE PCD gives an unsynchronised clock). Beyond that, or before 2020, the clock is
not believed: the time is our receipt less the age that the message itself gives (MSH-7 less the time of the
measurement), so that an old cuff value does not become a new one. A zone that is missing is MSH-7's when
that has one (HL7 v2: MSH-7's zone is the default of the whole message), else the listener's, and is
flagged.

Flags: "zone-from-message", "zone-assumed" (the listener's), "clock-drift" (more than two minutes off),
"clock-off" (our time, see above), "time-contradicts" (clock off, and the measurement is later than its
message), "no-device-time"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from interlude.codecs.hl7v2.times import SentTime, parse_dtm, zone_of

TOLERANCE = timedelta(seconds=300)
WARNING = timedelta(seconds=120)
FIRST_BELIEVABLE_YEAR = 2020


@dataclass(frozen=True, slots=True)
class Resolved:
    """A time for the chart. `is_device_time` is False when it rests on our own clock."""

    at: datetime
    is_device_time: bool
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unresolved:
    """No time can be given, with the reason code."""

    reason: str


class Clock:
    """The clock of one message: MSH-7, our receipt, and the offset between them."""

    def __init__(self, sent_at_raw: str, *, default_zone: tzinfo, received_at: datetime) -> None:
        self.received_at = received_at
        self.sent_at: SentTime | None = parse_dtm(sent_at_raw, default_zone, near=received_at)
        zone_sent = zone_of(self.sent_at)
        self._zone_was_sent = zone_sent is not None
        self._zone = zone_sent or default_zone
        self._cache: dict[str, Resolved | Unresolved] = {}

    @property
    def offset_s(self) -> float | None:
        """Receipt less MSH-7 in seconds; None without a readable MSH-7."""
        return (self.received_at - self.sent_at.at).total_seconds() if self.sent_at else None

    def resolve(self, text: str) -> Resolved | Unresolved:
        """The time of a measurement stamped with `text`."""
        if text not in self._cache:
            self._cache[text] = self._resolve(text)
        return self._cache[text]

    def _resolve(self, text: str) -> Resolved | Unresolved:
        if not text:
            return Resolved(self.received_at, is_device_time=False, flags=("no-device-time",))
        sent = parse_dtm(text, self._zone, near=self.received_at)
        if sent is None:
            return Unresolved("time-unreadable")
        if not sent.to_the_minute:
            return Unresolved("time-too-coarse")
        flags: tuple[str, ...] = ()
        if sent.zone_assumed:
            flags = ("zone-from-message",) if self._zone_was_sent else ("zone-assumed",)
        believable = sent.at.year >= FIRST_BELIEVABLE_YEAR
        if self.sent_at is None:  # nothing to measure the clock by: its time stands or falls alone
            if not believable:
                return Unresolved("time-unverified")
            if sent.at - self.received_at > TOLERANCE:
                return Unresolved("time-after-message")
            return Resolved(sent.at, is_device_time=True, flags=flags)
        message_at = self.sent_at.at
        if believable and abs(self.received_at - message_at) <= TOLERANCE:
            if sent.at - message_at > TOLERANCE:
                return Unresolved("time-after-message")
            if abs(self.received_at - message_at) > WARNING:
                flags = (*flags, "clock-drift")
            return Resolved(sent.at, is_device_time=True, flags=flags)
        if sent.at - message_at > TOLERANCE:
            flags = (*flags, "time-contradicts")
        age = max(timedelta(0), message_at - sent.at)
        try:
            return Resolved(self.received_at - age, is_device_time=False, flags=(*flags, "clock-off"))
        except OverflowError:
            return Unresolved("time-unreadable")
