from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from interlude import __version__
from interlude.config.context import MODES


def healthz(request: HttpRequest) -> JsonResponse:
    """200 once the server answers and the database reads."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return JsonResponse({"status": "ok", "version": __version__})


def set_mode(request: HttpRequest) -> HttpResponse:
    """Remember the colour mode when the browser runs no script."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = redirect(back)
    mode = request.POST.get("mode", "auto")
    response.set_cookie("mode", mode if mode in MODES else "auto", max_age=31_536_000, samesite="Lax")
    return response
