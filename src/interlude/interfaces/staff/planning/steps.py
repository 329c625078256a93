"""What a course needs next, as the lines of a task list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from interlude.interfaces.staff.people.links import link
from interlude.interfaces.staff.planning.dose_words import check_line
from interlude.interfaces.staff.planning.words import said
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.appointments.models import Appointment, Kind, State
from interlude.record.plans.models import Comfort, Course, CourseState, DoseCheck
from interlude.record.plans.queries import ConsentState, drivers_of


def next_steps(
    course: Course,
    consent: ConsentState,
    appointments: list[Appointment],
    comfort: Comfort | None,
    checks: list[DoseCheck],
    by: StaffMember,
    now: datetime,
) -> list[dict[str, Any]]:
    """Sign, compute again, consent, comfort, book, driver, next decision: where it is done and how it stands."""
    draft, open_ = course.state == CourseState.DRAFT, course.is_open
    sessions = [row for row in appointments if row.kind == Kind.INFUSION]
    done = [row for row in sessions if row.state == State.DONE]
    lines = [_signing(course, draft, by)]
    if open_:
        lines.append(check_line(course, checks, by))
    if open_ or draft:
        lines.append(
            {
                "title": _("Consent"),
                "url": reverse("staff:consent", args=[course.pk]),
                "hint": said(consent.reason),
                "status": _("Completed") if consent.is_valid else _("Needed"),
                "kind": "" if consent.is_valid else "wait",
            }
        )
        lines.append(
            {
                "title": _("Comfort wishes"),
                "url": reverse("staff:comfort", args=[course.pk]),
                "status": _("Completed") if comfort else _("Not asked yet"),
                "kind": "" if comfort else "wait",
            }
        )
    if open_:
        lines.append(_booking(course, sessions))
        lines += _driver(sessions, now)
        if done and len(done) >= course.planned_sessions:
            lines.append({"title": _("Decide what comes next"), "url": link("next_decision", course.pk), "status": ""})
    return lines


def _signing(course: Course, draft: bool, by: StaffMember) -> dict[str, Any]:
    if not draft:
        return {"title": _("Plan signed"), "url": "", "status": _("Completed")}
    may_open = by.role in (Role.PHYSICIAN, Role.THERAPIST)
    return {
        "title": _("Check and sign the plan"),
        "url": reverse("staff:plan_sign", args=[course.pk]) if may_open else "",
        "hint": _("A physician signs."),
        "status": _("Not signed"),
        "kind": "wait",
    }


def _booking(course: Course, sessions: list[Appointment]) -> dict[str, Any]:
    complete = len(sessions) >= course.planned_sessions
    return {
        "title": _("Book the series"),
        "url": reverse("staff:series", args=[course.pk]),
        "hint": _("{booked} of {planned} sessions").format(booked=len(sessions), planned=course.planned_sessions),
        "status": _("Completed") if complete else _("Not booked yet"),
        "kind": "" if complete else "wait",
    }


def _driver(sessions: list[Appointment], now: datetime) -> list[dict[str, Any]]:
    """The driver of the next session, without whom nobody goes home."""
    coming = [row for row in sessions if row.state in (State.BOOKED, State.CONFIRMED) and row.ends_at > now]
    if not coming:
        return []
    named = coming[0].pk in drivers_of([coming[0].pk])
    return [
        {
            "title": _("Driver for session {number}").format(number=coming[0].number),
            "url": reverse("staff:appointment", args=[coming[0].pk]) + "#driver",
            "status": _("Completed") if named else _("Not named yet"),
            "kind": "" if named else "wait",
        }
    ]
