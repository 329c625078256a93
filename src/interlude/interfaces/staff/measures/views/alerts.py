"""One risk alert: who is on it, until when, what was done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.instruments import instrument as instrument_of
from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import translate
from interlude.interfaces.staff.measures.forms import ActionForm
from interlude.interfaces.staff.measures.views.grid import item_rows
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.measures import queries, services
from interlude.record.measures.models import RiskAlert
from interlude.record.measures.tiers import tier_rules
from interlude.record.patients.services import record_view
from interlude.record.worklist.queries import UNFINISHED


def risk_alert(request: StaffRequest, alert_id: UUID) -> HttpResponse:
    """Show the alert; take it, note an attempt, or close it with what was done."""
    alert = get_object_or_404(queries.alerts_for(request.user), pk=alert_id)
    verb = request.POST.get("verb", "")
    form = ActionForm(request.POST if verb in ("note", "close") else None)
    if request.method == "POST":
        done = _take(request, alert) if verb == "take" else _act(request, alert, verb, form)
        if done:
            return redirect("staff:risk_alert", alert.pk)
    else:
        record_view(by=request.user, at=timezone.now(), patient=alert.patient, page="risk_alert")
    return render(request, "staff/measures/alert.html", _context(request, alert, form))


def _take(request: StaffRequest, alert: RiskAlert) -> bool:
    try:
        services.take_alert(by=request.user, at=timezone.now(), alert=alert)
    except Refused as refused:
        messages.error(request, translate(refused))
    return True


def _act(request: StaffRequest, alert: RiskAlert, verb: str, form: ActionForm) -> bool:
    if not form.is_valid():
        return False
    service = services.close_alert if verb == "close" else services.note_action
    try:
        service(by=request.user, at=timezone.now(), alert=alert, **form.cleaned_data)
    except Refused as refused:
        form.refuse(refused)
        return False
    messages.success(request, _("Alert closed.") if verb == "close" else _("Saved. The alert stays open."))
    return True


def _response(request: StaffRequest, alert: RiskAlert) -> Any:
    if alert.response_id:
        return alert.response
    if alert.assignment_id is None:
        return None
    return queries.responses_for(request.user).filter(assignment_id=alert.assignment_id).first()


def _context(request: StaffRequest, alert: RiskAlert, form: ActionForm) -> dict[str, Any]:
    instrument = instrument_of(alert.instrument)
    now = timezone.now()
    found = _response(request, alert)
    rule = tier_rules()[alert.tier]
    return {
        "patient": alert.patient,
        "banner": banner_for(alert.patient, timezone.localdate(), request.user),
        "alert": alert,
        "instrument": instrument,
        "what_to_do": _(rule.label),
        "rule": rule,
        "reasons": [_(flag["template"]).format(**flag["params"]) for flag in alert.flags],
        "response": found,
        "rows": item_rows(instrument, found) if found else [],
        "actions": alert.actions.select_related("by"),
        "steps": alert.task.steps.order_by("at", "id"),
        "is_open": alert.task.state in UNFINISHED,
        "is_mine": alert.task.owner_id == request.user.pk,
        "is_overdue": alert.task.state in UNFINISHED and now > alert.due_at,
        "form": form,
        "now": now,
    }
