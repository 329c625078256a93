from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interlude.interfaces.design.forms import DesignForm
from interlude.record.devices.models import Device, DeviceKind


class DeviceForm(DesignForm):
    name = forms.CharField(label=_("Name"), max_length=60)
    kind = forms.ChoiceField(label=_("Kind"), choices=DeviceKind.choices)
    identifiers = forms.CharField(
        label=_("Identifiers that it sends"),
        help_text=_("One for each line: its EUI-64, serial number, or the name in MSH-3."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    cuff_interval_min = forms.IntegerField(
        label=_("Cuff measures every"),
        help_text=_("Minutes. Empty: as the protocol says."),
        required=False,
        min_value=1,
        max_value=120,
    )
    feed_interval_s = forms.IntegerField(
        label=_("It sends every"), help_text=_("Seconds."), initial=1, min_value=1, max_value=600
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    @staticmethod
    def initial_of(device: Device) -> dict[str, Any]:
        names = ("name", "kind", "cuff_interval_min", "feed_interval_s", "is_active")
        values = {name: getattr(device, name) for name in names}
        return {**values, "identifiers": "\n".join(device.identifiers)}
