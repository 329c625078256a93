"""Who drives, and what makes the session comfortable: the newest word counts."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from interlude.record.patients.models import Patient
from interlude.record.plans.models import Comfort, Course, Driver


def driver_of(patient: Patient, appointment_id: UUID) -> Driver | None:
    return patient.drivers.filter(appointment_id=appointment_id).order_by("-named_at", "-recorded_at").first()


def drivers_of(appointment_ids: Iterable[UUID]) -> dict[UUID, Driver]:
    """The named driver of each of many appointments, in one query."""
    rows = Driver.objects.filter(appointment_id__in=list(appointment_ids)).order_by("named_at", "recorded_at")
    return {row.appointment_id: row for row in rows}


def last_driver_of(patient: Patient) -> Driver | None:
    """Whoever was named last for any appointment, to be offered again."""
    return patient.drivers.order_by("-named_at", "-recorded_at").first()


def comfort_of(course: Course, appointment_id: UUID | None = None) -> Comfort | None:
    """The wishes for one appointment if some were stated for it, else those of the course."""
    rows = course.comforts.order_by("-stated_at", "-recorded_at")
    if appointment_id is not None:
        own = rows.filter(appointment_id=appointment_id).first()
        if own is not None:
            return own
    return rows.filter(appointment_id=None).first()
