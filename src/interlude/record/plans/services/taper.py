from __future__ import annotations

from datetime import date, datetime, time

from django.db import transaction

from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.assessments.models import MedicineStatement
from interlude.record.audit import services as audit
from interlude.record.clinic.queries import clinic_zone
from interlude.record.plans.models import Course, CourseState, TaperMark, TaperMarkKind, TaperStep
from interlude.record.worklist import services as worklist

TAPERERS = frozenset({Role.PHYSICIAN, Role.NURSE})
LONGEST_TEXT = 200


def taper_task_key(step: TaperStep) -> str:
    return f"taper:{step.pk}"


def _check_role(by: StaffMember) -> None:
    if by.role not in TAPERERS:
        raise Refused(N_("Physicians and nurses write down steps of a taper."))


@transaction.atomic
def plan_taper_step(
    *,
    by: StaffMember,
    at: datetime,
    course: Course,
    medicine: MedicineStatement,
    on: date,
    dose: str,
    prescriber: str,
    is_informed: bool = False,
    note: str = "",
) -> TaperStep:
    """Write down one step that was agreed with the prescriber; a task reminds a physician of it on its day.

    Nothing about the medicine changes. Raises `Refused` (fields `medicine`, `on`, `dose`, `prescriber`).
    """
    _check_role(by)
    course = Course.objects.select_for_update(of=("self",)).select_related("patient").get(pk=course.pk)
    if course.state == CourseState.ENDED:
        raise Refused(N_("This course has ended."))
    if medicine.patient_id != course.patient_id or hasattr(medicine, "end"):
        raise Refused(N_("This medicine is not on the patient's list. Add it there first."), field="medicine")
    texts = {"dose": dose.strip(), "prescriber": prescriber.strip(), "note": note.strip()}
    if not texts["dose"]:
        raise Refused(N_("Write the dose from this day on, as agreed."), field="dose")
    if not texts["prescriber"]:
        raise Refused(N_("Name the prescriber with whom this was agreed."), field="prescriber")
    for name, text in texts.items():
        if len(text) > LONGEST_TEXT:
            raise Refused(N_("Use at most {limit} letters."), field=name, limit=LONGEST_TEXT)
    same_day = course.taper_steps.filter(medicine=medicine, on=on).exclude(marks__kind=TaperMarkKind.DROPPED)
    if same_day.exists():
        raise Refused(N_("There is a step of this medicine on this day already."), field="on")
    step = TaperStep(course=course, patient=course.patient, medicine=medicine, on=on, at=at, by=by, **texts)
    step.save(force_insert=True)
    if is_informed:
        TaperMark.objects.create(step=step, kind=TaperMarkKind.INFORMED, at=at, by=by)
    detail = {"course": str(course.pk), "on": on.isoformat(), "is_informed": is_informed}
    audit.record(by=by, at=at, what="plans.taper.planned", about=step, patient_id=course.patient_id, detail=detail)
    worklist.open_task(
        by=by,
        at=at,
        kind="plans.taper",
        title=N_("A step of a medicine taper: talk with the patient and the prescriber"),
        patient=course.patient,
        owner_role=Role.PHYSICIAN,
        due_at=datetime.combine(on, time(8), tzinfo=clinic_zone()),
        url_name="staff:taper",
        url_args=[str(course.pk)],
        key=taper_task_key(step),
    )
    return step


@transaction.atomic
def mark_taper_step(*, by: StaffMember, at: datetime, step: TaperStep, kind: str) -> TaperMark:
    """Say that the prescriber was informed, that the patient made the step, or that it is dropped.

    A step that is made or dropped is closed, and its task with it. The list of medicines stays as it is.
    """
    _check_role(by)
    if kind not in TaperMarkKind.values:
        raise Refused(N_("Choose one of the list."))
    step = TaperStep.objects.select_for_update(of=("self",)).get(pk=step.pk)
    marks = set(step.marks.values_list("kind", flat=True))
    closing = {TaperMarkKind.DONE, TaperMarkKind.DROPPED}
    if kind in marks or (kind in closing and marks & closing):
        raise Refused(N_("Somebody else has marked this step already. Reload the page."))
    mark = TaperMark.objects.create(step=step, kind=kind, at=at, by=by)
    audit.record(
        by=by,
        at=at,
        what="plans.taper.marked",
        about=step,
        patient_id=step.patient_id,
        detail={"kind": str(kind)},
    )
    if kind in closing:
        worklist.close_by_key(by=by, at=at, key=taper_task_key(step), dropped=kind == TaperMarkKind.DROPPED)
    return mark
