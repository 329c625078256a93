"""Booking one appointment: a consultation, a therapy visit, or one more session of a plan."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import add_refusal
from interlude.interfaces.staff.calendar.appointment import local_start
from interlude.interfaces.staff.calendar.forms import BookForm
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.people.opening import patient_of
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.accounts.roles import Role
from interlude.record.appointments import services
from interlude.record.appointments.models import Appointment, Kind
from interlude.record.appointments.queries import upcoming_of
from interlude.record.patients.models import Patient
from interlude.record.patients.queries import patients_for, search, with_keys
from interlude.record.plans.models import Course
from interlude.record.plans.queries import current_course

WRONG = 422
MOST_PATIENTS = 12
USUAL_MINUTES = 50


def book(request: StaffRequest) -> HttpResponse:
    """With `?patient=` the form, without it the choice of a patient."""
    try:
        patient = patient_of(request, UUID(request.GET.get("patient", "")))
    except ValueError:
        return _choose(request)
    course = current_course(patient)
    elements = [element.kind for element in course.elements.all()] if course else []
    initial = {"minutes": USUAL_MINUTES, "kind": request.GET.get("kind", ""), "element": request.GET.get("element", "")}
    form = BookForm(
        request.POST or None,
        initial=initial,
        elements=elements,
        may_have_session=course is not None and request.user.role != Role.THERAPIST,
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = _book(request, patient, course, form)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("The appointment is booked."))
            return redirect("staff:appointment", row.pk)
    context = {
        "patient": patient,
        "banner": banner_for(patient, timezone.localdate(), request.user),
        "form": form,
        "course": course,
        "coming": list(upcoming_of(patient, timezone.now())[:8]),
    }
    return render(request, "staff/calendar/book.html", context, status=WRONG if form.errors else 200)


def _book(request: StaffRequest, patient: Patient, course: Course | None, form: BookForm) -> Appointment:
    data: dict[str, Any] = form.cleaned_data
    kind = data["kind"]
    minutes = data["minutes"]
    return services.book(
        by=request.user,
        at=timezone.now(),
        patient=patient,
        kind=kind,
        starts_at=local_start(data),
        minutes=int(minutes) if minutes is not None and kind != Kind.INFUSION else None,
        course=course if kind != Kind.CONSULTATION else None,
        element=data["element"],
        chair=form.chosen_chair(),
        people=[(one, one.role) for one in form.chosen_people()],
    )


def _choose(request: StaffRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    if text:
        found = search(request.user, text, MOST_PATIENTS)
    else:
        found = with_keys(patients_for(request.user).order_by("-registered_at")[:MOST_PATIENTS])
    return render(request, "staff/calendar/book_patient.html", {"patients": found, "text": text})
