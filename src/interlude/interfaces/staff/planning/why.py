"""Why this plan: what it rests on for this patient, and the source behind each of its numbers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.interfaces.staff.people.opening import open_chart
from interlude.interfaces.staff.planning.basis import clear_rows, decision_words, fired_rows, medicine_rows, newer_rows
from interlude.interfaces.staff.planning.course import course_of, shared_context
from interlude.interfaces.staff.planning.origin import deviation_rows, part_rows, therapy_rows
from interlude.interfaces.staff.planning.words import statement_rows
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.clinic.queries import local_day
from interlude.record.dosing.models import GateAnswer
from interlude.record.plans.models import Course
from interlude.record.plans.queries import plan_basis


def plan_why(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """The whole explanation on one page. It only reads."""
    row = course_of(request, course_id)
    now = timezone.now()
    open_chart(request, row.patient_id, "plan_why", now)
    basis = plan_basis(row, local_day(now))
    shared = shared_context(request, row)
    protocol, plan = shared["protocol"], shared["plan"]
    context = shared | {
        "decided": decision_words(basis),
        "fired": fired_rows(basis),
        "clear": clear_rows(basis),
        "medicines": medicine_rows(basis),
        "newer": newer_rows(basis),
        "parts": part_rows(protocol, plan, row, basis.deviations),
        "therapies": therapy_rows(protocol, plan),
        "log": deviation_rows(basis.deviations),
        "evidence": statement_rows(protocol.evidence),
        "notes": statement_rows(protocol.notes),
        "sessions_past": _gone_past_on_the_day(row, protocol),
        "signature": row.signature,
    }
    return render(request, "staff/planning/why.html", context)


def _gone_past_on_the_day(course: Course, protocol: Any) -> list[dict[str, Any]]:
    """Lines of a session's checklist that somebody went past, with reason, by whom and when."""
    labels = {item.code: item.label for item in protocol.gate.items}
    rows = GateAnswer.objects.filter(session__course=course, is_override=True).select_related("session", "by")
    found = []
    for row in rows.order_by("at"):
        row.session.patient = course.patient
        found.append(
            {
                "session": row.session.number,
                "title": _(labels[row.item]) if row.item in labels else row.item,
                "reason": row.override_reason or "",
                "who": row.by.display_name,
                "at": row.at,
            }
        )
    return found
