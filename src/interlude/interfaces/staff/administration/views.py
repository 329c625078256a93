"""Everything that `interlude init` sets, changeable later, every change in the trail."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.refusals import N_, Refused
from interlude.interfaces.design.forms import DesignForm, add_refusal
from interlude.interfaces.staff.administration import forms
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.accounts import services as accounts
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.queries import trail_of
from interlude.record.clinic import services
from interlude.record.clinic.hours import format_hours, parse_hours
from interlude.record.clinic.models import Chair, Room, Site
from interlude.record.clinic.queries import emergency_numbers, places, the_clinic

ENTRIES_PER_PAGE = 50


def administration(request: StaffRequest) -> HttpResponse:
    return render(
        request,
        "staff/administration/overview.html",
        {
            "entry": the_clinic(),
            "places": places(),
            "staff": StaffMember.objects.order_by("-is_active", "display_name"),
            "numbers": emergency_numbers(for_patients=False),
        },
    )


def _form_page(
    request: StaffRequest, form: DesignForm, save: Callable[[dict[str, Any]], object], title: str
) -> HttpResponse:
    """Show a form, or call one service with what was entered and go back to the overview."""
    if request.method == "POST" and form.is_valid():
        try:
            save(form.cleaned_data)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("staff:administration")
    return render(request, "staff/administration/form.html", {"form": form, "page_title": title})


def clinic(request: StaffRequest) -> HttpResponse:
    form = forms.ClinicForm(request.POST or None, initial=forms.ClinicForm.initial_of(the_clinic()))
    return _form_page(
        request,
        form,
        lambda data: services.set_up_clinic(by=request.user, at=timezone.now(), **data),
        _("The clinic"),
    )


def site(request: StaffRequest, site_id: UUID | None = None) -> HttpResponse:
    entry = get_object_or_404(Site, pk=site_id) if site_id else None
    form = forms.SiteForm(request.POST or None, initial=forms.SiteForm.initial_of(entry) if entry else None)
    return _form_page(
        request,
        form,
        lambda data: services.save_site(by=request.user, at=timezone.now(), site=entry, **data),
        _("Site"),
    )


def room(request: StaffRequest, room_id: UUID | None = None) -> HttpResponse:
    entry = get_object_or_404(Room, pk=room_id) if room_id else None
    form = forms.RoomForm(request.POST or None, initial=forms.RoomForm.initial_of(entry) if entry else None)
    return _form_page(
        request,
        form,
        lambda data: services.save_room(by=request.user, at=timezone.now(), room=entry, **data),
        _("Room"),
    )


def chair(request: StaffRequest, chair_id: UUID | None = None) -> HttpResponse:
    entry = get_object_or_404(Chair, pk=chair_id) if chair_id else None
    form = forms.ChairForm(request.POST or None, initial=forms.ChairForm.initial_of(entry) if entry else None)
    return _form_page(
        request,
        form,
        lambda data: services.save_chair(by=request.user, at=timezone.now(), chair=entry, **data),
        _("Chair"),
    )


def hours(request: StaffRequest, site_id: UUID) -> HttpResponse:
    entry = get_object_or_404(Site, pk=site_id)
    rows = [(row.weekday, row.opens_at, row.closes_at) for row in entry.opening_hours.all()]
    form = forms.HoursForm(request.POST or None, initial={"hours": format_hours(rows)})

    def save(data: dict[str, Any]) -> None:
        lines = [line for line in data["hours"].splitlines() if line.strip()]
        spans = [span for line in lines for span in parse_hours(line, field="hours")]
        services.set_opening_hours(by=request.user, at=timezone.now(), site=entry, spans=spans)

    return _form_page(request, form, save, _("Opening hours of {site}").format(site=entry.name))


def _read_numbers(text: str) -> list[tuple[str, str, bool]]:
    rows = []
    for line in filter(None, map(str.strip, text.splitlines())):
        label, sign, number = line.rstrip("*").partition("=")
        if not sign:
            raise Refused(N_("The line '{line}' lacks the sign =."), field="numbers", line=line)
        rows.append((label.strip(), number.strip(), not line.endswith("*")))
    return rows


def numbers(request: StaffRequest) -> HttpResponse:
    current = "\n".join(
        f"{row.label} = {row.number}{'' if row.for_patients else ' *'}" for row in emergency_numbers(for_patients=False)
    )
    form = forms.NumbersForm(request.POST or None, initial={"numbers": current})
    return _form_page(
        request,
        form,
        lambda data: services.set_emergency_numbers(
            by=request.user, at=timezone.now(), numbers=_read_numbers(data["numbers"])
        ),
        _("Emergency numbers"),
    )


def staff(request: StaffRequest, staff_id: UUID | None = None) -> HttpResponse:
    entry = get_object_or_404(StaffMember, pk=staff_id) if staff_id else None
    form = forms.StaffForm(request.POST or None, initial=forms.StaffForm.initial_of(entry) if entry else None)
    if entry:
        form.fields["username"].disabled = True

    def save(data: dict[str, Any]) -> None:
        now = timezone.now()
        if entry:
            data = {name: value for name, value in data.items() if name != "username"}
            accounts.change_staff(by=request.user, at=now, staff=entry, **data)
        else:
            data = {name: value for name, value in data.items() if name != "is_active"}
            accounts.add_staff(by=request.user, at=now, **data)

    return _form_page(request, form, save, _("Member of staff"))


def staff_link(request: StaffRequest, staff_id: UUID) -> HttpResponse:
    """Make a one-time link and show it once, to be handed over in person."""
    entry = get_object_or_404(StaffMember, pk=staff_id, is_active=True)
    token = accounts.make_one_time_link(by=request.user, at=timezone.now(), staff=entry)
    url = request.build_absolute_uri(reverse("staff:first_password", args=[token]))
    return render(request, "staff/administration/link.html", {"entry": entry, "url": url})


def trail(request: StaffRequest) -> HttpResponse:
    """Who changed what in the clinic's set-up and among its people."""
    entries = (trail_of("clinic.") | trail_of("accounts.")).order_by("-id")
    page = Paginator(entries, ENTRIES_PER_PAGE).get_page(request.GET.get("page"))
    names = {str(person.pk): person.display_name for person in StaffMember.objects.all()}
    rows = [{"entry": entry, "who": names.get(entry.actor_id, entry.actor_kind)} for entry in page]
    days = [
        (day, list(group))
        for day, group in groupby(rows, key=lambda row: timezone.localdate(row["entry"].at))  # type: ignore[attr-defined]
    ]
    return render(request, "staff/administration/trail.html", {"days": days, "page": page})
