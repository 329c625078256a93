"""Approving the shared rules: the same two signatures as a protocol needs."""

from __future__ import annotations

import json
from datetime import datetime

from django.db import transaction

from interlude.domain.protocol.identity import canonical_json, sha256
from interlude.domain.refusals import Refused
from interlude.record.accounts import services as accounts
from interlude.record.accounts.models import StaffMember
from interlude.record.audit import services as audit
from interlude.record.protocols.models import RulesApproval, RulesVersion
from interlude.record.protocols.queries import current_rules, rules_version
from interlude.record.protocols.services.approval import check_order


def check_may_approve_rules(by: StaffMember) -> None:
    """Raises `Refused` as `check_may_approve` does for a protocol."""
    version = rules_version()
    check_order(by, list(version.approvals.all()) if version else [])


def may_approve_rules(by: StaffMember) -> bool:
    """The answer to `check_may_approve_rules` without its reason."""
    try:
        check_may_approve_rules(by)
    except Refused:
        return False
    return True


@transaction.atomic
def approve_rules(*, by: StaffMember, password: str, at: datetime) -> RulesApproval:
    """Sign the rules by which this installation judges now. Raises `Refused` (field `password` for a wrong one)."""
    content = current_rules()
    identity = sha256(content)
    newest = RulesVersion.objects.select_for_update().order_by("-version").first()
    check_may_approve_rules(by)
    version = RulesVersion.objects.filter(sha256=identity).first() or RulesVersion.objects.create(
        version=newest.version + 1 if newest else 1,
        content=json.loads(canonical_json(content)),
        sha256=identity,
        loaded_at=at,
    )
    position = version.approvals.count() + 1
    signature = accounts.sign(
        by=by,
        password=password,
        meaning="rules approved",
        about=version,
        content={"version": version.version, "sha256": identity, "position": position},
        at=at,
    )
    approval = RulesApproval.objects.create(version=version, position=position, staff=by, signature=signature)
    detail = {"version": version.version, "sha256": identity, "position": position}
    audit.record(by=by, at=at, what="protocols.rules.approved", about=version, detail=detail)
    return approval
