"""The series of a plan: options with what they do not keep, and one acceptance that books all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import Refused
from interlude.domain.timetabling import Proposal, SeriesAppointment
from interlude.domain.timetabling.requests import Kind as ResourceKind
from interlude.interfaces.design import formats
from interlude.interfaces.design.forms import add_refusal
from interlude.interfaces.staff.calendar.forms import AcceptForm, WishesForm
from interlude.interfaces.staff.calendar.tokens import from_token, to_token
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.people.opening import open_chart
from interlude.interfaces.staff.planning.words import said
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.accounts.queries import active_staff
from interlude.record.accounts.roles import Role
from interlude.record.appointments import services
from interlude.record.appointments.models import Appointment, Kind, State
from interlude.record.appointments.options import Option
from interlude.record.appointments.queries import series_of
from interlude.record.appointments.services import SeriesRefused
from interlude.record.clinic.models import Chair
from interlude.record.clinic.queries import clinic_zone, opening_hours
from interlude.record.plans import queries as plans
from interlude.record.plans.models import Course

WRONG = 422
MOST_DAYS = 4


def series(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """Propose, compare, accept; and plan again what has not taken place."""
    course = get_object_or_404(plans.courses_for(request.user).prefetch_related("elements"), pk=course_id)
    open_chart(request, course.patient_id, "series", timezone.now())
    booked = series_of(course)
    replacing = _is_replacing(booked)
    accept = AcceptForm(request.POST or None, initial={"replacing": replacing})
    refused_reasons: list[str] = []
    if request.method == "POST" and accept.is_valid():
        try:
            rows = _book(request, course, accept)
        except SeriesRefused as refused:
            refused_reasons = [said(reason) for reason in refused.reasons]
        except Refused as refused:
            add_refusal(accept, refused)
        else:
            text = ngettext("{n} appointment is booked.", "{n} appointments are booked.", len(rows))
            messages.success(request, text.format(n=len(rows)))
            return redirect("staff:series", course.pk)
    context = _context(request, course, booked, replacing, accept) | {"refused_reasons": refused_reasons}
    wrong = bool(accept.errors or refused_reasons)
    return render(request, "staff/calendar/series.html", context, status=WRONG if wrong else 200)


def _is_replacing(booked: list[Appointment]) -> bool:
    """Whatever is booked and has not begun is given up for the new proposal."""
    return any(row.kind == Kind.INFUSION and row.state in (State.BOOKED, State.CONFIRMED) for row in booked)


def _book(request: StaffRequest, course: Course, form: AcceptForm) -> list[Appointment]:
    data = form.cleaned_data
    proposal = from_token(course.pk, data["token"], clinic_zone())
    return services.book_series(
        by=request.user,
        at=timezone.now(),
        course=course,
        proposal=proposal,
        replacing=data["replacing"],
        reason_class=data["reason_class"],
    )


def _context(
    request: StaffRequest, course: Course, booked: list[Appointment], replacing: bool, accept: AcceptForm
) -> dict[str, Any]:
    open_days = {span.weekday for span in opening_hours()}
    tomorrow = timezone.localdate() + timedelta(days=1)
    asked = "earliest_on_day" in request.GET
    form = WishesForm(request.GET if asked else None, initial={"earliest_on": tomorrow}, open_days=open_days)
    sessions = [row for row in booked if row.kind == Kind.INFUSION]
    context: dict[str, Any] = {
        "patient": course.patient,
        "banner": banner_for(course.patient, timezone.localdate(), request.user),
        "course": course,
        "form": form,
        "accept": accept,
        "booked": booked,
        "sessions_booked": len(sessions),
        "replacing": replacing,
        "may_book": request.user.role in (Role.PHYSICIAN, Role.NURSE, Role.FRONT_DESK),
        "options": [],
        "why_not": [],
        "refusal": "",
        "asked": asked,
    }
    may_ask = course.is_open and (replacing or len(sessions) < course.planned_sessions)
    if not course.is_open:
        context["refusal"] = _("A series is booked for a signed plan.")
    elif asked and form.is_valid():
        context |= _answer(request, course, form, replacing)
    return context | {"may_ask": may_ask}


def _answer(request: StaffRequest, course: Course, form: WishesForm, replacing: bool) -> dict[str, Any]:
    try:
        reply = services.propose_series(
            by=request.user, at=timezone.now(), course=course, replacing=replacing, **form.wishes()
        )
    except Refused as refused:
        return {"refusal": said(refused)}
    names = {str(one.pk): one.display_name for one in active_staff()}
    names |= {str(one.pk): one.name for one in Chair.objects.all()}
    return {
        "options": [
            option_rows(course, option, names, letter, reply.numbers)
            for option, letter in zip(reply.options, "ABC", strict=False)
        ],
        "why_not": grouped_days(reply.why_not),
    }


def grouped_days(reasons: Sequence[Reason]) -> list[str]:
    """Reasons in words; days with one and the same reason stand together, the commonest reason first."""
    days: dict[str, list[Reason]] = {}
    lines = []
    for reason in reasons:
        if "on" in reason.params and "{on}" in reason.template:
            days.setdefault(reason.template, []).append(reason)
        else:
            lines.append(said(reason))
    for template, rows in sorted(days.items(), key=lambda pair: -len(pair[1])):
        named = ", ".join(formats.clinic_date(row.params["on"], weekday=True) for row in rows[:MOST_DAYS])
        more = len(rows) - MOST_DAYS
        if more > 0:
            text = ngettext("{days} and {n} more day", "{days} and {n} more days", more)
            named = text.format(days=named, n=more)
        lines.append(said(Reason(template, {**rows[0].params, "on": named})))
    return lines


def option_rows(
    course: Course, option: Option, names: dict[str, str], letter: str, numbers: Sequence[int]
) -> dict[str, Any]:
    """One option as the page draws it."""
    return {
        "letter": letter,
        "breaks": [said(reason) for reason in option.breaks],
        "visits": [_visit(one, names, numbers) for one in option.proposal.appointments],
        "token": to_token(course.pk, option.proposal),
        "days": _span_days(option.proposal),
    }


def _visit(one: SeriesAppointment, names: dict[str, str], numbers: Sequence[int]) -> dict[str, Any]:
    order: tuple[ResourceKind, ...] = ("chair", "nurse", "physician", "therapist")
    return {
        "is_session": one.kind == "infusion",
        "number": numbers[one.number - 1],
        "start": one.start,
        "end": one.end,
        "who": [names.get(one.roles[part], "") for part in order if part in one.roles],
    }


def _span_days(proposal: Proposal) -> int:
    return (proposal.appointments[-1].start.date() - proposal.appointments[0].start.date()).days + 1
