"""Send a questionnaire to the patient, or enter one from paper or an interview."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from interlude.domain.instruments import Instrument, instruments
from interlude.domain.instruments import instrument as instrument_of
from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import translate
from interlude.interfaces.staff.measures.forms import PaperForm, SendForm
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.people.opening import patient_of
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.measures import queries, services
from interlude.record.measures.models import Assignment
from interlude.record.patients.models import Patient

USUAL = ["phq9", "gad7"]


def _end_of(day: datetime) -> datetime:
    return datetime.combine(day, time(23, 59), tzinfo=timezone.get_current_timezone())


def send(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Give the patient questionnaires to answer on the portal. The usual two are ticked already."""
    patient = patient_of(request, patient_id)
    now = timezone.now()
    initial = {"instruments": USUAL, "due_on": timezone.localdate(now)}
    form = SendForm(request.POST or None, initial=initial, language=patient.language or request.clinic.language)
    if request.method == "POST" and form.is_valid():
        try:
            for code in form.cleaned_data["instruments"]:
                services.assign(
                    by=request.user,
                    at=now,
                    patient=patient,
                    instrument=code,
                    due_at=_end_of(form.cleaned_data["due_on"]),
                    opens_at=now,
                )
        except Refused as refused:
            form.refuse(refused, {"due_at": "due_on"})
        else:
            messages.success(request, _("Sent. The patient finds it on the portal at once."))
            return redirect("staff:measures", patient.pk)
    context = {
        "patient": patient,
        "banner": banner_for(patient, timezone.localdate(), request.user),
        "form": form,
        "has_link": patient.portal_links.filter(expires_at__gt=now).exists(),
    }
    return render(request, "staff/measures/send.html", context)


def choose(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Which questionnaire lies on the table?"""
    patient = patient_of(request, patient_id)
    context = {
        "patient": patient,
        "banner": banner_for(patient, timezone.localdate(), request.user),
        "instruments": instruments(),
    }
    return render(request, "staff/measures/choose.html", context)


def _instrument(code: str) -> Instrument:
    try:
        return instrument_of(code)
    except Refused:
        raise Http404 from None


def _pending(request: StaffRequest, patient: Patient, instrument: Instrument) -> Assignment | None:
    """The open questionnaire of this kind that the paper answers: the one asked for, else the one due first."""
    rows = queries.open_now(request.user, timezone.now()).filter(patient=patient, instrument=instrument.code)
    asked = request.GET.get("for", "")
    return next((row for row in rows.order_by("due_at") if not asked or str(row.pk) == asked), None)


def paper(request: StaffRequest, patient_id: UUID, instrument: str) -> HttpResponse:
    """Enter the answers from paper, or those given to a clinician."""
    patient = patient_of(request, patient_id)
    which = _instrument(instrument)
    now = timezone.now()
    local = timezone.localtime(now)
    assignment = _pending(request, patient, which)
    form = PaperForm(
        request.POST or None,
        instrument=which,
        language=(get_language() or "en")[:2],
        initial={"answered_on": local.date(), "answered_time": local.time()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            response = services.enter_paper(
                by=request.user,
                at=now,
                patient=patient,
                instrument=which.code,
                answers=form.answers,
                answered_at=form.answered_at,
                assignment=assignment,
            )
        except Refused as refused:
            form.refuse(refused, form.names())
        else:
            messages.success(request, _("Saved. Compare the answers with the paper once more."))
            return redirect("staff:response", response.pk)
    context = {
        "patient": patient,
        "banner": banner_for(patient, timezone.localdate(), request.user),
        "form": form,
        "instrument": which,
        "intro": which.intro.get((get_language() or "en")[:2]) or which.intro.get("en", ""),
        "assignment": assignment,
    }
    return render(request, "staff/measures/paper.html", context)


def withdraw(request: StaffRequest, assignment_id: UUID) -> HttpResponse:
    """Take back a questionnaire that is not needed any more."""
    assignment = get_object_or_404(queries.assignments_for(request.user), pk=assignment_id)
    try:
        services.withdraw(by=request.user, at=timezone.now(), assignment=assignment)
    except Refused as refused:
        messages.error(request, translate(refused))
    else:
        messages.success(request, _("Taken back."))
    return redirect("staff:measures", assignment.patient_id)
