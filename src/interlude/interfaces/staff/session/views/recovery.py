"""Rest and the way home."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.protocol import phase_info
from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import add_refusal
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.requests import StaffRequest
from interlude.interfaces.staff.session import forms
from interlude.interfaces.staff.session.lines import LineForm, line_refused
from interlude.interfaces.staff.session.opening import is_part, move_on, open_session_page, session_of
from interlude.interfaces.staff.session.recovery import RecoveryPage
from interlude.interfaces.staff.session.views.charting import chart_typed, record_scale
from interlude.record.clinic.queries import local_day
from interlude.record.dosing import services
from interlude.record.dosing.models import Session
from interlude.record.dosing.queries import discharge_state


def recovery(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Rest, criteria and discharge; while the dose goes in this is the cockpit, after the end the report."""
    now = timezone.now()
    session = open_session_page(request, session_id, "recovery", now)
    if session.stopped_at is None:
        return move_on(request, session, "staff:cockpit")
    if phase_info(session.phase).is_final:  # type: ignore[arg-type]
        return move_on(request, session, "staff:session_report")
    return _show(request, RecoveryPage(session, now, request.user))


def _show(request: StaffRequest, page: RecoveryPage, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"page": page, "session": page.session, "now": page.now, "oob": is_part(request)}
    if is_part(request):
        return render(request, "staff/session/recovery_parts.html", context, status=status)
    context["banner"] = banner_for(page.session.patient, local_day(page.now), request.user)
    context["page_has_errors"] = status == 422
    return render(request, "staff/session/recovery.html", context, status=status)


def _after(request: StaffRequest, session: Session) -> HttpResponse:
    if is_part(request):
        return _show(request, RecoveryPage(session_of(request, session.pk), timezone.now(), request.user))
    return redirect("staff:recovery", session_id=session.pk)


def _refused(request: StaffRequest, session: Session, **sent: Any) -> HttpResponse:
    page = RecoveryPage(session_of(request, session.pk), timezone.now(), request.user, **sent)
    return _show(request, page, status=422)


def answer(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Answer one criterion, or go on after a no with a reason."""
    session = _after_the_dose(request, session_id)
    now = timezone.now()
    state = discharge_state(session, now)
    line = state.line(request.POST.get("item", "")) if state else None
    if line is None:
        raise Http404
    form = LineForm(request.POST, line=line)
    is_override = "override_reason" in request.POST
    if not is_override and not form.is_valid():
        return _refused(request, session, bound=form)
    try:
        services.answer_discharge(
            by=request.user,
            at=now,
            session=session,
            item=line.code,
            answer=None if is_override else (form.answer(now) or None),
            override_reason=request.POST.get("override_reason", ""),
        )
    except Refused as refusal:
        return _refused(request, session, bound=line_refused(form, line, refusal, is_override))
    return _after(request, session)


def score(request: StaffRequest, session_id: UUID, scale: str) -> HttpResponse:
    session = _after_the_dose(request, session_id)
    form = record_scale(request, session, scale)
    return _refused(request, session, forms={scale: form}) if form.errors else _after(request, session)


def vitals(request: StaffRequest, session_id: UUID) -> HttpResponse:
    session = _after_the_dose(request, session_id)
    form = chart_typed(request, session)
    return _refused(request, session, forms={"vitals": form}) if form.errors else _after(request, session)


def _after_the_dose(request: StaffRequest, session_id: UUID) -> Session:
    session = session_of(request, session_id)
    if session.stopped_at is None:
        raise Http404
    return session


def discharge(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Home with the driver, or the reasons why not yet."""
    session = _after_the_dose(request, session_id)
    now = timezone.now()
    form = RecoveryPage(session, now, request.user).discharge_form_of(request.POST)
    if not form.is_valid():
        return _refused(request, session, forms={"discharge": form})
    try:
        services.discharge(by=request.user, at=now, session=session, **form.cleaned_data)
    except Refused as refusal:
        add_refusal(form, refusal)
        return _refused(request, session, forms={"discharge": form})
    messages.success(request, _("Discharged. Print the discharge sheet for the patient."))
    return redirect("staff:session_report", session_id=session.pk)


def leave(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """To hospital, or against advice."""
    session = _after_the_dose(request, session_id)
    form = forms.LeaveForm(request.POST, auto_id="id_leave_%s")
    if not form.is_valid():
        return _refused(request, session, forms={"leave": form})
    verb = services.transfer if form.cleaned_data["way"] == "transfer" else services.end_early
    try:
        verb(by=request.user, at=timezone.now(), session=session, note=form.cleaned_data["note"])
    except Refused as refusal:
        add_refusal(form, refusal)
        return _refused(request, session, forms={"leave": form})
    return redirect("staff:session_report", session_id=session.pk)
