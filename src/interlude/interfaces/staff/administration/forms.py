from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from interlude.interfaces.design.forms import DesignForm
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.clinic.models import Chair, ChairKind, Clinic, Room, Site
from interlude.record.clinic.queries import active_rooms, active_sites


class ClinicForm(DesignForm):
    name = forms.CharField(label=_("Name of the clinic"), max_length=120)
    letterhead = forms.CharField(
        label=_("Letterhead"),
        help_text=_("Printed at the top of every document."),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )
    time_zone = forms.ChoiceField(label=_("Time zone"))
    language = forms.ChoiceField(label=_("Language of the pages"), choices=settings.LANGUAGES)
    decimal_sign = forms.ChoiceField(
        label=_("Decimal sign"), choices=[(".", _("Point (0.5)")), (",", _("Comma (0,5)"))]
    )
    country = forms.CharField(label=_("Country"), help_text=_("Two letters, for example DE."), max_length=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
        self.fields["time_zone"].choices = [("UTC", "UTC"), *((name, name) for name in zones)]  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(clinic: Clinic) -> dict[str, Any]:
        names = ("name", "letterhead", "time_zone", "language", "decimal_sign", "country")
        return {name: getattr(clinic, name) for name in names}


class SiteForm(DesignForm):
    name = forms.CharField(label=_("Name of the site"), max_length=80)
    address = forms.CharField(label=_("Address"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    @staticmethod
    def initial_of(site: Site) -> dict[str, Any]:
        return {"name": site.name, "address": site.address, "is_active": site.is_active}


class RoomForm(DesignForm):
    site = forms.ModelChoiceField(label=_("Site"), queryset=Site.objects.none(), empty_label=None)
    name = forms.CharField(label=_("Name of the room"), max_length=60)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = active_sites()  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(room: Room) -> dict[str, Any]:
        return {"site": room.site_id, "name": room.name, "is_active": room.is_active}


class ChairForm(DesignForm):
    room = forms.ModelChoiceField(label=_("Room"), queryset=Room.objects.none(), empty_label=None)
    name = forms.CharField(label=_("Name of the chair"), max_length=40)
    kind = forms.ChoiceField(label=_("Kind"), choices=ChairKind.choices)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = active_rooms()  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(chair: Chair) -> dict[str, Any]:
        return {"room": chair.room_id, "name": chair.name, "kind": chair.kind, "is_active": chair.is_active}


class HoursForm(DesignForm):
    hours = forms.CharField(
        label=_("Opening hours"),
        help_text=_("One line for each span, for example: mon-fri=08:00-18:00"),
        widget=forms.Textarea(attrs={"rows": 7}),
    )


class NumbersForm(DesignForm):
    numbers = forms.CharField(
        label=_("Numbers to call"),
        help_text=_(
            "One line for each: who answers = number. The first is shown first. "
            "Add * at the end of a line that patients shall not see."
        ),
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class StaffForm(DesignForm):
    username = forms.CharField(label=_("Sign-in name"), max_length=40)
    display_name = forms.CharField(label=_("Name"), max_length=120)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    is_administrator = forms.BooleanField(label=_("May administer the clinic"), required=False)
    is_active = forms.BooleanField(label=_("May sign in"), required=False, initial=True)
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("As the clinic")), *settings.LANGUAGES], required=False
    )

    @staticmethod
    def initial_of(staff: StaffMember) -> dict[str, Any]:
        names = ("username", "display_name", "role", "is_administrator", "is_active", "language")
        return {name: getattr(staff, name) for name in names}
