"""The dose: rate, pause, resume, stop, end, and the nurse's word about the pump."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import DesignForm, add_refusal, translate
from interlude.interfaces.staff.requests import StaffRequest
from interlude.interfaces.staff.session.cockpit import Cockpit
from interlude.interfaces.staff.session.forms import RateForm, ResumeForm
from interlude.interfaces.staff.session.opening import is_part, session_of
from interlude.interfaces.staff.session.views.cockpit import after, refused, show
from interlude.record.dosing import services
from interlude.record.dosing.models import Session
from interlude.record.dosing.queries import preview


def rate(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Change the rate, once its preview has been seen; without one the preview is the answer."""
    session = session_of(request, session_id)
    now = timezone.now()
    form = RateForm(request.POST)
    if not form.is_valid():
        return refused(request, session, "rate", form)
    values = form.cleaned_data
    try:
        if not values["preview_sha256"]:
            return _preview(request, session, form)
        services.change_rate(
            by=request.user,
            at=now,
            session=session,
            rate_mg_per_h=values["rate_mg_per_h"],
            reason=form.reason_text(),
            seen_version=values["seen_version"],
            preview_sha256=values["preview_sha256"],
        )
    except Refused as refusal:
        add_refusal(form, refusal)
        return refused(request, session, "rate", form)
    return after(request, session)


def _preview(request: StaffRequest, session: Session, form: RateForm) -> HttpResponse:
    """The same form with what the rate would do, and the hash that makes it possible to confirm exactly that."""
    now = timezone.now()
    found = preview(session, now, rate_mg_per_h=form.cleaned_data["rate_mg_per_h"])
    data = request.POST.copy()
    data["preview_sha256"] = found["sha256"]
    state = Cockpit(session, now, request.user, {"rate": RateForm(data)}, preview=found)
    return show(request, state)


def pause(request: StaffRequest, session_id: UUID) -> HttpResponse:
    session = session_of(request, session_id)
    try:
        services.pause(by=request.user, at=timezone.now(), session=session)
    except Refused as refusal:
        return _not_done(request, session, refusal)
    return after(request, session)


def resume(request: StaffRequest, session_id: UUID) -> HttpResponse:
    session = session_of(request, session_id)
    form = ResumeForm(request.POST)
    if not form.is_valid():
        return refused(request, session, "resume", form)
    try:
        services.resume(by=request.user, at=timezone.now(), session=session, **form.cleaned_data)
    except Refused as refusal:
        add_refusal(form, refusal)
        return refused(request, session, "resume", form)
    return after(request, session)


def stop(request: StaffRequest, session_id: UUID) -> HttpResponse:
    session = session_of(request, session_id)
    try:
        services.stop(by=request.user, at=timezone.now(), session=session)
    except Refused as refusal:
        return _not_done(request, session, refusal)
    return after(request, session)


def complete(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """The infusion has run as planned."""
    session = session_of(request, session_id)
    try:
        services.complete(by=request.user, at=timezone.now(), session=session)
    except Refused as refusal:
        return _not_done(request, session, refusal)
    return after(request, session)


def rest(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """The patient rests: from here the way leads to recovery."""
    session = session_of(request, session_id)
    try:
        services.begin_rest(by=request.user, at=timezone.now(), session=session)
    except Refused as refusal:
        return _not_done(request, session, refusal)
    return redirect("staff:recovery", session_id=session.pk)


def pump(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """The nurse says that the pump is set as charted."""
    session = session_of(request, session_id)
    try:
        segment = get_object_or_404(session.rate_segments, pk=_uuid(request.POST.get("segment", "")))
        services.confirm_pump(by=request.user, at=timezone.now(), session=session, segment=segment)
    except Refused as refusal:
        return _not_done(request, session, refusal)
    return after(request, session)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _not_done(request: StaffRequest, session: Session, refusal: Refused) -> HttpResponse:
    """A refusal of a verb without a form: on top of the controls, or as a message after a plain post."""
    if not is_part(request):
        messages.error(request, translate(refusal))
        return redirect("staff:cockpit", session_id=session.pk)
    form = DesignForm({})
    add_refusal(form, refusal)
    return refused(request, session, "act", form)
