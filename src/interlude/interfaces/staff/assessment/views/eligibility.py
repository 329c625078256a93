from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import add_refusal, translate
from interlude.interfaces.staff.assessment.answers import AnswersForm
from interlude.interfaces.staff.assessment.forms import DecisionForm, SignForm
from interlude.interfaces.staff.assessment.lists import trials_context
from interlude.interfaces.staff.assessment.rows import LOOKS, Row, rows_of
from interlude.interfaces.staff.assessment.sections import valid_or_refused
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.people.opening import open_chart, patient_of
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.accounts.roles import Role
from interlude.record.assessments import services
from interlude.record.assessments.catalogue import catalogue
from interlude.record.assessments.models import EligibilityDecision, EligibilityOutcome
from interlude.record.assessments.queries import (
    EligibilityPicture,
    OpenQuestion,
    askable_codes,
    eligibility_picture,
    latest_decision,
    new_since,
    open_questions,
)
from interlude.record.patients.models import Patient

WRONG = 422


def _past(rows: list[Row]) -> dict[str, str]:
    """The rows for which a reason may be written: {code: title}."""
    return {row.code: row.title for row in rows if row.may_override}


def _shown(patient: Patient, picture: EligibilityPicture, rows: list[Row], form: DecisionForm | None) -> dict[str, Any]:
    fields = {name: form[name] for name in form.fields if name.startswith("override_")} if form else {}
    waiting = open_questions(patient)
    entries = [
        {
            "row": row,
            "override": fields.get(row.override_field),
            "answers": _answers_form(row) if row.missing else None,
            **_asking(row, waiting),
        }
        for row in rows
    ]
    return {
        "ask_all": list(dict.fromkeys(code for entry in entries for code in entry["ask"])),
        "waiting": len(waiting),
        "open_rows": [entry for entry, row in zip(entries, rows, strict=True) if row.state != "clear"],
        "clear_rows": [entry for entry, row in zip(entries, rows, strict=True) if row.state == "clear"],
        "counts": [{"look": LOOKS[state], "count": picture.count(state)} for state in LOOKS],  # type: ignore[arg-type]
        "overall": LOOKS[picture.overall],
        "picture": picture,
        "form": form,
        **trials_context(list(picture.trials)),
    }


def _asking(row: Row, waiting: dict[str, OpenQuestion]) -> dict[str, Any]:
    """What of this row the patient can be asked, and since when they have been asked."""
    missing = [code for code, _question in row.missing]
    return {
        "ask": [code for code in missing if code in askable_codes() and code not in waiting],
        "asked_at": max((waiting[code].asked_at for code in missing if code in waiting), default=None),
    }


def ask(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Put what is missing to the patient, in the portal. With htmx the rows come back as they are."""
    patient = patient_of(request, patient_id)
    problem = ""
    try:
        services.ask_patient(by=request.user, at=timezone.now(), patient=patient, codes=request.POST.getlist("codes"))
    except Refused as refused:
        problem = translate(refused)
    if request.headers.get("HX-Request") == "true":
        return _rows_again(request, patient, None, asked=True, problem=problem)
    if problem:
        messages.error(request, problem)
    return redirect(reverse("staff:eligibility", args=[patient.pk]) + f"#{request.POST.get('row', '')}")


def _answers_form(row: Row, data: Any = None) -> AnswersForm:
    codes = [code for code, _question in row.missing]
    return AnswersForm(data, codes=codes, auto_id=f"{row.code}_%s").without_marks()


def _decided(decision: EligibilityDecision | None, picture: EligibilityPicture) -> dict[str, Any]:
    """The decision before, and what has become more serious since it was signed."""
    if decision is None:
        return {"decision": None}
    titles = {row.code: _(row.title) for row in picture.results}
    past: Any = decision.overrides or {}
    return {
        "decision": decision,
        "decision_kind": {"eligible": "ok", "not_eligible": "stop"}.get(decision.outcome, "wait"),
        "gone_past": [(titles.get(code, _("Medicines")), reason) for code, reason in past.items()],
        "new_rows": [_(row.title) for row in new_since(decision, picture)],
    }


def _page(request: StaffRequest, patient: Patient, form: DecisionForm | None = None) -> HttpResponse:
    today = timezone.localdate()
    picture = eligibility_picture(patient, today)
    rows = rows_of(picture)
    physician = request.user.role == Role.PHYSICIAN
    if physician and form is None:
        form = DecisionForm(initial={"seen": picture.sha256}, past=_past(rows))
    context = {
        "patient": patient,
        "banner": banner_for(patient, today, request.user),
        **_shown(patient, picture, rows, form),
        **_decided(latest_decision(patient), picture),
        "page_has_errors": bool(form and form.errors),
    }
    status = WRONG if form and form.errors else 200
    return render(request, "staff/assessment/eligibility.html", context, status=status)


def eligibility(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Every rule on today's facts; a physician decides, looks at the answers once more, and signs."""
    patient = open_chart(request, patient_id, "eligibility", timezone.now())
    if request.method != "POST":
        return _page(request, patient)
    picture = eligibility_picture(patient, timezone.localdate())
    rows = rows_of(picture)
    if request.POST.get("step") == "back":
        written = {name: text for name, text in request.POST.items() if name != "password"}
        return _page(request, patient, DecisionForm(initial={**written, "seen": picture.sha256}, past=_past(rows)))
    signing = request.POST.get("step") == "sign"
    form = (SignForm if signing else DecisionForm)(request.POST, past=_past(rows))
    if form.is_valid() and signing and _signed(request, patient, form):
        return redirect("staff:patient", patient_id=patient.pk)
    if not signing and form.is_valid() and _may_be_signed(request, form, picture):
        sign = SignForm(initial=form.cleaned_data, past=_past(rows))
        return _check_page(request, patient, rows, sign, form.cleaned_data)
    if signing and set(form.errors) == {"password"}:
        return _check_page(request, patient, rows, form, form.cleaned_data)
    return _page(request, patient, _fresh(form, request.POST, picture, rows))


def _fresh(form: DecisionForm, data: QueryDict, picture: EligibilityPicture, rows: list[Row]) -> DecisionForm:
    """The form again with the rows as they are now: what was written stays, and what is signed next is this."""
    again = data.copy()
    again["seen"] = picture.sha256
    shown = DecisionForm(again, past=_past(rows))
    shown.full_clean()
    for name, errors in form.errors.items():
        if name != "password" and not shown.has_error(name):
            shown.errors[name if name in shown.fields else "__all__"] = errors
    return shown


def _may_be_signed(request: StaffRequest, form: DecisionForm, picture: EligibilityPicture) -> bool:
    data = form.cleaned_data
    try:
        services.check_is_what_was_seen(picture, data["seen"])
        services.check_may_decide(
            picture,
            role=request.user.role,
            outcome=data["outcome"],
            reason=data["reason"],
            overrides=form.overrides(),
        )
    except Refused as refused:
        add_refusal(form, refused)
        return False
    return True


def _signed(request: StaffRequest, patient: Patient, form: DecisionForm) -> bool:
    data = form.cleaned_data

    def sign(data: dict[str, Any]) -> None:
        services.decide_eligibility(
            by=request.user,
            password=data["password"],
            at=timezone.now(),
            patient=patient,
            outcome=data["outcome"],
            reason=data["reason"],
            overrides=form.overrides(),
            seen_inputs_sha256=data["seen"],
        )

    if not valid_or_refused(form, sign):
        return False
    words = EligibilityOutcome(data["outcome"]).label
    messages.success(request, _("The decision is signed: {outcome}.").format(outcome=words))
    return True


def _check_page(
    request: StaffRequest, patient: Patient, rows: list[Row], form: DecisionForm, data: dict[str, Any]
) -> HttpResponse:
    """What is about to be signed, in words, with the way back."""
    eligible = data["outcome"] == EligibilityOutcome.ELIGIBLE
    context = {
        "patient": patient,
        "banner": banner_for(patient, timezone.localdate(), request.user),
        "form": form,
        "outcome": EligibilityOutcome(data["outcome"]),
        "outcome_kind": {"eligible": "ok", "not_eligible": "stop"}.get(data["outcome"], "wait"),
        "reason": data["reason"],
        "open_rows": [
            {"row": row, "reason": data.get(row.override_field, "") if eligible else ""}
            for row in rows
            if row.state != "clear"
        ],
        "clear": sum(row.state == "clear" for row in rows),
    }
    return render(request, "staff/assessment/check.html", context, status=WRONG if form.errors else 200)


def answer(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Answer what a row is missing, in place. With htmx all rows come back, and what was written stays."""
    patient = patient_of(request, patient_id)
    now = timezone.now()
    codes = [code for code in request.POST.getlist("codes") if _may_be_answered(code)]
    if not codes:
        raise Http404
    form = AnswersForm(request.POST, codes=codes, auto_id=f"{request.POST.get('row', '')}_%s")

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
    if request.headers.get("HX-Request") != "true":
        if not done:
            for text in [one for errors in form.errors.values() for one in errors]:
                messages.error(request, str(text))
        return redirect(reverse("staff:eligibility", args=[patient.pk]) + f"#{request.POST.get('row', '')}")
    return _rows_again(request, patient, None if done else form)


def _may_be_answered(code: str) -> bool:
    return any(one.code == code and one.asked != "computed" for one in catalogue().facts)


def _rows_again(
    request: StaffRequest, patient: Patient, wrong: AnswersForm | None, *, asked: bool = False, problem: str = ""
) -> HttpResponse:
    picture = eligibility_picture(patient, timezone.localdate())
    rows = rows_of(picture)
    form = None
    if request.user.role == Role.PHYSICIAN:
        # Not a submission of the decision: what was written is kept, nothing of it is judged yet.
        kept = {name: request.POST.get(name, "") for name in ("outcome", "reason")}
        kept |= {name: str(text) for name, text in request.POST.items() if name.startswith("override_")}
        form = DecisionForm(initial={**kept, "seen": picture.sha256}, past=_past(rows))
    shown = _shown(patient, picture, rows, form)
    for entry in shown["open_rows"]:
        if wrong is not None and entry["answers"] is not None and entry["row"].code == request.POST.get("row"):
            entry["answers"] = wrong.without_marks()
    context = {
        "patient": patient,
        **shown,
        "saved": wrong is None and not asked,
        "asked_now": asked and not problem,
        "problem": problem,
        **_decided(latest_decision(patient), picture),
    }
    return render(request, "staff/assessment/rows.html", context, status=WRONG if wrong or problem else 200)
