from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from interlude.interfaces.design.forms import (
    ClinicDateField,
    ClinicTimeField,
    DesignForm,
    NumberField,
    TilesField,
)
from interlude.interfaces.staff.assessment.answers import YES_NO
from interlude.record.assessments.models import AllergyState, EligibilityOutcome, TrialResponse
from interlude.record.assessments.queries import AllergyLine

SPARE_ROWS = 2
_ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV", "5": "V"}
_CHOOSE = {"required": _("Choose one of the list.")}
NOT_KNOWN = ("not_known", _("Not known"))


def _line(label: Any, required: bool = False, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=200, widget=forms.TextInput({"autocomplete": "off"}), **more
    )


class ReasonField(forms.CharField):
    """A reason that is needed only with some decisions: never marked optional, refused by the service."""

    def validate(self, value: Any) -> None:
        return


class TextPartForm(DesignForm):
    """One part of the consultation that is a text. `seen`: the version that the writer had before them."""

    text = forms.CharField(label=_("Text"), required=False, max_length=20_000, widget=forms.Textarea({"rows": 5}))
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class AirwayForm(DesignForm):
    asa_class = TilesField(
        label=_("ASA class"),
        choices=[*((key, roman) for key, roman in _ROMAN.items()), NOT_KNOWN],
        hints={
            "1": _("Healthy"),
            "2": _("Mild disease"),
            "3": _("Severe disease"),
            "4": _("Constant threat to life"),
            "5": _("Not expected to survive"),
        },
        inline=True,
        error_messages={"required": _("Choose the ASA class, or that it is not known.")},
    )
    mallampati = TilesField(
        label=_("Mallampati class"),
        choices=[*((key, roman) for key, roman in _ROMAN.items() if key != "5"), NOT_KNOWN],
        inline=True,
        error_messages={"required": _("Choose the Mallampati class, or that it is not known.")},
    )
    difficult = TilesField(
        label=_("Is a difficult airway known or likely?"), choices=YES_NO, inline=True, required=False
    )
    findings = forms.CharField(
        label=_("Findings"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Mouth opening, teeth, neck, earlier anaesthetics."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class RouteForm(DesignForm):
    """What the patient prefers after the comparison. What is left empty is not charted."""

    route_preference = TilesField(
        label=_("Vein or muscle: which does the patient prefer?"),
        choices=[("vein", _("Vein")), ("muscle", _("Muscle")), ("no_preference", _("No preference")), NOT_KNOWN],
        inline=True,
        required=False,
    )
    fear_of_needles = TilesField(
        label=_("Is the patient afraid of needles?"),
        choices=[("none", _("No")), ("some", _("A little")), ("strong", _("Very much")), NOT_KNOWN],
        inline=True,
        required=False,
    )
    asked_on = ClinicDateField(label=_("Asked on"), not_future=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"asked_on": timezone.localdate()})
        super().__init__(*args, **kwargs)


class WeightForm(DesignForm):
    weight_kg = NumberField(label=_("Weight"), unit="kg", min_value=20, max_value=350, places=1)
    height_cm = NumberField(label=_("Height"), unit="cm", min_value=80, max_value=250, places=1, required=False)
    weighed_on = ClinicDateField(label=_("Weighed on"), not_future=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"weighed_on": timezone.localdate()})
        super().__init__(*args, **kwargs)


class VitalsForm(DesignForm):
    """Baseline values, measured sitting after rest."""

    systolic_bp_mmhg = NumberField(label=_("Upper pressure"), unit="mmHg", min_value=40, max_value=300, places=0)
    diastolic_bp_mmhg = NumberField(label=_("Lower pressure"), unit="mmHg", min_value=20, max_value=200, places=0)
    heart_rate_per_min = NumberField(label=_("Heart rate"), unit=_("per min"), min_value=20, max_value=260, places=0)  # type: ignore[arg-type]
    spo2_percent = NumberField(label=_("Oxygen saturation"), unit="%", min_value=30, max_value=100, places=0)
    measured_on = ClinicDateField(label=_("Measured on"), not_future=True)
    measured_at = ClinicTimeField(label=_("Time"), required=False, help_text=_("24-hour clock, like 09:30."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"measured_on": timezone.localdate()})
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        high, low = data.get("systolic_bp_mmhg"), data.get("diastolic_bp_mmhg")
        if high is not None and low is not None and high <= low:
            self.add_error("systolic_bp_mmhg", _("The upper pressure must be above the lower one."))
        return data


class AllergiesForm(DesignForm):
    """The whole list: what is known, and rows of substance and reaction."""

    state = TilesField(
        label=_("What is known about allergies?"),
        choices=[
            (AllergyState.KNOWN, _("There are known allergies")),
            (AllergyState.NONE_KNOWN, _("Asked: none are known")),
            (AllergyState.UNAVAILABLE, _("Cannot be found out now")),
        ],
        error_messages={"required": _("Say what is known about allergies.")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, line: AllergyLine, **kwargs: Any) -> None:
        state = "" if line.state == AllergyState.NOT_RECORDED else line.state
        super().__init__(data, initial={"state": state, "seen": line.statement_id}, **kwargs)
        sent = sum(name.startswith("substance_") for name in data) if data else 0
        self.count = max(len(line.entries) + SPARE_ROWS, sent)
        for number in range(self.count):
            known = line.entries[number] if number < len(line.entries) else ("", "")
            for name, label, value in (
                ("substance", _("Substance"), known[0]),
                ("reaction", _("Reaction"), known[1]),
            ):
                field = _line(label, initial=value)
                field.widget.attrs["class"] = "input"
                self.fields[f"{name}_{number}"] = field

    def rows(self) -> list[tuple[Any, Any]]:
        """The rows for showing; read after any checking: an empty row is no answer left out."""
        _checked = self.errors if self.is_bound else None
        for number in range(self.count):
            self.fields[f"substance_{number}"].required = self.fields[f"reaction_{number}"].required = True
        return [(self[f"substance_{number}"], self[f"reaction_{number}"]) for number in range(self.count)]

    def entries(self) -> list[tuple[str, str]]:
        return [
            (self.cleaned_data[f"substance_{number}"], self.cleaned_data[f"reaction_{number}"])
            for number in range(self.count)
        ]


class MedicineForm(DesignForm):
    name = _line(_("Medicine (generic name)"), True, error_messages={"required": _("Enter the name of the medicine.")})
    dose = _line(_("Dose"), help_text=_("For example 100 mg."))
    frequency = _line(_("How often"), help_text=_("For example mornings."))
    taken_since = ClinicDateField(label=_("Since"), not_future=True, required=False)


class TrialForm(DesignForm):
    """An earlier treatment of this illness."""

    medicine = _line(
        _("Medicine or treatment"), True, error_messages={"required": _("Enter the medicine or treatment.")}
    )
    dose = _line(_("Highest dose"), help_text=_("For example 200 mg a day."))
    weeks = NumberField(label=_("Length"), unit=_("weeks"), places=1, required=False)  # type: ignore[arg-type]
    dose_was_adequate = TilesField(
        label=_("Was the dose high enough?"), choices=YES_NO, inline=True, error_messages=_CHOOSE
    )
    response = TilesField(
        label=_("How much did it help?"), choices=TrialResponse.choices, inline=True, error_messages=_CHOOSE
    )


class ReportForm(DesignForm):
    title = _line(
        _("What is it?"),
        True,
        error_messages={"required": _("Say in a few words what the report is.")},
        help_text=_("For example ECG, or letter of the psychiatrist."),
    )
    reported_on = ClinicDateField(label=_("Date of the report"), not_future=True, required=False)
    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, JPEG or PNG, at most 10 MB. It is kept encrypted."),
        error_messages={"required": _("Choose the file."), "empty": _("The file is empty.")},
        widget=forms.FileInput({"accept": "application/pdf,image/jpeg,image/png"}),
    )


class DecisionForm(DesignForm):
    """The decision on eligibility. Reasons for going past rows stand beside the rows (`override_CODE`)."""

    outcome = TilesField(
        label=_("Decision"),
        choices=EligibilityOutcome.choices,
        hints={
            EligibilityOutcome.ELIGIBLE: _("The plan can be written."),
            EligibilityOutcome.NOT_ELIGIBLE: _("Ketamine is not for this patient."),
            EligibilityOutcome.POSTPONED: _("Something must be settled first."),
        },
        error_messages={"required": _("Choose the decision.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Needed when the patient is not eligible or it is postponed."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, past: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, title in (past or {}).items():
            self.fields[f"override_{code}"] = ReasonField(
                label=gettext("Why go on?"),
                help_text=gettext("{title}. Needed only if you decide: eligible.").format(title=title),
                max_length=2000,
                widget=forms.Textarea({"rows": 2, "class": "textarea", "form": "decision"}),
            )

    def overrides(self) -> dict[str, str]:
        return {
            name.removeprefix("override_"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("override_") and value
        }


class SignForm(DecisionForm):
    password = forms.CharField(
        label=_("Your password"),
        help_text=_("By signing you confirm the rows and the decision above."),
        widget=forms.PasswordInput({"autocomplete": "current-password", "class": "input-w20"}),
        error_messages={"required": _("Enter your password to sign.")},
    )
