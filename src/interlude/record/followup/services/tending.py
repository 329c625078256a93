"""What has to happen without anybody asking. The task loop calls `run_due`; every part may run again and again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from interlude.domain.protocol import review_is_due
from interlude.domain.refusals import N_
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.appointments.models import LIVE_STATES, Appointment, Kind
from interlude.record.audit.actors import SYSTEM
from interlude.record.dosing.models import Session
from interlude.record.followup.queries import sessions_given
from interlude.record.followup.services.deciding import decision_key
from interlude.record.followup.services.measuring import BEFORE, plan_before, plan_intake, plan_measures
from interlude.record.measures import services as measures
from interlude.record.measures.models import Assignment, AssignmentState
from interlude.record.plans.models import Course, CourseState
from interlude.record.protocols.queries import protocol_of
from interlude.record.therapy.services import integration_appointment, task_key
from interlude.record.worklist import services as worklist

logger = logging.getLogger(__name__)

OPEN_COURSES = (CourseState.SIGNED, CourseState.RUNNING)
# How long after a session its visit and its decision may wait: proposed defaults.
VISIT_WITHIN = timedelta(hours=48)
DECISION_WITHIN = timedelta(hours=48)


def run_due(*, at: datetime) -> None:
    """Everything that is due at `at`: questionnaires given out, moved, missed; visits and decisions asked for."""
    measures.mark_missed(at=at)
    _each(_courses_without_intake(), lambda course: plan_intake(by=SYSTEM, at=at, course=course))
    _each(_courses_to_plan(at), lambda course: plan_before(by=SYSTEM, at=at, course=course))
    _each(_sessions_to_follow(), lambda session: follow_session(at=at, session=session))


def _each(rows: Iterable[Any], verb: Callable[[Any], object]) -> None:
    """One record that cannot be worked on must not hold up the others."""
    for row in rows:
        try:
            verb(row)
        except Exception:
            logger.exception("%s %s could not be worked on", row._meta.label, row.pk)


def _courses_without_intake() -> list[Course]:
    begun = Assignment.objects.filter(anchor="intake", course_id__isnull=False).values("course_id")
    courses = Course.objects.filter(state__in=OPEN_COURSES).exclude(pk__in=begun)
    return list(courses.select_related("patient", "protocol_version"))


def _courses_to_plan(at: datetime) -> list[Course]:
    """Courses with a booked session whose questionnaires are missing or stand on another time, and those with
    questionnaires of a session that is off."""
    booked = dict(
        Appointment.objects.filter(kind=Kind.INFUSION, state__in=LIVE_STATES, starts_at__gt=at).values_list(
            "pk", "starts_at"
        )
    )
    given: dict[Any, datetime] = {}
    rows = Assignment.objects.filter(anchor__startswith=f"{BEFORE}:").exclude(state=AssignmentState.WITHDRAWN)
    for appointment_id, due_at, state in rows.filter(appointment_id__in=booked).values_list(
        "appointment_id", "due_at", "state"
    ):
        if appointment_id is not None:
            given[appointment_id] = due_at if state == AssignmentState.OPEN else booked[appointment_id]
    waiting = rows.filter(state=AssignmentState.OPEN, closes_at__gt=at).values_list("appointment_id", flat=True)
    orphans = {pk for pk in waiting if pk is not None and pk not in booked}
    changed = [pk for pk, starts_at in booked.items() if given.get(pk) != starts_at]
    off = Appointment.objects.filter(pk__in=orphans, state__in=["cancelled", "missed"]).values_list("pk", flat=True)
    courses = Course.objects.filter(appointments__in=[*changed, *off]).distinct()
    return list(courses.select_related("patient", "protocol_version"))


def _sessions_to_follow() -> list[Session]:
    sessions = Session.objects.filter(stopped_at__isnull=False, measures_planned=None)
    return list(sessions.select_related("patient", "course", "protocol_version"))


@transaction.atomic
def follow_session(*, at: datetime, session: Session) -> None:
    """After the dose of a session: plan its questionnaires, ask for its visit, and for the decision when due."""
    plan_measures(by=SYSTEM, at=at, session=session)
    ask_for_visit(at=at, session=session)
    ask_for_decision(at=at, session=session)


def ask_for_visit(*, at: datetime, session: Session) -> None:
    """A task for the therapist who is booked, or for any therapist."""
    appointment = integration_appointment(session)
    therapist: StaffMember | None = None
    if appointment is not None:
        part = appointment.staffing.filter(part="therapist").select_related("staff").first()
        therapist = part.staff if part else None
    assert session.stopped_at is not None
    worklist.open_task(
        by=SYSTEM,
        at=at,
        kind="therapy.visit",
        title=N_("Integration visit after session {number}"),
        title_params={"number": session.number},
        patient=session.patient,
        owner=therapist,
        owner_role=Role.THERAPIST,
        due_at=appointment.ends_at if appointment else session.stopped_at + VISIT_WITHIN,
        url_name="staff:integration",
        url_args=[str(session.pk)],
        key=task_key(session),
    )


def ask_for_decision(*, at: datetime, session: Session) -> None:
    """A task for a physician when the protocol's review is reached or the planned number is given."""
    given = sessions_given(session.course)
    protocol = protocol_of(session.protocol_version)
    if not (review_is_due(protocol, given) or given >= session.course.planned_sessions):
        return
    assert session.stopped_at is not None
    worklist.open_task(
        by=SYSTEM,
        at=at,
        kind="followup.decision",
        title=N_("Decide what comes next after {count} sessions"),
        title_params={"count": given},
        patient=session.patient,
        owner_role=Role.PHYSICIAN,
        due_at=session.stopped_at + DECISION_WITHIN,
        url_name="staff:next_decision",
        url_args=[str(session.course_id)],
        key=decision_key(session.course),
    )
