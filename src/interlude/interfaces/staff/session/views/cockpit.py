"""The page at the chair, its changed parts, its chart and its preview."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone

from interlude.domain.protocol import phase_info
from interlude.domain.refusals import Refused
from interlude.interfaces.design.fields import NumberField
from interlude.interfaces.design.forms import DesignForm, translate
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.requests import StaffRequest
from interlude.interfaces.staff.session.cockpit import Cockpit
from interlude.interfaces.staff.session.opening import is_part, open_session_page, session_of
from interlude.interfaces.staff.session.rates import other_units
from interlude.record.clinic.queries import local_day
from interlude.record.dosing.models import Session
from interlude.record.dosing.queries import chart, preview
from interlude.record.dosing.queries.forecast import Act

BEFORE_THE_DOSE = ("checked_in", "ready")
ACTS: dict[str, Act] = {"change": "change", "resume": "resume", "pause": "pause", "stop": "stop"}


def cockpit(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """The running session. Before the dose it is the gate, after the end the report."""
    now = timezone.now()
    session = open_session_page(request, session_id, "cockpit", now)
    if session.phase in BEFORE_THE_DOSE:
        return redirect("staff:gate", session_id=session.pk)
    if phase_info(session.phase).is_final:  # type: ignore[arg-type]
        return redirect("staff:session_report", session_id=session.pk)
    return show(request, Cockpit(session, now, request.user))


def panel(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """The parts of the cockpit that a change may touch, for htmx; the page itself for anybody else."""
    session = session_of(request, session_id)
    if not is_part(request):
        return redirect("staff:cockpit", session_id=session.pk)
    return show(request, Cockpit(session, timezone.now(), request.user))


def show(request: StaffRequest, state: Cockpit, status: int = 200) -> HttpResponse:
    """The whole page, or for htmx its parts as out-of-band elements."""
    context: dict[str, Any] = {"cockpit": state, "session": state.session, "now": state.now, "oob": is_part(request)}
    if is_part(request):
        return render(request, "staff/session/panel.html", context, status=status)
    context["banner"] = banner_for(state.session.patient, local_day(state.now), request.user)
    context["page_has_errors"] = state.has_errors
    return render(request, "staff/session/cockpit.html", context, status=status)


def after(request: StaffRequest, session: Session) -> HttpResponse:
    """What follows a verb that was done: the new state, by redirect where there is no script."""
    if is_part(request):
        return show(request, Cockpit(session_of(request, session.pk), timezone.now(), request.user))
    return redirect("staff:cockpit", session_id=session.pk)


def refused(request: StaffRequest, session: Session, name: str, form: DesignForm) -> HttpResponse:
    """The page again with one form as it was sent and what is wrong beside its field."""
    fresh = session_of(request, session.pk)
    return show(request, Cockpit(fresh, timezone.now(), request.user, {name: form}), status=422)


def chart_json(request: StaffRequest, session_id: UUID) -> JsonResponse:
    """The record of the session for `chart.js`, with the concentrations of now beside it."""
    session = session_of(request, session_id)
    now = timezone.now()
    state = Cockpit(session, now, request.user)
    data = {**chart(session, now), "at": now.isoformat()}
    if state.levels is not None:
        data["levels"] = {"cp": state.levels["cp_ng_per_ml"], "ce": state.levels["ce_ng_per_ml"]}
    return JsonResponse(data)


def preview_json(request: StaffRequest, session_id: UUID) -> JsonResponse:
    """What another rate, a pause or a stop would do: numbers, their hash, and the same as a piece of the page."""
    session = session_of(request, session_id)
    act = ACTS.get(request.GET.get("act", "change"), "change")
    form = PreviewForm(request.GET)
    if not form.is_valid():
        return _problem("rate_mg_per_h", str(form.errors["rate_mg_per_h"].as_data()[0].messages[0]))
    try:
        found = preview(session, timezone.now(), act=act, rate_mg_per_h=form.cleaned_data["rate_mg_per_h"])
    except Refused as refusal:
        return _problem(refusal.field, translate(refusal))
    html = render_to_string("staff/session/preview.html", preview_context(found), request=request)
    return JsonResponse({**found, "html": html})


class PreviewForm(DesignForm):
    rate_mg_per_h = NumberField(unit="mg/h", places=3, required=False)


def preview_context(found: dict[str, Any]) -> dict[str, Any]:
    """The preview in the shape that its template reads."""
    return {"preview": found, "others": other_units(found["rates"])}


def _problem(field: str, text: str) -> JsonResponse:
    return JsonResponse({"field": field, "text": text}, status=422)
