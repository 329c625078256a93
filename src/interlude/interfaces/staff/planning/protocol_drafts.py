"""The protocol editor: a draft of the next version, number by number, tried, submitted or discarded."""

from __future__ import annotations

from collections.abc import Callable
from secrets import randbelow
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from interlude.domain.instruments.data import data_of
from interlude.domain.protocol.diff import numbers
from interlude.domain.protocol.library import ProtocolFileError, load_library
from interlude.domain.protocol.revision import with_value
from interlude.domain.protocol.words import field_words
from interlude.domain.refusals import Refused
from interlude.interfaces.design import formats
from interlude.interfaces.design.forms import add_refusal
from interlude.interfaces.staff.planning.protocol_forms import SubmitForm, SummaryForm, TrialForm, ValueForm
from interlude.interfaces.staff.planning.protocol_rows import change_rows, groups, place_words, written
from interlude.interfaces.staff.planning.protocol_trial import trial_view
from interlude.interfaces.staff.planning.words import datum_row, said
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.protocols import queries, services
from interlude.record.protocols.models import DraftStep, ProtocolDraft, ProtocolVersion

WRONG = 422


def _row(draft_id: UUID) -> ProtocolDraft:
    row = queries.base_of(draft_id)
    if row is None:
        raise Http404("there is no such draft")
    return row


def open_draft(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """Begin a draft from this version."""
    version = get_object_or_404(ProtocolVersion, pk=version_id)
    try:
        row = services.create_draft(by=request.user, at=timezone.now(), base=version)
    except Refused as refused:
        messages.error(request, said(refused))
        return redirect("staff:protocol", version.pk)
    return redirect("staff:protocol_draft", row.pk)


def draft(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """The draft: what changed, who changed it, the trial, and every number to change."""
    return draft_page(request, _row(draft_id))


def draft_page(
    request: StaffRequest, row: ProtocolDraft, *, submit: SubmitForm | None = None, trial: TrialForm | None = None
) -> HttpResponse:
    current = queries.draft_of(row)
    submit = submit or SubmitForm(initial={"seen_sha256": current.sha256, "effective_on": timezone.localdate()})
    trial = trial or TrialForm()
    kept = {change.number for change in current.changes if change.number}
    words = {number.path: place_words(number.words) for number in numbers(current.content)}
    tried = trial_view(current.trial, current.sha256)
    context = {
        "row": row,
        "base": row.base,
        "name": _(current.content.name),
        "draft": current,
        "changes": change_rows(current.changes),
        "summary": _(current.content.summary),
        "summary_is_old": bool(kept) and current.content.summary == current.former.summary,
        "groups": groups(current.content, changed=kept),
        "history": [_told(step, words) for step in reversed(current.steps)],
        "trial": tried,
        "trial_form": trial,
        "form": submit,
        "may_edit": current.is_open and services.may_draft(request.user),
        "version": current.version,
    }
    wrong = bool(submit.errors or trial.errors)
    return render(request, "staff/planning/protocol_draft.html", context, status=WRONG if wrong else 200)


def _told(step: DraftStep, words: dict[str, str]) -> dict[str, Any]:
    """One line of the history: what, from what to what, why, who, when."""
    text = step.reason
    if step.path == queries.SUMMARY and step.after:
        text = f"{step.after['text']} {step.reason}"
    elif step.before and step.after:
        unit = _(step.after["unit"]) if step.after["unit"] else ""
        text = f"{written(step.before['value'])} → {written(step.after['value'])} {unit}".strip()
        text += f". {step.reason}" if step.reason else ""
    place = words.get(step.path) or (place_words([field_words(step.path)]) if step.path else "")
    title = f"{step.get_kind_display()}: {place}" if place else step.get_kind_display()
    return {"at": step.at, "title": title, "text": text, "who": step.by.display_name}


def value(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """One number of the draft: what stands there, the numbers around it, and another one in its place."""
    row = _row(draft_id)
    current = queries.draft_of(row)
    path = request.GET.get("path", "")
    number = next((one for one in numbers(current.content) if one.path == path), None)
    if number is None:
        raise Http404("there is no number at this place")
    check_url = f"{reverse('staff:protocol_value_check', args=[row.pk])}?{urlencode({'path': path})}"
    form = ValueForm(request.POST or None, old=number.datum, check_url=check_url)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_value(
                by=request.user,
                at=timezone.now(),
                draft=row,
                path=path,
                new=form.datum(),
                reason=form.cleaned_data["reason"],
            )
        except ProtocolFileError as refused:
            form.add_error("value", whole_words(refused))
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("The draft holds the new value."))
            return redirect("staff:protocol_draft", row.pk)
    siblings = [one for one in numbers(current.content) if _parent(one.path) == _parent(path)]
    context = {
        "row": row,
        "name": _(current.content.name),
        "place": place_words(number.words),
        "now": datum_row(number.datum),
        "siblings": [
            datum_row(one.datum, place_words(one.words), one.path) | {"is_this": one.path == path} for one in siblings
        ],
        "form": form,
        "may_edit": current.is_open and services.may_draft(request.user),
    }
    return render(request, "staff/planning/protocol_value.html", context, status=WRONG if form.errors else 200)


def summary(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """The sentence on top of the protocol, which has to say what its numbers say."""
    row = _row(draft_id)
    current = queries.draft_of(row)
    form = SummaryForm(request.POST or None, initial={"text": current.content.summary})
    if request.method == "POST" and form.is_valid():
        try:
            services.change_summary(by=request.user, at=timezone.now(), draft=row, **form.cleaned_data)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("The draft holds the new sentence."))
            return redirect("staff:protocol_draft", row.pk)
    context = {
        "row": row,
        "name": _(current.content.name),
        "form": form,
        "may_edit": current.is_open and services.may_draft(request.user),
    }
    return render(request, "staff/planning/protocol_summary.html", context, status=WRONG if form.errors else 200)


def _parent(path: str) -> str:
    return path.rpartition(".")[0]


def value_check(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Whether the number that is being typed fits, as a line beside its field. Nothing is kept."""
    current = queries.draft_of(_row(draft_id))
    path = request.GET.get("path", "")
    old = dict(data_of(current.content)).get(path)
    if old is None:
        raise Http404("there is no number at this place")
    form = ValueForm(request.POST, old=old)
    form.full_clean()
    problem, fits = "", False
    if "value" in form.errors:
        problem = str(form.errors["value"][0]) if request.POST.get("value", "").strip() else ""
    else:
        try:
            with_value(load_library(), current.content, path, form.datum())
            fits = True
        except ProtocolFileError as refused:
            problem = whole_words(refused)
        except Refused as refused:
            problem = said(refused)
    return render(request, "staff/planning/protocol_check.html", {"problem": problem, "fits": fits})


def whole_words(refused: ProtocolFileError) -> str:
    """Why the whole would not fit: place in words, reason, line of the protocol's file."""
    path, _separator, reason = str(refused.params["reason"]).partition(": ")
    place = place_words(field_words(part) for part in path.split(".") if not part.isdigit())
    text = _("{place}: {reason} (line {line} of the protocol's file)")
    return text.format(place=place, reason=_(reason) if reason else "", line=refused.params["line"])


def restore(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Put one number back as it was."""
    row = _row(draft_id)
    path = request.POST.get("path", "")
    return _done(
        request,
        row,
        lambda: services.restore_value(by=request.user, at=timezone.now(), draft=row, path=path),
        _("The former value stands again."),
    )


def discard(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """End the draft without a version."""
    row = _row(draft_id)
    _done(
        request,
        row,
        lambda: services.discard_draft(by=request.user, at=timezone.now(), draft=row),
        _("The draft is discarded. Its history stays."),
    )
    return redirect("staff:protocol", row.base_id)


def _done(request: StaffRequest, row: ProtocolDraft, work: Callable[[], object], words: str) -> HttpResponse:
    try:
        work()
    except ProtocolFileError as refused:
        messages.error(request, whole_words(refused))
    except Refused as refused:
        messages.error(request, said(refused))
    else:
        messages.success(request, words)
    return redirect("staff:protocol_draft", row.pk)


def try_out(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Give both versions to 1,000 virtual patients and keep what came of it."""
    row = _row(draft_id)
    form = TrialForm(request.POST)
    if form.is_valid():
        level = float(form.cleaned_data["level_ng_per_ml"])
        try:
            services.try_draft(
                by=request.user, at=timezone.now(), draft=row, seed=randbelow(1_000_000), level_ng_per_ml=level
            )
        except Refused as refused:
            add_refusal(form, refused)
        else:
            return redirect(f"{reverse('staff:protocol_draft', args=[row.pk])}#trial")
    return draft_page(request, row, trial=form)


def submit(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Make the draft the next version, with the first of two signatures."""
    row = _row(draft_id)
    form = SubmitForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            version = services.submit_draft(
                by=request.user,
                password=data["password"],
                at=timezone.now(),
                draft=row,
                effective_on=data["effective_on"],
                seen_sha256=data["seen_sha256"],
            )
        except ProtocolFileError as refused:
            form.add_error(None, whole_words(refused))
        except Refused as refused:
            add_refusal(form, refused)
        else:
            day = formats.clinic_date(version.effective_on)
            words = _("Submitted with your signature. It holds from {day}, once a second person has signed.")
            messages.success(request, words.format(day=day))
            return redirect("staff:protocol", version.pk)
    return draft_page(request, row, submit=form)
