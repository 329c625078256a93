from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from interlude.record.accounts.models import StaffMember
from interlude.record.patients.models import Patient
from interlude.record.patients.queries import patients_for
from interlude.record.plans.models import Course, CourseState, CourseStep
from interlude.record.plans.order import Element, Plan

OPEN_STATES = (CourseState.SIGNED, CourseState.RUNNING)


def courses_for(by: StaffMember) -> QuerySet[Course]:
    """Courses of the patients whom this person may see."""
    rows = Course.objects.filter(patient__in=patients_for(by))
    return rows.select_related("patient", "protocol_version", "signature", "created_by", "changed_by")


def courses_of(patient: Patient) -> QuerySet[Course]:
    """All courses of one patient, newest first, with their therapies."""
    return (
        patient.courses.select_related("protocol_version", "signature")
        .prefetch_related("elements")
        .order_by("-created_at")
    )


def current_course(patient: Patient) -> Course | None:
    """The signed or running course, of which there is at most one."""
    return courses_of(patient).filter(state__in=OPEN_STATES).first()


def draft_of(patient: Patient) -> Course | None:
    return courses_of(patient).filter(state=CourseState.DRAFT).first()


def steps_of(course: Course) -> QuerySet[CourseStep]:
    return course.steps.select_related("by").order_by("at", "recorded_at")


def plan_of(course: Course) -> Plan:
    """The row's values as a `Plan`, to be checked or shown in a form."""
    reasons: Any = course.limit_reasons or {}
    return Plan(
        dose_mg_per_kg=course.dose_mg_per_kg,
        minutes=course.minutes,
        planned_sessions=course.planned_sessions,
        gap_min_days=course.gap_min_days,
        gap_max_days=course.gap_max_days,
        elements=tuple(Element(e.kind, e.timing, e.sessions) for e in course.elements.all()),
        reason=str(course.reason or ""),
        limit_reasons=reasons,
    )


def content_to_sign(course: Course) -> dict[str, Any]:
    """Everything that a signature under this plan covers, as plain values."""
    plan = plan_of(course)
    content = {
        "patient": str(course.patient_id),
        "protocol": course.protocol_version.key,
        "protocol_version": course.protocol_version.version,
        "protocol_sha256": course.protocol_version.sha256,
        "indication": course.indication,
        "block": course.block,
        "medicine": "ketamine (racemic)",
        "route": course.route,
        "dose_mg_per_kg": f"{course.dose_mg_per_kg:f}",
        "weight_kg": f"{course.weight_kg:f}",
        "weight_on": course.weight_on.isoformat(),
        "dose_ug": course.dose_ug,
        "minutes": course.minutes,
        "planned_sessions": course.planned_sessions,
        "gap_min_days": course.gap_min_days,
        "gap_max_days": course.gap_max_days,
        "elements": [[e.kind, e.timing, e.sessions] for e in plan.elements],
        "reason": plan.reason,
        "limit_reasons": dict(plan.limit_reasons),
    }
    if course.eligibility_decision_id is not None:
        content["eligibility_decision"] = str(course.eligibility_decision_id)
    return content
