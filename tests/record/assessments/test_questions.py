"""Asking the patient for what is missing, and what their answer changes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import queries, services
from interlude.record.assessments.catalogue import catalogue
from interlude.record.assessments.models import Fact, QuestionForPatient
from interlude.record.assessments.services.questions import answers_task_key
from interlude.record.audit.models import AuditEntry
from interlude.record.clinic.queries import local_day
from interlude.record.patients.models import Patient
from interlude.record.worklist.models import Task
from tests.conftest import PASSWORD
from tests.record.plans.support import another_patient

JUDGED_BY_CLINICIANS = (
    "psychosis_active", "mania_current", "capacity_to_consent", "cssrs_tier", "safe_setting", "pregnant",
    "cognitive_impairment", "airway_difficult", "liver_impairment", "indication", "weight_kg", "severe_arrhythmia",
    "uncontrolled_hypertension", "substance_misuse_active",
)  # fmt: skip


def test_only_what_a_patient_can_answer_is_asked() -> None:
    askable = queries.askable_codes()
    assert "can_become_pregnant" in askable
    assert not askable & set(JUDGED_BY_CLINICIANS)
    for one in catalogue().facts:
        if one.code in askable:
            assert one.kind in ("yes_no", "choice"), one.code
            assert one.patient_question.endswith("?")


def test_a_question_waits_until_it_is_answered(noor: Patient, amal: StaffMember, now: datetime) -> None:
    services.ask_patient(by=amal, at=now, patient=noor, codes=["porphyria", "reflux", "porphyria"])
    assert set(queries.open_questions(noor)) == {"porphyria", "reflux"}
    assert AuditEntry.objects.get(what="assessments.patient.asked").detail == {"codes": ["porphyria", "reflux"]}
    later = now + timedelta(hours=3)
    services.answer_questions(by=noor, at=later, patient=noor, values={"porphyria": False})
    fact = Fact.objects.get()
    assert (fact.value, fact.source, fact.observed_at, fact.recorded_by) == (False, "patient", later, None)
    assert set(queries.open_questions(noor)) == {"reflux"}
    assert AuditEntry.objects.filter(what="assessments.facts.recorded").count() == 1
    services.answer_questions(by=noor, at=later, patient=noor, values={"reflux": None})
    assert queries.open_questions(noor) == {}
    assert "reflux" not in queries.facts_of(noor)  # "I do not know" is an answer and not a no


def test_the_row_follows_the_patients_answer(
    everything_clear: None, noor: Patient, amal: StaffMember, now: datetime
) -> None:
    def state() -> str:
        rows = queries.eligibility_rows(noor, local_day(now))
        return next(row.state for row in rows if row.code == "E18")

    services.record_fact(by=amal, at=now, patient=noor, code="porphyria", value=None, observed_at=now)
    assert state() == "unknown"
    services.ask_patient(by=amal, at=now, patient=noor, codes=["porphyria"])
    services.answer_questions(by=noor, at=now, patient=noor, values={"porphyria": True})
    assert state() == "review"


def test_a_task_asks_a_physician_and_the_decision_ends_it(
    everything_clear: None, noor: Patient, lena: StaffMember, now: datetime
) -> None:
    services.ask_patient(by=lena, at=now, patient=noor, codes=["porphyria", "reflux"])
    for code in ("porphyria", "reflux"):
        services.answer_questions(by=noor, at=now, patient=noor, values={code: False})
    task = Task.objects.get(key=answers_task_key(noor))
    assert (task.owner_role, task.state, task.url_name) == ("physician", "open", "staff:eligibility")
    services.decide_eligibility(
        by=lena,
        password=PASSWORD,
        at=now,
        patient=noor,
        outcome="eligible",
        seen_inputs_sha256=queries.eligibility_picture(noor, local_day(now)).sha256,
    )
    task.refresh_from_db()
    assert task.state == "done"


def test_an_answer_charted_by_staff_closes_the_question(noor: Patient, amal: StaffMember, now: datetime) -> None:
    services.ask_patient(by=amal, at=now, patient=noor, codes=["porphyria"])
    services.record_fact(
        by=amal, at=now + timedelta(minutes=1), patient=noor, code="porphyria", value=False, observed_at=now
    )
    assert queries.open_questions(noor) == {}
    with pytest.raises(Refused, match="answered meanwhile"):
        services.answer_questions(by=noor, at=now, patient=noor, values={"porphyria": True})
    services.ask_patient(by=amal, at=now + timedelta(days=200), patient=noor, codes=["porphyria"])
    assert set(queries.open_questions(noor)) == {"porphyria"}


@pytest.mark.parametrize("code", JUDGED_BY_CLINICIANS)
def test_what_a_clinician_judges_is_not_asked(code: str, noor: Patient, amal: StaffMember, now: datetime) -> None:
    with pytest.raises(Refused, match="cannot answer this question alone") as refused:
        services.ask_patient(by=amal, at=now, patient=noor, codes=["porphyria", code])
    assert refused.value.field == code
    assert not QuestionForPatient.objects.exists()


def test_nothing_is_asked_twice(noor: Patient, amal: StaffMember, now: datetime) -> None:
    services.ask_patient(by=amal, at=now, patient=noor, codes=["porphyria"])
    with pytest.raises(Refused, match="asked already"):
        services.ask_patient(by=amal, at=now, patient=noor, codes=["porphyria"])
    with pytest.raises(Refused, match="at least one"):
        services.ask_patient(by=amal, at=now, patient=noor, codes=[])


def test_only_the_patient_answers_and_only_what_fits(
    noor: Patient, amal: StaffMember, lena: StaffMember, now: datetime
) -> None:
    services.ask_patient(by=amal, at=now, patient=noor, codes=["porphyria"])
    for by in (amal, another_patient(1, lena)):
        with pytest.raises(Refused, match="another person"):
            services.answer_questions(by=by, at=now, patient=noor, values={"porphyria": False})
    with pytest.raises(Refused):
        services.answer_questions(by=noor, at=now, patient=noor, values={"porphyria": "maybe"})
    with pytest.raises(Refused, match="at least one"):
        services.answer_questions(by=noor, at=now, patient=noor, values={})
    assert not Fact.objects.exists()


def test_questions_cannot_be_changed(noor: Patient, amal: StaffMember, now: datetime) -> None:
    (row,) = services.ask_patient(by=amal, at=now, patient=noor, codes=["porphyria"])
    with pytest.raises(DatabaseError), transaction.atomic():
        QuestionForPatient.objects.filter(pk=row.pk).delete()


def test_two_queries_however_many_questions(noor: Patient, amal: StaffMember, now: datetime) -> None:
    counts = []
    for code in ("porphyria", "reflux", "breastfeeding"):
        services.ask_patient(by=amal, at=now, patient=noor, codes=[code])
        with CaptureQueriesContext(connection) as asked:
            queries.open_questions(noor)
        counts.append(len(asked))
    assert counts == [2, 2, 2]
