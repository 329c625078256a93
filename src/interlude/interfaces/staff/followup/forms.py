from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.protocol.schema import LadderStep
from interlude.interfaces.design.forms import (
    ClinicDateField,
    ClinicTimeField,
    DesignForm,
    NumberField,
    NumberInput,
    TilesField,
)
from interlude.record.followup.models import Decision
from interlude.record.therapy.models import Modality

PASSWORD = forms.PasswordInput(attrs={"autocomplete": "current-password"})


def _long(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class VisitForm(DesignForm):
    """The summary that the whole care team reads. The password is needed for signing only."""

    held_on = ClinicDateField(label=gettext_lazy("Day of the visit"), not_future=True)
    held_time = ClinicTimeField(label=gettext_lazy("Time"))
    minutes = NumberField(label=gettext_lazy("Length"), unit="min", places=0, min_value=1, required=False)
    modality = TilesField(label=gettext_lazy("Procedure"), choices=Modality.choices, inline=True)
    shared = forms.CharField(
        label=gettext_lazy("Summary"),
        help_text=gettext_lazy("What the care team needs to know: state, course, what was worked on."),
        max_length=8000,
        widget=_long(6),
        required=False,
    )
    themes = forms.CharField(label=gettext_lazy("Themes"), max_length=4000, widget=_long(3), required=False)
    risk = forms.CharField(
        label=gettext_lazy("Risk"),
        help_text=gettext_lazy("How it was asked about, and what was found."),
        max_length=4000,
        widget=_long(2),
        required=False,
    )
    next_step = forms.CharField(label=gettext_lazy("Next step"), max_length=4000, widget=_long(2), required=False)
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        help_text=gettext_lazy("Only to sign. After that nothing can be changed."),
        strip=False,
        required=False,
        widget=PASSWORD,
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_draft: bool = False, **kwargs: Any) -> None:
        """A draft may be saved half-way; a signature needs summary, risk and password."""
        super().__init__(*args, **kwargs)
        for name in ("shared", "risk", "password"):
            self.fields[name].required = not is_draft

    @property
    def held_at(self) -> datetime:
        day, time = self.cleaned_data["held_on"], self.cleaned_data["held_time"]
        return datetime.combine(day, time, tzinfo=timezone.get_current_timezone())

    @property
    def content(self) -> dict[str, Any]:
        """What the service is given, without the password."""
        names = ("modality", "themes", "risk", "next_step", "seen_version")
        minutes = self.cleaned_data["minutes"]
        return {
            **{name: self.cleaned_data[name] for name in names},
            "summary": self.cleaned_data["shared"],
            "minutes": int(minutes) if minutes is not None else None,
            "held_at": self.held_at,
        }


class DecisionForm(DesignForm):
    decision = TilesField(
        label=gettext_lazy("What comes next?"),
        choices=Decision.choices,
        hints={
            "extend": gettext_lazy("A new block of sessions in the same rhythm."),
            "maintain": gettext_lazy("Single sessions, to keep what was gained."),
            "taper": gettext_lazy("The same with a wider interval."),
            "end": gettext_lazy("No more sessions. Questionnaires go on; the summary can be printed."),
        },
    )
    extra_sessions = NumberField(
        label=gettext_lazy("Sessions added"),
        help_text=gettext_lazy("Only when the series is extended."),
        widget=NumberInput(attrs={"class": "input input-w4"}),
        places=0,
        min_value=1,
        required=False,
    )
    ladder_step = TilesField(
        label=gettext_lazy("Step of the ladder"),
        help_text=gettext_lazy("Only to maintain or taper."),
        choices=[],
        required=False,
    )
    next_on = ClinicDateField(
        label=gettext_lazy("Next session about"),
        help_text=gettext_lazy("Only to maintain or taper."),
        not_past=True,
        required=False,
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=4000, widget=_long(4))
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        help_text=gettext_lazy("It signs the decision."),
        strip=False,
        widget=PASSWORD,
    )
    seen_sha256 = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, ladder: tuple[LadderStep, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ladder_step"].choices = [("", _("None"))] + [(s.code, _(s.label)) for s in ladder]  # type: ignore[attr-defined]

    @property
    def content(self) -> dict[str, Any]:
        values = self.cleaned_data
        extra = values["extra_sessions"]
        return {
            **{
                name: values[name]
                for name in ("decision", "reason", "ladder_step", "next_on", "password", "seen_sha256")
            },
            "extra_sessions": int(extra) if extra is not None else None,
        }
