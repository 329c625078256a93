"""Which sessions a person may see. Every reading of a session starts here."""

from __future__ import annotations

from django.db.models import QuerySet

from interlude.record.accounts.models import StaffMember
from interlude.record.dosing.models import Session
from interlude.record.patients.queries import patients_for


def sessions_for(by: StaffMember) -> QuerySet[Session]:
    """The sessions of the patients that a person may see."""
    return (
        Session.objects.filter(patient__in=patients_for(by))
        .select_related("patient", "chair", "course", "appointment", "protocol_version", "lot__product")
        .order_by("-checked_in_at")
    )


def running_sessions(by: StaffMember) -> QuerySet[Session]:
    """Sessions that have not ended: from check-in to discharge, by chair."""
    return sessions_for(by).filter(ended_at=None).order_by("chair__name")
