from __future__ import annotations

from django.db.models import QuerySet

from interlude.record.accounts.models import StaffMember


def active_staff(role: str | None = None) -> QuerySet[StaffMember]:
    staff = StaffMember.objects.filter(is_active=True).order_by("display_name")
    return staff.filter(role=role) if role else staff
