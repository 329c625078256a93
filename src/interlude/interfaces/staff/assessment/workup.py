"""The baseline work-up on the consultation page: a result that was brought along counts with its own date."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.protocol.workup import WorkupItem, WorkupState, workup_items
from interlude.interfaces.design.forms import ClinicDateField, DesignForm
from interlude.interfaces.staff.assessment.chart import Chart
from interlude.interfaces.staff.assessment.sections import Section, valid_or_refused
from interlude.interfaces.staff.assessment.words import label_of, source_words
from interlude.interfaces.staff.people.links import link
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.assessments import services
from interlude.record.assessments.models import Report, WorkupOutcome
from interlude.record.assessments.queries import WorkupLine
from interlude.record.patients.models import Patient

HERE = "here"


class WorkupForm(DesignForm):
    """One result: which item, where it comes from, when it was found, what."""

    item = forms.ChoiceField(label=gettext_lazy("What was examined?"))
    origin = forms.ChoiceField(label=gettext_lazy("Where does it come from?"))
    done_on = ClinicDateField(
        label=gettext_lazy("Examined on"),
        not_future=True,
        required=False,
        help_text=gettext_lazy("Left empty, the date of the report counts."),
    )
    outcome = forms.ChoiceField(label=gettext_lazy("Result"), choices=WorkupOutcome.choices, initial="not_known")
    finding = forms.CharField(label=gettext_lazy("Finding"), required=False, max_length=2000)

    def __init__(self, *args: Any, reports: list[Report], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(row.pk), _("Report: {title}").format(title=row.title or _("Erased"))) for row in reports]
        choices = {
            "item": [("", _("Choose")), *((one.code, _(one.label)) for one in workup_items())],
            "origin": [("", _("Choose")), *named, (HERE, _("Examined here"))],
        }
        for name, rows in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = rows


class WorkupSection(Section):
    key, title = "workup", gettext_lazy("Work-up: what is there, what is open")
    template = "staff/assessment/sections/workup.html"

    def is_done(self, chart: Chart) -> bool:
        return all(line.result.state in ("done", "not_needed") for line in chart.workup)

    def _form(self, chart: Chart, data: Any = None) -> WorkupForm:
        return WorkupForm(data, reports=chart.reports, auto_id=self.auto_id())

    def context(self, chart: Chart) -> dict[str, Any]:
        rows = [_row(line, chart.patient) for line in chart.workup]
        labels = {row["code"]: row["label"] for row in rows}
        return {
            "form": self._form(chart),
            "workup": {
                "open": [row for row in rows if row["state"] in ("open", "too_old", "unknown")],
                "done": [row for row in rows if row["state"] == "done"],
                "not_needed": [row for row in rows if row["state"] == "not_needed"],
                "entries": [
                    {"pk": entry.pk, "label": labels.get(entry.item, entry.item), "done_on": entry.done_on}
                    for entry in chart.workup_entries
                ],
            },
        }

    def post(self, request: StaffRequest, chart: Chart, now: datetime) -> dict[str, Any] | None:
        if request.POST.get("verb") == "withdraw":
            entry = next((row for row in chart.workup_entries if str(row.pk) == request.POST.get("id", "")), None)
            if entry is None:
                raise Http404
            services.withdraw_workup(by=request.user, at=now, entry=entry)
            return None
        form = self._form(chart, request.POST)

        def save(data: dict[str, Any]) -> None:
            report = next((row for row in chart.reports if str(row.pk) == data["origin"]), None)
            services.record_workup(
                by=request.user,
                at=now,
                patient=chart.patient,
                item=data["item"],
                done_on=data["done_on"],
                outcome=data["outcome"],
                finding=data["finding"],
                report=report,
            )

        return None if valid_or_refused(form, save, {"report": "origin"}) else {**self.context(chart), "form": form}


def _place(item: WorkupItem, patient: Patient) -> str:
    """The address at which an item is done, or "" where only a result can be entered."""
    by = item.by
    if by is None or item.code == "pregnancy_test":
        return ""
    if by.list == "scales":
        return link("measures", patient.pk)
    if item.code == "capacity":
        return link("facts", patient.pk)
    part = by.part or by.list or {"weight": "weight", "vital_signs": "vitals"}.get(item.code, "")
    return link("consultation", patient.pk) + f"#{part}"


def _row(line: WorkupLine, patient: Patient) -> dict[str, Any]:
    result = line.result
    looks: dict[WorkupState, tuple[str, str]] = {
        "done": (_("Done"), "ok"),
        "too_old": (_("Too old: do it again"), "wait"),
        "open": (_("Open"), "wait"),
        "unknown": (_("Needed? Not known yet"), "info"),
        "not_needed": (_("Not needed"), "neutral"),
    }
    word, kind = looks[result.state]
    return {
        "code": result.item.code,
        "label": _(result.item.label),
        "url": _place(result.item, patient),
        "state": result.state,
        "word": word,
        "kind": kind,
        "done_on": result.done_on,
        "entry": line.entry,
        "because": [label_of(code) for code in result.because],
        "missing": [label_of(code) for code in result.missing],
        "source": source_words(result.item.source, result.item.certainty),
    }
