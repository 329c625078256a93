from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from interlude.domain.refusals import N_, Refused
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.patients.models import Patient
from interlude.record.plans.models import Comfort, Course, Seat, Sound

LONGEST_TEXT = 600
_TEXTS = ("music", "comfort_item", "companion", "intention")


@transaction.atomic
def state_comfort(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    course: Course,
    appointment_id: UUID | None = None,
    seat: str = "",
    headphones: str = "",
    eye_mask: bool | None = None,
    blanket: bool | None = None,
    music: str = "",
    comfort_item: str = "",
    companion: str = "",
    intention: str = "",
) -> Comfort:
    """State what makes the sessions comfortable, for the whole course or for one appointment.

    The new row takes the place of the earlier one of the same scope. `by` is the patient or a member of staff.
    """
    if by.actor_kind == "patient" and by.actor_id != str(patient.pk):
        raise Refused(N_("This is another person's course."))
    if course.patient_id != patient.pk:
        raise Refused(N_("This is another person's course."))
    if seat not in Seat.values:
        raise Refused(N_("Choose one of the list."), field="seat")
    if headphones not in Sound.values:
        raise Refused(N_("Choose one of the list."), field="headphones")
    texts = {"music": music, "comfort_item": comfort_item, "companion": companion, "intention": intention}
    for name in _TEXTS:
        if len(texts[name]) > LONGEST_TEXT:
            raise Refused(N_("Use at most {limit} letters."), field=name, limit=LONGEST_TEXT)
    comfort = Comfort.objects.create(
        patient=patient,
        course=course,
        appointment_id=appointment_id,
        seat=seat,
        headphones=headphones,
        eye_mask=eye_mask,
        blanket=blanket,
        stated_at=at,
        stated_by_kind=by.actor_kind,
        stated_by_id=by.actor_id,
        **{name: text.strip() for name, text in texts.items()},
    )
    detail = {"course": str(course.pk), "appointment": str(appointment_id) if appointment_id else None}
    audit.record(by=by, at=at, what="plans.comfort.stated", about=comfort, patient_id=patient.pk, detail=detail)
    return comfort
