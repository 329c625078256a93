from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

from interlude.record.audit.actors import Actor
from interlude.record.audit.models import AuditEntry


class NotInTransaction(RuntimeError):
    """An audit entry was written outside the transaction of the change it describes."""


def _entry(
    by: Actor,
    at: datetime,
    what: str,
    about: models.Model,
    patient_id: UUID | None,
    detail: dict[str, Any] | None,
) -> AuditEntry:
    return AuditEntry(
        at=at,
        actor_kind=by.actor_kind,
        actor_id=by.actor_id,
        actor_role=by.actor_role,
        what=what,
        about_type=about._meta.label_lower,
        about_id=str(about.pk),
        patient_id=patient_id,
        detail=detail or {},
    )


def record(
    *,
    by: Actor,
    at: datetime,
    what: str,
    about: models.Model,
    patient_id: UUID | None = None,
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry in the transaction of the write. Raises `NotInTransaction` outside of one."""
    if not connection.in_atomic_block:
        raise NotInTransaction(what)
    entry = _entry(by, at, what, about, patient_id, detail)
    entry.save(force_insert=True)
    return entry


def record_many(
    *, by: Actor, at: datetime, what: str, about: list[models.Model], patient_id: UUID | None = None
) -> None:
    """Append one entry for each of many rows written together (a batch of device readings)."""
    if not connection.in_atomic_block:
        raise NotInTransaction(what)
    AuditEntry.objects.bulk_create([_entry(by, at, what, row, patient_id, None) for row in about])
