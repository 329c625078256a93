"""The one form class of the product: its renderer, its error summary and the way a refusal reaches a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates

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
    """One line of the error summary: the text beside the field and where it leads."""

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
        for field in self.fields.values():
            _style(field.widget)

    def refuse(self, refused: Refused, fields: Mapping[str, str] | None = None) -> None:
        """Show a refusal of a service; see `add_refusal`."""
        add_refusal(self, refused, fields)

    def summary(self) -> list[SummaryError]:
        """The errors in reading order, each with the anchor of its first input."""
        if not self.is_bound and not self._errors:
            return []
        lines = [SummaryError("", "", text) for text in self.non_field_errors()]
        for bound in self:
            lines += [SummaryError(anchor_of(bound), str(bound.label), text) for text in bound.errors]
        return lines


def add_refusal(form: forms.Form, refused: Refused, fields: Mapping[str, str] | None = None) -> None:
    """Put a refusal beside the input it is about, or on top when the form has no such input.

    `fields` maps a service's argument names to the form's names where they differ.
    """
    name = (fields or {}).get(refused.field, refused.field)
    if form._errors is None:  # type: ignore[attr-defined]
        form.full_clean()
    form.add_error(name if name in form.fields else None, translate(refused))


def anchor_of(bound: BoundField) -> str:
    """The id of the first input of a field: where a click in the error summary lands."""
    if isinstance(bound.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return f"{bound.auto_id}_0"
    return bound.id_for_label or bound.auto_id


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
    if look and look not in str(widget.attrs.get("class", "")).split():
        widget.attrs["class"] = f"{look} {widget.attrs.get('class', '')}".strip()
