"""The gate before the dose: lines, the physician's order, the start."""

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
from interlude.interfaces.staff.session.gate import GatePage
from interlude.interfaces.staff.session.lines import LineForm, line_refused
from interlude.interfaces.staff.session.opening import is_part, move_on, open_session_page, session_of
from interlude.record.clinic.queries import local_day
from interlude.record.dosing import services
from interlude.record.dosing.models import Session
from interlude.record.dosing.queries.gate import gate as gate_state


def gate(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """What stands between the patient and the dose. When the dose has begun this is the cockpit."""
    now = timezone.now()
    session = open_session_page(request, session_id, "gate", now)
    if session.started_at is not None:
        return move_on(request, session, "staff:cockpit")
    if phase_info(session.phase).is_final:  # type: ignore[arg-type]
        return move_on(request, session, "staff:session_report")
    return _show(request, GatePage(session, now, request.user))


def _show(request: StaffRequest, page: GatePage, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"gate": page, "session": page.session, "now": page.now, "oob": is_part(request)}
    if is_part(request):
        return render(request, "staff/session/gate_parts.html", context, status=status)
    context["banner"] = banner_for(page.session.patient, local_day(page.now), request.user)
    context["page_has_errors"] = status == 422
    return render(request, "staff/session/gate.html", context, status=status)


def _after(request: StaffRequest, session: Session) -> HttpResponse:
    if is_part(request):
        return _show(request, GatePage(session_of(request, session.pk), timezone.now(), request.user))
    return redirect("staff:gate", session_id=session.pk)


def _refused(request: StaffRequest, session: Session, **sent: Any) -> HttpResponse:
    page = GatePage(session_of(request, session.pk), timezone.now(), request.user, **sent)
    return _show(request, page, status=422)


def answer(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Answer one line, or go on after a no with a reason."""
    session = session_of(request, session_id)
    now = timezone.now()
    line = gate_state(session, now).line(request.POST.get("item", ""))
    if line is None:
        raise Http404
    form = LineForm(request.POST, line=line)
    reason = request.POST.get("override_reason", "")
    is_override = "override_reason" in request.POST
    if not is_override and not form.is_valid():
        return _refused(request, session, bound=form)
    try:
        services.answer_gate(
            by=request.user,
            at=now,
            session=session,
            item=line.code,
            answer=None if is_override else form.answer(now),
            override_reason=reason,
        )
    except Refused as refusal:
        return _refused(request, session, bound=line_refused(form, line, refusal, is_override))
    return _after(request, session)


def order(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """The physician signs the order of this session."""
    session = session_of(request, session_id)
    form = forms.OrderForm(request.POST)
    if not form.is_valid():
        return _refused(request, session, order_form=form)
    try:
        services.sign_order(by=request.user, password=form.cleaned_data["password"], at=timezone.now(), session=session)
    except Refused as refusal:
        add_refusal(form, refusal)
        return _refused(request, session, order_form=form)
    if not is_part(request):
        messages.success(request, _("The order is signed."))
    return _after(request, session)


def start(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """The dose begins: the infusion runs, or the injection is given."""
    session = session_of(request, session_id)
    page = GatePage(session, timezone.now(), request.user)
    form = page.start_form_of(request.POST)
    if not form.is_valid():
        return _refused(request, session, start_form=form)
    values = dict(form.cleaned_data)
    lot = page.lot_of(values.pop("lot"))
    verb: Any = services.start_infusion if session.route == "iv" else services.give_injection
    try:
        verb(by=request.user, at=page.now, session=session, lot=lot, **values)
    except Refused as refusal:
        add_refusal(form, refusal)
        return _refused(request, session, start_form=form)
    return redirect("staff:cockpit", session_id=session.pk)


def cancel(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """The session does not take place: chair and patient are free again."""
    session = session_of(request, session_id)
    form = forms.ReasonForm(request.POST, auto_id="id_cancel_%s")
    if not form.is_valid():
        return _refused(request, session, cancel_form=form)
    try:
        services.cancel_session(by=request.user, at=timezone.now(), session=session, reason=form.cleaned_data["reason"])
    except Refused as refusal:
        add_refusal(form, refusal)
        return _refused(request, session, cancel_form=form)
    messages.success(request, _("The session was cancelled. The chair is free."))
    return redirect("staff:today")
