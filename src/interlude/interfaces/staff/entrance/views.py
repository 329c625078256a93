"""Signing in and out, and the first password by a one-time link."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from interlude.domain.refusals import N_, Refused
from interlude.interfaces.design.forms import add_refusal
from interlude.interfaces.staff.entrance.forms import FirstPasswordForm, SignInForm
from interlude.interfaces.staff.navigation import nav_items
from interlude.record.accounts import services
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.queries import active_staff
from interlude.record.clinic.queries import the_clinic


def _try_sign_in(request: HttpRequest, username: str, password: str) -> StaffMember:
    now = timezone.now()
    services.check_may_try(username=username, at=now)
    staff = authenticate(request, username=username, password=password)
    if not isinstance(staff, StaffMember):
        services.note_failure(username=username, at=now)
        raise Refused(N_("Name and password do not fit together."), field="password")
    return staff


def first_page(staff: StaffMember) -> str:
    """Where a person's day begins: the first entry of the menu."""
    items = nav_items(staff, "")
    return str(items[0]["url"]) if items else reverse("staff:worklist")


def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password. A demo lists its people; a real clinic never does."""
    form = SignInForm(request.POST or None)
    next_page = request.POST.get("next") or request.GET.get("next", "")
    if request.method == "POST" and form.is_valid():
        try:
            staff = _try_sign_in(request, form.cleaned_data["username"], form.cleaned_data["password"])
        except Refused as refused:
            add_refusal(form, refused)
        else:
            login(request, staff)
            services.note_sign_in(staff=staff, at=timezone.now())
            safe = url_has_allowed_host_and_scheme(next_page, allowed_hosts={request.get_host()})
            return redirect(next_page if safe else first_page(staff))
    clinic = the_clinic()
    return render(
        request,
        "staff/entrance/sign_in.html",
        {
            "form": form,
            "next": next_page,
            "people": list(active_staff()) if clinic.is_demo else [],
            "demo_password": settings.DEMO_PASSWORD,
        },
    )


def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("staff:sign_in")


def first_password(request: HttpRequest, token: str) -> HttpResponse:
    """Set the first password by the one-time link that the administrator handed over."""
    try:
        staff = services.staff_of_link(token=token, at=timezone.now())
    except Refused as refused:
        return render(request, "staff/entrance/link_ended.html", {"refused": refused}, status=410)
    form = FirstPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            staff = services.set_password_by_link(
                token=token, password=form.cleaned_data["password"], at=timezone.now()
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            login(request, staff, backend="django.contrib.auth.backends.ModelBackend")
            return redirect(first_page(staff))
    return render(request, "staff/entrance/first_password.html", {"form": form, "staff": staff})
