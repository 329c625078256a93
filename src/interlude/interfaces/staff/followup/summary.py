"""The summary of a course on paper: plan, sessions, scores, decision."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from interlude.domain.refusals import N_
from interlude.interfaces.design import formats
from interlude.interfaces.design.printing import render_pdf
from interlude.interfaces.staff.measures.views.grid import LEADING_SCALE, trend_words
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.assessments.queries import allergy_banner
from interlude.record.dosing.models import Observation, Session
from interlude.record.dosing.queries import given_ug, sessions_for
from interlude.record.followup.models import NextDecision
from interlude.record.followup.queries import decisions_for
from interlude.record.outcomes.queries import trend
from interlude.record.patients.models import Patient
from interlude.record.patients.services import record_view
from interlude.record.plans.models import Course
from interlude.record.plans.queries import courses_for
from interlude.record.protocols.queries import protocol_of

_ALLERGY_WORDS = {
    "none_known": N_("None known"),
    "not_recorded": N_("Not recorded"),
    "unavailable": N_("Not available"),
}


def patient_lines(patient: Patient) -> dict[str, str]:
    """Who a document is about, as the print layer wants it."""
    today = timezone.localdate()
    age = patient.age_on(today)
    line = allergy_banner(patient)
    state = str(line.state)
    family, given = str(patient.family_name or ""), str(patient.given_name or "")
    return {
        "name": f"{family.upper()}, {given}",
        "born": f"{formats.clinic_date(patient.born_on)} ({age} y)" if age is not None else _("Not known"),
        "sex": str(patient.get_sex_display()),
        "number": patient.number,
        "allergies": ", ".join(line.names) if state == "known" else _(_ALLERGY_WORDS.get(state, "Not recorded")),
    }


def course_summary(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """The PDF of one course, as it stands now."""
    course = get_object_or_404(courses_for(request.user), pk=course_id)
    now = timezone.now()
    record_view(by=request.user, at=now, patient=course.patient, page="course_summary")
    last = decisions_for(request.user).filter(course=course).first()
    scores = trend_words(trend(request.user, course.patient, LEADING_SCALE, now))
    data: dict[str, Any] = {
        "clinic": {"name": request.clinic.name, "letterhead": request.clinic.letterhead},
        "printed_at": now,
        "printed_by": request.user.display_name,
        "patient": patient_lines(course.patient),
        "plan": _plan(course),
        "sessions": _sessions(request, course),
        "scores": scores if any(point["value"] is not None for point in scores["points"]) else None,
        "decision": _decision(last) if last else None,
        "signed_by": last.decided_by.display_name if last else None,
        "signed_at": last.decided_at if last else None,
    }
    pdf = render_pdf("course_summary", data, language=get_language() or "en")
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{course.patient.number}-summary.pdf"'
    return response


def _plan(course: Course) -> list[dict[str, Any]]:
    protocol = protocol_of(course.protocol_version)
    dose = f"{formats.clinic_number(course.dose_mg_per_kg)} mg/kg"
    if course.minutes:
        dose = _("{dose} in {minutes} min").format(dose=dose, minutes=course.minutes)
    return [
        {"key": _("Protocol"), "value": _(protocol.name)},
        {"key": _("Medicine"), "value": protocol.medicine},
        {"key": _("DOSE"), "value": dose},
        {"key": _("Sessions planned"), "value": course.planned_sessions},
        {"key": _("State"), "value": course.get_state_display()},
    ]


def _highest_pressures(sessions: list[Session]) -> dict[Any, str]:
    """The reading with the highest systolic pressure of each session, as "158/96", in one query."""
    readings: dict[Any, dict[Any, dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
    rows = Observation.objects.filter(session__in=sessions, kind__in=["nibp_sys", "nibp_dia"])
    for row in rows.values_list("session_id", "observed_at", "kind", "value"):
        readings[row[0]][row[1]][row[2]] = row[3]
    highest = {}
    for session_id, by_time in readings.items():
        best = max((pair for pair in by_time.values() if "nibp_sys" in pair), key=lambda p: p["nibp_sys"], default=None)
        if best:
            lower = formats.clinic_number(best["nibp_dia"]) if "nibp_dia" in best else "–"
            highest[session_id] = f"{formats.clinic_number(best['nibp_sys'])}/{lower}"
    return highest


def _sessions(request: StaffRequest, course: Course) -> dict[str, Any]:
    now = timezone.now()
    rows = list(
        sessions_for(request.user)
        .filter(course=course, started_at__isnull=False)
        .prefetch_related("rate_segments__by")
        .order_by("started_at")
    )
    pressures = _highest_pressures(rows)
    return {
        "columns": [_("Session"), _("Date"), _("DOSE given, mg"), _("Highest blood pressure, mmHg")],
        "rows": [
            [
                row.number,
                timezone.localdate(row.started_at),
                formats.clinic_number(Decimal(given_ug(row, now)).scaleb(-3)),
                pressures.get(row.pk) or _("Not measured"),
            ]
            for row in rows
        ],
    }


def _decision(row: NextDecision) -> str:
    words = str(row.get_decision_display())
    return f"{words}. {row.reason!s}" if row.reason else words
