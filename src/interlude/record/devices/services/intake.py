"""Storing what devices send: raw messages, what was held back, and when a device was last heard.

These are parts of one batch: the caller (`dosing.services.receive_batch`) holds the transaction and the audit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from interlude.record import live
from interlude.record.devices.models import DeviceLink, QuarantineItem, RawMessage
from interlude.record.devices.queries import typical_offset

OFFSETS_KEPT = 15
STEADY_WITHIN_S = 2.0
HEAP_WITHIN_S = 0.3
LARGEST_OFFSET_S = 4e9
"""More than a century is no clock."""


@dataclass(frozen=True)
class HeldBack:
    """One thing that was not charted. `text` and `detail` are for people; `raw_code` tells rows apart."""

    raw: RawMessage
    reason_code: str
    text: str
    detail: str
    raw_code: str
    device_id: UUID | None
    device_shown: str
    session_id: UUID | None
    patient_id: UUID | None

    @property
    def fold_key(self) -> str:
        """The same for everything that a person would see as the same problem."""
        parts = (self.device_id or self.device_shown, self.reason_code, self.raw_code, self.session_id or "")
        return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()


def store_messages(messages: list[RawMessage]) -> None:
    """Insert raw messages in their order; each gets its id."""
    RawMessage.objects.bulk_create(messages)


def hold(items: Iterable[HeldBack]) -> int:
    """Put things into quarantine: the same problem of the same device is one open line with a count.

    Returns how many lines are new.
    """
    folded: dict[str, list[HeldBack]] = {}
    for item in items:
        folded.setdefault(item.fold_key, []).append(item)
    if not folded:
        return 0
    open_lines = {
        line.fold_key: line for line in QuarantineItem.objects.filter(fold_key__in=list(folded), resolved_at=None)
    }
    fresh = []
    for key, group in folded.items():
        last = group[-1]
        if key in open_lines:
            QuarantineItem.objects.filter(pk=open_lines[key].pk).update(
                count=F("count") + len(group),
                last_raw=last.raw,
                last_at=max(open_lines[key].last_at, last.raw.received_at),
                detail=last.detail[:200],
            )
        else:
            fresh.append(_line(key, group))
    QuarantineItem.objects.bulk_create(fresh)
    if fresh:
        live.publish("devices", "quarantine.changed", {"new": len(fresh)})
    return len(fresh)


def _line(key: str, group: list[HeldBack]) -> QuarantineItem:
    first, last = group[0], group[-1]
    return QuarantineItem(
        raw=first.raw,
        last_raw=last.raw,
        count=len(group),
        first_at=first.raw.received_at,
        last_at=last.raw.received_at,
        device_id=first.device_id,
        device_shown=first.device_shown[:120],
        reason_code=first.reason_code,
        text=first.text[:200],
        detail=last.detail[:200],
        fold_key=key,
        patient_id=first.patient_id,
        session_id=first.session_id,
    )


def links_of(device_ids: Iterable[UUID]) -> dict[UUID, DeviceLink]:
    """The links of these devices; one that was never heard gets a new, unsaved one."""
    wanted = set(device_ids)
    found = {link.device_id: link for link in DeviceLink.objects.filter(device_id__in=wanted)}
    return {device_id: found.get(device_id) or DeviceLink(device_id=device_id) for device_id in wanted}


def is_steady(link: DeviceLink | None, offset_s: float | None) -> bool:
    """Does this clock offset fit the device's messages before? Without any, there is nothing to compare with.

    A message that was held up on its way looks like a clock that is off; but a clock that is off stays off by the
    same amount, message after message.
    """
    if link is None or offset_s is None or link.clock_offset_s is None:
        return True
    return abs(offset_s - link.clock_offset_s) <= STEADY_WITHIN_S


def hear(link: DeviceLink, at: datetime, offset_s: float | None) -> None:
    """Take note, in memory, that a device was heard and how far its clock was off.

    Messages that arrive in a heap were held up: they say nothing about the clock.
    """
    in_a_heap = link.last_heard_at is not None and (at - link.last_heard_at).total_seconds() < HEAP_WITHIN_S
    link.last_heard_at = max(at, link.last_heard_at) if link.last_heard_at else at
    if offset_s is None or abs(offset_s) > LARGEST_OFFSET_S or in_a_heap:
        return
    link.recent_offsets_s = [*link.recent_offsets_s, round(offset_s, 3)][-OFFSETS_KEPT:]
    link.clock_offset_s = typical_offset(link.recent_offsets_s)


def note_heard(links: Mapping[UUID, DeviceLink]) -> None:
    """Store the links of a batch in one statement."""
    rows = [link for link in links.values() if link.last_heard_at]
    if rows:
        DeviceLink.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["device"],
            update_fields=["last_heard_at", "clock_offset_s", "recent_offsets_s"],
        )
