"""The protocol library: what is treated how, on which evidence, and who approved it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.protocol.library import load_library
from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import add_refusal
from interlude.interfaces.staff.planning.forms import PasswordForm
from interlude.interfaces.staff.planning.protocol_forms import ReasonForm
from interlude.interfaces.staff.planning.protocol_rows import change_rows, groups, marks
from interlude.interfaces.staff.planning.protocol_rules import state as rules_state
from interlude.interfaces.staff.planning.words import said, statement_rows
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.plans.models import Course, CourseState
from interlude.record.protocols import queries, services
from interlude.record.protocols.models import ProtocolVersion, StepKind

WRONG = 422


def approval_state(version: ProtocolVersion) -> dict[str, Any]:
    """{label, kind, is_approved} of a version, for a tag."""
    given = len(version.approvals.all())
    if given >= queries.APPROVALS_NEEDED:
        return {"label": _("Approved"), "kind": "ok", "is_approved": True}
    if given:
        return {"label": _("One signature missing"), "kind": "wait", "is_approved": False}
    return {"label": _("Not approved"), "kind": "stop", "is_approved": False}


def protocols(request: StaffRequest) -> HttpResponse:
    """Every protocol by indication with its grade and approval; indications without one, with the honest reason."""
    waiting, drafts = queries.waiting_versions(), queries.open_drafts()
    by_indication: dict[str, list[dict[str, Any]]] = {}
    for version in queries.newest_versions():
        row = {
            "version": version,
            "protocol": queries.protocol_of(version),
            "state": approval_state(version),
            "waiting": waiting.get(version.key),
            "draft": drafts.get(version.key),
        }
        by_indication.setdefault(version.indication, []).append(row)
    rows = [
        {
            "indication": indication,
            "name": _(indication.name),
            "honest": _(indication.honest_text),
            "offer": _(indication.offer_text),
            "protocols": by_indication.get(code, []),
        }
        for code, indication in load_library().indications.items()
    ]
    unapproved = sum(not row["state"]["is_approved"] for found in by_indication.values() for row in found)
    context = {
        "offered": [row for row in rows if row["protocols"]],
        "not_offered": [row for row in rows if not row["protocols"]],
        "unapproved": unapproved,
        "rules_state": rules_state(),
        "loaded": bool(by_indication),
    }
    return render(request, "staff/planning/protocols.html", context)


def _refusal(request: StaffRequest, version: ProtocolVersion) -> str:
    try:
        services.check_may_approve(request.user, version)
    except Refused as refused:
        return said(refused)
    return ""


def protocol(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """One version with every number, its source and certainty; signing it; what changed since the former one."""
    version = get_object_or_404(queries.versions(), pk=version_id)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            password = form.cleaned_data["password"]
            services.approve(by=request.user, password=password, at=timezone.now(), version=version)
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("Your signature stands under this version."))
            return redirect("staff:protocol", version.pk)
    return page(request, version, form=form)


def decline(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """The second person does not sign, with a reason. The version is never used."""
    version = get_object_or_404(queries.versions(), pk=version_id)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            services.decline(by=request.user, at=timezone.now(), version=version, reason=form.cleaned_data["reason"])
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("The version is declined. It will not be used."))
            return redirect("staff:protocol", version.pk)
    return page(request, version, decline_form=form)


def page(
    request: StaffRequest,
    version: ProtocolVersion,
    *,
    form: PasswordForm | None = None,
    decline_form: ReasonForm | None = None,
) -> HttpResponse:
    """The page of one version."""
    form, decline_form = form or PasswordForm(), decline_form or ReasonForm()
    content = queries.protocol_of(version)
    former = queries.former_version(version)
    history = list(queries.history_of(version.key))
    indication = load_library().indications.get(version.indication)
    steps = {step.kind: step for step in version.steps.select_related("by", "draft")}
    open_draft = queries.open_draft_of(version.key)
    context = {
        "version": version,
        "protocol": content,
        "name": _(content.name),
        "summary": _(content.summary),
        "indication": _(indication.name) if indication else version.indication,
        "honest": _(indication.honest_text) if indication else "",
        "state": approval_state(version),
        "groups": groups(content, since=queries.in_force_since(version, history)),
        "marks": marks(content),
        "evidence": statement_rows(content.evidence),
        "notes": statement_rows(content.notes),
        "former": former,
        "changes": change_rows(queries.changes_since(former, version)) if former else [],
        "history": _history(history, version),
        "submitted": steps.get(StepKind.SUBMITTED),
        "declined": steps.get(StepKind.DECLINED),
        "open_draft": open_draft,
        "may_draft": services.may_draft(request.user),
        "may_decline": services.may_decline(request.user, version),
        "refusal": _refusal(request, version),
        "form": form,
        "decline_form": decline_form,
    }
    wrong = bool(form.errors or decline_form.errors)
    return render(request, "staff/planning/protocol.html", context, status=WRONG if wrong else 200)


def _history(history: list[ProtocolVersion], shown: ProtocolVersion) -> list[dict[str, Any]]:
    """Every version with its state and how many courses run on it: a running course keeps its version."""
    alive = Course.objects.filter(protocol_version__in=history, state__in=[CourseState.SIGNED, CourseState.RUNNING])
    courses = dict(alive.values_list("protocol_version").annotate(Count("pk")))
    declined = {step.version_id for one in history for step in one.steps.all() if step.kind == StepKind.DECLINED}
    states = {
        one.pk: {"label": _("Declined"), "kind": "neutral"} if one.pk in declined else approval_state(one)
        for one in history
    }
    return [
        {"version": one, "state": states[one.pk], "courses": courses.get(one.pk, 0), "is_shown": one.pk == shown.pk}
        for one in history
    ]
