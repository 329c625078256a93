from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from interlude.domain.refusals import N_, Refused
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.patients.models import Patient
from interlude.record.plans.models import Driver

FEWEST_DIGITS = 5


def _check_driver(patient: Patient, name: str, phone: str) -> None:
    if len([sign for sign in name if sign.isalpha()]) < 2:
        raise Refused(N_("Enter the name of the person who drives."), field="name")
    own = sorted(f"{patient.given_name!s} {patient.family_name!s}".lower().split())
    if sorted(name.replace(",", " ").lower().split()) == own:
        raise Refused(N_("The patient may not drive. Name another person."), field="name")
    if len([sign for sign in phone if sign.isdigit()]) < FEWEST_DIGITS:
        raise Refused(N_("Enter a telephone number at which the driver can be reached."), field="phone")
    if any(not (sign.isdigit() or sign in "+-/(). ") for sign in phone.strip()):
        raise Refused(N_("A telephone number has digits, spaces and + - / ( ) only."), field="phone")


@transaction.atomic
def name_driver(*, by: Actor, at: datetime, patient: Patient, appointment_id: UUID, name: str, phone: str) -> Driver:
    """Name who takes the patient home after one appointment; a later row takes the place of an earlier one.

    `by` is the patient or a member of staff. Raises `Refused` (fields `name`, `phone`).
    """
    if by.actor_kind == "patient" and by.actor_id != str(patient.pk):
        raise Refused(N_("This is another person's appointment."))
    _check_driver(patient, name, phone)
    driver = Driver.objects.create(
        patient=patient,
        appointment_id=appointment_id,
        name=" ".join(name.split()),
        phone=" ".join(phone.split()),
        named_at=at,
        named_by_kind=by.actor_kind,
        named_by_id=by.actor_id,
    )
    detail = {"appointment": str(appointment_id)}
    audit.record(by=by, at=at, what="plans.driver.named", about=driver, patient_id=patient.pk, detail=detail)
    return driver
