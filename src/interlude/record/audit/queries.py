from __future__ import annotations

from django.db.models import QuerySet

from interlude.record.audit.models import AuditEntry


def trail_of(prefix: str) -> QuerySet[AuditEntry]:
    """Every entry whose verb begins with `prefix` (for instance "clinic."), newest first."""
    return AuditEntry.objects.filter(what__startswith=prefix).order_by("-id")
