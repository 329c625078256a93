"""The protocol library: what is treated how, on which evidence, and who approved it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.protocol.library import load_library
from interlude.domain.refusals import Refused
from interlude.interfaces.design.forms import add_refusal
from interlude.interfaces.staff.planning.forms import PasswordForm
from interlude.interfaces.staff.planning.protocol_rows import change_rows, groups, marks
from interlude.interfaces.staff.planning.words import said, statement_rows
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.protocols import queries, services
from interlude.record.protocols.models import ProtocolVersion

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
    by_indication: dict[str, list[dict[str, Any]]] = {}
    for version in queries.newest_versions():
        row = {"version": version, "protocol": queries.protocol_of(version), "state": approval_state(version)}
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
    content = queries.protocol_of(version)
    former = queries.former_version(version)
    indication = load_library().indications.get(version.indication)
    context = {
        "version": version,
        "protocol": content,
        "name": _(content.name),
        "summary": _(content.summary),
        "indication": _(indication.name) if indication else version.indication,
        "honest": _(indication.honest_text) if indication else "",
        "state": approval_state(version),
        "groups": groups(content),
        "marks": marks(content),
        "evidence": statement_rows(content.evidence),
        "notes": statement_rows(content.notes),
        "former": former,
        "changes": change_rows(queries.changes_since(former, version)) if former else [],
        "refusal": _refusal(request, version),
        "form": form,
    }
    return render(request, "staff/planning/protocol.html", context, status=WRONG if form.errors else 200)
