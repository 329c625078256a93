"""The parts of the consultation page: each has its own form and is saved by itself."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.forms import Form
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import add_refusal
from interlude.interfaces.staff.assessment import forms
from interlude.interfaces.staff.assessment.answers import NOT_KNOWN, observed_at
from interlude.interfaces.staff.assessment.chart import Chart
from interlude.interfaces.staff.assessment.current import current_answers
from interlude.interfaces.staff.assessment.route import ROUTE_CODES, comparison_rows
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.assessments import services
from interlude.record.assessments.models import ConsultationPart


class Section:
    """One card of the page. `post` returns None when it saved, else what the card shows instead."""

    key: str
    title: str | Promise
    template: str

    def context(self, chart: Chart) -> dict[str, Any]:
        raise NotImplementedError

    def is_done(self, chart: Chart) -> bool:
        """Whether something is recorded, for the list of the page's parts."""
        raise NotImplementedError

    def post(self, request: StaffRequest, chart: Chart, now: datetime) -> dict[str, Any] | None:
        raise NotImplementedError

    def auto_id(self) -> str:
        return f"{self.key}_%s"


def valid_or_refused(form: Form, save: Any, fields: dict[str, str] | None = None) -> bool:
    """Call `save` with what was entered; a refusal goes beside its field. True when it is done."""
    if not form.is_valid():
        return False
    try:
        save(form.cleaned_data)
    except Refused as refused:
        add_refusal(form, refused, fields)
        return False
    return True


class TextSection(Section):
    template = "staff/assessment/sections/text.html"

    def __init__(self, part: ConsultationPart, hint: str | Promise) -> None:
        self.key, self.title, self.hint = part.value, part.label, hint

    def _form(self, chart: Chart, data: Any = None) -> forms.TextPartForm:
        entry = chart.parts.get(self.key)
        content: Any = entry.content if entry else {}
        initial = {"text": (content or {}).get("text", ""), "seen": entry.number if entry else 0}
        form = forms.TextPartForm(data, initial=initial, auto_id=self.auto_id())
        form.fields["text"].help_text = str(self.hint)
        return form

    def context(self, chart: Chart) -> dict[str, Any]:
        return {"form": self._form(chart), "entry": chart.parts.get(self.key)}

    def is_done(self, chart: Chart) -> bool:
        return self.key in chart.parts

    def post(self, request: StaffRequest, chart: Chart, now: datetime) -> dict[str, Any] | None:
        form = self._form(chart, request.POST)
        done = valid_or_refused(
            form,
            lambda data: services.save_consultation(
                by=request.user,
                at=now,
                patient=chart.patient,
                part=self.key,
                content={"text": data["text"]},
                seen_number=data["seen"] or 0,
            ),
        )
        return None if done else self.refused(form, chart)

    def refused(self, form: Any, chart: Chart) -> dict[str, Any]:
        """What was typed stays; what somebody else saved meanwhile is shown beside it, to be compared."""
        entry = chart.parts.get(self.key)
        number = entry.number if entry else 0
        seen = form.cleaned_data.get("seen") or 0
        newer = entry if entry is not None and number != seen else None
        if newer is not None:
            form.data = form.data.copy()
            form.data["seen"] = str(number)
        return {"form": form, "entry": entry, "newer": newer}


class AirwaySection(TextSection):
    template = "staff/assessment/sections/airway.html"

    def _form(self, chart: Chart, data: Any = None) -> Any:
        entry = chart.parts.get(self.key)
        content: Any = (entry.content if entry else None) or {}
        return forms.AirwayForm(data, initial={**content, "seen": entry.number if entry else 0}, auto_id=self.auto_id())

    def context(self, chart: Chart) -> dict[str, Any]:
        answer = current_answers(chart.facts, ["airway_difficult"], timezone.localdate())
        return {**super().context(chart), "answers": list(answer.values())}

    def post(self, request: StaffRequest, chart: Chart, now: datetime) -> dict[str, Any] | None:
        form = self._form(chart, request.POST)

        def save(data: dict[str, Any]) -> None:
            content = {name: data[name] for name in ("asa_class", "mallampati", "findings")}
            services.save_consultation(
                by=request.user,
                at=now,
                patient=chart.patient,
                part=self.key,
                content=content,
                seen_number=data["seen"] or 0,
            )
            if data["difficult"]:
                value = {"yes": True, "no": False}.get(data["difficult"])
                services.record_fact(
                    by=request.user,
                    at=now,
                    patient=chart.patient,
                    code="airway_difficult",
                    value=value,
                    observed_at=now,
                )

        return None if valid_or_refused(form, save) else {**self.context(chart), **self.refused(form, chart)}


def _all_charted(chart: Chart, codes: tuple[str, ...]) -> bool:
    return all(code in chart.facts for code in codes)


class WeightSection(Section):
    key, title = "weight", gettext_lazy("Weight and height")
    template = "staff/assessment/sections/measured.html"
    codes = ("weight_kg", "height_cm")

    def is_done(self, chart: Chart) -> bool:
        return _all_charted(chart, self.codes)

    def context(self, chart: Chart) -> dict[str, Any]:
        answers = current_answers(chart.facts, self.codes, timezone.localdate())
        return {"form": self.form(), "answers": list(answers.values())}

    def form(self, data: Any = None) -> forms.WeightForm:
        return forms.WeightForm(data, auto_id=self.auto_id())

    def post(self, request: StaffRequest, chart: Chart, now: datetime) -> dict[str, Any] | None:
        form = self.form(request.POST)

        def save(data: dict[str, Any]) -> None:
            values = {code: data[code] for code in self.codes if data[code] is not None}
            at = observed_at(data["weighed_on"], now)
            services.record_facts(by=request.user, at=now, patient=chart.patient, values=values, observed_at=at)

        return None if valid_or_refused(form, save) else {**self.context(chart), "form": form}


class VitalsSection(Section):
    key, title = "vitals", gettext_lazy("Blood pressure, heart rate, oxygen at rest")
    template = "staff/assessment/sections/measured.html"
    codes = ("systolic_bp_mmhg", "diastolic_bp_mmhg", "heart_rate_per_min", "spo2_percent")

    def is_done(self, chart: Chart) -> bool:
        return _all_charted(chart, self.codes)

    def context(self, chart: Chart) -> dict[str, Any]:
        answers = current_answers(chart.facts, self.codes, timezone.localdate())
        return {
            "form": forms.VitalsForm(auto_id=self.auto_id()),
            "answers": list(answers.values()),
            "hint": _("Measured sitting, after five minutes of rest, on room air."),
        }

    def post(self, request: StaffRequest, chart: Chart, now: datetime) -> dict[str, Any] | None:
        form = forms.VitalsForm(request.POST, auto_id=self.auto_id())

        def save(data: dict[str, Any]) -> None:
            values = {code: data[code] for code in self.codes}
            services.record_facts(
                by=request.user, at=now, patient=chart.patient, values=values, observed_at=_measured(data, now)
            )

        done = valid_or_refused(form, save, dict.fromkeys(self.codes, "measured_at"))
        return None if done else {**self.context(chart), "form": form}


class RouteSection(Section):
    """Vein or muscle: the comparison in words, what the patient prefers, and fear of needles."""

    key, title = "route", gettext_lazy("Vein or muscle")
    template = "staff/assessment/sections/route.html"

    def is_done(self, chart: Chart) -> bool:
        return _all_charted(chart, ROUTE_CODES)

    def context(self, chart: Chart) -> dict[str, Any]:
        answers = current_answers(chart.facts, ROUTE_CODES, timezone.localdate())
        return {
            "form": forms.RouteForm(auto_id=self.auto_id()),
            "answers": list(answers.values()),
            "routes": comparison_rows(),
        }

    def post(self, request: StaffRequest, chart: Chart, now: datetime) -> dict[str, Any] | None:
        form = forms.RouteForm(request.POST, auto_id=self.auto_id())

        def save(data: dict[str, Any]) -> None:
            values = {code: None if data[code] == NOT_KNOWN else data[code] for code in ROUTE_CODES if data[code]}
            at = observed_at(data["asked_on"], now)
            services.record_facts(by=request.user, at=now, patient=chart.patient, values=values, observed_at=at)

        return None if valid_or_refused(form, save) else {**self.context(chart), "form": form}


def _measured(data: dict[str, Any], now: datetime) -> datetime:
    clock: time | None = data["measured_at"]
    if clock is None:
        return observed_at(data["measured_on"], now)
    return timezone.make_aware(datetime.combine(data["measured_on"], clock))


TEXTS = (
    TextSection(ConsultationPart.REASON, gettext_lazy("What brings the patient; diagnosis and its course.")),
    TextSection(
        ConsultationPart.PSYCHIATRIC,
        gettext_lazy("Suicidal thoughts, psychosis, mania, dissociation, trauma; treatments in hospital."),
    ),
    TextSection(ConsultationPart.SUBSTANCES, gettext_lazy("What, how much, since when, last time.")),
    TextSection(ConsultationPart.MEDICAL, gettext_lazy("Heart, vessels, lungs, liver, bladder, eyes, seizures.")),
    TextSection(ConsultationPart.PHYSICAL, gettext_lazy("Findings.")),
)
AIRWAY = AirwaySection(ConsultationPart.AIRWAY, "")
