from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.audit import services as audit
from interlude.record.plans.models import Course, DoseCheck
from interlude.record.plans.recompute import whole_micrograms
from interlude.record.worklist import services as worklist

CHECKERS = frozenset({Role.PHYSICIAN, Role.NURSE})
HIGHEST_MG = Decimal(10_000)
"""Above it a number is taken for a slip of the finger, not for a dose."""


def dose_check_task_key(course: Course) -> str:
    return f"dose-check:{course.pk}"


def check_may_check_dose(by: StaffMember, course: Course) -> None:
    """Raises `Refused`: a physician or nurse who neither wrote nor signed this plan, on a plan that is open."""
    if by.role not in CHECKERS:
        raise Refused(N_("Physicians and nurses compute the dose a second time."))
    if not course.is_open or course.signature is None:
        raise Refused(N_("The dose is computed a second time when the plan is signed."))
    if by.pk in (course.signature.staff_id, course.changed_by_id):
        raise Refused(N_("You wrote or signed this plan. Somebody else computes the dose a second time."))


def may_check_dose(by: StaffMember, course: Course) -> bool:
    """The answer to `check_may_check_dose` without its reason."""
    try:
        check_may_check_dose(by, course)
    except Refused:
        return False
    return True


@transaction.atomic
def check_dose(*, by: StaffMember, at: datetime, course: Course, typed_mg: Decimal) -> DoseCheck:
    """Store the dose of one session (mg) as `by` computed it, and whether it is the plan's to the microgram.

    What is finer than a microgram is dropped, as in the order. A disagreement opens an urgent task for the
    physicians and stops nothing by itself; an agreement closes it. Raises `Refused` (field `typed_mg`).
    """
    course = Course.objects.select_for_update(of=("self",)).select_related("patient", "signature").get(pk=course.pk)
    check_may_check_dose(by, course)
    if not typed_mg.is_finite() or not 0 < typed_mg <= HIGHEST_MG:
        raise Refused(N_("Enter the dose of one session in mg."), field="typed_mg")
    typed_ug = whole_micrograms(typed_mg)
    if typed_ug == 0:
        raise Refused(N_("Enter the dose of one session in mg."), field="typed_mg")
    agrees = typed_ug == course.dose_ug
    row = DoseCheck.objects.create(
        course=course,
        patient_id=course.patient_id,
        typed_ug=typed_ug,
        dose_ug=course.dose_ug,
        agrees=agrees,
        is_blind=not course.dose_checks.filter(by=by).exists(),
        at=at,
        by=by,
    )
    detail = {"typed_ug": typed_ug, "dose_ug": course.dose_ug, "agrees": agrees, "is_blind": row.is_blind}
    audit.record(by=by, at=at, what="plans.dose.checked", about=row, patient_id=course.patient_id, detail=detail)
    if agrees:
        worklist.close_by_key(by=by, at=at, key=dose_check_task_key(course))
    else:
        worklist.open_task(
            by=by,
            at=at,
            kind="plans.dose_check",
            title=N_("Two people computed different doses: find out which is right"),
            patient=course.patient,
            owner_role=Role.PHYSICIAN,
            is_urgent=True,
            url_name="staff:course",
            url_args=[str(course.pk)],
            key=dose_check_task_key(course),
        )
    return row
