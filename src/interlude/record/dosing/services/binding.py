"""Whose reading is this: device -> chair -> session, by what a nurse assigned and when the value was measured.

Never by a name or a patient number in a message. The bindings are kept in memory; the token of `BindingEpoch`,
read in the transaction of the charting, says when that memory is out of date, in whichever process it was changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from django.db.models import Q

from interlude.codecs.hl7v2 import Reading
from interlude.domain.refusals import N_
from interlude.record.devices.models import BindingEpoch, Device, DeviceAssignment, DeviceKind
from interlude.record.dosing.models import Session

REACH = timedelta(days=2)
"""How far back assignments and ended sessions are known: a value older than this finds no session."""

UNBOUND = {
    "device-unknown": N_("No device with these identifiers is known here."),
    "device-not-a-monitor": N_("This device is entered as a pump. Its readings are not charted."),
    "device-unassigned": N_("The device stood at no chair when the value was measured."),
    "no-session": N_("There was no session on the chair when the value was measured."),
    "session-unclear": N_(
        "The device's clock and ours put this value into different sessions. It is in neither chart."
    ),
    "clock-jumped": N_(
        "The message was held up on its way, or the device's clock has jumped: the time of the value is not sure."
    ),
}


@dataclass(frozen=True)
class DeviceEntry:
    device_id: UUID
    kind: str


@dataclass(frozen=True)
class Stay:
    """A session on a chair from check-in until its end (None: not ended)."""

    session_id: UUID
    patient_id: UUID
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Bound:
    device_id: UUID
    stay: Stay


@dataclass(frozen=True)
class Unbound:
    """`device_id` is known for a known device that leads to no session."""

    reason_code: str
    device_id: UUID | None = None

    @property
    def text(self) -> str:
        return UNBOUND[self.reason_code]


@dataclass
class Bindings:
    token: str
    known_from: datetime
    devices: dict[str, DeviceEntry] = field(default_factory=dict)
    chairs: dict[UUID, list[tuple[datetime, datetime | None, UUID]]] = field(default_factory=dict)
    stays: dict[UUID, list[Stay]] = field(default_factory=dict)

    def device_of(self, identifiers: tuple[str, ...]) -> DeviceEntry | None:
        """The device of the nearest identifier that is known."""
        return next((self.devices[name] for name in identifiers if name in self.devices), None)

    def chair_at(self, device_id: UUID, at: datetime) -> UUID | None:
        for since, until, chair_id in self.chairs.get(device_id, ()):
            if since <= at and (until is None or at < until):
                return chair_id
        return None

    def stay_at(self, device_id: UUID, at: datetime) -> Stay | None:
        chair_id = self.chair_at(device_id, at)
        for stay in self.stays.get(chair_id, ()) if chair_id else ():
            if stay.since <= at and (stay.until is None or at < stay.until):
                return stay
        return None

    def bind(self, reading: Reading, offset_s: float | None) -> Bound | Unbound:
        """The session of one reading. A device clock that is off must lead to the same session with and without
        its error; where it does not, the value enters no chart."""
        entry = self.device_of(reading.device_ids)
        if entry is None:
            return Unbound("device-unknown")
        if entry.kind != DeviceKind.MONITOR:
            return Unbound("device-not-a-monitor", entry.device_id)
        stamped = reading.observed_at
        corrected = stamped
        if reading.observed_at_is_device_time and offset_s is not None:
            corrected = stamped + timedelta(seconds=offset_s)
        first, second = self.stay_at(entry.device_id, stamped), self.stay_at(entry.device_id, corrected)
        if first is not None and first == second:
            return Bound(entry.device_id, first)
        if first is not None or second is not None:
            return Unbound("session-unclear", entry.device_id)
        assigned = self.chair_at(entry.device_id, stamped) or self.chair_at(entry.device_id, corrected)
        return Unbound("no-session" if assigned else "device-unassigned", entry.device_id)


_lock = Lock()
_kept: Bindings | None = None


def current_bindings(reference: datetime) -> Bindings:
    """The bindings as they stand in the running transaction. One query while nothing has changed."""
    global _kept
    token = BindingEpoch.objects.filter(pk=1).values_list("token", flat=True).first() or ""
    with _lock:
        kept = _kept
    if kept is not None and kept.token == token and kept.known_from <= reference - REACH / 2:
        return kept
    fresh = _load(token, reference)
    with _lock:
        _kept = fresh
    return fresh


def forget_bindings() -> None:
    """Drop what is kept in memory."""
    global _kept
    with _lock:
        _kept = None


def _load(token: str, reference: datetime) -> Bindings:
    known_from = reference - REACH
    bindings = Bindings(token, known_from)
    for device in Device.objects.filter(is_active=True):
        for identifier in device.identifiers:
            bindings.devices[identifier] = DeviceEntry(device.pk, device.kind)
    recent = DeviceAssignment.objects.filter(Q(until=None) | Q(until__gt=known_from))
    for device_id, since, until, chair_id in recent.values_list("device_id", "since", "until", "chair_id"):
        bindings.chairs.setdefault(device_id, []).append((since, until, chair_id))
    sessions = Session.objects.filter(Q(ended_at=None) | Q(ended_at__gt=known_from)).order_by("checked_in_at")
    columns = ("chair_id", "pk", "patient_id", "checked_in_at", "ended_at")
    for chair_id, session_id, patient_id, since, until in sessions.values_list(*columns):
        bindings.stays.setdefault(chair_id, []).append(Stay(session_id, patient_id, since, until))
    return bindings
