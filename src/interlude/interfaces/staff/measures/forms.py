from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.instruments import Instrument, instruments
from interlude.interfaces.design.forms import (
    ClinicDateField,
    ClinicTimeField,
    DesignForm,
    NumberField,
    TilesField,
    TilesMultipleField,
)
from interlude.record.measures.models import RiskActionKind
from interlude.record.measures.wording import is_askable


class SendForm(DesignForm):
    instruments = TilesMultipleField(label=gettext_lazy("Questionnaires"))
    due_on = ClinicDateField(label=gettext_lazy("To be answered by"), not_past=True)

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ready = [one for one in instruments() if is_askable(one, language)]
        self.fields["instruments"].choices = [(one.code, one.name) for one in ready]  # type: ignore[attr-defined]
        self.fields["instruments"].hints = {one.code: _(one.recall) for one in ready}  # type: ignore[attr-defined]


class PaperForm(DesignForm):
    """One field for each item, in the order of the paper. An empty field is a missing answer."""

    answered_on = ClinicDateField(label=gettext_lazy("Day of the answers"), not_future=True)
    answered_time = ClinicTimeField(label=gettext_lazy("Time"))

    def __init__(self, *args: Any, instrument: Instrument, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instrument = instrument
        for number, item in enumerate(instrument.items, 1):
            text = item.texts.get(language) or item.texts.get("en") or _(item.label)
            label = f"{number}. {text}"
            options = instrument.options(item)
            field: forms.Field
            if options:
                choices = [("", _("No answer"))]
                for option in options:
                    words = option.texts.get(language) or option.texts.get("en") or _(option.label)
                    number_only = words == str(option.value)
                    choices.append((str(option.value), words if number_only else f"{option.value} – {words}"))
                field = TilesField(label=label, choices=choices, required=False, inline=True)
            else:
                field = NumberField(
                    label=label, required=False, places=0, min_value=item.minimum, max_value=item.maximum
                )
            self.fields[f"item_{item.code}"] = field

    @property
    def answers(self) -> dict[str, int]:
        """The answers given, by item; items without an answer are left out."""
        values: Mapping[str, Any] = self.cleaned_data
        found = {item.code: values.get(f"item_{item.code}") for item in self.instrument.items}
        return {code: int(value) for code, value in found.items() if value not in (None, "")}

    @property
    def answered_at(self) -> datetime:
        day, time = self.cleaned_data["answered_on"], self.cleaned_data["answered_time"]
        return datetime.combine(day, time, tzinfo=timezone.get_current_timezone())

    def names(self) -> dict[str, str]:
        """Where a refusal of the service belongs on this form."""
        places = {item.code: f"item_{item.code}" for item in self.instrument.items}
        return {**places, "answered_at": "answered_on"}


class ActionForm(DesignForm):
    kind = TilesField(label=gettext_lazy("What was done?"), choices=RiskActionKind.choices)
    note = forms.CharField(
        label=gettext_lazy("What was found and agreed"),
        help_text=gettext_lazy("A few words: present state, who is with the patient, next contact."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
