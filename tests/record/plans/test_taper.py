"""Reducing another medicine beside the series: written down, reminded of, never done by the program."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import services as assessments
from interlude.record.assessments.models import MedicineStatement
from interlude.record.assessments.queries import medicines_of
from interlude.record.audit.models import AuditEntry
from interlude.record.patients.models import Patient
from interlude.record.plans import queries, services
from interlude.record.plans.models import Course, TaperMark, TaperStep
from interlude.record.plans.services.taper import taper_task_key
from interlude.record.worklist.models import Task
from tests.record.plans.support import another_patient, signed_course

TODAY = date(2026, 3, 12)


@pytest.fixture
def course(noor: Patient, lena: StaffMember) -> Course:
    return signed_course(noor, by=lena)


@pytest.fixture
def lorazepam(course: Course, lena: StaffMember, now: datetime) -> MedicineStatement:
    return assessments.state_medicine(by=lena, at=now, patient=course.patient, name="Lorazepam", dose="1 mg")


@pytest.fixture
def plan(course: Course, lorazepam: MedicineStatement, lena: StaffMember, now: datetime) -> Callable[..., TaperStep]:
    """`plan(14)`: a step in 14 days; other values by name."""

    def write(days: int = 0, **more: Any) -> TaperStep:
        values: dict[str, Any] = {
            "by": lena,
            "at": now,
            "course": course,
            "medicine": lorazepam,
            "on": TODAY + timedelta(days=days),
            "dose": "0.5 mg in the evening",
            "prescriber": "Dr Olga Stein",
        }
        return services.plan_taper_step(**values | more)

    return write


def test_a_step_is_written_down_and_reminded_of_on_its_day(
    plan: Callable[..., TaperStep], course: Course, lorazepam: MedicineStatement
) -> None:
    before = AuditEntry.objects.filter(what__startswith="plans.taper").count()
    step = plan(14, is_informed=True, note="After session 3.")
    assert AuditEntry.objects.filter(what__startswith="plans.taper").count() == before + 1
    task = Task.objects.get(key=taper_task_key(step))
    assert (task.owner_role, task.state, task.url_name) == ("physician", "open", "staff:taper")
    assert task.due_at.isoformat() == "2026-03-26T07:00:00+00:00"  # 08:00 in Berlin
    assert "Lorazepam" not in task.title_template + str(task.title_params)
    (line,) = queries.taper_of(course, TODAY)
    assert (line.state, line.is_listed, line.ended) == ("planned", True, None)
    assert line.informed is not None
    assert line.informed.by == step.by
    assert (line.step.dose, line.step.prescriber, line.step.note) == (
        "0.5 mg in the evening",
        "Dr Olga Stein",
        "After session 3.",
    )


@pytest.mark.parametrize("kind", ["done", "dropped"])
def test_closing_a_step_closes_its_task_and_leaves_the_medicine(
    kind: str, plan: Callable[..., TaperStep], course: Course, amal: StaffMember, now: datetime
) -> None:
    step = plan()
    assert queries.taper_of(course, TODAY)[0].state == "due"
    before = [row.pk for row in medicines_of(course.patient)]
    services.mark_taper_step(by=amal, at=now, step=step, kind=kind)
    assert queries.taper_of(course, TODAY)[0].state == kind
    assert Task.objects.get(key=taper_task_key(step)).state == kind
    assert [row.pk for row in medicines_of(course.patient)] == before
    for again in ("done", "dropped"):
        with pytest.raises(Refused, match="marked this step already"):
            services.mark_taper_step(by=amal, at=now, step=step, kind=again)
    services.mark_taper_step(by=amal, at=now, step=step, kind="informed")  # it may still be told
    assert AuditEntry.objects.filter(what="plans.taper.marked").count() == 2


def test_the_program_never_ends_a_medicine(
    plan: Callable[..., TaperStep], course: Course, amal: StaffMember, now: datetime
) -> None:
    step = plan(dose="none")
    services.mark_taper_step(by=amal, at=now, step=step, kind="done")
    assert [row.name for row in medicines_of(course.patient)] == ["Lorazepam"]


# what is changed | field
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"dose": " "}, "dose"),
    ({"dose": "x" * 201}, "dose"),
    ({"prescriber": ""}, "prescriber"),
]


@pytest.mark.parametrize(("changes", "field"), REFUSED)
def test_what_is_no_step(changes: dict[str, Any], field: str, plan: Callable[..., TaperStep]) -> None:
    with pytest.raises(Refused) as refused:
        plan(**changes)
    assert refused.value.field == field
    assert not TaperStep.objects.exists()


def test_one_step_of_a_medicine_a_day_unless_it_was_dropped(
    plan: Callable[..., TaperStep], amal: StaffMember, now: datetime
) -> None:
    step = plan()
    with pytest.raises(Refused) as refused:
        plan()
    assert refused.value.field == "on"
    services.mark_taper_step(by=amal, at=now, step=step, kind="dropped")
    plan()


def test_only_medicines_on_this_patients_list(
    plan: Callable[..., TaperStep], lorazepam: MedicineStatement, lena: StaffMember, now: datetime
) -> None:
    other = another_patient(1, lena)
    theirs = assessments.state_medicine(by=lena, at=now, patient=other, name="Diazepam")
    with pytest.raises(Refused, match="not on the patient's list"):
        plan(medicine=theirs)
    step = plan()
    assessments.stop_medicine(by=lena, at=now, statement=lorazepam)
    with pytest.raises(Refused, match="not on the patient's list"):
        plan(7, medicine=MedicineStatement.objects.get(pk=lorazepam.pk))
    assert not queries.taper_of(step.course, TODAY)[0].is_listed


@pytest.mark.parametrize("role", ["therapist", "front_desk", "pharmacy", "researcher", "administrator"])
def test_who_writes(
    role: str, plan: Callable[..., TaperStep], staff: Callable[..., StaffMember], now: datetime
) -> None:
    with pytest.raises(Refused, match="Physicians and nurses"):
        plan(by=staff(role))
    step = plan()
    with pytest.raises(Refused, match="Physicians and nurses"):
        services.mark_taper_step(by=staff(role), at=now, step=step, kind="done")


def test_not_in_a_course_that_has_ended(
    plan: Callable[..., TaperStep], course: Course, lena: StaffMember, now: datetime
) -> None:
    services.end_course(by=lena, at=now, course=course)
    with pytest.raises(Refused, match="has ended"):
        plan()


def test_what_matters_on_the_day_of_a_session(
    plan: Callable[..., TaperStep], course: Course, amal: StaffMember, now: datetime
) -> None:
    made, gone, due, coming, _later = plan(-28), plan(-21), plan(-14), plan(7), plan(21)
    services.mark_taper_step(by=amal, at=now, step=made, kind="done")
    services.mark_taper_step(by=amal, at=now, step=gone, kind="dropped")
    shown = queries.around(queries.taper_of(course, TODAY))
    assert [line.step for line in shown] == [due, coming]
    services.mark_taper_step(by=amal, at=now, step=due, kind="done")
    shown = queries.around(queries.taper_of(course, TODAY))
    assert [line.step for line in shown] == [due, coming]
    assert [note.code for note in queries.notes_on(queries.taper_of(course, TODAY))] == []


def test_the_rows_cannot_be_changed(plan: Callable[..., TaperStep], amal: StaffMember, now: datetime) -> None:
    step = plan()
    services.mark_taper_step(by=amal, at=now, step=step, kind="done")
    for rows in (TaperStep.objects.filter(pk=step.pk), TaperMark.objects.filter(step=step)):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(at=now + timedelta(days=1))


def test_three_queries_however_many_steps(plan: Callable[..., TaperStep], course: Course) -> None:
    counts = []
    for days in (0, 14, 28):
        plan(days, is_informed=True)
        with CaptureQueriesContext(connection) as asked:
            queries.taper_of(course, TODAY)
        counts.append(len(asked))
    assert counts == [3, 3, 3]
