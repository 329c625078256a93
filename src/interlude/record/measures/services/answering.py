from __future__ import annotations

from datetime import datetime
from typing import cast

from django.db import transaction

from interlude.domain.instruments import Flag, Instrument, Score, item_rise, score
from interlude.domain.instruments import instrument as instrument_of
from interlude.domain.refusals import N_, Refused
from interlude.record import live
from interlude.record.accounts.models import StaffMember
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.measures.models import (
    AnsweredBy,
    Assignment,
    AssignmentState,
    ItemAnswer,
    Response,
)
from interlude.record.measures.queries import draft_answers, previous_response
from interlude.record.measures.services.alerts import flags_json, raise_alert
from interlude.record.measures.services.assigning import check_is_open, step
from interlude.record.patients.models import Patient


def check_may_answer(assignment: Assignment, by: Patient, at: datetime) -> None:
    """Raise `Refused` with the reason when this patient may not answer this questionnaire now."""
    if assignment.patient_id != by.pk:
        raise Refused(N_("This questionnaire belongs to somebody else."))
    check_is_open(assignment)
    if at < assignment.opens_at:
        raise Refused(N_("It is too early for this questionnaire."))
    if at >= assignment.closes_at:
        raise Refused(N_("The time for this questionnaire has passed. Your clinic will ask you again."))


def may_answer(assignment: Assignment, by: Patient, at: datetime) -> bool:
    try:
        check_may_answer(assignment, by, at)
    except Refused:
        return False
    return True


@transaction.atomic
def answer_item(*, by: Patient, at: datetime, assignment: Assignment, item: str, value: int) -> ItemAnswer:
    """Save one tap. An answer that needs a person opens the alert at once, sent or not.

    The same tap twice is one row.
    """
    assignment = Assignment.objects.select_for_update().get(pk=assignment.pk)
    check_may_answer(assignment, by, at)
    instrument = instrument_of(assignment.instrument)
    scored = score(instrument, {item: value})
    rows = list(ItemAnswer.objects.filter(assignment=assignment).order_by("sequence"))
    last = next((row for row in reversed(rows) if row.item == item), None)
    if last is not None and last.value == value:
        return last
    row = ItemAnswer(
        sequence=len(rows) + 1,
        assignment=assignment,
        patient_id=assignment.patient_id,
        item=item,
        value=value,
        at=at,
    )
    row.save(force_insert=True)
    # The item's code is in the trail, its answer is not.
    audit.record(
        by=by,
        at=at,
        what="measures.item.answered",
        about=assignment,
        patient_id=assignment.patient_id,
        detail={"item": item},
    )
    if instrument.triage is None and scored.flags:
        raise_alert(by=by, at=at, patient=by, instrument=instrument, flags=scored.flags, assignment=assignment)
    return row


@transaction.atomic
def submit(*, by: Patient, at: datetime, assignment: Assignment) -> Response:
    """Send the tapped answers. Sent again, it returns the response that exists."""
    assignment = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if assignment.patient_id == by.pk and assignment.state == AssignmentState.ANSWERED:
        return Response.objects.get(assignment=assignment)
    check_may_answer(assignment, by, at)
    answers = draft_answers(assignment)
    if not answers:
        raise Refused(N_("Answer at least one question before you send."))
    return save_response(
        by=by,
        at=at,
        patient=by,
        instrument=instrument_of(assignment.instrument),
        answers=answers,
        answered_at=at,
        kind=AnsweredBy.PATIENT,
        assignment=assignment,
    )


def _rise(instrument: Instrument, patient: Patient, answers: dict[str, int], at: datetime) -> tuple[Flag, ...]:
    before = previous_response(patient, instrument.code, at)
    if before is None or before.answers is None:
        return ()
    return item_rise(instrument, cast("dict[str, int | None]", before.answers), answers)


def _cover_others(response: Response, by: Actor, at: datetime) -> None:
    """Nobody answers the same questions twice: what else is open of this kind at that time is answered too."""
    others = Assignment.objects.select_for_update().filter(
        patient_id=response.patient_id,
        instrument=response.instrument,
        state=AssignmentState.OPEN,
        opens_at__lte=response.answered_at,
        closes_at__gt=response.answered_at,
    )
    for other in others:
        step(other, AssignmentState.COVERED, by, at)
        audit.record(
            by=by,
            at=at,
            what="measures.covered",
            about=other,
            patient_id=other.patient_id,
            detail={"response": str(response.pk)},
        )


def save_response(
    *,
    by: Actor,
    at: datetime,
    patient: Patient,
    instrument: Instrument,
    answers: dict[str, int],
    answered_at: datetime,
    kind: AnsweredBy,
    assignment: Assignment | None,
) -> Response:
    """Score, store, close the assignment and raise what must be raised. Runs in the caller's transaction."""
    scored: Score = score(instrument, answers)
    flags = scored.flags + _rise(instrument, patient, answers, answered_at)
    response = Response(
        assignment=assignment,
        patient=patient,
        instrument=instrument.code,
        instrument_version=instrument.version,
        answers=answers,
        total=scored.total,
        band=scored.band or "",
        missing_items=len(scored.missing),
        flags=flags_json(flags),
        answered_at=answered_at,
        answered_by_kind=kind,
        recorded_at=at,
        recorded_by=by if isinstance(by, StaffMember) else None,
    )
    response.save(force_insert=True)
    if assignment is not None:
        step(assignment, AssignmentState.ANSWERED, by, at)
    if not scored.missing:
        _cover_others(response, by, at)
    audit.record(
        by=by,
        at=at,
        what="measures.answered",
        about=response,
        patient_id=patient.pk,
        detail={"instrument": instrument.code, "missing": len(scored.missing), "how": str(kind)},
    )
    if flags:
        raise_alert(
            by=by,
            at=at,
            patient=patient,
            instrument=instrument,
            flags=flags,
            assignment=assignment,
            response=response,
        )
    live.publish("today", "today.changed", {"patient": str(patient.pk)})
    return response
