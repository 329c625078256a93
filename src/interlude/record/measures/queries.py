from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

from django.db.models import Q, QuerySet

from interlude.domain.instruments import Instrument, score
from interlude.record.accounts.models import StaffMember
from interlude.record.measures.models import Assignment, AssignmentState, ItemAnswer, Response, RiskAlert
from interlude.record.patients.models import Patient
from interlude.record.patients.queries import patients_for
from interlude.record.worklist.queries import UNFINISHED


def _mine(by: StaffMember | Patient) -> Q:
    """A patient sees the own rows; staff see the rows of the patients that they may see."""
    if isinstance(by, Patient):
        return Q(patient=by)
    return Q(patient__in=patients_for(by).values("pk"))


def assignments_for(by: StaffMember | Patient) -> QuerySet[Assignment]:
    return Assignment.objects.filter(_mine(by))


def responses_for(by: StaffMember | Patient) -> QuerySet[Response]:
    return Response.objects.filter(_mine(by))


def alerts_for(by: StaffMember) -> QuerySet[RiskAlert]:
    return RiskAlert.objects.filter(_mine(by)).select_related("task__owner", "patient", "assignment")


def open_alerts(by: StaffMember) -> QuerySet[RiskAlert]:
    """Alerts that nobody has dealt with yet, the one due first on top."""
    return alerts_for(by).filter(task__state__in=UNFINISHED).order_by("due_at")


def open_now(by: StaffMember | Patient, at: datetime) -> QuerySet[Assignment]:
    """Questionnaires that may be answered at this instant."""
    return assignments_for(by).filter(state=AssignmentState.OPEN, opens_at__lte=at, closes_at__gt=at)


def draft_answers(assignment: Assignment) -> dict[str, int]:
    """The answers tapped so far, by item: the latest of each."""
    rows = ItemAnswer.objects.filter(assignment=assignment).order_by("sequence")
    return {row.item: cast(int, row.value) for row in rows}


def calls_for_help(instrument: Instrument, item: str, value: int) -> bool:
    """Does this single answer raise a flag, so that the numbers to call are shown at once?"""
    return bool(score(instrument, {item: value}).flags)


def previous_response(
    patient: Patient, instrument: str, before: datetime, *, except_for: UUID | None = None
) -> Response | None:
    """The last answered questionnaire of a kind before an instant."""
    rows = Response.objects.filter(patient=patient, instrument=instrument, answered_at__lt=before)
    if except_for is not None:
        rows = rows.exclude(pk=except_for)
    return rows.order_by("-answered_at").first()
