"""Two people approve a version. The first is a physician; nobody gives both signatures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from interlude.domain.refusals import N_, Refused
from interlude.record.accounts import services as accounts
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.audit import services as audit
from interlude.record.protocols.models import ProtocolApproval, ProtocolVersion, RulesApproval
from interlude.record.protocols.queries import APPROVALS_NEEDED, is_declined

SECOND_APPROVERS = frozenset({Role.PHYSICIAN, Role.NURSE, Role.PHARMACY})


def check_may_approve(by: StaffMember, version: ProtocolVersion) -> None:
    """Raises `Refused`: the first signature is a physician's, the second another person's."""
    given = list(version.approvals.all())
    if is_declined(version):
        raise Refused(N_("This version was declined. A new draft can begin from it."))
    check_order(by, given)


def check_order(by: StaffMember, given: Sequence[ProtocolApproval | RulesApproval]) -> None:
    """Raises `Refused`: two people, the first a physician, the second somebody who may."""
    if len(given) >= APPROVALS_NEEDED:
        raise Refused(N_("This version is approved already."))
    if any(approval.staff_id == by.pk for approval in given):
        raise Refused(N_("You signed first. The second signature is another person's."))
    if not given and by.role != Role.PHYSICIAN:
        raise Refused(N_("The first signature is a physician's."))
    if by.role not in SECOND_APPROVERS:
        raise Refused(N_("The second signature is a physician's, a nurse's or a pharmacist's."))


def may_approve(by: StaffMember, version: ProtocolVersion) -> bool:
    """The answer to `check_may_approve` without its reason."""
    try:
        check_may_approve(by, version)
    except Refused:
        return False
    return True


@transaction.atomic
def approve(*, by: StaffMember, password: str, at: datetime, version: ProtocolVersion) -> ProtocolApproval:
    """Give one of the two signatures on a version. Raises `Refused` (field `password` for a wrong one)."""
    version = ProtocolVersion.objects.select_for_update().get(pk=version.pk)
    check_may_approve(by, version)
    position = version.approvals.count() + 1
    signature = accounts.sign(
        by=by,
        password=password,
        meaning="protocol approved",
        about=version,
        content={"key": version.key, "version": version.version, "sha256": version.sha256, "position": position},
        at=at,
    )
    approval = ProtocolApproval.objects.create(version=version, position=position, staff=by, signature=signature)
    detail = {"key": version.key, "version": version.version, "position": position}
    audit.record(by=by, at=at, what="protocols.approved", about=version, detail=detail)
    return approval


def check_may_begin(version: ProtocolVersion, on: date) -> None:
    """Raises `Refused`: no new plan begins on a declined version, or before the day from which a version holds.

    An approval is not asked for here: a plan may be drafted before it, a session may not start before it.
    """
    if is_declined(version):
        raise Refused(N_("This version of the protocol was declined."), field="protocol_version")
    if version.effective_on is not None and version.effective_on > on:
        raise Refused(
            N_("This version of the protocol holds from {day}."), field="protocol_version", day=version.effective_on
        )


def may_begin(version: ProtocolVersion, on: date) -> bool:
    """The answer to `check_may_begin` without its reason."""
    try:
        check_may_begin(version, on)
    except Refused:
        return False
    return True
