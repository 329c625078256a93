from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from interlude.domain.protocol.facts import Value
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.assessments.models import Fact, FactSource, QuestionForPatient
from interlude.record.assessments.queries.questions import askable_codes, open_questions
from interlude.record.assessments.services.facts import record_facts
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.patients.models import Patient
from interlude.record.worklist import services as worklist


def answers_task_key(patient: Patient) -> str:
    return f"patient-answers:{patient.pk}"


@transaction.atomic
def ask_patient(*, by: StaffMember, at: datetime, patient: Patient, codes: Iterable[str]) -> list[QuestionForPatient]:
    """Put questions to the patient in the portal; what is asked already is not asked twice.

    Raises `Refused` for a question that only a clinician can answer, and when nothing is left to ask.
    """
    wanted = list(dict.fromkeys(codes))
    if not wanted:
        raise Refused(N_("Choose at least one question."))
    for code in wanted:
        if code not in askable_codes():
            raise Refused(N_("A patient cannot answer this question alone."), field=code)
    Patient.objects.select_for_update().get(pk=patient.pk)
    waiting = open_questions(patient)
    new = [code for code in wanted if code not in waiting]
    if not new:
        raise Refused(N_("The patient has been asked already."))
    last = Fact.objects.filter(patient=patient).aggregate(last=Max("number"))["last"] or 0
    rows = []
    for code in new:
        row = QuestionForPatient(patient=patient, code=code, after_number=last, recorded_at=at, recorded_by=by)
        row.save(force_insert=True)
        rows.append(row)
    audit.record(
        by=by,
        at=at,
        what="assessments.patient.asked",
        about=patient,
        patient_id=patient.pk,
        detail={"codes": sorted(new)},
    )
    return rows


@transaction.atomic
def answer_questions(*, by: Actor, at: datetime, patient: Patient, values: Mapping[str, Value | None]) -> list[Fact]:
    """The patient's own answers become dated facts of that source; None says "I do not know".

    Only what is open can be answered. A task asks a physician to look at eligibility again.
    """
    if by.actor_kind != "patient" or by.actor_id != str(patient.pk):
        raise Refused(N_("These are another person's questions."))
    if not values:
        raise Refused(N_("Answer at least one question."))
    Patient.objects.select_for_update().get(pk=patient.pk)
    waiting = open_questions(patient)
    for code in values:
        if code not in waiting:
            raise Refused(N_("This question was answered meanwhile."), field=code)
    facts = record_facts(by=by, at=at, patient=patient, values=values, observed_at=at, source=FactSource.PATIENT)
    worklist.open_task(
        by=by,
        at=at,
        kind="assessments.answers",
        title=N_("The patient has answered: look at eligibility again"),
        patient=patient,
        owner_role=Role.PHYSICIAN,
        url_name="staff:eligibility",
        url_args=[str(patient.pk)],
        key=answers_task_key(patient),
    )
    return facts
