"""Questions of the catalogue as form fields, and what was answered as values of the chart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.protocol.facts import FactDefinition, Value
from interlude.interfaces.design.forms import ClinicDateField, DesignForm, NumberField, TilesField
from interlude.interfaces.staff.assessment.words import unit_words
from interlude.record.assessments.catalogue import catalogue
from interlude.record.assessments.models import FactSource

NOT_KNOWN = "not_known"
YES_NO = [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")), (NOT_KNOWN, gettext_lazy("Not known"))]
LONGEST_TEXT = 400


def answer_field(definition: FactDefinition) -> forms.Field:
    """An empty field for one question: what is left empty is not charted."""
    label = _(definition.question)
    if definition.kind == "yes_no":
        return TilesField(label=label, choices=YES_NO, inline=True, required=False)
    if definition.kind == "choice":
        choices = [(choice.code, _(choice.label)) for choice in definition.choices]
        return forms.ChoiceField(
            label=label, choices=[("", _("Choose")), *choices, (NOT_KNOWN, _("Not known"))], required=False
        )
    if definition.kind == "number":
        return NumberField(
            label=label,
            unit=unit_words(definition.unit),
            min_value=definition.minimum,
            max_value=definition.maximum,
            required=False,
        )
    if definition.kind == "date":
        return ClinicDateField(label=label, not_future=True, required=False)
    return forms.CharField(label=label, required=False, max_length=LONGEST_TEXT)


def answer_of(definition: FactDefinition, cleaned: Any) -> Value | None:
    """What was chosen, as the chart keeps it; None for "not known"."""
    if cleaned == NOT_KNOWN:
        return None
    if definition.kind == "yes_no":
        return bool(cleaned == "yes")
    return cleaned


def observed_at(day: date | None, now: datetime) -> datetime:
    """The instant of an observation that is known by its day: now for today, else noon of that day."""
    if day is None or day >= timezone.localdate(now):
        return now
    return timezone.make_aware(datetime.combine(day, time(12)))


class AnswersForm(DesignForm):
    """Some questions, the day of the answers and where they come from."""

    observed_on = ClinicDateField(label=gettext_lazy("Asked or measured on"), not_future=True, required=False)
    source = forms.ChoiceField(label=gettext_lazy("Source"), choices=FactSource.choices, required=False)

    def __init__(self, data: Any = None, *, codes: Iterable[str], **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"observed_on": timezone.localdate(), "source": FactSource.CHART})
        super().__init__(data, **kwargs)
        self.codes = tuple(codes)
        added = {code: answer_field(catalogue().get(code)) for code in self.codes}
        self.fields = {**added, **self.fields}
        for field in added.values():
            _style_added(field)

    def without_marks(self) -> AnswersForm:
        """For showing, after any checking: every question may be left out, so "optional" is not said at each."""
        if self.is_bound:
            _checked = self.errors
        for field in self.fields.values():
            field.required = True
        return self

    def values(self) -> dict[str, Value | None]:
        """The answers that were given; questions that were left empty are not among them."""
        return {
            code: answer_of(catalogue().get(code), self.cleaned_data[code])
            for code in self.codes
            if self.cleaned_data.get(code) not in (None, "")
        }

    def observed(self, now: datetime) -> datetime:
        return observed_at(self.cleaned_data.get("observed_on"), now)


def _style_added(field: forms.Field) -> None:
    """Fields added after the form was made get the look of the others."""
    if isinstance(field.widget, forms.Select) and not isinstance(field.widget, forms.RadioSelect):
        field.widget.attrs["class"] = "select"
    elif isinstance(field.widget, forms.TextInput):
        field.widget.attrs["class"] = "input"
