from __future__ import annotations

from django.db import models
from django.db.models import QuerySet

from interlude.record.accounts.models import Signature, StaffMember


def active_staff(role: str | None = None) -> QuerySet[StaffMember]:
    staff = StaffMember.objects.filter(is_active=True).order_by("display_name")
    return staff.filter(role=role) if role else staff


def signatures_on(about: models.Model) -> QuerySet[Signature]:
    """Signatures on one record, oldest first, with the person who signed."""
    return (
        Signature.objects.filter(about_type=about._meta.label_lower, about_id=str(about.pk))
        .select_related("staff")
        .order_by("signed_at")
    )
