"""What is seen and measured: events in one tap, typed values, scales."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone

from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import DesignForm, add_refusal
from interlude.interfaces.staff.requests import StaffRequest
from interlude.interfaces.staff.session.clock_times import tapped_at, today_at
from interlude.interfaces.staff.session.forms import EventForm, ScoreForm, VitalsForm, WordsForm
from interlude.interfaces.staff.session.opening import session_of
from interlude.interfaces.staff.session.views.cockpit import after, refused
from interlude.record.dosing import services
from interlude.record.dosing.models import Session


def event(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """One event: a tap of a button, or words from the note form."""
    session = session_of(request, session_id)
    in_words = request.POST.get("form") == "words"
    form: DesignForm = WordsForm(request.POST, auto_id="id_words_%s") if in_words else EventForm(request.POST)
    name = "words" if in_words else "event"
    if not form.is_valid():
        return refused(request, session, name, form)
    now = timezone.now()
    try:
        services.log_event(
            by=request.user,
            at=now,
            session=session,
            kind=form.cleaned_data["kind"],
            note=form.cleaned_data["note"],
            event_at=tapped_at(form.cleaned_data["event_at"], now),
        )
    except Refused as refusal:
        add_refusal(form, refusal)
        return refused(request, session, name, form)
    return after(request, session)


def vitals(request: StaffRequest, session_id: UUID) -> HttpResponse:
    session = session_of(request, session_id)
    form = chart_typed(request, session)
    return refused(request, session, "vitals", form) if form.errors else after(request, session)


def chart_typed(request: StaffRequest, session: Session) -> VitalsForm:
    """Chart what was typed; the form that comes back has errors when nothing was charted."""
    form = VitalsForm(request.POST, auto_id="id_vitals_%s")
    if not form.is_valid():
        return form
    now = timezone.now()
    values: dict[str, Any] = {kind: form.cleaned_data[kind] for kind in VitalsForm.KINDS}
    clock = form.cleaned_data["observed_at"]
    try:
        services.chart_vitals(
            by=request.user,
            at=now,
            session=session,
            values={kind: value for kind, value in values.items() if value is not None},
            observed_at=today_at(clock, now) if clock else now,
        )
    except Refused as refusal:
        add_refusal(form, refusal)
    return form


def score(request: StaffRequest, session_id: UUID, scale: str) -> HttpResponse:
    session = session_of(request, session_id)
    form = record_scale(request, session, scale)
    return refused(request, session, scale, form) if form.errors else after(request, session)


def record_scale(request: StaffRequest, session: Session, scale: str) -> ScoreForm:
    """Score one scale; the form that comes back has errors when nothing was recorded."""
    if scale not in services.SCALES:
        raise Http404
    form = ScoreForm(request.POST, scale=scale)
    if form.is_valid():
        try:
            services.record_score(
                by=request.user, at=timezone.now(), session=session, scale=scale, answers=form.answers()
            )
        except Refused as refusal:
            add_refusal(form, refusal, {code: f"item_{code}" for code in form.answers()})
    return form
