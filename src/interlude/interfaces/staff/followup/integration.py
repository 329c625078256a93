"""The integration visit that belongs to a session: the shared summary, saved as a draft and signed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.instruments import instrument as instrument_of
from interlude.domain.refusals import Refused
from interlude.interfaces.staff.followup.forms import VisitForm
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.dosing.models import Session
from interlude.record.dosing.queries import given_ug, sessions_for
from interlude.record.measures.queries import open_alerts, responses_for
from interlude.record.patients.services import record_view
from interlude.record.plans.queries import comfort_of
from interlude.record.therapy import services
from interlude.record.therapy.models import TherapyVisit
from interlude.record.therapy.queries import earlier_visits, visit_of

_FIELDS = {"held_at": "held_on", "summary": "shared"}


def integration(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Write, save and sign the summary; read it when it is signed."""
    session = get_object_or_404(sessions_for(request.user), pk=session_id)
    visit = visit_of(session)
    form = VisitForm(
        request.POST or None, is_draft=request.POST.get("verb") == "save", initial=_initial(session, visit)
    )
    if request.method == "POST":
        if form.is_valid() and _write(request, session, form):
            return redirect("staff:integration", session.pk)
        visit = visit_of(session)
    else:
        record_view(by=request.user, at=timezone.now(), patient=session.patient, page="integration")
    return render(request, "staff/followup/integration.html", _context(request, session, visit, form))


def _write(request: StaffRequest, session: Session, form: VisitForm) -> bool:
    """Save the draft, and sign it when asked. What was typed is saved even when the password is wrong."""
    now = timezone.now()
    try:
        visit = services.save_visit(by=request.user, at=now, session=session, **form.content)
        if request.POST.get("verb") != "sign":
            messages.success(request, _("Saved as a draft. Only you can go on with it."))
            return True
        form.data = {**request.POST.dict(), "seen_version": str(visit.version)}
        services.sign_visit(
            by=request.user,
            password=form.cleaned_data["password"],
            at=now,
            visit=visit,
            seen_version=visit.version,
        )
    except Refused as refused:
        form.refuse(refused, _FIELDS)
        return False
    messages.success(request, _("Signed. The care team can read it now."))
    return True


def _initial(session: Session, visit: TherapyVisit | None) -> dict[str, Any]:
    if visit is None:
        booked = services.integration_appointment(session)
        at = min(booked.starts_at, timezone.now()) if booked else timezone.now()
        local = timezone.localtime(at)
        minutes = round((booked.ends_at - booked.starts_at).total_seconds() / 60) if booked else None
        return {
            "held_on": local.date(),
            "held_time": local.time(),
            "minutes": minutes,
            "modality": "integration",
            "seen_version": 0,
        }
    local = timezone.localtime(visit.held_at)
    texts = {name: getattr(visit, name) or "" for name in services.TEXTS}
    return {
        **texts,
        "shared": texts["summary"],
        "held_on": local.date(),
        "held_time": local.time(),
        "minutes": visit.minutes,
        "modality": visit.modality,
        "seen_version": visit.version,
    }


def _context(request: StaffRequest, session: Session, visit: TherapyVisit | None, form: VisitForm) -> dict[str, Any]:
    may_go_on = visit is None or (not visit.is_signed and visit.therapist_id == request.user.pk)
    since = responses_for(request.user).filter(patient=session.patient, answered_at__gte=session.checked_in_at)
    now = timezone.now()
    scores, responses = list(session.scores.order_by("at")), list(since.order_by("answered_at"))
    for score in scores:
        score.scale_name = instrument_of(score.scale).name  # type: ignore[attr-defined]
    for response in responses:
        response.name = instrument_of(response.instrument).name  # type: ignore[attr-defined]
    return {
        "patient": session.patient,
        "banner": banner_for(session.patient, timezone.localdate(), request.user),
        "session": session,
        "visit": visit,
        "form": form,
        "may_write": services.may_write(request.user) and may_go_on and session.started_at is not None,
        "given_mg": Decimal(given_ug(session, now)).scaleb(-3) if session.started_at else None,
        "events": list(session.events.order_by("at")),
        "scores": scores,
        "comfort": comfort_of(session.course, session.appointment_id),
        "earlier": list(earlier_visits(request.user, session.patient, session)[:3]),
        "responses": responses,
        "alerts": list(open_alerts(request.user).filter(patient=session.patient)),
        "now": now,
    }
