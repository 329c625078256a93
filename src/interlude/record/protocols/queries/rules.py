"""The shared rules: as shipped now, as signed, and what differs."""

from __future__ import annotations

import json
from functools import cache

from django.db.models import Count, Prefetch

from interlude.domain.protocol.diff import Change, changes
from interlude.domain.protocol.identity import sha256
from interlude.domain.protocol.library import load_library
from interlude.domain.protocol.rulebook import Rulebook, rulebook
from interlude.record.protocols.models import RulesApproval, RulesVersion
from interlude.record.protocols.queries.versions import APPROVALS_NEEDED


@cache
def current_rules() -> Rulebook:
    """The rules by which this installation judges now."""
    return rulebook(load_library())


@cache
def current_rules_sha256() -> str:
    return sha256(current_rules())


def rules_version() -> RulesVersion | None:
    """The row of the current rules with its approvals; None while nobody has signed them."""
    approvals = RulesApproval.objects.select_related("staff", "signature")
    rows = RulesVersion.objects.prefetch_related(Prefetch("approvals", queryset=approvals))
    return rows.filter(sha256=current_rules_sha256()).first()


def rules_are_approved() -> bool:
    """Have two people signed exactly the rules by which this installation judges now?"""
    version = rules_version()
    return version is not None and len(version.approvals.all()) == APPROVALS_NEEDED


def rules_changes() -> tuple[RulesVersion | None, tuple[Change, ...]]:
    """The newest other rules that two people signed, and what changed since."""
    counted = RulesVersion.objects.annotate(signatures=Count("approvals")).filter(signatures=APPROVALS_NEEDED)
    former = counted.exclude(sha256=current_rules_sha256()).first()
    if former is None:
        return None, ()
    return former, changes(Rulebook.model_validate_json(json.dumps(former.content)), current_rules())
