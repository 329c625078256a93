from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.deprecation import MiddlewareMixin

from interlude.config import access
from interlude.interfaces.design import formats
from interlude.record.clinic.queries import remember_clinic, the_clinic
from interlude.record.patients.models import Patient

PORTAL_IDLE = timedelta(minutes=30)
PORTAL_LONGEST = timedelta(hours=24)


class ClinicMiddleware(MiddlewareMixin):
    """Put the clinic on the request, and its time zone and language on the page."""

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> None:
        name = request.resolver_match.view_name
        if name in ("healthz", "staff:live"):
            return
        clinic = the_clinic()
        remember_clinic(clinic)
        request.clinic = clinic
        formats.use_decimal_sign(clinic.decimal_sign)
        timezone.activate(ZoneInfo(clinic.time_zone))
        language = ""
        if request.user.is_authenticated and not name.startswith("portal:"):
            language = request.user.language
        language = language or request.COOKIES.get("language", "") or clinic.language
        translation.activate(language if translation.check_for_language(language) else "en")
        request.LANGUAGE_CODE = translation.get_language()

    def process_response(self, request: Any, response: HttpResponse) -> HttpResponse:
        remember_clinic(None)
        response.headers.setdefault("Content-Language", translation.get_language() or "en")
        if not response.has_header("Cache-Control") and not request.path.startswith("/static/"):
            response.headers["Cache-Control"] = "no-store"
        return response


class AccessMiddleware(MiddlewareMixin):
    """Let through only what the role file allows. An address without a row is refused."""

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        allowed = access.who_may(match.view_name, request.method or "GET")
        if allowed is None:
            return _refuse(request)
        if not allowed:
            return HttpResponseNotAllowed(sorted(access.rules()[match.view_name]))
        if access.PUBLIC in allowed:
            return None
        if access.PORTAL in allowed:
            request.portal_patient = _portal_patient(request)
            return None if request.portal_patient else redirect("portal:ended")
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if request.user.access_roles & allowed:
            return None
        # The first page of those who have no patients is their tasks: the way home must never end at a refusal.
        return redirect("staff:worklist") if match.view_name == "staff:today" else _refuse(request)


def _refuse(request: HttpRequest) -> HttpResponse:
    return render(request, "403.html", status=403)


def _portal_patient(request: HttpRequest) -> Patient | None:
    """The patient of this portal session, or None when there is none or it has ended."""
    state = request.session.get("portal")
    if not state:
        return None
    now = timezone.now()
    opened, seen = (datetime.fromisoformat(state[key]) for key in ("opened", "seen"))
    if now - opened > PORTAL_LONGEST or now - seen > PORTAL_IDLE:
        del request.session["portal"]
        return None
    if now - seen > timedelta(minutes=1):
        request.session["portal"] = {**state, "seen": now.isoformat()}
    return Patient.objects.filter(pk=UUID(state["patient"])).first()
