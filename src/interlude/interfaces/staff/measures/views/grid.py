"""Scales by time with the sessions marked, and the answers to each item."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from interlude.domain.instruments import Instrument
from interlude.domain.instruments import instrument as instrument_of
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.people.opening import open_chart
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.measures import queries
from interlude.record.measures.models import Response
from interlude.record.outcomes.queries import grid, trend
from interlude.record.patients.services import record_view

LEADING_SCALE = "phq9"


def trend_words(data: dict[str, Any]) -> dict[str, Any]:
    """The trend with its texts in the language of the page."""
    return {
        **data,
        "unit": _("points") if data["unit"] == "points" else data["unit"],
        "bands": [{**band, "label": _(band["label"])} for band in data["bands"]],
    }


def measures(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Every questionnaire of a patient: what was answered, what is missing, what somebody must look at."""
    now = timezone.now()
    patient = open_chart(request, patient_id, "measures", now)
    table = grid(request.user, patient, now)
    codes = [row.instrument.code for row in table.rows if row.instrument.scoring.method == "sum"]
    wanted = request.GET.get("scale", LEADING_SCALE)
    scale = wanted if wanted in codes else (codes[0] if codes else "")
    context = {
        "patient": patient,
        "banner": banner_for(patient, timezone.localdate(), request.user),
        "grid": table,
        "alerts": list(queries.open_alerts(request.user).filter(patient=patient)),
        "now": now,
        "trend": trend_words(trend(request.user, patient, scale, now)) if scale else None,
        "scales": [
            {"label": instrument_of(code).name, "url": f"?scale={code}#trend", "current": code == scale}
            for code in codes
        ],
    }
    return render(request, "staff/measures/grid.html", context)


def item_rows(instrument: Instrument, response: Response) -> list[dict[str, Any]]:
    """Each item with its answer in words; an item without an answer says so."""
    language = (get_language() or "en")[:2]
    answers: dict[str, int] = response.answers or {}
    flagged = {flag["item"] for flag in response.flags}
    rows = []
    for item in instrument.items:
        value = answers.get(item.code)
        option = next((one for one in instrument.options(item) if one.value == value), None)
        words = ""
        if option:
            words = option.texts.get(language) or option.texts.get("en") or _(option.label)
        rows.append(
            {
                "code": item.code,
                "text": item.texts.get(language) or item.texts.get("en") or _(item.label),
                "value": value,
                "words": "" if words == str(value) else words,
                "missing": value is None and item.scored and (not item.asked_if or answers.get(item.asked_if, 1) != 0),
                "flagged": item.code in flagged,
                "scored": item.scored,
            }
        )
    return rows


def response(request: StaffRequest, response_id: UUID) -> HttpResponse:
    """One answered questionnaire, item by item."""
    now = timezone.now()
    one = get_object_or_404(
        queries.responses_for(request.user).select_related("patient", "assignment", "recorded_by"), pk=response_id
    )
    record_view(by=request.user, at=now, patient=one.patient, page="response")
    instrument = instrument_of(one.instrument)
    band = next((band.label for band in instrument.bands if band.code == one.band), one.band)
    context = {
        "patient": one.patient,
        "banner": banner_for(one.patient, timezone.localdate(), request.user),
        "response": one,
        "instrument": instrument,
        "band": _(band) if band else "",
        "rows": item_rows(instrument, one),
        "flags": [_(flag["template"]).format(**flag["params"]) for flag in one.flags],
        "erased": one.answers is None,
    }
    return render(request, "staff/measures/response.html", context)
