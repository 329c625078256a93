"""The first page: the next appointment, what to do before it, and what is waiting for an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from interlude.domain.instruments import instrument as instrument_of
from interlude.interfaces.portal.requests import PortalRequest
from interlude.interfaces.portal.words import plain_name
from interlude.record.assessments.queries import open_questions
from interlude.record.followup.queries import preparation
from interlude.record.measures import queries as measures
from interlude.record.measures.models import Assignment
from interlude.record.measures.wording import askable_items, is_askable, shown_language
from interlude.record.patients.models import Patient
from interlude.record.plans.queries import comfort_of, consent_state, current_course


@dataclass(frozen=True)
class Waiting:
    """One questionnaire that may be answered now."""

    assignment: Assignment
    name: str
    questions: int


def waiting_for(patient: Patient, at: datetime) -> list[Waiting]:
    """Questionnaires that the patient can answer here now, the one due first on top."""
    language = get_language() or "en"
    waiting: dict[str, Waiting] = {}
    # One of a kind is enough: answering it answers the others. The one before an appointment goes first.
    rows = sorted(measures.open_now(patient, at), key=lambda row: (row.appointment_id is None, row.due_at))
    for assignment in rows:
        instrument = instrument_of(assignment.instrument)
        shown = shown_language(instrument, language)
        if shown and is_askable(instrument, language) and instrument.code not in waiting:
            count = len(askable_items(instrument, shown))
            waiting[instrument.code] = Waiting(assignment, plain_name(instrument.code), count)
    return list(waiting.values())


def home(request: PortalRequest) -> HttpResponse:
    """Everything that the patient has to know or do next, on one page."""
    patient, now = request.portal_patient, timezone.now()
    before = preparation(patient, now)
    course = current_course(patient)
    context = {
        "patient": patient,
        "before": before,
        "is_other_day": before is not None
        and before.food_until is not None
        and timezone.localdate(before.food_until) != timezone.localdate(before.appointment.starts_at),
        "course": course,
        "consent": consent_state(course, now) if course else None,
        "comfort": comfort_of(course) if course else None,
        "waiting": waiting_for(patient, now),
        "health_questions": len(open_questions(patient)),
    }
    return render(request, "portal/home.html", context)
