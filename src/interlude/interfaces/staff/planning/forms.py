from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.instruments.data import Datum
from interlude.domain.protocol.schema import Protocol, Span
from interlude.interfaces.design import formats
from interlude.interfaces.design.forms import DesignForm, NumberField, TilesField
from interlude.record.plans.models import Channel, Seat, Sound
from interlude.record.plans.order import Element, Plan, default_sessions, offered_therapies, reason_field

SOFT_CODES = (
    "dose_mg_per_kg_above_soft",
    "dose_mg_per_kg_below_soft",
    "minutes_above_soft",
    "minutes_below_soft",
    "number_above_soft",
    "gap_below_soft",
    "gap_above_soft",
)
FIELD_OF = {
    "dose_mg_per_kg_above_soft": "dose_mg_per_kg",
    "dose_mg_per_kg_below_soft": "dose_mg_per_kg",
    "minutes_above_soft": "minutes",
    "minutes_below_soft": "minutes",
    "number_above_soft": "planned_sessions",
    "gap_below_soft": "gap_min_days",
    "gap_above_soft": "gap_max_days",
}


class PlanForm(DesignForm):
    """The adapted values of one protocol. A reason box belongs to each soft limit and shows when it is needed."""

    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    dose_mg_per_kg = NumberField(label=gettext_lazy("Dose"), unit="mg/kg", places=3)
    minutes = NumberField(label=gettext_lazy("Time"), unit="min", places=0)
    planned_sessions = NumberField(label=gettext_lazy("Number of sessions"), places=0, max_value=40)
    gap_min_days = NumberField(label=gettext_lazy("Gap, at least"), unit="d", places=0, max_value=60)
    gap_max_days = NumberField(label=gettext_lazy("Gap, at most"), unit="d", places=0, max_value=60)
    reason = forms.CharField(
        label=gettext_lazy("Why this plan for this patient"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, protocol: Protocol, preview_url: str = "", **kwargs: Any) -> None:
        self.protocol = protocol
        live = {"hx-post": preview_url, "hx-target": "#plan-preview", "hx-include": "#plan-form"} if preview_url else {}
        super().__init__(*args, **kwargs)
        if protocol.route == "im":
            del self.fields["minutes"]
        for therapy in offered_therapies(protocol):
            self._add_therapy(therapy.code, [(one.code, _(one.text)) for one in therapy.timing])
        for code in SOFT_CODES:
            box = forms.Textarea(attrs={"rows": 2, "class": "textarea"})
            label = _("Reason for going beyond this limit")
            self.fields[reason_field(code)] = forms.CharField(label=label, required=False, widget=box)
        self._explain()
        for name, field in self.fields.items():
            if live and not name.startswith(("reason", "seen")):
                typed = isinstance(field, NumberField)
                field.widget.attrs |= live | {"hx-trigger": "input changed delay:350ms" if typed else "change"}

    def _add_therapy(self, kind: str, timings: list[tuple[str, str]]) -> None:
        self.fields[f"with_{kind}"] = forms.BooleanField(required=False)
        self.fields[f"timing_{kind}"] = forms.ChoiceField(
            label=_("When"), choices=timings, required=False, widget=forms.Select(attrs={"class": "select"})
        )
        self.fields[f"sessions_{kind}"] = NumberField(label=_("Sessions"), places=0, required=False)
        self.fields[f"sessions_{kind}"].widget.attrs["class"] = "input input-w4"

    def _explain(self) -> None:
        """The limits of the protocol stand under each field, before anything is typed."""
        protocol = self.protocol
        self.fields["dose_mg_per_kg"].help_text = limits_text(protocol.dose_mg_per_kg, "mg/kg")
        if protocol.minutes is not None:
            self.fields["minutes"].help_text = limits_text(protocol.minutes, "min")
        series = protocol.series
        self.series_hint = _(
            "Protocol: {planned} sessions, {low} to {high} days apart, review after {review}, at most {most} in all"
        ).format(
            planned=series.planned.value,
            low=series.gap_min_days.value,
            high=series.gap_max_days.value,
            review=series.review_after.value,
            most=series.extend_to.value,
        )

    @staticmethod
    def initial_of(protocol: Protocol, plan: Plan, version: int | None = None) -> dict[str, Any]:
        """First values of the form; a therapy that is not chosen shows its usual number of sessions."""
        values: dict[str, Any] = {
            f"sessions_{one.code}": default_sessions(one.timing[0], plan.planned_sessions)
            for one in offered_therapies(protocol)
        }
        values |= {
            "seen_version": version,
            "dose_mg_per_kg": plan.dose_mg_per_kg.normalize(),
            "minutes": plan.minutes,
            "planned_sessions": plan.planned_sessions,
            "gap_min_days": plan.gap_min_days,
            "gap_max_days": plan.gap_max_days,
            "reason": plan.reason,
        }
        for element in plan.elements:
            values |= {
                f"with_{element.kind}": True,
                f"timing_{element.kind}": element.timing,
                f"sessions_{element.kind}": element.sessions,
            }
        return values | {reason_field(code): text for code, text in plan.limit_reasons.items()}

    def plan(self) -> Plan:
        """The form's values as a plan; call after `is_valid`."""
        data = self.cleaned_data
        minutes = data.get("minutes")
        return Plan(
            dose_mg_per_kg=data["dose_mg_per_kg"],
            minutes=int(minutes) if minutes is not None else None,
            planned_sessions=int(data["planned_sessions"]),
            gap_min_days=int(data["gap_min_days"]),
            gap_max_days=int(data["gap_max_days"]),
            elements=tuple(self._elements()),
            reason=data["reason"],
            limit_reasons={code: data.get(reason_field(code), "") for code in SOFT_CODES},
        )

    def _elements(self) -> list[Element]:
        data, found = self.cleaned_data, []
        for therapy in offered_therapies(self.protocol):
            if data.get(f"with_{therapy.code}"):
                timing = data.get(f"timing_{therapy.code}") or therapy.timing[0].code
                sessions = data.get(f"sessions_{therapy.code}")
                found.append(Element(therapy.code, timing, int(sessions) if sessions is not None else 0))
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for therapy in offered_therapies(self.protocol):
            name = f"sessions_{therapy.code}"
            if data.get(f"with_{therapy.code}") and data.get(name) is None and name not in self.errors:
                self.add_error(name, _("Enter 1 to 60 sessions."))
        return data

    def therapies(self) -> list[dict[str, Any]]:
        """What the page draws for each therapy: its three fields, and what is known about it."""
        return [
            {
                "therapy": therapy,
                "name": _(therapy.name),
                "plain": _(therapy.plain),
                "evidence": _(therapy.evidence_note),
                "with": self[f"with_{therapy.code}"],
                "timing": self[f"timing_{therapy.code}"],
                "sessions": self[f"sessions_{therapy.code}"],
                "has_error": bool(
                    self.errors.get(f"sessions_{therapy.code}") or self.errors.get(f"timing_{therapy.code}")
                ),
            }
            for therapy in offered_therapies(self.protocol)
        ]


def limits_text(span: Span, unit: str) -> str:
    """The protocol's own value and its limits in one line."""
    number = formats.clinic_number
    parts = [_("Protocol: {value} {unit}").format(value=number(span.default.value), unit=unit)]
    soft = _range(span.soft_min, span.soft_max)
    hard = _range(span.hard_min, span.hard_max)
    if soft:
        parts.append(_("reason needed outside {range}").format(range=soft))
    if hard:
        parts.append(_("refused outside {range}").format(range=hard))
    return " · ".join(parts)


def _range(low: Datum | None, high: Datum | None) -> str:
    number = formats.clinic_number
    if low is not None and high is not None:
        same = low.value == high.value
        return number(low.value) if same else f"{number(low.value)} – {number(high.value)}"
    if high is not None:
        return _("up to {high}").format(high=number(high.value))
    return _("from {low}").format(low=number(low.value)) if low is not None else ""


class PasswordForm(DesignForm):
    """A signature: the password again, and the version of what was looked at."""

    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ComfortForm(DesignForm):
    seat = TilesField(label=gettext_lazy("Seat"), choices=Seat.choices, required=False, inline=True)
    headphones = TilesField(label=gettext_lazy("Headphones"), choices=Sound.choices, required=False, inline=True)
    eye_mask = TilesField(
        label=gettext_lazy("Eye mask"),
        choices=[("", gettext_lazy("Not asked")), ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        required=False,
        inline=True,
    )
    blanket = TilesField(
        label=gettext_lazy("Blanket"),
        choices=[("", gettext_lazy("Not asked")), ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        required=False,
        inline=True,
    )
    music = forms.CharField(label=gettext_lazy("Music or playlist"), required=False)
    comfort_item = forms.CharField(label=gettext_lazy("Comfort item"), required=False)
    companion = forms.CharField(label=gettext_lazy("Companion"), required=False)
    intention = forms.CharField(
        label=gettext_lazy("Intention, in the patient's words"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        for name in ("eye_mask", "blanket"):
            data[name] = {"yes": True, "no": False}.get(data[name])
        return data


class ConsentForm(DesignForm):
    """The signed paper is at hand: who signed, and that it is this text."""

    text_sha256 = forms.CharField(widget=forms.HiddenInput)
    signed_name = forms.CharField(label=gettext_lazy("Name under the signature"))
    channel = forms.CharField(widget=forms.HiddenInput, initial=Channel.PAPER)
