"""Check-in, the order for the session, and ending it without a dose."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from django.db import transaction

from interlude.domain.protocol import FIRST_PHASE, dose_for
from interlude.domain.refusals import N_, Refused
from interlude.record import live
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.services import sign
from interlude.record.appointments import services as appointments
from interlude.record.appointments.models import Appointment, Kind
from interlude.record.assessments.queries import latest_weight
from interlude.record.audit import services as audit
from interlude.record.clinic.models import Chair
from interlude.record.clinic.queries import local_day
from interlude.record.devices.services import bindings_changed
from interlude.record.dosing.models import PhaseStep, Session, SessionOrder
from interlude.record.dosing.rules import check_may_cancel, check_may_check_in, check_may_order
from interlude.record.dosing.rules.before import CheckInFacts
from interlude.record.dosing.services.base import locked, step
from interlude.record.dosing.services.gate import settle_gate
from interlude.record.protocols.queries import is_approved


@transaction.atomic
def open_session(*, by: StaffMember, at: datetime, appointment: Appointment, chair: Chair | None = None) -> Session:
    """Check the patient in at a chair. From now on the readings of the chair's monitor are this patient's.

    Refused for a chair where a session runs, a patient in another session, and an appointment of another day.
    """
    appointment = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("patient", "course__protocol_version", "chair")
        .get(pk=appointment.pk)
    )
    chair = chair or appointment.chair
    if chair is None:
        raise Refused(N_("Choose a chair."), field="chair")
    chair = Chair.objects.select_for_update().get(pk=chair.pk)
    course = appointment.course
    open_now = Session.objects.filter(ended_at=None)
    check_may_check_in(
        CheckInFacts(
            role=by.role,
            is_session_appointment=appointment.kind == Kind.INFUSION,
            appointment_is_live=appointment.is_live and not Session.objects.filter(appointment=appointment).exists(),
            appointment_day=local_day(appointment.starts_at),
            today=local_day(at),
            course_is_open=course is not None and course.is_open,
            chair_is_active=chair.is_active,
            chair_name=chair.name,
            chair_is_taken=open_now.filter(chair=chair).exists(),
            patient_is_in_a_session=open_now.filter(patient_id=appointment.patient_id).exists(),
        )
    )
    assert course is not None
    session = Session.objects.create(
        pk=uuid4(),
        patient=appointment.patient,
        course=course,
        appointment=appointment,
        chair=chair,
        number=appointment.number or 1,
        protocol_version=course.protocol_version,
        route=course.route,
        dose_mg_per_kg=course.dose_mg_per_kg,
        minutes=course.minutes,
        phase=FIRST_PHASE,
        checked_in_at=at,
    )
    PhaseStep.objects.create(session=session, action="check_in", phase=FIRST_PHASE, at=at, by=by, version=1)
    if appointment.state != "arrived":
        appointments.mark(by=by, at=at, appointment=appointment, state="arrived")
    bindings_changed()
    audit.record(
        by=by,
        at=at,
        what="dosing.checked_in",
        about=session,
        patient_id=session.patient_id,
        detail={"chair": str(chair.pk), "appointment": str(appointment.pk)},
    )
    live.publish("today", "today.changed", {"session": str(session.pk)})
    return session


@transaction.atomic
def sign_order(*, by: StaffMember, password: str, at: datetime, session: Session) -> SessionOrder:
    """Sign the order for this session: the plan's dose per kilogram on the newest weight, in whole micrograms."""
    session = locked(session)
    weight = latest_weight(session.patient)
    check_may_order(session.phase, by.role, weight and weight[0], is_approved(session.protocol_version))  # type: ignore[arg-type]
    assert weight is not None
    weight_kg, weighed_at = weight
    dose_ug = dose_for(weight_kg, session.dose_mg_per_kg)
    order = SessionOrder(
        pk=uuid4(),
        session=session,
        dose_ug=dose_ug,
        minutes=session.minutes,
        weight_kg=weight_kg,
        at=at,
        by=by,
    )
    order.signature = sign(
        by=by,
        password=password,
        meaning="order for this session",
        about=order,
        content=order_content(session, dose_ug, weight_kg),
        at=at,
        patient_id=session.patient_id,
    )
    order.save(force_insert=True)
    session.weight_kg, session.weighed_at, session.dose_ug = weight_kg, weighed_at, dose_ug
    session.version += 1
    session.save(update_fields=["weight_kg", "weighed_at", "dose_ug", "version"])
    audit.record(
        by=by,
        at=at,
        what="dosing.order.signed",
        about=order,
        patient_id=session.patient_id,
        detail={"dose_ug": dose_ug, "minutes": session.minutes},
    )
    settle_gate(session, by=by, at=at)
    return order


def order_content(session: Session, dose_ug: int, weight_kg: Decimal) -> dict[str, object]:
    """Exactly what a physician signs."""
    return {
        "patient": str(session.patient_id),
        "session": str(session.pk),
        "protocol_sha256": session.protocol_version.sha256,
        "route": session.route,
        "dose_mg_per_kg": str(session.dose_mg_per_kg),
        "weight_kg": str(weight_kg),
        "dose_ug": dose_ug,
        "minutes": session.minutes,
    }


@transaction.atomic
def cancel_session(
    *, by: StaffMember, at: datetime, session: Session, reason: str, reason_class: str = "clinical"
) -> Session:
    """End a session before any medicine was given; the appointment is cancelled, chair and patient are free.

    `reason_class` is one of `appointments.models.ReasonClass`.
    """
    session = locked(session)
    check_may_cancel(session.phase, session.route, by.role)  # type: ignore[arg-type]
    if not reason.strip():
        raise Refused(N_("Write why the session does not take place."), field="reason")
    row = step(session, "cancel", by=by, at=at, reason=reason)
    appointments.cancel(by=by, at=at, appointment=session.appointment, reason_class=reason_class, note=reason)
    audit.record(by=by, at=at, what="dosing.cancelled", about=row, patient_id=session.patient_id)
    return session
