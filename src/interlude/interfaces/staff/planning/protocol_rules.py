"""The shared rules on one page, each with its limits and sources: who may be treated, medicines, ages of answers."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.protocol.eligibility import LEVELS, Rule, RuleTest
from interlude.domain.protocol.interactions import Interaction
from interlude.domain.refusals import Refused
from interlude.interfaces.design import formats
from interlude.interfaces.design.forms import add_refusal
from interlude.interfaces.staff.evidence.links import study_link
from interlude.interfaces.staff.planning.forms import PasswordForm
from interlude.interfaces.staff.planning.protocol_rows import change_rows
from interlude.interfaces.staff.planning.words import certainty_words, citation, datum_row, said
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.protocols import queries, services

WRONG = 422


def rules(request: StaffRequest) -> HttpResponse:
    """Reading and signing the rules that all protocols share."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.approve_rules(by=request.user, password=form.cleaned_data["password"], at=timezone.now())
        except Refused as refused:
            add_refusal(form, refused)
        else:
            messages.success(request, _("Your signature stands under these rules."))
            return redirect("staff:protocol_rules")
    book, version = queries.current_rules(), queries.rules_version()
    former, changes = queries.rules_changes()
    context = {
        "rules": [_rule(rule) for rule in book.rules],
        "trials": [
            datum_row(book.trials.needed, _("Failed treatments needed")),
            datum_row(book.trials.min_weeks, _("Weeks that a treatment has to last")),
        ],
        "medicines": [_medicine(one) for one in book.interactions],
        "validities": [
            datum_row(one.days, _("Counts for")) | {"code": one.code} for one in book.validities if one.days is not None
        ],
        "version": version,
        "approvals": list(version.approvals.all()) if version else [],
        "state": state(),
        "former": former,
        "changes": change_rows(changes),
        "refusal": _refusal(request),
        "form": form,
    }
    return render(request, "staff/planning/protocol_rules.html", context, status=WRONG if form.errors else 200)


def state() -> dict[str, Any]:
    """{label, kind, is_approved} of the current rules, for a tag."""
    version = queries.rules_version()
    given = len(version.approvals.all()) if version else 0
    if given >= queries.APPROVALS_NEEDED:
        return {"label": _("Approved"), "kind": "ok", "is_approved": True}
    if given:
        return {"label": _("One signature missing"), "kind": "wait", "is_approved": False}
    return {"label": _("Not approved"), "kind": "stop", "is_approved": False}


def _refusal(request: StaffRequest) -> str:
    try:
        services.check_may_approve_rules(request.user)
    except Refused as refused:
        return said(refused)
    return ""


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "title": _(rule.title),
        "tests": [_test(test) for test in rule.tests],
        "action": _(rule.action),
        "source": citation(rule.source),
        "study_url": study_link(rule.source),
        "certainty": rule.certainty,
        "certainty_words": certainty_words(rule.certainty),
        "note": rule.note,
    }


def _test(test: RuleTest) -> dict[str, Any]:
    """The sentence of a test with its limit filled in, what it leads to, and its limits with their marks."""
    limits = [one.threshold for one in test.all if one.threshold is not None]
    gaps: dict[str, str] = defaultdict(lambda: "…")
    if limits:
        gaps["limit"] = formats.clinic_number(limits[0].value)
    outcome, overriders = LEVELS[test.level]
    leads_to = {
        ("stops", False): (_("Stops"), "stop"),
        ("stops", True): (_("Stops, unless a physician gives a reason"), "stop"),
        ("review", True): (_("A physician looks at it"), "wait"),
    }[outcome, bool(overriders)]
    return {
        "text": _(test.reason).format_map(gaps),
        "leads_to": leads_to[0],
        "kind": leads_to[1],
        "limits": [datum_row(limit) | {"study_url": study_link(limit.source)} for limit in limits],
    }


def _medicine(one: Interaction) -> dict[str, Any]:
    strengths = {"avoid": _("avoid"), "review": _("review"), "note": _("note"), "none": _("no interaction known")}
    return {
        "label": _(one.label),
        "strength": strengths[one.strength],
        "kind": {"avoid": "stop", "review": "wait"}.get(one.strength, "neutral"),
        "effect": _(one.effect),
        "action": _(one.action),
        "source": citation(one.source),
        "study_url": study_link(one.source),
        "certainty": one.certainty,
        "certainty_words": certainty_words(one.certainty),
        "note": one.note,
    }
