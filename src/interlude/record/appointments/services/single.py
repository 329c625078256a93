from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction

from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.appointments.models import FREED_STATES, Appointment, Kind, Part
from interlude.record.appointments.services.locks import lock
from interlude.record.appointments.services.rows import (
    audit_one,
    create,
    let_therapists_see,
    tell_open_pages,
)
from interlude.record.appointments.services.slots import check_people, check_session_day, check_slot, slot_of
from interlude.record.audit.actors import Actor
from interlude.record.clinic.models import Chair
from interlude.record.patients.models import Patient
from interlude.record.plans.models import Course
from interlude.record.plans.order import therapy


def _check_kind(kind: str, course: Course | None, patient: Patient, element: str, chair: Chair | None) -> None:
    if kind not in Kind.values:
        raise Refused(N_("Choose what the appointment is for."), field="kind")
    if course is not None and course.patient_id != patient.pk:
        raise Refused(N_("This is another person's course."), field="course")
    if kind == Kind.INFUSION:
        if course is None or not course.is_open:
            raise Refused(N_("A session needs a signed plan."), field="kind")
        if chair is None:
            raise Refused(N_("Choose a chair."), field="chair")
    if kind == Kind.COMPLEMENTARY and therapy(element) is None:
        raise Refused(N_("Choose which therapy it is."), field="element")


def _next_number(course: Course) -> int:
    rows = course.appointments.filter(kind=Kind.INFUSION).exclude(state__in=FREED_STATES)
    taken = set(rows.values_list("number", flat=True))
    number = next(n for n in range(1, len(taken) + 2) if n not in taken)
    if number > course.planned_sessions:
        raise Refused(N_("Every session of this plan is booked or done."), field="kind")
    return number


@transaction.atomic
def book(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    kind: str,
    starts_at: datetime,
    minutes: int | None = None,
    course: Course | None = None,
    element: str = "",
    chair: Chair | None = None,
    people: Sequence[tuple[StaffMember, str]] = (),
) -> Appointment:
    """Book one appointment. A ketamine session (`kind` "infusion") takes its length and number from the plan.

    `people`: (person, part); the part is the person's role. Raises `Refused` beside its field (`starts_at`,
    `minutes`, `chair`, `element`, `kind`, or the part of the person who is not free).
    """
    _check_kind(kind, course, patient, element, chair)
    check_people(people)
    if kind in (Kind.CONSULTATION, Kind.INTEGRATION, Kind.COMPLEMENTARY) and not people:
        raise Refused(N_("Choose who sees the patient."), field=Part.THERAPIST)
    if starts_at <= at:
        raise Refused(N_("This time lies in the past."), field="starts_at")
    chair_ids = [chair.pk] if chair else []
    lock(patient_id=patient.pk, chair_ids=chair_ids, staff_ids=[staff.pk for staff, _part in people])
    slot = slot_of(kind, course, starts_at, minutes, chair, people)
    number = None
    if kind == Kind.INFUSION and course is not None:
        number = _next_number(course)
        check_session_day(course, starts_at)
    check_slot(slot, patient.pk)
    appointment = Appointment(
        patient=patient,
        course=course,
        kind=kind,
        element=element if kind == Kind.COMPLEMENTARY else "",
        number=number,
        starts_at=slot.stay.start.astimezone(UTC),
        ends_at=slot.stay.end.astimezone(UTC),
        chair=chair,
        chair_until=slot.chair_until,
        booked_at=at,
    )
    create([(appointment, list(slot.people))], by=by, at=at)
    audit_one(
        by, at, "appointments.booked", appointment, {"kind": kind, "starts_at": appointment.starts_at.isoformat()}
    )
    let_therapists_see(patient, [staff.pk for staff, _part in people], by=by, at=at)
    tell_open_pages([appointment])
    return appointment
