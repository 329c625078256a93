"""One question per page, saved with each tap; a look at all answers; then sent."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language

from interlude.domain.instruments import Instrument
from interlude.domain.instruments import instrument as instrument_of
from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import translate
from interlude.interfaces.portal.requests import PortalRequest
from interlude.record.measures import queries, services
from interlude.record.measures.models import Assignment, AssignmentState
from interlude.record.measures.wording import Question, is_askable, question, questions


def _assignment(request: PortalRequest, assignment_id: UUID) -> Assignment:
    """The patient's own questionnaire; anybody else's is not there."""
    return get_object_or_404(queries.assignments_for(request.portal_patient), pk=assignment_id)


def _instrument(assignment: Assignment) -> Instrument:
    instrument = instrument_of(assignment.instrument)
    if not is_askable(instrument, get_language() or "en"):
        raise Http404
    return instrument


def _question(instrument: Instrument, position: int) -> Question:
    try:
        return question(instrument, position, get_language() or "en")
    except IndexError:
        raise Http404 from None


def _closed(request: PortalRequest, assignment: Assignment, refused: Refused) -> HttpResponse:
    if assignment.state == AssignmentState.ANSWERED:
        return redirect("portal:measure_sent", assignment.pk)
    return render(request, "portal/measure_closed.html", {"refusal_text": translate(refused)}, status=410)


def begin(request: PortalRequest, assignment_id: UUID) -> HttpResponse:
    """Go to the first question that has no answer yet, or to the last look."""
    assignment = _assignment(request, assignment_id)
    instrument = _instrument(assignment)
    drafted = queries.draft_answers(assignment)
    for one in questions(instrument, get_language() or "en"):
        if one.item not in drafted:
            return redirect("portal:measure", assignment.pk, one.position)
    return redirect("portal:measure_review", assignment.pk)


def measure(request: PortalRequest, assignment_id: UUID, item: int) -> HttpResponse:
    """One question. A tap saves it and leads to the next, or to the numbers to call when the answer asks for it."""
    assignment = _assignment(request, assignment_id)
    instrument = _instrument(assignment)
    shown = _question(instrument, item)
    now = timezone.now()
    try:
        services.check_may_answer(assignment, request.portal_patient, now)
        if request.method == "POST":
            return _save(request, assignment, instrument, shown)
    except Refused as refused:
        return _closed(request, assignment, refused)
    context = {
        "assignment": assignment,
        "question": shown,
        "chosen": queries.draft_answers(assignment).get(shown.item),
    }
    return render(request, "portal/measure.html", context)


def _save(request: PortalRequest, assignment: Assignment, instrument: Instrument, shown: Question) -> HttpResponse:
    text = request.POST.get("value", "")
    if text not in {str(choice.value) for choice in shown.choices}:
        return redirect("portal:measure", assignment.pk, shown.position)
    value = int(text)
    services.answer_item(
        by=request.portal_patient, at=timezone.now(), assignment=assignment, item=shown.item, value=value
    )
    if queries.calls_for_help(instrument, shown.item, value):
        return redirect("portal:talk_now", assignment.pk, shown.position)
    if "review" in request.GET or shown.position == shown.of:
        return redirect("portal:measure_review", assignment.pk)
    return redirect("portal:measure", assignment.pk, shown.position + 1)


def talk_now(request: PortalRequest, assignment_id: UUID, item: int) -> HttpResponse:
    """Shown at once after an answer that worries: whom to call now, and how to go on."""
    assignment = _assignment(request, assignment_id)
    shown = _question(_instrument(assignment), item)
    return render(request, "portal/talk_now.html", {"assignment": assignment, "question": shown})


def review(request: PortalRequest, assignment_id: UUID) -> HttpResponse:
    """All answers in one list, each with a way to change it; then they are sent."""
    assignment = _assignment(request, assignment_id)
    instrument = _instrument(assignment)
    try:
        services.check_may_answer(assignment, request.portal_patient, timezone.now())
    except Refused as refused:
        return _closed(request, assignment, refused)
    refusal = None
    if request.method == "POST":
        try:
            services.submit(by=request.portal_patient, at=timezone.now(), assignment=assignment)
        except Refused as refused:
            refusal = refused
        else:
            return redirect("portal:measure_sent", assignment.pk)
    drafted = queries.draft_answers(assignment)
    rows = [
        {
            "question": one,
            "answer": next((c.text for c in one.choices if c.value == drafted.get(one.item)), None),
        }
        for one in questions(instrument, get_language() or "en")
    ]
    context = {
        "assignment": assignment,
        "rows": rows,
        "left_out": sum(row["answer"] is None for row in rows),
        "refusal": refusal,
        "refusal_text": translate(refusal) if refusal else "",
        "page_has_errors": refusal is not None,
    }
    return render(request, "portal/measure_review.html", context)


def sent(request: PortalRequest, assignment_id: UUID) -> HttpResponse:
    """Thank you. Numbers to call stand here too when an answer asked for it."""
    assignment = _assignment(request, assignment_id)
    if assignment.state != AssignmentState.ANSWERED:
        return redirect("portal:measure_begin", assignment.pk)
    response = queries.responses_for(request.portal_patient).filter(assignment=assignment).get()
    return render(request, "portal/measure_sent.html", {"worrying": bool(response.flags)})
