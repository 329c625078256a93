"""The one form class of the product: its renderer, its error summary and the way a refusal reaches a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext as _

from interlude.domain.refusals import Refused
from interlude.interfaces.design.fields import (
    ClinicDateField,
    ClinicTimeField,
    NumberField,
    NumberInput,
    TilesField,
    TilesMultipleField,
)
from interlude.interfaces.design.formats import translate

__all__ = [
    "ClinicDateField",
    "ClinicTimeField",
    "DesignForm",
    "NumberField",
    "NumberInput",
    "TilesField",
    "TilesMultipleField",
    "add_refusal",
    "translate",
]


class DesignRenderer(DjangoTemplates):
    form_template_name = "design/form.html"
    field_template_name = "design/field.html"


@dataclass(frozen=True)
class SummaryError:
    """One line of the error summary: the text beside the field, whose it is when it does not say so, where it leads."""

    anchor: str
    label: str
    text: str


class DesignForm(forms.Form):
    """A form that is checked on the server, on submit only, and keeps what was typed."""

    default_renderer = DesignRenderer()
    use_required_attribute = False
    template_name_label = "design/label.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            _style(field.widget)
            _name_what_is_missing(field, name)

    def refuse(self, refused: Refused, fields: Mapping[str, str] | None = None) -> None:
        """Show a refusal of a service; see `add_refusal`."""
        add_refusal(self, refused, fields)

    def summary(self) -> list[SummaryError]:
        """The errors in reading order, each with the anchor of its first input."""
        return summary_of(self)


def summary_of(form: forms.BaseForm) -> list[SummaryError]:
    """The lines of the error summary of one form; those of hidden inputs lead nowhere."""
    if not getattr(form, "errors", None):
        return []
    lines = [SummaryError("", "", str(text)) for text in form.non_field_errors()]
    for bound in form:
        anchor = "" if bound.is_hidden else anchor_of(bound)
        label = str(bound.label)
        lines += [SummaryError(anchor, "" if label in str(text) else label, str(text)) for text in bound.errors]
    return lines


def add_refusal(form: forms.Form, refused: Refused, fields: Mapping[str, str] | None = None) -> None:
    """Put a refusal beside the input it is about, or on top when the form has no such input.

    `fields` maps a service's argument names to the form's names where they differ.
    """
    name = (fields or {}).get(refused.field, refused.field)
    if form._errors is None:  # type: ignore[attr-defined]
        form.full_clean()
    if not hasattr(form, "cleaned_data"):
        form.cleaned_data = {}  # a form that was never sent can show a refusal, too
    form.add_error(name if name in form.fields else None, translate(refused))


def anchor_of(bound: BoundField) -> str:
    """The id of the first input of a field: where a click in the error summary lands."""
    if isinstance(bound.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return f"{bound.auto_id}_0"
    return bound.id_for_label or bound.auto_id


def _name_what_is_missing(field: forms.Field, name: str) -> None:
    """ "This field is required" does not say which; a page's own words stay."""
    defaults = [kind.__dict__.get("default_error_messages", {}).get("required") for kind in type(field).__mro__]
    if field.error_messages.get("required") not in defaults:
        return
    label = field.label or name.replace("_", " ").capitalize()
    if isinstance(field, forms.BooleanField):
        text = _("Confirm “{label}”.")
    elif isinstance(field, (forms.ChoiceField, forms.MultipleChoiceField)):
        text = _("Choose “{label}”.")
    else:
        text = _("Enter “{label}”.")
    field.error_messages["required"] = text.format(label=label)


def _style(widget: forms.Widget) -> None:
    """Give each plain input the class of its look; composite inputs have their own templates."""
    looks = (
        (forms.Textarea, "textarea"),
        (forms.SelectMultiple, "select"),
        (forms.RadioSelect, ""),
        (forms.CheckboxSelectMultiple, ""),
        (forms.CheckboxInput, ""),
        (forms.MultiWidget, ""),
        (forms.HiddenInput, ""),
        (forms.Select, "select"),
        (forms.widgets.Input, "input"),
    )
    look = next((name for kind, name in looks if isinstance(widget, kind)), "")
    if isinstance(widget, forms.Textarea) and widget.attrs.get("rows") == "10":
        widget.attrs["rows"] = "4"
    if look and look not in str(widget.attrs.get("class", "")).split():
        widget.attrs["class"] = f"{look} {widget.attrs.get('class', '')}".strip()
