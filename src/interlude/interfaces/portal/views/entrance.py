"""The way in (link and birth date), the way out, the language, and help."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language

from interlude.domain.refusals import Refused
from interlude.interfaces.portal.forms import BirthDateForm
from interlude.record.patients import services
from interlude.record.patients.models import Patient

# A page that tells nobody anything, for "Exit this page".
NEUTRAL_PAGE = "https://www.wikipedia.org/"
A_YEAR_S = 31_536_000


def _remember_language(response: HttpResponse, code: str) -> HttpResponse:
    if code in dict(settings.LANGUAGES):
        response.set_cookie("language", code, max_age=A_YEAR_S, samesite="Lax", httponly=True)
    return response


def _begin(request: HttpRequest, patient: Patient) -> None:
    """Start a portal session. Whoever was signed in on this browser is signed out first."""
    request.session.flush()
    now = timezone.now().isoformat()
    request.session["portal"] = {"patient": str(patient.pk), "opened": now, "seen": now}


def open_portal(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the birth date; with the link it opens the portal."""
    now = timezone.now()
    try:
        services.portal_link(token=token, at=now)
    except Refused as refused:
        return render(request, "portal/ended.html", {"refused": refused}, status=410)
    form = BirthDateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            patient = services.open_portal(token=token, born_on=form.cleaned_data["born_on"], at=now)
        except Refused as refused:
            form.refuse(refused)
        else:
            _begin(request, patient)
            response = redirect("portal:home")
            chosen = request.COOKIES.get("language", "")
            return response if chosen else _remember_language(response, patient.language)
    return render(request, "portal/open.html", {"form": form, "exit_url": NEUTRAL_PAGE})


def ended(request: HttpRequest) -> HttpResponse:
    """The session has ended: how to come back."""
    return render(request, "portal/ended.html", {"exit_url": NEUTRAL_PAGE})


def leave(request: HttpRequest) -> HttpResponse:
    """End the session and show a page that has nothing to do with the clinic."""
    if "portal" in request.session:
        request.session.flush()
    return redirect(NEUTRAL_PAGE)


def language(request: HttpRequest) -> HttpResponse:
    """Remember the language of this browser."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/p/"
    code = request.POST.get("language", "")
    if check_for_language(code):
        translation.activate(code)
    return _remember_language(redirect(back), code)


def help_now(request: HttpRequest) -> HttpResponse:
    """Whom to call. Open to anybody, also after the session has ended."""
    is_open = "portal" in request.session
    return render(request, "portal/help.html", {"is_open": is_open})
