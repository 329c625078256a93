from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from interlude.interfaces.staff.people.journey import journeys
from interlude.interfaces.staff.people.risks import risks_of_many
from interlude.interfaces.staff.people.steps import phase_tag
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.accounts.roles import CLINICAL
from interlude.record.patients.models import Patient
from interlude.record.patients.queries import patients_for, search, with_keys

PATIENTS_PER_PAGE = 25
MOST_FOUND = 50


def _rows(request: StaffRequest, patients: list[Patient]) -> list[dict[str, object]]:
    found = journeys(patients, timezone.now())
    risks = risks_of_many(request.user, found)
    return [
        {
            "patient": patient,
            "phase": phase_tag(found[patient.pk], request.user),
            "next": found[patient.pk].next_appointment,
            "risks": risks[patient.pk],
        }
        for patient in patients
    ]


def patients(request: StaffRequest) -> HttpResponse:
    """Everybody whom this person may see, newest first; with `?q=` those whose names or number begin so."""
    text = request.GET.get("q", "").strip()
    context: dict[str, object] = {"q": text, "clinical": request.user.role in CLINICAL}
    if text:
        found = search(request.user, text, limit=MOST_FOUND)
        context |= {"rows": _rows(request, found), "many": len(found) >= MOST_FOUND}
    else:
        page = Paginator(patients_for(request.user), PATIENTS_PER_PAGE).get_page(request.GET.get("page"))
        context |= {"rows": _rows(request, with_keys(page.object_list)), "page": page}  # type: ignore[arg-type]
    part = request.headers.get("HX-Request") == "true"
    return render(request, "staff/people/rows.html" if part else "staff/people/patients.html", context)
