from __future__ import annotations

from datetime import datetime

from django.db import transaction

from interlude.domain.protocol.library import load_library
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts import services as accounts
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.assessments.models import EligibilityOutcome
from interlude.record.assessments.queries import eligibility_picture, latest_decision, new_since
from interlude.record.audit import services as audit
from interlude.record.clinic.queries import local_day
from interlude.record.patients.models import Patient
from interlude.record.plans.models import Course, CourseState
from interlude.record.plans.order import check_findings, check_values, findings
from interlude.record.plans.queries.body import bmi_of, charted_weight
from interlude.record.plans.queries.course import content_to_sign, plan_of
from interlude.record.plans.recompute import agreed_dose_ug
from interlude.record.plans.services.course import add_step, check_is_current, check_is_draft
from interlude.record.protocols.queries import is_approved, protocol_of
from interlude.record.worklist import services as worklist


def series_task_key(course: Course) -> str:
    """The worklist key of "book this series"; the appointments room closes it."""
    return f"book-series:{course.pk}"


MUST_BE_KNOWN = ("E05", "E08", "E14")
"""Psychosis, pregnancy, capacity: while one of them is not answered, or too old, no plan is signed."""


def check_may_sign(by: StaffMember, course: Course, at: datetime) -> None:
    """Raises `Refused` when this plan may not be signed by this person now.

    A physician signs; the patient's newest signed decision says eligible and nothing that stops treatment was
    charted since; psychosis, pregnancy and capacity are answered and in date; the indication is offered; the values
    keep the limits with the weight that is charted today; no other course of the patient is open.
    """
    if by.role != Role.PHYSICIAN:
        raise Refused(N_("Only a physician signs a plan."))
    check_is_draft(course)
    row = load_library().indications.get(course.indication)
    if row is None or not row.may_plan:
        raise Refused(row.honest_text if row else N_("There is no such indication."))
    _check_eligible(course.patient, at)
    open_states = (CourseState.SIGNED, CourseState.RUNNING)
    if Course.objects.filter(patient_id=course.patient_id, state__in=open_states).exists():
        raise Refused(N_("Another course of this patient is still open. End it before signing a new one."))
    _check_weight(course)
    protocol, plan = protocol_of(course.protocol_version), plan_of(course)
    check_values(protocol, plan)
    found = findings(protocol, plan, course.weight_kg, bmi_kg_per_m2=bmi_of(course.patient), block=course.block)
    check_findings(found, plan.limit_reasons)


def _check_eligible(patient: Patient, at: datetime) -> None:
    """The newest decision says eligible, and today's facts do not say otherwise."""
    decision = latest_decision(patient)
    if decision is None or decision.outcome != EligibilityOutcome.ELIGIBLE:
        raise Refused(N_("There is no signed decision that the patient is eligible. Decide on eligibility first."))
    picture = eligibility_picture(patient, local_day(at))
    for row in new_since(decision, picture):
        if row.state == "stops":
            raise Refused(
                N_("{title}: this stops treatment, and was charted after the decision. Decide on eligibility again."),
                title=Refused(row.title),
            )
    for row in picture.results:
        if row.code in MUST_BE_KNOWN and row.state == "unknown":
            raise Refused(
                N_("{title}: an answer is missing or too old. Answer it, then decide on eligibility again."),
                title=Refused(row.title),
            )


def _check_weight(course: Course) -> None:
    """The dose stands for the newest weight, and both computations still give the stored amount."""
    newest = charted_weight(course.patient)
    if newest is None or newest[0] != course.weight_kg:
        raise Refused(
            N_("Another weight was charted since this plan was written. Open the plan and save it again."),
            field="weight_kg",
        )
    if agreed_dose_ug(course.weight_kg, course.dose_mg_per_kg) != course.dose_ug:
        raise Refused(N_("The dose was computed again and differs. Open the plan and save it again."))


def may_sign(by: StaffMember, course: Course, at: datetime) -> bool:
    """The answer to `check_may_sign` without its reason."""
    try:
        check_may_sign(by, course, at)
    except Refused:
        return False
    return True


@transaction.atomic
def sign_course(
    *, by: StaffMember, password: str, at: datetime, course: Course, seen_version: int | None = None
) -> Course:
    """Sign a draft: from now on it is the order for every session of the series.

    Raises `Refused` with the reason (field `password` for a wrong one). The signature covers every value, the
    protocol's hash and the reasons.
    """
    Patient.objects.select_for_update(no_key=True).get(pk=course.patient_id)
    rows = Course.objects.select_for_update(of=("self",)).select_related("patient", "protocol_version")
    course = rows.get(pk=course.pk)
    check_is_current(course, seen_version)
    check_may_sign(by, course, at)
    course.eligibility_decision = latest_decision(course.patient)
    course.signature = accounts.sign(
        by=by,
        password=password,
        meaning="plan signed",
        about=course,
        content=content_to_sign(course),
        at=at,
        patient_id=course.patient_id,
    )
    course.state = CourseState.SIGNED
    course.version += 1
    course.save(update_fields=["eligibility_decision", "signature", "state", "version"])
    add_step(course, by=by, at=at)
    detail = {
        "dose_ug": course.dose_ug,
        "sessions": course.planned_sessions,
        "protocol_approved": is_approved(course.protocol_version),
    }
    audit.record(by=by, at=at, what="plans.course.signed", about=course, patient_id=course.patient_id, detail=detail)
    worklist.open_task(
        by=by,
        at=at,
        kind="series",
        title=N_("Book the series"),
        patient=course.patient,
        owner_role=Role.FRONT_DESK,
        url_name="staff:series",
        url_args=[str(course.pk)],
        key=series_task_key(course),
    )
    return course
