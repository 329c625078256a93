from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from interlude.domain.protocol.library import load_library
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.clinic.queries import local_day
from interlude.record.patients.models import Patient
from interlude.record.plans.deviations import deviations
from interlude.record.plans.models import (
    Course,
    CourseElement,
    CourseState,
    CourseStep,
    DeviationKind,
    PlanDeviation,
)
from interlude.record.plans.order import Plan, check_findings, check_values, findings, starting_plan
from interlude.record.plans.queries.body import bmi_of, charted_weight
from interlude.record.plans.queries.deviations import deviations_now
from interlude.record.plans.recompute import agreed_dose_ug
from interlude.record.protocols.models import ProtocolVersion
from interlude.record.protocols.queries import protocol_of
from interlude.record.protocols.services import check_may_begin

PLANNERS = frozenset({Role.PHYSICIAN, Role.THERAPIST})


def check_may_plan(by: StaffMember, indication: str) -> None:
    """Raises `Refused`: physicians and therapists plan, and only what is offered for the indication."""
    if by.role not in PLANNERS:
        raise Refused(N_("Physicians and therapists write plans."))
    row = load_library().indications.get(indication)
    if row is None or not row.may_plan:
        raise Refused(row.honest_text if row else N_("There is no such indication."))


def add_step(course: Course, *, by: Actor, at: datetime, note: str = "") -> CourseStep:
    """Write down that the course is now in its state; the caller audits."""
    return CourseStep.objects.create(
        course=course,
        patient_id=course.patient_id,
        state=course.state,
        at=at,
        by=by if isinstance(by, StaffMember) else None,
        note=note,
    )


def _take_over(course: Course, version: ProtocolVersion, plan: Plan) -> None:
    """Write the values of a plan into the row, with the weight of the chart and the dose for it."""
    protocol = protocol_of(version)
    check_values(protocol, plan)
    weight = charted_weight(course.patient)
    if weight is None:
        raise Refused(N_("No weight is charted. Weigh the patient first: the dose depends on it."), field="weight_kg")
    weight_kg, weight_on = weight
    found = findings(protocol, plan, weight_kg, bmi_kg_per_m2=bmi_of(course.patient), block=course.block)
    check_findings(found, plan.limit_reasons)
    course.protocol_version = version
    course.indication, course.route = version.indication, version.route
    course.dose_mg_per_kg, course.minutes = plan.dose_mg_per_kg, plan.minutes
    course.planned_sessions = plan.planned_sessions
    course.gap_min_days, course.gap_max_days = plan.gap_min_days, plan.gap_max_days
    course.weight_kg, course.weight_on = weight_kg, weight_on
    course.dose_ug = agreed_dose_ug(weight_kg, plan.dose_mg_per_kg)
    course.reason = plan.reason.strip()
    needed = {finding.code for finding in found if finding.severity == "soft"}
    course.limit_reasons = {code: plan.limit_reasons[code].strip() for code in sorted(needed)}


def _save_elements(course: Course, plan: Plan) -> None:
    course.elements.all().delete()
    CourseElement.objects.bulk_create(
        [CourseElement(course=course, kind=e.kind, timing=e.timing, sessions=e.sessions) for e in plan.elements]
    )


def _log_deviations(course: Course, plan: Plan, *, by: StaffMember, at: datetime) -> None:
    """A row for each value that is no longer, or in another way, not the protocol's own; the caller audits."""
    held = {row.code: row for row in deviations_now(course)}
    protocol = protocol_of(course.protocol_version)
    found = {one.code: one for one in deviations(protocol, plan, course.weight_kg, block=course.block)}
    rows: list[tuple[str, str, str, str, str]] = []
    for code, one in found.items():
        row = held.get(code)
        now = (one.kind, one.planned, one.protocol, one.reason)
        if row is None or (row.kind, row.planned, row.protocol, row.reason or "") != now:
            rows.append((code, *now))
    for code, row in held.items():
        if code not in found:
            rows.append((code, DeviationKind.ENDED, row.protocol, row.protocol, ""))
    for code, kind, planned, own, reason in rows:
        PlanDeviation.objects.create(
            course=course,
            patient_id=course.patient_id,
            code=code,
            kind=kind,
            planned=planned,
            protocol=own,
            reason=reason,
            at=at,
            by=by,
        )


def _detail(course: Course) -> dict[str, Any]:
    return {
        "protocol": course.protocol_version.key,
        "protocol_version": course.protocol_version.version,
        "dose_mg_per_kg": f"{course.dose_mg_per_kg:f}",
        "minutes": course.minutes,
        "dose_ug": course.dose_ug,
        "weight_kg": f"{course.weight_kg:f}",
        "planned_sessions": course.planned_sessions,
        "gap_days": [course.gap_min_days, course.gap_max_days],
        "beyond_soft_limits": sorted(course.limit_reasons or {}),
    }


@transaction.atomic
def draft_course(
    *,
    by: StaffMember,
    at: datetime,
    patient: Patient,
    protocol_version: ProtocolVersion,
    plan: Plan | None = None,
) -> Course:
    """Start a plan from a protocol; without `plan` with the protocol's own values.

    Raises `Refused` beside its field for a hard limit, for a soft one without its reason, without a charted
    weight, and while another draft of the patient exists.
    """
    check_may_plan(by, protocol_version.indication)
    check_may_begin(protocol_version, local_day(at))
    patient = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    if patient.courses.filter(state=CourseState.DRAFT).exists():
        raise Refused(N_("There is a draft for this patient already. Open it, or discard it first."))
    block = 1 + patient.courses.exclude(signature=None).count()
    course = Course(patient=patient, block=block, created_at=at, created_by=by, changed_at=at, changed_by=by)
    chosen = plan or starting_plan(protocol_of(protocol_version), block=block)
    _take_over(course, protocol_version, chosen)
    course.save(force_insert=True)
    _save_elements(course, chosen)
    _log_deviations(course, chosen, by=by, at=at)
    add_step(course, by=by, at=at)
    audit.record(by=by, at=at, what="plans.course.drafted", about=course, patient_id=patient.pk, detail=_detail(course))
    return course


def check_is_current(course: Course, seen_version: int | None) -> None:
    """Raises `Refused` when the page that is being sent shows an older state of the plan."""
    if seen_version is not None and seen_version != course.version:
        raise Refused(N_("The plan was changed meanwhile. Nothing was saved: look at it again first."))


def check_is_draft(course: Course) -> None:
    if course.state != CourseState.DRAFT:
        raise Refused(N_("This plan is signed. A change is a new plan."))


@transaction.atomic
def change_course(
    *,
    by: StaffMember,
    at: datetime,
    course: Course,
    plan: Plan,
    seen_version: int | None = None,
    protocol_version: ProtocolVersion | None = None,
) -> Course:
    """Replace the values of a draft, also its protocol. `seen_version`: the version that the page showed."""
    course = (
        Course.objects.select_for_update(of=("self",)).select_related("patient", "protocol_version").get(pk=course.pk)
    )
    version = protocol_version or course.protocol_version
    check_may_plan(by, version.indication)
    check_is_draft(course)
    check_is_current(course, seen_version)
    _take_over(course, version, plan)
    course.version += 1
    course.changed_at, course.changed_by = at, by
    course.save()
    _save_elements(course, plan)
    _log_deviations(course, plan, by=by, at=at)
    audit.record(
        by=by, at=at, what="plans.course.changed", about=course, patient_id=course.patient_id, detail=_detail(course)
    )
    return course


@transaction.atomic
def discard_draft(*, by: StaffMember, at: datetime, course: Course) -> Course:
    """End a draft that nobody will sign."""
    course = Course.objects.select_for_update().get(pk=course.pk)
    check_may_plan(by, course.indication)
    check_is_draft(course)
    return _end(course, by=by, at=at, note="", what="plans.course.discarded")


@transaction.atomic
def begin_course(*, by: Actor, at: datetime, course: Course) -> Course:
    """The first session has started. Called again it changes nothing."""
    course = Course.objects.select_for_update().get(pk=course.pk)
    if course.state == CourseState.RUNNING:
        return course
    if course.state != CourseState.SIGNED:
        raise Refused(N_("A session needs a signed plan."))
    course.state = CourseState.RUNNING
    course.save(update_fields=["state"])
    add_step(course, by=by, at=at)
    audit.record(by=by, at=at, what="plans.course.begun", about=course, patient_id=course.patient_id)
    return course


@transaction.atomic
def end_course(*, by: Actor, at: datetime, course: Course, note: str = "") -> Course:
    """End a signed or running course. Appointments that are left are cancelled by the appointments room."""
    course = Course.objects.select_for_update().get(pk=course.pk)
    if not course.is_open:
        raise Refused(N_("This course is not running."))
    return _end(course, by=by, at=at, note=note, what="plans.course.ended")


def _end(course: Course, *, by: Actor, at: datetime, note: str, what: str) -> Course:
    course.state = CourseState.ENDED
    course.version += 1
    course.save(update_fields=["state", "version"])
    add_step(course, by=by, at=at, note=note.strip())
    audit.record(by=by, at=at, what=what, about=course, patient_id=course.patient_id)
    return course
