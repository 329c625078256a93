"""Where patients stand in their treatment, read for many at once with a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from interlude.domain.protocol.phases import PHASES
from interlude.record.appointments.models import LIVE_STATES, Appointment, Kind
from interlude.record.assessments.models import Consultation, EligibilityDecision
from interlude.record.dosing.models import Session
from interlude.record.followup.models import NextDecision
from interlude.record.patients.models import Patient, Referral
from interlude.record.plans.models import Course, CourseState
from interlude.record.therapy.models import TherapyVisit

FINAL_PHASES = frozenset(info.phase for info in PHASES if info.is_final)
NOT_GIVEN = "cancelled"


@dataclass
class Journey:
    """What is known about one patient's way. Lists are in the order of time."""

    patient: Patient
    has_referral: bool = False
    has_consultation: bool = False
    decision: EligibilityDecision | None = None
    course: Course | None = None
    sessions: list[Session] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    visits: list[TherapyVisit] = field(default_factory=list)
    next_decision: NextDecision | None = None

    @property
    def running(self) -> Session | None:
        """The session that is going on now."""
        return next((row for row in self.sessions if row.phase not in FINAL_PHASES), None)

    @property
    def given(self) -> list[Session]:
        """Sessions of the current course that are over and in which a dose was begun."""
        return [row for row in self.sessions if row.started_at and row.phase in FINAL_PHASES]

    @property
    def planned(self) -> int:
        return self.course.planned_sessions if self.course else 0

    @property
    def next_appointment(self) -> Appointment | None:
        return self.appointments[0] if self.appointments else None

    @property
    def next_infusion(self) -> Appointment | None:
        return next((row for row in self.appointments if row.kind == Kind.INFUSION), None)

    @property
    def phase(self) -> str:
        """One word for the phase of treatment; see `PHASE_LABELS` in `steps`."""
        if self.running:
            return "in_session"
        if self.course is None or self.course.state == CourseState.DRAFT:
            return self._before_the_course()
        if self.course.state == CourseState.ENDED:
            return "ended"
        if len(self.given) >= self.planned:
            return "follow_up" if self.next_decision else "decide_next"
        if self.given:
            return "in_series"
        return "series_booked" if self.next_infusion else "series_to_book"

    def _before_the_course(self) -> str:
        if self.course is not None:
            return "plan_draft"
        if self.decision is not None:
            return {"eligible": "plan_to_write"}.get(self.decision.outcome, self.decision.outcome)
        return "eligibility" if self.has_consultation else "registered"


def journeys(patients: Iterable[Patient], at: datetime) -> dict[UUID, Journey]:
    """The journeys of some patients that were already chosen by `patients_for`. Eight queries."""
    found = {patient.pk: Journey(patient) for patient in patients}
    ids = list(found)
    for patient_id in Referral.objects.filter(patient__in=ids).values_list("patient_id", flat=True):
        found[patient_id].has_referral = True
    for patient_id in Consultation.objects.filter(patient__in=ids).values_list("patient_id", flat=True):
        found[patient_id].has_consultation = True
    for decision in EligibilityDecision.objects.filter(patient__in=ids).order_by("recorded_at", "id"):
        found[decision.patient_id].decision = decision
    for course in Course.objects.filter(patient__in=ids).order_by("created_at"):
        found[course.patient_id].course = _current(found[course.patient_id].course, course)
    courses = {one.course.pk: one for one in found.values() if one.course}
    for session in Session.objects.filter(Q(course__in=courses) | Q(patient__in=ids, ended_at=None)).order_by(
        "number", "checked_in_at"
    ):
        if session.phase != NOT_GIVEN:
            found[session.patient_id].sessions.append(session)
    live = Appointment.objects.filter(patient__in=ids, state__in=LIVE_STATES, ends_at__gte=at)
    for appointment in live.order_by("starts_at"):
        found[appointment.patient_id].appointments.append(appointment)
    for visit in TherapyVisit.objects.filter(session__course__in=courses).order_by("held_at"):
        found[visit.patient_id].visits.append(visit)
    for decided in NextDecision.objects.filter(course__in=courses).order_by("decided_at"):
        found[decided.patient_id].next_decision = decided
    return found


def _current(held: Course | None, other: Course) -> Course:
    """The open course before a draft, a draft before an ended one, and of two alike the newer."""
    rank = {CourseState.ENDED: 0, CourseState.DRAFT: 1}
    if held is None or rank.get(CourseState(other.state), 2) >= rank.get(CourseState(held.state), 2):
        return other
    return held
