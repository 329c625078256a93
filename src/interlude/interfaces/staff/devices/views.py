"""Devices: what stands at which chair, whether it is heard, and what could not be charted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import add_refusal, translate
from interlude.interfaces.staff.devices.forms import DeviceForm
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.clinic.models import Chair
from interlude.record.clinic.queries import active_chairs
from interlude.record.devices import services
from interlude.record.devices.models import Device, QuarantineItem, RawMessage
from interlude.record.devices.queries import device_states, quarantine_count
from interlude.record.devices.queries import quarantine as open_items

ITEMS_PER_PAGE = 50


def devices(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    states = device_states(with_inactive=request.GET.get("all") == "1")
    rows = [{"state": state, "heard": state.is_heard(now)} for state in states]
    context = {"rows": rows, "chairs": active_chairs(), "held": quarantine_count(), "now": now}
    part = request.headers.get("HX-Request") == "true"
    return render(request, "staff/devices/rows.html" if part else "staff/devices/devices.html", context)


def device(request: StaffRequest, device_id: UUID | None = None) -> HttpResponse:
    """Add or change a device."""
    entry = get_object_or_404(Device, pk=device_id) if device_id else None
    form = DeviceForm(request.POST or None, initial=DeviceForm.initial_of(entry) if entry else None)
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, entry, {**form.cleaned_data, "identifiers": form.cleaned_data["identifiers"].splitlines()})
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("staff:devices")
    return render(request, "staff/devices/form.html", {"form": form, "entry": entry})


def _save(request: StaffRequest, entry: Device | None, data: dict[str, Any]) -> None:
    now = timezone.now()
    if entry is None:
        data.pop("is_active")
        services.add_device(by=request.user, at=now, **data)
    else:
        data.pop("kind")
        services.change_device(by=request.user, at=now, device=entry, **data)


def assign(request: StaffRequest, device_id: UUID) -> HttpResponse:
    """State at which chair the device stands; nothing in a message decides that."""
    entry = get_object_or_404(Device, pk=device_id)
    chair_id = request.POST.get("chair", "")
    try:
        if chair_id:
            chair = get_object_or_404(Chair, pk=chair_id)
            services.assign(by=request.user, at=timezone.now(), device=entry, chair=chair)
            text = _("{device} stands at {chair}.").format(device=entry.name, chair=chair.name)
        else:
            services.unassign(by=request.user, at=timezone.now(), device=entry)
            text = _("{device} stands at no chair; nothing of it is charted.").format(device=entry.name)
        messages.success(request, text)
    except Refused as refused:
        messages.error(request, translate(refused))
    return redirect("staff:devices")


def quarantine(request: StaffRequest) -> HttpResponse:
    """What was sent and not charted, with its reason, until a person has dealt with it."""
    page = Paginator(open_items(), ITEMS_PER_PAGE).get_page(request.GET.get("page"))
    ways = [(code, _(text)) for code, text in services.RESOLUTIONS.items()]
    rows = [{"item": item, "reason": _(item.text)} for item in page]
    return render(request, "staff/devices/quarantine.html", {"rows": rows, "page": page, "ways": ways})


def resolve(request: StaffRequest, item_id: UUID) -> HttpResponse:
    item = get_object_or_404(QuarantineItem, pk=item_id)
    try:
        services.resolve_quarantine(by=request.user, at=timezone.now(), item=item, how=request.POST.get("how", ""))
    except Refused as refused:
        messages.error(request, translate(refused))
    return redirect("staff:quarantine")


def message(request: StaffRequest, message_id: int) -> HttpResponse:
    """The bytes of one message as they came, segment by segment."""
    raw = get_object_or_404(RawMessage.objects.select_related("device"), pk=message_id)
    text = bytes(raw.body).decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
    return render(request, "staff/devices/message.html", {"raw": raw, "text": text})
