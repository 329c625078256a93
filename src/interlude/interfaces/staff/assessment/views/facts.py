from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import translate
from interlude.interfaces.staff.assessment.answers import AnswersForm
from interlude.interfaces.staff.assessment.current import CurrentAnswer, current_answers
from interlude.interfaces.staff.assessment.groups import Group, groups
from interlude.interfaces.staff.assessment.sections import valid_or_refused
from interlude.interfaces.staff.assessment.words import label_of, value_words
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.people.opening import open_chart, patient_of
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.assessments import services
from interlude.record.assessments.catalogue import catalogue
from interlude.record.assessments.models import Fact
from interlude.record.assessments.queries import fact_rows, history_of_fact
from interlude.record.assessments.queries.facts import value_of
from interlude.record.patients.models import Patient

WRONG = 422


def _group_form(group: Group, data: Any = None) -> AnswersForm:
    return AnswersForm(data, codes=group.codes, auto_id=f"{group.key}_%s")


def _card(group: Group, answers: dict[str, CurrentAnswer], form: AnswersForm, patient: Patient) -> dict[str, Any]:
    form.without_marks()
    rows: list[dict[str, Any]] = [{"field": form[code], "answer": answers[code]} for code in group.codes]
    open_ = sum(row["answer"].state in ("missing", "out_of_date") for row in rows)
    return {
        "group": group,
        "done": not open_,
        "patient": patient,
        "form": form,
        "rows": rows,
        "open": open_,
    }


def _page(request: StaffRequest, patient: Patient, failed: dict[str, AnswersForm]) -> HttpResponse:
    today = timezone.localdate()
    every = [code for group in groups() for code in group.codes]
    answers = current_answers(fact_rows(patient), every, today)
    cards = [_card(group, answers, failed.get(group.key) or _group_form(group), patient) for group in groups()]
    context = {
        "patient": patient,
        "banner": banner_for(patient, today, request.user),
        "cards": cards,
        "open": sum(card["open"] for card in cards),
        "page_has_errors": bool(failed),
    }
    return render(request, "staff/assessment/facts.html", context, status=WRONG if failed else 200)


def facts(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Every question that the rules ask, with the current answer, its age and its source."""
    patient = open_chart(request, patient_id, "facts", timezone.now())
    return _page(request, patient, {})


def save(request: StaffRequest, patient_id: UUID, key: str) -> HttpResponse:
    """Chart the answers of one group; questions that were left empty stay as they are."""
    patient = patient_of(request, patient_id)
    group = next((one for one in groups() if one.key == key), None)
    if group is None:
        raise Http404
    now = timezone.now()
    form = _group_form(group, request.POST)

    def chart(data: dict[str, Any]) -> None:
        services.record_facts(
            by=request.user,
            at=now,
            patient=patient,
            values=form.values(),
            observed_at=form.observed(now),
            source=data["source"] or "chart",
        )

    done = valid_or_refused(form, chart)
    if request.headers.get("HX-Request") == "true":
        answers = current_answers(fact_rows(patient), group.codes, timezone.localdate())
        card = _card(group, answers, _group_form(group) if done else form, patient) | {"saved": done, "now": now}
        return render(request, "staff/assessment/group.html", card, status=200 if done else WRONG)
    if not done:
        return _page(request, patient, {key: form})
    return redirect(reverse("staff:facts", args=[patient.pk]) + f"#{key}")


def history(request: StaffRequest, patient_id: UUID, code: str) -> HttpResponse:
    """Every answer to one question; an entry made in error is withdrawn here."""
    if code not in {definition.code for definition in catalogue().facts}:
        raise Http404
    patient = open_chart(request, patient_id, "fact", timezone.now())
    if request.method == "POST":
        _withdraw(request, get_object_or_404(Fact, pk=request.POST.get("id"), patient=patient, code=code))
        return redirect("staff:fact", patient_id=patient.pk, code=code)
    rows = [_history_row(row) for row in history_of_fact(patient, code)]
    context = {
        "patient": patient,
        "banner": banner_for(patient, timezone.localdate(), request.user),
        "label": label_of(code),
        "rows": rows,
        "may_withdraw": request.user.role in ("physician", "nurse"),
    }
    return render(request, "staff/assessment/fact.html", context)


def _history_row(row: Fact) -> dict[str, Any]:
    definition = catalogue().get(row.code)
    withdrawal = getattr(row, "withdrawal", None)
    return {"fact": row, "value": value_words(definition, value_of(definition, row.value)), "withdrawal": withdrawal}


def _withdraw(request: StaffRequest, fact: Fact) -> None:
    try:
        services.withdraw_fact(by=request.user, at=timezone.now(), fact=fact)
    except Refused as refused:
        messages.error(request, translate(refused))
    else:
        messages.success(request, _("The entry is withdrawn; the one before it holds again."))
