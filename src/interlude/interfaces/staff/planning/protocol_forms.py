"""Forms of the protocol editor: one number, a trial, submitting, declining."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.instruments.data import Datum
from interlude.domain.protocol.library import load_library
from interlude.domain.protocol.revision import CLINIC, PRODUCT
from interlude.interfaces.design.forms import ClinicDateField, DesignForm, NumberField, TilesField
from interlude.interfaces.staff.planning.words import certainty_words
from interlude.record.protocols.trial import DEFAULT_LEVEL

MARKS = ("V", "C", "R+", "R", "P")


class ValueForm(DesignForm):
    """Another number in the place of `old`. The unit stays; source, certainty and reason are asked anew."""

    value = NumberField(label=gettext_lazy("New value"), places=6)
    source = forms.ChoiceField(
        label=gettext_lazy("Where the new value comes from"), widget=forms.Select(attrs={"class": "select"})
    )
    certainty = TilesField(label=gettext_lazy("How sure that is"), choices=[])
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("For example the page or table in the source."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why this value changes"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, old: Datum, check_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.old = old
        fields: dict[str, Any] = self.fields
        fields["value"].unit = _(old.unit) if old.unit else ""
        fields["source"].choices = _sources()
        fields["certainty"].choices = [(mark, f"{mark} – {certainty_words(mark)}") for mark in MARKS]
        if check_url:
            live = {"hx-post": check_url, "hx-target": "#value-check", "hx-include": "#value-form"}
            self.fields["value"].widget.attrs |= live | {
                "hx-trigger": "input changed delay:300ms",
                "aria-describedby": "value-check",
            }
            for name in ("source", "certainty"):
                self.fields[name].widget.attrs |= live | {"hx-trigger": "change"}

    def datum(self) -> Datum:
        """What was typed; call after `is_valid`. A half-filled form stands for the clinic's own decision."""
        data = self.cleaned_data
        if not data.get("source") and data["value"] == self.old.value:
            return self.old
        return Datum(
            value=data["value"],
            unit=self.old.unit,
            source=data.get("source") or CLINIC,
            certainty=data.get("certainty") or ("P" if (data.get("source") or CLINIC) == CLINIC else "V"),
            note=(data.get("note") or "").strip(),
        )


def _sources() -> list[Any]:
    """The clinic's own decision first, then the library's papers, guidelines and labels by kind."""
    kinds = {"paper": _("Papers"), "guideline": _("Guidelines"), "label": _("Labels"), "register": _("Registers")}
    named: dict[str, list[tuple[str, str]]] = {kind: [] for kind in kinds}
    for source in load_library().sources.values():
        if source.id not in (CLINIC, PRODUCT):
            named[source.kind].append((source.id, source.citation))
    groups = [
        (title, sorted(named[kind], key=lambda pair: pair[1].lower())) for kind, title in kinds.items() if named[kind]
    ]
    return [("", _("Choose a source")), (CLINIC, _("Decision of this clinic's medical lead (P)")), *groups]


class SummaryForm(DesignForm):
    text = forms.CharField(
        label=gettext_lazy("What the protocol comes to, in one sentence"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why this sentence changes"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class TrialForm(DesignForm):
    level_ng_per_ml = NumberField(
        label=gettext_lazy("Level of S-ketamine at the effect site"),
        unit="ng/mL",
        places=1,
        min_value=1,
        max_value=2000,
        initial=Decimal(str(DEFAULT_LEVEL)),
        help_text=gettext_lazy("121 ng/mL is half of the greatest effect on outer perception (Olofsen 2022)."),
    )


class SubmitForm(DesignForm):
    """The first signature: the day from which the version holds, and the password again."""

    seen_sha256 = forms.CharField(required=False, widget=forms.HiddenInput)
    effective_on = ClinicDateField(label=gettext_lazy("Holds from"), not_past=True)
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ReasonForm(DesignForm):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
