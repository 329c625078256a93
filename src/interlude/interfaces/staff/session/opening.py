"""Opening one session: who may, the note that it was opened, and how a live page answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from interlude.interfaces.staff.people.opening import is_reading
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.dosing.models import Session
from interlude.record.dosing.queries import sessions_for
from interlude.record.patients.services import record_view


def session_of(request: StaffRequest, session_id: UUID) -> Session:
    """The session, if this person may see its patient; otherwise the page does not exist."""
    return get_object_or_404(sessions_for(request.user), pk=session_id)


def open_session_page(request: StaffRequest, session_id: UUID, page: str, at: datetime) -> Session:
    """`session_of`, and an entry in the trail when a whole page is read; live parts of it are not another look."""
    session = session_of(request, session_id)
    if is_reading(request) and not is_part(request):
        record_view(by=request.user, at=at, patient=session.patient, page=page)
    return session


def is_part(request: StaffRequest) -> bool:
    """Does the page ask for its changed parts only?"""
    return request.headers.get("HX-Request") == "true"


def move_on(request: StaffRequest, session: Session, page: str) -> HttpResponse:
    """The session has left this page: a live page moves along with it instead of asking for parts of another one."""
    if not is_part(request):
        return redirect(page, session_id=session.pk)
    return HttpResponse(headers={"HX-Redirect": reverse(page, kwargs={"session_id": session.pk})})
