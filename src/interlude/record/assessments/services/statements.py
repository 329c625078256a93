from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments.models import (
    AllergyState,
    AllergyStatement,
    MedicineEnd,
    MedicineReview,
    MedicineStatement,
    TreatmentTrial,
    TrialResponse,
    TrialWithdrawal,
)
from interlude.record.assessments.queries.statements import allergy_banner, medicines_of
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.clinic.queries import local_day
from interlude.record.patients.models import Patient

LONGEST_WEEKS = Decimal(520)


def _staff(by: Actor) -> StaffMember | None:
    return by if isinstance(by, StaffMember) else None


@transaction.atomic
def state_allergies(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    state: str,
    entries: Iterable[tuple[str, str]] = (),
    seen_statement_id: str | None = None,
) -> AllergyStatement:
    """State the whole list of allergies as (substance, reaction). It takes the place of the list before.

    Raises `Refused`: known without a substance, a substance although none are known, a state that cannot be
    stated ("not recorded" is what holds before anything is stated), or a list that somebody else has stated
    since `seen_statement_id` ("" for none, None when it is not to be compared).
    """
    Patient.objects.select_for_update().get(pk=patient.pk)
    if seen_statement_id is not None and allergy_banner(patient).statement_id != seen_statement_id:
        raise Refused(
            N_("Somebody else has changed the allergies meanwhile. Reload the page and compare."), field="state"
        )
    rows = [(substance.strip(), reaction.strip()) for substance, reaction in entries]
    rows = [row for row in rows if any(row)]
    if state not in AllergyState.values or state == AllergyState.NOT_RECORDED:
        raise Refused(N_("Say what is known about allergies."), field="state")
    if any(not substance for substance, _reaction in rows):
        raise Refused(N_("Enter what the reaction is caused by."), field="substances")
    if state == AllergyState.KNOWN and not rows:
        raise Refused(N_("Enter at least one allergy, or choose that none are known."), field="substances")
    if state != AllergyState.KNOWN and rows:
        raise Refused(N_("Allergies are entered below: choose known allergies, or empty the list."), field="state")
    statement = AllergyStatement(
        patient=patient,
        state=state,
        entries=[{"substance": substance, "reaction": reaction} for substance, reaction in rows],
        recorded_at=at,
        recorded_by=_staff(by),
    )
    statement.save(force_insert=True)
    audit.record(
        by=by,
        at=at,
        what="assessments.allergies.stated",
        about=statement,
        patient_id=patient.pk,
        detail={"state": str(state), "count": len(rows)},
    )
    return statement


@transaction.atomic
def state_medicine(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    name: str,
    dose: str = "",
    frequency: str = "",
    taken_since: date | None = None,
) -> MedicineStatement:
    """Add a medicine that the patient takes."""
    if not name.strip():
        raise Refused(N_("Enter the name of the medicine."), field="name")
    if taken_since and taken_since > local_day(at):
        raise Refused(N_("This date is in the future."), field="taken_since")
    same = [row for row in medicines_of(patient) if str(row.name or "").casefold() == name.strip().casefold()]
    if any((row.dose or "") == dose.strip() for row in same):
        raise Refused(N_("This medicine is on the list already."), field="name")
    statement = MedicineStatement(
        patient=patient,
        name=name.strip(),
        dose=dose.strip(),
        frequency=frequency.strip(),
        taken_since=taken_since,
        recorded_at=at,
        recorded_by=_staff(by),
    )
    statement.save(force_insert=True)
    audit.record(by=by, at=at, what="assessments.medicine.stated", about=statement, patient_id=patient.pk)
    return statement


@transaction.atomic
def stop_medicine(
    *,
    by: StaffMember,
    at: datetime,
    statement: MedicineStatement,
    ended_on: date | None = None,
    is_error: bool = False,
) -> MedicineEnd:
    """A medicine is no longer taken since a day (today by default), or never was (`is_error`)."""
    day = ended_on or local_day(at)
    if day > local_day(at):
        raise Refused(N_("This date is in the future."), field="ended_on")
    if MedicineEnd.objects.filter(statement=statement).exists():
        raise Refused(N_("This medicine was ended already. Reload the page."))
    end = MedicineEnd.objects.create(statement=statement, ended_on=day, is_error=is_error, at=at, by=by)
    audit.record(
        by=by,
        at=at,
        what="assessments.medicine.stopped",
        about=statement,
        patient_id=statement.patient_id,
        detail={"is_error": is_error},
    )
    return end


@transaction.atomic
def review_medicines(*, by: Actor, at: datetime, patient: Patient, takes_none: bool) -> MedicineReview:
    """Confirm that the list was gone through with the patient and is complete."""
    listed = medicines_of(patient)
    if takes_none and listed:
        raise Refused(N_("There are medicines on the list. End them first."), field="takes_none")
    if not takes_none and not listed:
        raise Refused(N_("The list is empty. Add the medicines, or say that none are taken."), field="takes_none")
    review = MedicineReview.objects.create(
        patient=patient, takes_none=takes_none, recorded_at=at, recorded_by=_staff(by)
    )
    audit.record(
        by=by,
        at=at,
        what="assessments.medicines.reviewed",
        about=review,
        patient_id=patient.pk,
        detail={"takes_none": takes_none, "count": len(listed)},
    )
    return review


@transaction.atomic
def record_trial(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    medicine: str,
    dose: str = "",
    dose_was_adequate: bool | None = None,
    weeks: Decimal | None = None,
    response: str = TrialResponse.NOT_KNOWN,
) -> TreatmentTrial:
    """Add an earlier treatment. What is not known stays not known: the computed resistance then stays open."""
    if not medicine.strip():
        raise Refused(N_("Enter the medicine or treatment."), field="medicine")
    if weeks is not None and not Decimal(0) < weeks <= LONGEST_WEEKS:
        raise Refused(N_("Enter the length in weeks, between 0.1 and {limit}."), field="weeks", limit=LONGEST_WEEKS)
    if response not in TrialResponse.values:
        raise Refused(N_("Choose one of the list."), field="response")
    trial = TreatmentTrial(
        patient=patient,
        medicine=medicine.strip(),
        dose=dose.strip(),
        dose_was_adequate=dose_was_adequate,
        weeks=weeks,
        response=response,
        recorded_at=at,
        recorded_by=_staff(by),
    )
    trial.save(force_insert=True)
    audit.record(by=by, at=at, what="assessments.trial.recorded", about=trial, patient_id=patient.pk)
    return trial


@transaction.atomic
def withdraw_trial(*, by: StaffMember, at: datetime, trial: TreatmentTrial) -> TrialWithdrawal:
    """Say that an earlier treatment was entered in error."""
    if TrialWithdrawal.objects.filter(trial=trial).exists():
        raise Refused(N_("This entry was withdrawn already. Reload the page."))
    withdrawal = TrialWithdrawal.objects.create(trial=trial, at=at, by=by)
    audit.record(by=by, at=at, what="assessments.trial.withdrawn", about=trial, patient_id=trial.patient_id)
    return withdrawal
