"""The parts of the consultation page that are lists: allergies, medicines, earlier treatments, reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy

from interlude.domain.protocol.interactions import check_interactions
from interlude.domain.protocol.library import load_library
from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import translate
from interlude.interfaces.staff.assessment import forms
from interlude.interfaces.staff.assessment.chart import Chart
from interlude.interfaces.staff.assessment.sections import (
    AIRWAY,
    TEXTS,
    RouteSection,
    Section,
    VitalsSection,
    WeightSection,
    valid_or_refused,
)
from interlude.interfaces.staff.assessment.words import reason_words
from interlude.interfaces.staff.assessment.workup import WorkupSection
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.assessments import services
from interlude.record.assessments.models import TreatmentTrial
from interlude.record.assessments.queries.statements import resistance_of


def _one_of(rows: Any, key: str) -> Any:
    """The row that a button belongs to, among those of this patient; otherwise it does not exist."""
    row = next((row for row in rows if str(row.pk) == key), None)
    if row is None:
        raise Http404
    return row


class AllergiesSection(Section):
    key, title = "allergies", gettext_lazy("Allergies")
    template = "staff/assessment/sections/allergies.html"

    def is_done(self, chart: Chart) -> bool:
        return chart.allergies.stated_at is not None

    def context(self, chart: Chart) -> dict[str, Any]:
        return {
            "form": forms.AllergiesForm(line=chart.allergies, auto_id=self.auto_id()),
            "allergies": chart.allergies,
        }

    def post(self, request: StaffRequest, chart: Chart, now: datetime) -> dict[str, Any] | None:
        form = forms.AllergiesForm(request.POST, line=chart.allergies, auto_id=self.auto_id())
        done = valid_or_refused(
            form,
            lambda data: services.state_allergies(
                by=request.user,
                at=now,
                patient=chart.patient,
                state=data["state"],
                entries=form.entries(),
                seen_statement_id=data["seen"],
            ),
            {"substances": "substance_0"},
        )
        return None if done else {**self.context(chart), "form": form}


class MedicinesSection(Section):
    key, title = "medicines", gettext_lazy("Medicines")
    template = "staff/assessment/sections/medicines.html"

    def is_done(self, chart: Chart) -> bool:
        return chart.medicines_reviewed is not None

    def context(self, chart: Chart) -> dict[str, Any]:
        names = [str(row.name or "") for row in chart.medicines]
        check = check_interactions(load_library().interactions, names)
        return {
            "form": forms.MedicineForm(auto_id=self.auto_id()),
            "medicines": [
                {
                    "medicine": row,
                    "hits": [hit.interaction for hit in check.results if hit.medicine == str(row.name or "")],
                    "not_recognised": str(row.name or "") in check.not_recognised,
                }
                for row in chart.medicines
            ],
            "medicines_reviewed": chart.medicines_reviewed,
        }

    def post(self, request: StaffRequest, chart: Chart, now: datetime) -> dict[str, Any] | None:
        verb = request.POST.get("verb", "add")
        if verb == "add":
            return self._add(request, chart, now)
        try:
            if verb in ("stop", "error"):
                row = _one_of(chart.medicines, request.POST.get("id", ""))
                services.stop_medicine(by=request.user, at=now, statement=row, is_error=verb == "error")
            else:
                services.review_medicines(by=request.user, at=now, patient=chart.patient, takes_none=verb == "none")
        except Refused as refused:
            return {**self.context(chart), "problem": translate(refused)}
        return None

    def _add(self, request: StaffRequest, chart: Chart, now: datetime) -> dict[str, Any] | None:
        form = forms.MedicineForm(request.POST, auto_id=self.auto_id())
        done = valid_or_refused(
            form,
            lambda data: services.state_medicine(by=request.user, at=now, patient=chart.patient, **data),
        )
        return None if done else {**self.context(chart), "form": form}


class TrialsSection(Section):
    key, title = "trials", gettext_lazy("Earlier treatments of this illness")
    template = "staff/assessment/sections/trials.html"

    def is_done(self, chart: Chart) -> bool:
        return bool(chart.trials)

    def context(self, chart: Chart) -> dict[str, Any]:
        return {"form": forms.TrialForm(auto_id=self.auto_id()), **trials_context(chart.trials)}

    def post(self, request: StaffRequest, chart: Chart, now: datetime) -> dict[str, Any] | None:
        if request.POST.get("verb") == "withdraw":
            row = _one_of(chart.trials, request.POST.get("id", ""))
            services.withdraw_trial(by=request.user, at=now, trial=row)
            return None
        form = forms.TrialForm(request.POST, auto_id=self.auto_id())

        def save(data: dict[str, Any]) -> None:
            adequate = {"yes": True, "no": False}.get(data.pop("dose_was_adequate"))
            services.record_trial(by=request.user, at=now, patient=chart.patient, dose_was_adequate=adequate, **data)

        return None if valid_or_refused(form, save) else {**self.context(chart), "form": form}


def trials_context(trials: list[TreatmentTrial]) -> dict[str, Any]:
    """The earlier treatments with what each counts as, and what follows from all of them."""
    resistance = resistance_of(trials)
    return {
        "trials": [
            {"trial": row, "verdict": verdict.verdict, "words": reason_words(verdict.reason)}
            for row, verdict in zip(trials, resistance.rows, strict=True)
        ],
        "resistance": resistance,
        "needed": int(load_library().rule_set.trials.needed.value),
    }


class ReportsSection(Section):
    key, title = "reports", gettext_lazy("Reports brought along")
    template = "staff/assessment/sections/reports.html"

    def is_done(self, chart: Chart) -> bool:
        return bool(chart.reports)

    def context(self, chart: Chart) -> dict[str, Any]:
        return {"form": forms.ReportForm(auto_id=self.auto_id()), "reports": chart.reports}

    def post(self, request: StaffRequest, chart: Chart, now: datetime) -> dict[str, Any] | None:
        if request.POST.get("verb") == "withdraw":
            row = _one_of(chart.reports, request.POST.get("id", ""))
            services.withdraw_report(by=request.user, at=now, report=row)
            return None
        form = forms.ReportForm(request.POST, request.FILES, auto_id=self.auto_id())

        def save(data: dict[str, Any]) -> None:
            file = data["file"]
            services.attach_report(
                by=request.user,
                at=now,
                patient=chart.patient,
                title=data["title"],
                file_name=file.name,
                content=file.read(services.LARGEST_REPORT_BYTES + 1),
                reported_on=data["reported_on"],
            )

        return None if valid_or_refused(form, save) else {**self.context(chart), "form": form}


SECTIONS: dict[str, Section] = {
    section.key: section
    for section in (
        TEXTS[0],
        TrialsSection(),
        *TEXTS[1:4],
        AllergiesSection(),
        MedicinesSection(),
        WeightSection(),
        VitalsSection(),
        TEXTS[4],
        AIRWAY,
        RouteSection(),
        ReportsSection(),
        WorkupSection(),
    )
}
