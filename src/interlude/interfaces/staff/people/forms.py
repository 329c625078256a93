from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from interlude.interfaces.design.forms import ClinicDateField, DesignForm, TilesField
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.queries import active_staff
from interlude.record.accounts.roles import Role
from interlude.record.patients.models import Patient, Sex

LONGEST = 120


def _languages() -> list[tuple[str, Any]]:
    return [("", _("Not known")), *settings.LANGUAGES]


def _text(label: Any, required: bool = False, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, required=required, max_length=LONGEST, **more)


class ContactForm(DesignForm):
    """The ways to reach a patient."""

    phone = _text(_("Phone"), widget=forms.TextInput({"type": "tel", "autocomplete": "off", "class": "input-w20"}))
    email = forms.EmailField(
        label=_("E-mail"), required=False, widget=forms.EmailInput({"autocomplete": "off", "class": "input-w20"})
    )
    address = forms.CharField(
        label=_("Address"), required=False, max_length=400, widget=forms.Textarea({"rows": 3, "autocomplete": "off"})
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=_languages,
        required=False,
        help_text=_("For messages and questionnaires."),
        widget=forms.Select({"class": "input-w20"}),
    )

    @staticmethod
    def initial_of(patient: Patient) -> dict[str, Any]:
        return {
            "phone": patient.phone,
            "email": patient.email,
            "address": patient.address,
            "language": patient.language,
        }


class RegisterForm(ContactForm):
    family_name = _text(
        _("Family name"),
        required=True,
        error_messages={"required": _("Enter the family name.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    given_name = _text(
        _("Given name"),
        required=True,
        error_messages={"required": _("Enter the given name.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    born_on = ClinicDateField(label=_("Date of birth"), not_future=True, help_text=_("For example 14 July 1981."))
    sex = TilesField(
        label=_("Sex"), choices=Sex.choices, inline=True, error_messages={"required": _("Choose one of the list.")}
    )
    is_another_person = forms.BooleanField(
        label=_("This is another person, I compared them"), required=False, widget=forms.HiddenInput
    )

    field_order = ("is_another_person", "family_name", "given_name", "born_on", "sex")

    def ask_to_compare(self) -> None:
        """Show the tick box: it stands in the form only once there is somebody to compare with."""
        self.fields["is_another_person"].widget = forms.CheckboxInput()


class ReferralForm(DesignForm):
    received_on = ClinicDateField(label=_("Received on"), not_future=True)
    referred_by = _text(
        _("Referred by"), help_text=_("Name and practice, or leave empty when the patient came on their own.")
    )
    reason = forms.CharField(
        label=_("Reason, in their words"), required=False, max_length=4000, widget=forms.Textarea({"rows": 6})
    )


class TeamForm(DesignForm):
    """Add somebody to the care team of a patient."""

    staff: forms.ModelChoiceField[StaffMember] = forms.ModelChoiceField(
        label=_("Member of staff"), queryset=None, empty_label=_("Choose")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        care = [Role.PHYSICIAN, Role.NURSE, Role.THERAPIST]
        self.fields["staff"].queryset = active_staff().filter(role__in=care)  # type: ignore[attr-defined]
        self.fields["staff"].label_from_instance = lambda one: f"{one.display_name}, {one.get_role_display()}"  # type: ignore[attr-defined]
