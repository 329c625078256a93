from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from django.db.models import Prefetch, QuerySet, Sum

from interlude.record.clinic.models import Chair
from interlude.record.devices.models import Device, DeviceAssignment, DeviceLink, QuarantineItem

SILENT_AFTER_S = 3.0
"""Silence of a device that sends every second is shown within three seconds."""

CLOCK_WARNING_S = 120.0
"""A clock further off than a watch set by eye (IHE PCD TF) is pointed out."""


@dataclass(frozen=True)
class DeviceState:
    """One line of the devices page. `chair` None: stands nowhere, so nothing of it is charted."""

    device: Device
    chair: Chair | None
    since: datetime | None
    last_heard_at: datetime | None
    clock_offset_s: float | None
    quarantined: int

    def silent_after(self) -> timedelta:
        """How long this device may be silent while all is well."""
        return timedelta(seconds=max(SILENT_AFTER_S, 2.0 * self.device.feed_interval_s))

    def is_heard(self, now: datetime) -> bool:
        return self.last_heard_at is not None and now - self.last_heard_at <= self.silent_after()

    @property
    def clock_is_off(self) -> bool:
        return self.clock_offset_s is not None and abs(self.clock_offset_s) > CLOCK_WARNING_S


def devices() -> QuerySet[Device]:
    return Device.objects.all()


def device_states(*, with_inactive: bool = False) -> list[DeviceState]:
    """Every device with its chair, its link and its quarantine, in four queries whatever their number."""
    found = Device.objects.select_related("link").prefetch_related(
        Prefetch(
            "assignments",
            queryset=DeviceAssignment.objects.filter(until=None).select_related("chair"),
            to_attr="current",
        )
    )
    if not with_inactive:
        found = found.filter(is_active=True)
    held = dict(
        QuarantineItem.objects.filter(resolved_at=None, device__isnull=False)
        .values_list("device")
        .annotate(sum=Sum("count"))
    )
    return [_state(device, held.get(device.pk, 0)) for device in found]


def _state(device: Device, quarantined: int) -> DeviceState:
    current: list[DeviceAssignment] = device.current  # type: ignore[attr-defined]
    link: DeviceLink | None = getattr(device, "link", None)
    return DeviceState(
        device=device,
        chair=current[0].chair if current else None,
        since=current[0].since if current else None,
        last_heard_at=link.last_heard_at if link else None,
        clock_offset_s=link.clock_offset_s if link else None,
        quarantined=quarantined,
    )


def links_of_chair(chair_id: UUID) -> list[DeviceLink]:
    """The links of the devices that stand at a chair now; a device never heard has none."""
    return list(
        DeviceLink.objects.filter(
            device__assignments__chair_id=chair_id, device__assignments__until=None
        ).select_related("device")
    )


def devices_at(chair_id: UUID) -> QuerySet[Device]:
    return Device.objects.filter(assignments__chair_id=chair_id, assignments__until=None)


def quarantine() -> QuerySet[QuarantineItem]:
    """What was not charted and nobody has dealt with yet, newest first."""
    return QuarantineItem.objects.filter(resolved_at=None).select_related("device", "raw", "last_raw")


def quarantine_count() -> int:
    """How many readings and messages wait in quarantine."""
    return QuarantineItem.objects.filter(resolved_at=None).aggregate(sum=Sum("count"))["sum"] or 0


def typical_offset(offsets_s: list[float]) -> float | None:
    """The clock offset of a device: the median of its last messages, which one late message cannot move."""
    return median(offsets_s) if offsets_s else None
