"""Devices and where they stand."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from interlude.codecs.hl7v2.devices import normal_id
from interlude.domain.refusals import N_, Refused
from interlude.record import live
from interlude.record.accounts.models import StaffMember
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.clinic.models import Chair
from interlude.record.devices.models import BindingEpoch, Device, DeviceAssignment, DeviceKind, QuarantineItem


def bindings_changed() -> None:
    """Say, in the running transaction, that what sits where has changed (see `BindingEpoch`)."""
    BindingEpoch.objects.update_or_create(pk=1, defaults={"token": secrets.token_hex(16)})


def _clean_identifiers(identifiers: Sequence[str], device: Device | None = None) -> list[str]:
    cleaned = list(dict.fromkeys(normal_id(text) for text in identifiers if text.strip()))
    if not cleaned:
        raise Refused(N_("Enter at least one identifier that the device sends."), field="identifiers")
    others = Device.objects.filter(is_active=True)
    for other in others.exclude(pk=device.pk) if device else others:
        for identifier in sorted(set(cleaned) & set(other.identifiers)):
            raise Refused(
                N_("The identifier {identifier} belongs to {device} already."),
                field="identifiers",
                identifier=identifier,
                device=other.name,
            )
    return cleaned


@transaction.atomic
def add_device(
    *,
    by: Actor,
    at: datetime,
    name: str,
    identifiers: Sequence[str],
    kind: str = DeviceKind.MONITOR,
    cuff_interval_min: int | None = None,
    feed_interval_s: int = 1,
) -> Device:
    """Make a device known by the identifiers that it sends (MSH-3, EUI-64, serial number)."""
    device = Device(kind=kind)
    return _save(by, at, device, name, identifiers, cuff_interval_min, feed_interval_s, True, "added")


@transaction.atomic
def change_device(
    *,
    by: Actor,
    at: datetime,
    device: Device,
    name: str,
    identifiers: Sequence[str],
    cuff_interval_min: int | None = None,
    feed_interval_s: int = 1,
    is_active: bool = True,
) -> Device:
    """Change a device's entry. A device that is put away leaves its chair."""
    if not is_active:
        DeviceAssignment.objects.filter(device=device, until=None).update(until=at)
    return _save(by, at, device, name, identifiers, cuff_interval_min, feed_interval_s, is_active, "changed")


def _save(
    by: Actor,
    at: datetime,
    device: Device,
    name: str,
    identifiers: Sequence[str],
    cuff_interval_min: int | None,
    feed_interval_s: int,
    is_active: bool,
    verb: str,
) -> Device:
    if not name.strip():
        raise Refused(N_("Enter a name for the device."), field="name")
    if Device.objects.filter(name=name.strip()).exclude(pk=device.pk).exists():
        raise Refused(N_("There is already a device called {name}."), field="name", name=name.strip())
    if device.kind not in DeviceKind.values:
        raise Refused(N_("Choose one of the list."), field="kind")
    if cuff_interval_min is not None and not 1 <= cuff_interval_min <= 120:
        raise Refused(N_("Enter 1 to 120 minutes."), field="cuff_interval_min")
    if not 1 <= feed_interval_s <= 600:
        raise Refused(N_("Enter 1 to 600 seconds."), field="feed_interval_s")
    device.name = name.strip()
    device.identifiers = _clean_identifiers(identifiers, device) if is_active else list(identifiers)
    device.cuff_interval_min = cuff_interval_min
    device.feed_interval_s = feed_interval_s
    device.is_active = is_active
    device.save()
    bindings_changed()
    audit.record(by=by, at=at, what=f"devices.device.{verb}", about=device)
    live.publish("devices", "devices.changed", {"device": str(device.pk)})
    return device


@transaction.atomic
def assign(*, by: StaffMember, at: datetime, device: Device, chair: Chair) -> DeviceAssignment:
    """State that the device stands at the chair from now on; it leaves the chair where it stood before.

    This statement, and nothing in a message, decides into whose chart the device's readings go.
    """
    device = Device.objects.select_for_update().get(pk=device.pk)
    if not device.is_active or not chair.is_active:
        raise Refused(N_("This device or chair is not in use."), field="device")
    current = DeviceAssignment.objects.filter(device=device, until=None).select_related("chair").first()
    if current is not None and current.chair_id == chair.pk:
        return current
    other = (
        DeviceAssignment.objects.filter(chair=chair, until=None, device__kind=device.kind)
        .select_related("device")
        .first()
    )
    if other is not None:
        raise Refused(
            N_("{other} stands at {chair} already. Take it away first."),
            field="chair",
            other=other.device.name,
            chair=chair.name,
        )
    if DeviceAssignment.objects.filter(Q(device=device), Q(since__gt=at) | Q(until__gt=at)).exists():
        raise Refused(N_("A later assignment of this device exists already. Reload the page."), field="device")
    if current is not None:
        _end(by, at, current)
    assignment = DeviceAssignment.objects.create(device=device, chair=chair, since=at, by=by)
    bindings_changed()
    audit.record(
        by=by,
        at=at,
        what="devices.assigned",
        about=assignment,
        detail={"device": str(device.pk), "chair": str(chair.pk)},
    )
    live.publish("devices", "devices.changed", {"device": str(device.pk)})
    return assignment


@transaction.atomic
def unassign(*, by: StaffMember, at: datetime, device: Device) -> DeviceAssignment | None:
    """State that the device has left its chair. Nothing happens when it stood at none."""
    current = DeviceAssignment.objects.select_for_update().filter(device=device, until=None).first()
    if current is None:
        return None
    _end(by, at, current)
    audit.record(by=by, at=at, what="devices.unassigned", about=current, detail={"chair": str(current.chair_id)})
    live.publish("devices", "devices.changed", {"device": str(device.pk)})
    return current


def _end(by: StaffMember, at: datetime, assignment: DeviceAssignment) -> None:
    assignment.until = max(at, assignment.since)
    assignment.save(update_fields=["until"])
    bindings_changed()


@transaction.atomic
def resolve_quarantine(*, by: StaffMember, at: datetime, item: QuarantineItem, how: str) -> QuarantineItem:
    """Note that a person has dealt with a line of the quarantine. The raw messages stay."""
    item = QuarantineItem.objects.select_for_update().get(pk=item.pk)
    if item.resolved_at is not None:
        raise Refused(N_("Somebody has dealt with this already. Reload the page."))
    if how not in RESOLUTIONS:
        raise Refused(N_("Choose one of the list."), field="how")
    item.resolved_at, item.resolved_by, item.resolved_how = at, by, how
    item.save(update_fields=["resolved_at", "resolved_by", "resolved_how"])
    audit.record(
        by=by,
        at=at,
        what="devices.quarantine.resolved",
        about=item,
        patient_id=item.patient_id,
        detail={"how": how, "reason": item.reason_code, "count": item.count},
    )
    live.publish("devices", "quarantine.changed", {})
    return item


RESOLUTIONS = {
    "charted_by_hand": N_("Charted by hand"),
    "not_needed": N_("Not needed"),
    "device_corrected": N_("Device or its entry corrected"),
}
