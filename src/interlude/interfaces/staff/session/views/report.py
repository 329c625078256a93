"""The report of a session, and the discharge sheet on paper."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from interlude.interfaces.design import printing
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.requests import StaffRequest
from interlude.interfaces.staff.session.opening import open_session_page
from interlude.interfaces.staff.session.report import ReportPage
from interlude.interfaces.staff.session.sheet import discharge_sheet as sheet_of
from interlude.record.clinic.queries import local_day


def report(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """Everything about one session; while it runs, everything so far."""
    now = timezone.now()
    session = open_session_page(request, session_id, "session_report", now)
    page = ReportPage(session, now, request.user)
    context = {"page": page, "session": session, "banner": banner_for(session.patient, local_day(now), request.user)}
    return render(request, "staff/session/report.html", context)


def discharge_sheet(request: StaffRequest, session_id: UUID) -> HttpResponse:
    """The sheet that the patient takes home, as a PDF in the patient's language."""
    now = timezone.now()
    session = open_session_page(request, session_id, "discharge_sheet", now)
    page = ReportPage(session, now, request.user)
    if page.discharge is None:
        raise Http404
    language = session.patient.language or request.clinic.language
    with translation.override(language):
        pdf = printing.render_pdf("discharge", sheet_of(request.clinic, page, page.discharge), language=language)
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="discharge-{session.patient.number}.pdf"'
    return response
