"""Writing appointments with their people and their first step, for the verbs of this room."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from interlude.domain.refusals import N_, Refused
from interlude.record import live
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.appointments.models import Appointment, AppointmentStaff, AppointmentStep
from interlude.record.appointments.services.locks import lock_patient
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.patients import services as patients
from interlude.record.patients.models import Patient


@dataclass(frozen=True)
class Held:
    """A person's part in an appointment, and from when until when it takes them."""

    staff_id: UUID
    part: str
    since: datetime
    until: datetime


def step(
    appointment: Appointment,
    *,
    by: Actor,
    at: datetime,
    moved_from: datetime | None = None,
    reason_class: str = "",
    note: str = "",
) -> AppointmentStep:
    """A row that says what the appointment is now, when, by whom; not yet saved."""
    return AppointmentStep(
        appointment=appointment,
        patient_id=appointment.patient_id,
        state=appointment.state,
        at=at,
        by_kind=by.actor_kind,
        by_id=by.actor_id,
        by_name=by.display_name if isinstance(by, StaffMember) else "",
        moved_from=moved_from,
        reason_class=reason_class,
        note=note.strip(),
    )


def create(rows: Iterable[tuple[Appointment, list[Held]]], *, by: Actor, at: datetime) -> list[Appointment]:
    """Save appointments, their people and their first steps."""
    pairs = list(rows)
    appointments = Appointment.objects.bulk_create([appointment for appointment, _people in pairs])
    AppointmentStaff.objects.bulk_create(
        [
            AppointmentStaff(
                appointment=appointment, staff_id=one.staff_id, part=one.part, held_from=one.since, held_until=one.until
            )
            for appointment, people in pairs
            for one in people
        ]
    )
    AppointmentStep.objects.bulk_create([step(appointment, by=by, at=at) for appointment in appointments])
    return appointments


def let_therapists_see(patient: Patient, staff_ids: Iterable[UUID], *, by: Actor, at: datetime) -> None:
    """A therapist sees the patients of the own care team only, so a booked one joins it."""
    therapists = StaffMember.objects.filter(pk__in=set(staff_ids), role=Role.THERAPIST)
    for staff in therapists.exclude(pk__in=patient.care_team.filter(until=None).values("staff_id")):
        patients.join_care_team(by=by, at=at, patient=patient, staff=staff)


def tell_open_pages(appointments: Iterable[Appointment]) -> None:
    """The today board and the calendar look again after the commit."""
    live.publish("today", "today.changed", {"appointments": [str(row.pk) for row in appointments]})


def audit_one(by: Actor, at: datetime, what: str, appointment: Appointment, detail: dict[str, object]) -> None:
    audit.record(by=by, at=at, what=what, about=appointment, patient_id=appointment.patient_id, detail=detail)


def locked(appointment: Appointment, seen_version: int | None) -> Appointment:
    """The row, held until this transaction ends. Raises `Refused` when the page shows an older state of it."""
    lock_patient(appointment.patient_id)
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("patient", "course", "chair")
    row = rows.get(pk=appointment.pk)
    if seen_version is not None and seen_version != row.version:
        raise Refused(N_("This appointment was changed meanwhile. Nothing was saved: look at it again first."))
    return row
