from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from interlude.record.accounts.models import StaffMember
from interlude.record.appointments.models import (
    FREED_STATES,
    LIVE_STATES,
    Appointment,
    AppointmentStaff,
    AppointmentStep,
    Kind,
)
from interlude.record.clinic.queries import clinic_zone
from interlude.record.patients.models import Patient
from interlude.record.patients.queries import patients_for
from interlude.record.plans.models import Course
from interlude.record.vault.cipher import load_subject_keys


def appointments_for(by: StaffMember) -> QuerySet[Appointment]:
    """Appointments of the patients whom this person may see, with patient, chair, course and people."""
    people = AppointmentStaff.objects.select_related("staff").order_by("part")
    rows = Appointment.objects.filter(patient__in=patients_for(by))
    return rows.select_related("patient", "chair", "course").prefetch_related(Prefetch("staffing", queryset=people))


def day_bounds(on: date) -> tuple[datetime, datetime]:
    """First instant of a local day and of the next, in UTC (23 to 25 hours apart)."""
    zone = clinic_zone()
    start, end = (datetime.combine(day, time.min, tzinfo=zone) for day in (on, on + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)


def day(by: StaffMember, on: date) -> list[Appointment]:
    """The appointments of one local day that were not given up, in order, with the patients' keys loaded."""
    return days(by, on, 1)


def days(by: StaffMember, first_on: date, number: int) -> list[Appointment]:
    """The same for several days in a row."""
    start, _end = day_bounds(first_on)
    _start, end = day_bounds(first_on + timedelta(days=number - 1))
    rows = appointments_for(by).filter(starts_at__gte=start, starts_at__lt=end).exclude(state__in=FREED_STATES)
    found = list(rows.order_by("starts_at", "id"))
    load_subject_keys([row.patient_id for row in found])
    return found


def series_of(course: Course) -> list[Appointment]:
    """Every appointment of a course that was not given up, in order of time."""
    people = AppointmentStaff.objects.select_related("staff").order_by("part")
    rows = course.appointments.exclude(state__in=FREED_STATES).select_related("chair")
    return list(rows.prefetch_related(Prefetch("staffing", queryset=people)).order_by("starts_at"))


def sessions_of(course: Course) -> list[Appointment]:
    """The ketamine sessions among them."""
    return [row for row in series_of(course) if row.kind == Kind.INFUSION]


def upcoming_of(patient: Patient, at: datetime) -> QuerySet[Appointment]:
    """All of them, soonest first."""
    rows = patient.appointments.filter(state__in=LIVE_STATES, ends_at__gt=at)
    return rows.select_related("chair", "course").prefetch_related("staffing__staff").order_by("starts_at")


def history_of(appointment: Appointment) -> QuerySet[AppointmentStep]:
    return appointment.steps.order_by("at", "recorded_at")


def integration_after(appointment: Appointment) -> Appointment | None:
    """The integration visit that follows a ketamine session."""
    if appointment.course_id is None:
        return None
    rows = Appointment.objects.filter(course_id=appointment.course_id, kind=Kind.INTEGRATION, number=appointment.number)
    return rows.exclude(state__in=FREED_STATES).order_by("starts_at").first()


def appointment_for(by: StaffMember, appointment_id: UUID) -> Appointment | None:
    return appointments_for(by).filter(pk=appointment_id).first()
