"""A journey in words: the phase, the steps of the pathway, and what may sensibly be done next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.interfaces.design import formats
from interlude.interfaces.staff.people.journey import FINAL_PHASES, Journey
from interlude.interfaces.staff.people.links import link
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import CLINICAL, Role
from interlude.record.assessments.models import EligibilityOutcome
from interlude.record.clinic.queries import local_day
from interlude.record.dosing.models import Session
from interlude.record.plans.models import CourseState

PHASE_LABELS: dict[str, tuple[str | Promise, str]] = {
    "registered": (gettext_lazy("Registered"), "neutral"),
    "eligibility": (gettext_lazy("Eligibility to decide"), "info"),
    "not_eligible": (gettext_lazy("Not eligible"), "neutral"),
    "postponed": (gettext_lazy("Postponed"), "wait"),
    "plan_to_write": (gettext_lazy("Plan to write"), "info"),
    "plan_draft": (gettext_lazy("Plan in draft"), "info"),
    "series_to_book": (gettext_lazy("Series to book"), "info"),
    "series_booked": (gettext_lazy("Series booked"), "info"),
    "in_series": (gettext_lazy("In the series"), "accent"),
    "in_session": (gettext_lazy("In session now"), "accent"),
    "decide_next": (gettext_lazy("Next decision due"), "wait"),
    "follow_up": (gettext_lazy("Follow-up"), "ok"),
    "ended": (gettext_lazy("Course ended"), "neutral"),
}

# Which decisions are clinical: front desk sees that somebody is before the plan, not why.
_CLINICAL_PHASES = {"not_eligible", "postponed", "eligibility"}


def phase_tag(journey: Journey, by: StaffMember) -> dict[str, Any]:
    """{label, kind, note} of the phase, as far as the person may know it."""
    phase = journey.phase
    if by.role not in CLINICAL and phase in _CLINICAL_PHASES:
        return {"label": _("Before the plan"), "kind": "neutral", "note": ""}
    label, kind = PHASE_LABELS[phase]
    note = ""
    if phase in ("in_series", "in_session"):
        number = journey.running.number if journey.running else len(journey.given)
        note = _("{number} of {planned} sessions").format(number=number, planned=journey.planned)
    return {"label": label, "kind": kind, "note": note}


def pathway_steps(journey: Journey, by: StaffMember) -> list[dict[str, Any]]:
    """Consult, eligible, plan, each session, integration, next decision: what the pathway component draws."""
    steps = [*_before(journey, by), *_sessions(journey), _integration(journey), _next(journey)]
    _mark_current(steps)
    return steps


def _before(journey: Journey, by: StaffMember) -> Iterator[dict[str, Any]]:
    patient, decision, course = journey.patient, journey.decision, journey.course
    clinical = by.role in CLINICAL
    yield {
        "label": _("Consult"),
        "state": "done" if journey.has_consultation else "upcoming",
        "url": link("consultation", patient.pk) if clinical else "",
        "mark": "",
    }
    state, note = "upcoming", ""
    if decision is not None and clinical:
        eligible = decision.outcome == EligibilityOutcome.ELIGIBLE
        state = "done" if eligible else "stopped"
        note = formats.clinic_date(decision.recorded_at)
        if not eligible:
            note = f"{EligibilityOutcome(decision.outcome).label}, {note}"
    elif decision is not None and course is not None:
        state = "done"
    yield {
        "label": _("Eligible"),
        "state": state,
        "note": note,
        "url": link("eligibility", patient.pk) if clinical else "",
        "mark": "",
    }
    signed = course is not None and course.state != CourseState.DRAFT
    plan_url = ""
    if clinical:
        plan_url = link("course", course.pk) if course else link("plan", patient.pk)
    yield {
        "label": _("Plan"),
        "state": "done" if signed else "upcoming",
        "note": _("draft") if course is not None and not signed else "",
        "url": plan_url,
        "mark": "",
    }


def _sessions(journey: Journey) -> Iterator[dict[str, Any]]:
    course = journey.course
    if course is None or course.state == CourseState.DRAFT:
        yield {"label": _("Sessions"), "state": "upcoming", "mark": ""}
        return
    held = {session.number: session for session in journey.sessions}
    booked = {row.number: row for row in journey.appointments if row.kind == "infusion"}
    over = course.state == CourseState.ENDED
    for number in range(1, max([course.planned_sessions, *held]) + 1):
        session, appointment = held.get(number), booked.get(number)
        step: dict[str, Any] = {"label": _("Session {number}").format(number=number), "mark": number}
        if session is not None:
            final = session.phase in FINAL_PHASES
            when = session.started_at or session.checked_in_at
            step |= {
                "state": "done" if final else "current",
                "note": formats.clinic_date(when) if final else _("now"),
                "url": session_url(session),
            }
        elif appointment is not None:
            step |= {
                "state": "upcoming",
                "note": formats.clinic_date(appointment.starts_at, weekday=True),
                "url": link("appointment", appointment.pk),
            }
        else:
            step |= {"state": "skipped" if over else "upcoming", "note": "" if over else _("not booked")}
        yield step


def _integration(journey: Journey) -> dict[str, Any]:
    signed = sum(visit.done_at is not None for visit in journey.visits)
    step: dict[str, Any] = {"label": _("Integration"), "state": "upcoming", "mark": ""}
    if journey.given:
        step["note"] = _("{signed} of {given} written").format(signed=signed, given=len(journey.given))
        complete = signed >= len(journey.given) >= journey.planned > 0
        step["state"] = "done" if complete else "upcoming"
        step["url"] = link("integration", journey.given[-1].pk)
    return step


def _next(journey: Journey) -> dict[str, Any]:
    step: dict[str, Any] = {"label": _("Next decision"), "state": "upcoming", "mark": ""}
    if journey.next_decision is not None:
        step |= {"state": "done", "note": journey.next_decision.get_decision_display()}
    if journey.course is not None and journey.given:
        step["url"] = link("next_decision", journey.course.pk)
    return step


def _mark_current(steps: list[dict[str, Any]]) -> None:
    """The first step after everything that is behind us is where we are."""
    if any(step["state"] in ("current", "stopped") for step in steps):
        return
    behind = max((place for place, step in enumerate(steps, start=1) if step["state"] == "done"), default=0)
    for step in steps[behind:]:
        if step["state"] == "upcoming":
            step["state"] = "current"
            return


def session_url(session: Session) -> str:
    """The page that a session is worked on in its phase."""
    page = "cockpit"
    if session.phase == "checked_in":
        page = "gate"
    elif session.phase in ("resting", "ready_for_discharge"):
        page = "recovery"
    elif session.phase in FINAL_PHASES:
        page = "session_report"
    return link(page, session.pk)


@dataclass(frozen=True)
class NextStep:
    """A button, and a line that says why it is there."""

    label: str
    url: str
    why: str = ""


def next_steps(journey: Journey, by: StaffMember, at: datetime) -> list[NextStep]:
    """What this person may sensibly do next, the most urgent first. Empty when it is others' turn."""
    found = [*_session_steps(journey, by, at), *_preparing_steps(journey, by), *_after_steps(journey, by)]
    return [step for step in found if step.url]


def _session_steps(journey: Journey, by: StaffMember, at: datetime) -> Iterator[NextStep]:
    if journey.running is not None and by.role in CLINICAL:
        label = dict(Session._meta.get_field("phase").choices or ())[journey.running.phase]
        yield NextStep(_("Open the session"), session_url(journey.running), _(str(label)))
    infusion = journey.next_infusion
    if infusion is None or journey.running is not None:
        return
    if local_day(infusion.starts_at) == local_day(at) and by.role in (Role.NURSE, Role.PHYSICIAN, Role.FRONT_DESK):
        time = formats.clinic_time(infusion.starts_at)
        yield NextStep(_("Check in"), link("check_in", infusion.pk), _("Booked for today {time}").format(time=time))


def _preparing_steps(journey: Journey, by: StaffMember) -> Iterator[NextStep]:
    patient, course, phase = journey.patient, journey.course, journey.phase
    clinician = by.role in (Role.PHYSICIAN, Role.NURSE)
    if not journey.has_referral and phase == "registered" and by.role != Role.THERAPIST:
        yield NextStep(_("Record the referral"), link("refer", patient.pk), _("How the patient came to us"))
    if phase == "registered" and clinician:
        yield NextStep(_("Start the consultation"), link("consultation", patient.pk))
    if phase in ("eligibility", "postponed") and by.role in CLINICAL:
        if by.role == Role.PHYSICIAN:
            yield NextStep(_("Decide on eligibility"), link("eligibility", patient.pk))
        if clinician:
            yield NextStep(_("Go on with the consultation"), link("consultation", patient.pk))
    if phase == "plan_to_write" and by.role == Role.PHYSICIAN:
        yield NextStep(_("Write the plan"), link("plan", patient.pk), _("The patient is eligible"))
    if phase == "plan_draft" and by.role == Role.PHYSICIAN and course is not None:
        yield NextStep(_("Finish and sign the plan"), link("course", course.pk))
    unbooked = course is not None and phase in ("series_to_book", "in_series") and journey.next_infusion is None
    if unbooked and course is not None and by.role in (Role.FRONT_DESK, Role.NURSE, Role.PHYSICIAN):
        yield NextStep(_("Book the series"), link("series", course.pk), _("No session is booked"))


def _after_steps(journey: Journey, by: StaffMember) -> Iterator[NextStep]:
    written = {visit.session_id for visit in journey.visits if visit.done_at}
    waiting = [session for session in journey.given if session.pk not in written]
    if waiting and by.role in (Role.THERAPIST, Role.PHYSICIAN):
        last = waiting[-1]
        yield NextStep(
            _("Write the integration of session {number}").format(number=last.number), link("integration", last.pk)
        )
    if journey.phase == "decide_next" and journey.course is not None and by.role == Role.PHYSICIAN:
        yield NextStep(
            _("Decide what comes next"),
            link("next_decision", journey.course.pk),
            _("All planned sessions were given"),
        )
