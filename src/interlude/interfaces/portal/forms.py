from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from interlude.interfaces.design.forms import ClinicDateField, DesignForm, TilesField
from interlude.record.plans.models import Seat, Sound


class BirthDateForm(DesignForm):
    born_on = ClinicDateField(label=_("Your date of birth"), help_text=_("For example 27 3 1981"), not_future=True)


class ConsentForm(DesignForm):
    signed_name = forms.CharField(
        label=_("Your full name"),
        help_text=_("Type your name as your signature."),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    agrees = forms.BooleanField(label=_("I have read the text, I could ask questions, and I agree."))
    text_sha256 = forms.CharField(widget=forms.HiddenInput)


class DriverForm(DesignForm):
    name = forms.CharField(
        label=_("Name of the person who takes you home"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("Their telephone number"),
        help_text=_("We call only if you cannot be picked up as planned."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )


YES_NO = [("", _("No wish")), ("yes", _("Yes, please")), ("no", _("No, thank you"))]


class ComfortForm(DesignForm):
    seat = TilesField(label=_("Where would you like to rest?"), choices=Seat.choices, required=False)
    headphones = TilesField(label=_("Headphones"), choices=Sound.choices, required=False)
    music = forms.CharField(
        label=_("Music that you would like"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    eye_mask = TilesField(label=_("An eye mask"), choices=YES_NO, required=False, inline=True)
    blanket = TilesField(label=_("A blanket"), choices=YES_NO, required=False, inline=True)
    comfort_item = forms.CharField(
        label=_("Something of your own that you bring along"), max_length=200, required=False
    )
    companion = forms.CharField(label=_("Somebody who waits for you in the clinic"), max_length=200, required=False)
    intention = forms.CharField(
        label=_("What you would like to take with you into this day"),
        help_text=_("A thought, a question or a wish. You may leave this empty."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
