from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from interlude.interfaces.staff.people.opening import open_chart
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.assessments.queries import read_report, report_of


def report(request: StaffRequest, patient_id: UUID, report_id: UUID) -> HttpResponse:
    """The file as it was brought along, handed over as a download: it is never run in this page's name."""
    patient = open_chart(request, patient_id, "report", timezone.now())
    found = report_of(patient, report_id)
    content = read_report(found) if found else None
    if found is None or content is None:
        raise Http404
    response = HttpResponse(content, content_type=found.content_type)
    response["Content-Disposition"] = str(content_disposition_header(True, str(found.file_name or "report")))
    response["X-Content-Type-Options"] = "nosniff"
    return response
