"""The next decision of a course: extend, maintain, taper or end, with its reason and a physician's signature."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from interlude.domain.protocol import Protocol
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.accounts.services import content_hash, sign
from interlude.record.appointments import services as appointments
from interlude.record.appointments.models import LIVE_STATES, Appointment, Kind, ReasonClass
from interlude.record.audit import services as audit
from interlude.record.clinic.queries import local_day
from interlude.record.followup.models import Decision, NextDecision
from interlude.record.followup.queries import sessions_given, what_is_known
from interlude.record.measures import services as measures
from interlude.record.measures.models import Assignment, AssignmentState
from interlude.record.plans.models import Course
from interlude.record.plans.services import end_course
from interlude.record.protocols.queries import protocol_of
from interlude.record.worklist import services as worklist


def decision_key(course: Course) -> str:
    """The key of the task that asks for the next decision of a course."""
    return f"followup.decision:{course.pk}"


def check_may_decide(by: StaffMember, course: Course) -> None:
    if by.role != Role.PHYSICIAN:
        raise Refused(N_("A physician decides what comes next."))
    if not course.is_open:
        raise Refused(N_("This course is not running: there is nothing to decide."))
    if sessions_given(course) == 0:
        raise Refused(N_("No session was given yet: there is nothing to decide."))


def may_decide(by: StaffMember, course: Course) -> bool:
    try:
        check_may_decide(by, course)
    except Refused:
        return False
    return True


def _check_content(
    protocol: Protocol,
    decision: str,
    reason: str,
    given: int,
    planned: int,
    extra_sessions: int | None,
    ladder_step: str,
    next_on: date | None,
    today: date,
) -> None:
    if decision not in Decision.values:
        raise Refused(N_("Choose what comes next."), field="decision")
    if not reason.strip():
        raise Refused(N_("Give the reason in your own words."), field="reason")
    if decision == Decision.EXTEND:
        if given < planned:
            raise Refused(
                N_("The plan still has {left} sessions. Give them before it is extended."),
                field="decision",
                left=planned - given,
            )
        limit = int(protocol.series.extend_to.value)
        if not extra_sessions or extra_sessions < 1:
            raise Refused(N_("Say how many sessions are added."), field="extra_sessions")
        if given + extra_sessions > limit:
            raise Refused(
                N_("{given} were given and {extra} added: the protocol ends at {limit} sessions."),
                field="extra_sessions",
                given=given,
                extra=extra_sessions,
                limit=limit,
            )
    if decision in (Decision.MAINTAIN, Decision.TAPER):
        if ladder_step not in {step.code for step in protocol.maintenance.ladder}:
            raise Refused(N_("Choose a step of the ladder."), field="ladder_step")
        if next_on is not None and next_on <= today:
            raise Refused(N_("The next session must lie in the future."), field="next_on")


@transaction.atomic
def decide_next(
    *,
    by: StaffMember,
    password: str,
    at: datetime,
    course: Course,
    decision: str,
    reason: str,
    extra_sessions: int | None = None,
    ladder_step: str = "",
    next_on: date | None = None,
    seen_sha256: str = "",
) -> NextDecision:
    """Decide, sign, and set in motion what follows. Follow-up goes on in any case.

    The order of this block ends: its booked sessions that are left are cancelled. What goes on needs a new plan
    with its own signature, for which the decider gets a task.

    `seen_sha256`: hash of `what_is_known` as the page showed it; a decision on other numbers is refused.
    """
    course = (
        Course.objects.select_for_update(of=("self",)).select_related("patient", "protocol_version").get(pk=course.pk)
    )
    check_may_decide(by, course)
    protocol = protocol_of(course.protocol_version)
    given = sessions_given(course)
    planned, today = course.planned_sessions, local_day(at)
    _check_content(protocol, decision, reason, given, planned, extra_sessions, ladder_step, next_on, today)
    seen = what_is_known(by, course)
    if seen_sha256 and content_hash(seen) != seen_sha256:
        raise Refused(N_("New answers or sessions have come in meanwhile. Look at them and decide again."))
    on_ladder = decision in (Decision.MAINTAIN, Decision.TAPER)
    row = NextDecision(
        patient=course.patient,
        course=course,
        decision=decision,
        reason=reason.strip(),
        after_sessions=given,
        extra_sessions=extra_sessions if decision == Decision.EXTEND else None,
        ladder_step=ladder_step if on_ladder else "",
        next_on=next_on if on_ladder else None,
        seen=seen,
        decided_at=at,
        decided_by=by,
    )
    row.signature = sign(
        by=by,
        password=password,
        meaning="next decision",
        about=row,
        content=signed_content(row),
        at=at,
        patient_id=course.patient_id,
    )
    row.save(force_insert=True)
    worklist.close_by_key(by=by, at=at, key=decision_key(course))
    _set_in_motion(by, at, row)
    audit.record(
        by=by,
        at=at,
        what="followup.decided",
        about=row,
        patient_id=course.patient_id,
        detail={"decision": decision, "after_sessions": given},
    )
    return row


def signed_content(row: NextDecision) -> dict[str, Any]:
    """Exactly what the signature binds."""
    return {
        "patient": str(row.patient_id),
        "course": str(row.course_id),
        "decision": row.decision,
        "reason": row.reason,
        "after_sessions": row.after_sessions,
        "extra_sessions": row.extra_sessions,
        "ladder_step": row.ladder_step,
        "next_on": row.next_on.isoformat() if row.next_on else None,
        "seen": row.seen,
    }


def _set_in_motion(by: StaffMember, at: datetime, row: NextDecision) -> None:
    """The signed order of this block is over, whatever comes next: more sessions need a new order."""
    course = row.course
    end_course(by=by, at=at, course=course)
    # Therapy visits stay booked: the last session is still to be integrated.
    left = Appointment.objects.filter(course=course, kind=Kind.INFUSION, state__in=LIVE_STATES, starts_at__gt=at)
    for appointment in left:
        appointments.cancel(by=by, at=at, appointment=appointment, reason_class=ReasonClass.COURSE_ENDED)
    waiting = Assignment.objects.filter(
        patient_id=course.patient_id, course_id=course.pk, anchor__startswith="before:", state=AssignmentState.OPEN
    )
    for assignment in waiting:
        measures.withdraw(by=by, at=at, assignment=assignment)
    if row.decision == Decision.END:
        return
    title, params = _what_to_plan(row)
    worklist.open_task(
        by=by,
        at=at,
        kind="followup.plan",
        title=title,
        title_params=params,
        patient=row.patient,
        owner=by,
        url_name="staff:plan",
        url_args=[str(row.patient_id)],
        key=f"followup.plan:{row.patient_id}",
    )


def _what_to_plan(row: NextDecision) -> tuple[str, dict[str, Any]]:
    if row.decision == Decision.EXTEND:
        return N_("Plan the next block: {count} more sessions"), {"count": row.extra_sessions}
    step = next(s for s in protocol_of(row.course.protocol_version).maintenance.ladder if s.code == row.ladder_step)
    return N_("Plan the next session: {step}"), {"step": step.label}
