"""Check-in: the patient takes a chair, in one key press when the chair is free."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import add_refusal
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.requests import StaffRequest
from interlude.interfaces.staff.session.forms import CheckInForm
from interlude.record.accounts.roles import CLINICAL
from interlude.record.appointments.queries import appointment_for
from interlude.record.clinic.models import Chair
from interlude.record.clinic.queries import active_chairs, local_day
from interlude.record.dosing import services
from interlude.record.dosing.models import Session


def check_in(request: StaffRequest, appointment_id: UUID) -> HttpResponse:
    appointment = appointment_for(request.user, appointment_id)
    if appointment is None:
        raise Http404
    now = timezone.now()
    chairs = active_chairs()
    taken = set(Session.objects.filter(ended_at=None).values_list("chair_id", flat=True))
    chosen = _free_chair(appointment.chair, list(chairs), taken)
    form = CheckInForm(request.POST or None, chairs=chairs, initial={"chair": chosen})
    if request.method == "POST" and form.is_valid():
        try:
            session = services.open_session(
                by=request.user, at=now, appointment=appointment, chair=form.cleaned_data["chair"]
            )
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            if request.user.role in CLINICAL:
                return redirect("staff:gate", session_id=session.pk)
            return redirect("staff:today")
    context = {
        "form": form,
        "appointment": appointment,
        "banner": banner_for(appointment.patient, local_day(now), request.user),
        "chair_note": _chair_note(appointment.chair, chosen, taken),
        "is_today": local_day(appointment.starts_at) == local_day(now),
    }
    return render(request, "staff/session/check_in.html", context, status=422 if form.errors else 200)


def _free_chair(planned: Chair | None, chairs: list[Chair], taken: set[UUID]) -> Chair | None:
    """The chair that was booked, or while somebody is on it the first free one."""
    if planned is not None and planned.pk not in taken:
        return planned
    return next((chair for chair in chairs if chair.pk not in taken), planned)


def _chair_note(planned: Chair | None, chosen: Chair | None, taken: set[UUID]) -> str:
    if planned is None or planned.pk not in taken:
        return ""
    if chosen is None or chosen.pk in taken:
        return _("{chair} is taken, and no other chair is free.").format(chair=planned.name)
    return _("{chair} is taken. {other} is free.").format(chair=planned.name, other=chosen.name)
