"""The forms of the cockpit, of check-in and of the order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.instruments import Instrument, Item, instrument
from interlude.interfaces.design.forms import ClinicTimeField, DesignForm, NumberField, TilesField
from interlude.interfaces.staff.session.vials import vial_hint, vial_words
from interlude.record.clinic.models import Chair
from interlude.record.dosing.models import EventKind, Session
from interlude.record.stock.queries import LotBalance

PASSWORD = forms.PasswordInput(attrs={"autocomplete": "current-password"})

RATE_REASONS = {
    "blood_pressure": gettext_lazy("Blood pressure"),
    "heart_rate": gettext_lazy("Heart rate"),
    "breathing": gettext_lazy("Saturation or breathing"),
    "sedation": gettext_lazy("Too sleepy"),
    "distress": gettext_lazy("Distress"),
    "nausea": gettext_lazy("Nausea"),
    "well": gettext_lazy("Well tolerated"),
    "order": gettext_lazy("Physician's order"),
    "other": gettext_lazy("Another reason"),
}


class SeenForm(DesignForm):
    """A form whose page must not be older than the session. `seen_version` is what the page showed."""

    seen_version = forms.IntegerField(label=gettext_lazy("This page"), widget=forms.HiddenInput)


class CheckInForm(DesignForm):
    chair = forms.ModelChoiceField(label=gettext_lazy("Chair"), queryset=Chair.objects.none(), empty_label=None)

    def __init__(self, *args: Any, chairs: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chair"].queryset = chairs  # type: ignore[attr-defined]


class OrderForm(DesignForm):
    password = forms.CharField(
        label=gettext_lazy("Your password"), strip=False, widget=PASSWORD, help_text=gettext_lazy("It signs the order.")
    )


class StartForm(SeenForm):
    """The vial and the first rate of an infusion."""

    lot = TilesField(label=gettext_lazy("Vial"))
    rate_mg_per_h = NumberField(label=gettext_lazy("Rate at the start"), unit="mg/h", places=3)
    syringe_ml = NumberField(
        label=gettext_lazy("Volume drawn up"),
        unit="mL",
        places=2,
        required=False,
        help_text=gettext_lazy("From it the time until the syringe is empty is told."),
    )

    def __init__(self, *args: Any, lots: list[LotBalance], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_lot(self.fields["lot"], lots)


class InjectForm(SeenForm):
    """The vial and the site of an injection."""

    lot = TilesField(label=gettext_lazy("Vial"))
    site = forms.ChoiceField(
        label=gettext_lazy("Site"),
        choices=[
            ("", gettext_lazy("Not said")),
            ("deltoid left", gettext_lazy("Upper arm, left")),
            ("deltoid right", gettext_lazy("Upper arm, right")),
            ("thigh left", gettext_lazy("Thigh, left")),
            ("thigh right", gettext_lazy("Thigh, right")),
            ("gluteal left", gettext_lazy("Buttock, left")),
            ("gluteal right", gettext_lazy("Buttock, right")),
        ],
        required=False,
    )

    def __init__(self, *args: Any, lots: list[LotBalance], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_lot(self.fields["lot"], lots)


def choose_lot(field: forms.Field, lots: list[LotBalance]) -> None:
    """The vials as tiles, the one that expires first chosen."""
    field.choices = [(str(row.lot.pk), vial_words(row.lot)) for row in lots]  # type: ignore[attr-defined]
    field.hints = {str(row.lot.pk): vial_hint(row) for row in lots}  # type: ignore[attr-defined]
    if lots:
        field.initial = str(lots[0].lot.pk)


class RateForm(SeenForm):
    """Another rate in the one unit that is typed, why, and the preview that was seen."""

    rate_mg_per_h = NumberField(label=gettext_lazy("New rate"), unit="mg/h", places=3)
    reason = TilesField(label=gettext_lazy("Why"), choices=list(RATE_REASONS.items()), inline=True)
    words = forms.CharField(label=gettext_lazy("In words"), max_length=200, required=False)
    preview_sha256 = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("reason") == "other" and not values.get("words"):
            self.add_error("words", _("Write why the rate is changed."))
        return values

    def reason_text(self) -> str:
        """The reason as it is charted: the chosen one and the words beside it."""
        chosen = self.cleaned_data["reason"]
        said = [] if chosen == "other" else [str(RATE_REASONS[chosen])]
        return ". ".join([*said, *([self.cleaned_data["words"]] if self.cleaned_data["words"] else [])])


class ResumeForm(SeenForm):
    preview_sha256 = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class EventForm(DesignForm):
    """One event in one tap; `event_at` is the touch-down. Words only where the event needs them."""

    kind = forms.ChoiceField(label=gettext_lazy("What"), choices=EventKind.choices)
    note = forms.CharField(label=gettext_lazy("What happened"), required=False, max_length=2000)
    event_at = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)


class WordsForm(DesignForm):
    """An event that is told in words."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[
            (EventKind.NOTE, EventKind.NOTE.label),
            (EventKind.WORDS, EventKind.WORDS.label),
            (EventKind.MEDICINE, EventKind.MEDICINE.label),
        ],
    )
    note = forms.CharField(
        label=gettext_lazy("What happened"), widget=forms.Textarea(attrs={"rows": "2"}), max_length=2000
    )
    event_at = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)


class VitalsForm(DesignForm):
    """Values that a person measured; the time stays empty for now."""

    nibp_sys = NumberField(label=gettext_lazy("Upper pressure"), unit="mmHg", required=False, places=0)
    nibp_dia = NumberField(label=gettext_lazy("Lower pressure"), unit="mmHg", required=False, places=0)
    heart_rate = NumberField(label=gettext_lazy("Heart rate"), unit="1/min", required=False, places=0)
    spo2 = NumberField(label=gettext_lazy("Saturation"), unit="%", required=False, places=0)
    resp_rate = NumberField(label=gettext_lazy("Breaths"), unit="1/min", required=False, places=0)
    temperature = NumberField(label=gettext_lazy("Temperature"), unit="°C", required=False, places=1)
    observed_at = ClinicTimeField(label=gettext_lazy("Time"), required=False, help_text=gettext_lazy("Empty: now"))

    KINDS = ("nibp_sys", "nibp_dia", "heart_rate", "spo2", "resp_rate", "temperature")


class ScoreForm(DesignForm):
    """One scale item by item. Where the wording is not ours to print, the items carry their numbers only."""

    def __init__(self, *args: Any, scale: str, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"id_{scale}_%s")
        self.scale = scale
        self.definition: Instrument = instrument(scale)
        # Before the form is made, so that these fields get their looks like any other.
        self.base_fields = {f"item_{item.code}": self._field(item) for item in self.definition.items}  # type: ignore[misc]
        super().__init__(*args, **kwargs)

    def _field(self, item: Item) -> forms.Field:
        options = self.definition.options(item)
        choices = [(str(one.value), _(one.label)) for one in reversed(options)] or [
            (str(value), str(value)) for value in range(item.minimum, item.maximum + 1)
        ]
        if all(label == value for value, label in choices):
            choices = sorted(choices, key=lambda one: int(one[0]))
        label = _(item.label)
        return TilesField(
            label=label,
            choices=choices,
            inline=True,
            error_messages={"required": _("Score “{label}”.").format(label=label)},
        )

    def answers(self) -> dict[str, int]:
        """Item code -> number."""
        return {item.code: int(self.cleaned_data[f"item_{item.code}"]) for item in self.definition.items}


class ReasonForm(DesignForm):
    """Why something ends before its time."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)


class LeaveForm(DesignForm):
    """The patient leaves another way than home with the driver."""

    way = TilesField(
        label=gettext_lazy("How"),
        choices=[
            ("transfer", gettext_lazy("To hospital")),
            ("leave_early", gettext_lazy("Against advice")),
        ],
        inline=True,
    )
    note = forms.CharField(
        label=gettext_lazy("What happened, what was said"), widget=forms.Textarea(attrs={"rows": "3"}), max_length=2000
    )


class DischargeForm(DesignForm):
    """Who takes the patient home, and what was checked."""

    driver_name = forms.CharField(label=gettext_lazy("Name of the person who takes the patient home"), max_length=200)
    driver_phone = forms.CharField(label=gettext_lazy("Phone"), max_length=60)
    identity_checked = forms.BooleanField(label=gettext_lazy("Identity of this person checked"))
    instructions_given = forms.BooleanField(label=gettext_lazy("Written instructions given and gone through"))
    shorten_reason = forms.CharField(
        label=gettext_lazy("Why the minimum stay is shortened"), max_length=500, required=False
    )
    password = forms.CharField(label=gettext_lazy("Your password"), strip=False, widget=PASSWORD, required=False)

    def __init__(self, *args: Any, may_shorten: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_shorten:
            del self.fields["shorten_reason"], self.fields["password"]


def seen(session: Session) -> dict[str, int]:
    """The hidden field of a form that shows this state of the session."""
    return {"seen_version": session.version}
