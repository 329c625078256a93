from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from interlude.interfaces.staff.assessment.chart import Chart
from interlude.interfaces.staff.assessment.lists import SECTIONS
from interlude.interfaces.staff.assessment.sections import Section
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.people.opening import open_chart, patient_of
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.accounts.roles import Role
from interlude.record.patients.models import Patient

WRONG = 422
_WRITERS = (Role.PHYSICIAN, Role.NURSE)


def _card(section: Section, chart: Chart, request: StaffRequest, shown: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "section": section,
        "patient": chart.patient,
        "done": section.is_done(chart),
        "may_write": request.user.role in _WRITERS,
        **(section.context(chart) if shown is None else shown),
    }


def _page(request: StaffRequest, patient: Patient, failed: dict[str, dict[str, Any]]) -> HttpResponse:
    chart = Chart(patient)
    cards = [_card(section, chart, request, failed.get(key)) for key, section in SECTIONS.items()]
    context = {
        "patient": patient,
        "banner": banner_for(patient, timezone.localdate(), request.user),
        "cards": cards,
        "page_has_errors": bool(failed),
    }
    return render(request, "staff/assessment/consultation.html", context, status=WRONG if failed else 200)


def consultation(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Everything that is asked, examined and brought along before treatment; each part saved by itself."""
    patient = open_chart(request, patient_id, "consultation", timezone.now())
    return _page(request, patient, {})


def save(request: StaffRequest, patient_id: UUID, key: str) -> HttpResponse:
    """Save one part. With htmx only its card comes back, so that what is typed elsewhere stays."""
    patient = patient_of(request, patient_id)
    section = SECTIONS.get(key)
    if section is None:
        raise Http404
    refused = section.post(request, Chart(patient), timezone.now())
    if request.headers.get("HX-Request") == "true":
        card = _card(section, Chart(patient), request, refused) | {"saved": refused is None, "now": timezone.now()}
        return render(request, section.template, card, status=WRONG if refused else 200)
    if refused is not None:
        return _page(request, patient, {key: refused})
    return redirect(reverse("staff:consultation", args=[patient.pk]) + f"#{key}")
