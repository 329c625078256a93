from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from interlude.record.audit.models import AuditEntry


def trail_of_patient(patient_id: UUID) -> QuerySet[AuditEntry]:
    """Every entry about one patient, newest first."""
    return AuditEntry.objects.filter(patient_id=patient_id).order_by("-id")


def trail_of(prefix: str) -> QuerySet[AuditEntry]:
    """Every entry whose verb begins with `prefix` (for instance "clinic."), newest first."""
    return AuditEntry.objects.filter(what__startswith=prefix).order_by("-id")
