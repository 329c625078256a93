from __future__ import annotations

from datetime import datetime

from django.db import transaction

from interlude.domain.instruments import instrument as instrument_of
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.measures.models import AnsweredBy, Assignment, Response
from interlude.record.measures.services.answering import save_response
from interlude.record.measures.services.assigning import check_is_open
from interlude.record.patients.models import Patient


@transaction.atomic
def enter_paper(
    *,
    by: StaffMember,
    at: datetime,
    patient: Patient,
    instrument: str,
    answers: dict[str, int],
    answered_at: datetime,
    assignment: Assignment | None = None,
) -> Response:
    """Enter a questionnaire from paper or from an interview. Items left out are missing, never zero."""
    which = instrument_of(instrument)
    if answered_at > at:
        raise Refused(N_("The time of the answers lies in the future."), field="answered_at")
    if not answers:
        raise Refused(N_("Enter at least one answer."))
    if assignment is not None:
        assignment = Assignment.objects.select_for_update().get(pk=assignment.pk)
        if assignment.patient_id != patient.pk or assignment.instrument != instrument:
            raise Refused(N_("This questionnaire was given to somebody else, or is another one."))
        check_is_open(assignment)
    return save_response(
        by=by,
        at=at,
        patient=patient,
        instrument=which,
        answers=answers,
        answered_at=answered_at,
        kind=AnsweredBy.CLINICIAN if which.answered_by == "clinician" else AnsweredBy.PAPER,
        assignment=assignment,
    )
