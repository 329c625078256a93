"""Opening one patient's record: who may, and the note that it was opened."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.patients.models import Patient
from interlude.record.patients.queries import patients_for
from interlude.record.patients.services import record_view


def patient_of(request: StaffRequest, patient_id: UUID) -> Patient:
    """The patient, if this person may see them; otherwise the page does not exist."""
    return get_object_or_404(patients_for(request.user), pk=patient_id)


def open_chart(request: StaffRequest, patient_id: UUID, page: str, at: datetime) -> Patient:
    """`patient_of`, and each time a page is read (not when it is written to) an entry in the trail."""
    patient = patient_of(request, patient_id)
    if is_reading(request):
        record_view(by=request.user, at=at, patient=patient, page=page)
    return patient


def is_reading(request: HttpRequest) -> bool:
    return request.method in ("GET", "HEAD")
