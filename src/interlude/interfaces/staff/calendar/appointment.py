"""One appointment: when and with whom, what to do before it, moving, cancelling, arriving, the driver."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.refusals import N_, Refused
from interlude.interfaces.design import formats
from interlude.interfaces.design.forms import DesignForm, add_refusal
from interlude.interfaces.staff.calendar.forms import CancelForm, DriverForm, MoveForm
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.people.links import link
from interlude.interfaces.staff.people.opening import open_chart
from interlude.interfaces.staff.planning.words import said
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.accounts.roles import CLINICAL, Role
from interlude.record.appointments import queries, services
from interlude.record.appointments.models import Appointment, Kind, State
from interlude.record.appointments.services import may_mark
from interlude.record.clinic.queries import clinic_zone
from interlude.record.followup.queries.preparing import fasting_of
from interlude.record.plans.queries import comfort_of, driver_of, last_driver_of
from interlude.record.plans.services import name_driver

WRONG = 422
PLANNERS = (Role.PHYSICIAN, Role.NURSE, Role.FRONT_DESK)
MARKS = (State.CONFIRMED, State.ARRIVED, State.DONE, State.MISSED)


def _row(request: StaffRequest, appointment_id: UUID) -> Appointment:
    row = queries.appointment_for(request.user, appointment_id)
    if row is None:
        raise Http404
    return row


def local_start(data: dict[str, Any]) -> datetime:
    """The instant of a day and a wall time. Raises `Refused` for an hour that the clock skips in spring."""
    zone = clinic_zone()
    at = datetime.combine(data["on"], data["starts_at"], tzinfo=zone)
    if at.astimezone(UTC).astimezone(zone).time() != data["starts_at"]:
        raise Refused(N_("The clock skips this time on that day. Choose another one."), field="starts_at")
    return at


def _parts(row: Appointment) -> tuple[str, ...]:
    return tuple(one.part for one in row.staffing.all())


def _move_form(row: Appointment, data: Any = None) -> MoveForm:
    local = row.starts_at.astimezone(clinic_zone())
    initial = {
        "seen_version": row.version,
        "on": local.date(),
        "starts_at": local.time(),
        "chair": str(row.chair_id or ""),
        **{one.part: str(one.staff_id) for one in row.staffing.all()},
    }
    return MoveForm(data, initial=initial, chair_needed=row.kind == Kind.INFUSION, parts=_parts(row), prefix="move")


def _cancel_form(row: Appointment, data: Any = None) -> CancelForm:
    return CancelForm(data, initial={"seen_version": row.version}, prefix="cancel")


def _driver_form(row: Appointment, data: Any = None) -> DriverForm:
    known = driver_of(row.patient, row.pk) or last_driver_of(row.patient)
    initial = {"name": known.name, "phone": known.phone} if known else {}
    return DriverForm(data, initial=initial, prefix="driver")


def _page(request: StaffRequest, row: Appointment, **given: DesignForm) -> HttpResponse:
    now = timezone.now()
    forms = {
        "move": given.get("move") or _move_form(row),
        "cancel": given.get("cancel") or _cancel_form(row),
        "driver": given.get("driver") or _driver_form(row),
    }
    is_session = row.kind == Kind.INFUSION and row.course is not None
    context = {
        "patient": row.patient,
        "banner": banner_for(row.patient, timezone.localdate(), request.user),
        "row": row,
        "people": list(row.staffing.all()),
        "is_session": is_session,
        "steps": [_step(step) for step in queries.history_of(row)],
        "named": driver_of(row.patient, row.pk) if is_session else None,
        "fasting": _fasting(row) if is_session else None,
        "comfort": comfort_of(row.course, row.pk) if row.course and request.user.role in CLINICAL else None,
        "follower": queries.integration_after(row) if is_session else None,
        "marks": [
            {"state": state, "label": _mark_label(state), "is_next": state == State.ARRIVED}
            for state in MARKS
            if may_mark(row, state, now) and not (state == State.DONE and is_session)
        ],
        "may_plan": request.user.role in PLANNERS and row.state in (State.BOOKED, State.CONFIRMED),
        "may_cancel": request.user.role in PLANNERS and row.state in (State.BOOKED, State.CONFIRMED, State.ARRIVED),
        "check_in_url": _check_in_url(request, row, now) if is_session else "",
        "forms": forms,
        "page_has_errors": any(form.errors for form in given.values()),
        "opened": next((name for name, form in given.items() if form.errors), ""),
    }
    return render(request, "staff/calendar/appointment.html", context, status=WRONG if given else 200)


def _mark_label(state: str) -> str:
    labels = {
        State.CONFIRMED: _("Confirm"),
        State.ARRIVED: _("Has arrived"),
        State.DONE: _("Is done"),
        State.MISSED: _("Did not come"),
    }
    return labels[State(state)]


def _check_in_url(request: StaffRequest, row: Appointment, now: datetime) -> str:
    today = row.starts_at.astimezone(clinic_zone()).date() == now.astimezone(clinic_zone()).date()
    live = row.state in (State.BOOKED, State.CONFIRMED, State.ARRIVED)
    may = request.user.role in (Role.PHYSICIAN, Role.NURSE, Role.FRONT_DESK)
    return link("check_in", row.pk) if today and live and may else ""


def _step(step: Any) -> dict[str, Any]:
    title = step.get_state_display()
    if step.moved_from:
        title = _("Moved from {when}").format(when=formats.clinic_datetime(step.moved_from))
    text = " · ".join(part for part in (step.get_reason_class_display(), step.note or "") if part)
    who = step.by_name or {"patient": _("Patient"), "system": _("Interlude")}.get(step.by_kind, "")
    return {"at": step.at, "title": title, "text": text, "who": who}


def _fasting(row: Appointment) -> dict[str, Any]:
    """Until when the patient may eat and drink: by the rule of this patient, dose and route."""
    preset = fasting_of(row.patient, row.course, row.starts_at)  # type: ignore[arg-type]
    return {
        "food_until": row.starts_at - timedelta(hours=float(preset.food_h.value)),
        "water_until": row.starts_at - timedelta(hours=float(preset.water_h.value)),
        "text": _(preset.text),
        "label": _(preset.label),
    }


def appointment(request: StaffRequest, appointment_id: UUID) -> HttpResponse:
    """The page of one appointment."""
    row = _row(request, appointment_id)
    open_chart(request, row.patient_id, "appointment", timezone.now())
    return _page(request, row)


def _do(request: StaffRequest, row: Appointment, name: str, form: DesignForm, act: Callable[[], str]) -> HttpResponse:
    """Run one verb; what it refuses stands beside its field, on the same page."""
    if form.is_valid():
        try:
            text = act()
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, text)
            return redirect("staff:appointment", row.pk)
    return _page(request, row, **{name: form})


def appointment_move(request: StaffRequest, appointment_id: UUID) -> HttpResponse:
    row = _row(request, appointment_id)
    form = _move_form(row, request.POST)

    def act() -> str:
        data = form.cleaned_data
        services.move(
            by=request.user,
            at=timezone.now(),
            appointment=row,
            starts_at=local_start(data),
            chair=form.chosen_chair(),
            staff=form.chosen_people(),
            reason_class=data["reason_class"],
            seen_version=data["seen_version"],
        )
        return _("The appointment is moved.")

    return _do(request, row, "move", form, act)


def appointment_cancel(request: StaffRequest, appointment_id: UUID) -> HttpResponse:
    row = _row(request, appointment_id)
    form = _cancel_form(row, request.POST)

    def act() -> str:
        data = form.cleaned_data
        services.cancel(
            by=request.user,
            at=timezone.now(),
            appointment=row,
            reason_class=data["reason_class"],
            note=data["note"],
            seen_version=data["seen_version"],
        )
        return _("The appointment is cancelled.")

    return _do(request, row, "cancel", form, act)


def appointment_driver(request: StaffRequest, appointment_id: UUID) -> HttpResponse:
    row = _row(request, appointment_id)
    form = _driver_form(row, request.POST)

    def act() -> str:
        name_driver(
            by=request.user,
            at=timezone.now(),
            patient=row.patient,
            appointment_id=row.pk,
            name=form.cleaned_data["name"],
            phone=form.cleaned_data["phone"],
        )
        return _("The driver is named.")

    return _do(request, row, "driver", form, act)


def appointment_mark(request: StaffRequest, appointment_id: UUID) -> HttpResponse:
    """Confirmed, arrived, done, missed."""
    row = _row(request, appointment_id)
    state = request.POST.get("state", "")
    seen = request.POST.get("seen_version", "")
    try:
        services.mark(
            by=request.user,
            at=timezone.now(),
            appointment=row,
            state=state if state in MARKS else "",
            seen_version=int(seen) if seen.isdigit() else -1,
        )
    except Refused as refused:
        messages.error(request, said(refused))
    else:
        messages.success(request, State(state).label)
    return redirect("staff:appointment", row.pk)
