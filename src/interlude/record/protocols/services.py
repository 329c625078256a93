from __future__ import annotations

import json
from datetime import datetime

from django.db import transaction

from interlude.domain.protocol.identity import canonical_json, sha256
from interlude.domain.protocol.library import load_library as shipped_library
from interlude.domain.protocol.schema import Protocol
from interlude.domain.refusals import N_, Refused
from interlude.record.accounts import services as accounts
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.protocols.models import ProtocolApproval, ProtocolVersion
from interlude.record.protocols.queries import APPROVALS_NEEDED

SECOND_APPROVERS = frozenset({Role.PHYSICIAN, Role.NURSE, Role.PHARMACY})


@transaction.atomic
def load_protocol(*, by: Actor, at: datetime, protocol: Protocol) -> ProtocolVersion:
    """Keep a protocol as a new version, or return the version that has exactly this content already.

    A new version has no approval, whatever was approved before it.
    """
    identity = sha256(protocol)
    same = ProtocolVersion.objects.filter(key=protocol.code, sha256=identity).first()
    if same is not None:
        return same
    newest = ProtocolVersion.objects.filter(key=protocol.code).order_by("-version").first()
    version = ProtocolVersion.objects.create(
        key=protocol.code,
        version=newest.version + 1 if newest else 1,
        title=protocol.name,
        indication=protocol.indication,
        route=protocol.route,
        content=json.loads(canonical_json(protocol)),
        sha256=identity,
        loaded_at=at,
    )
    detail = {"key": version.key, "version": version.version, "sha256": identity}
    audit.record(by=by, at=at, what="protocols.loaded", about=version, detail=detail)
    return version


@transaction.atomic
def load_library(*, by: Actor, at: datetime) -> list[ProtocolVersion]:
    """Load every protocol that ships. Returns the versions that are new; loading again changes nothing."""
    known = set(ProtocolVersion.objects.values_list("key", "sha256"))
    return [
        load_protocol(by=by, at=at, protocol=protocol)
        for protocol in shipped_library().protocols.values()
        if (protocol.code, sha256(protocol)) not in known
    ]


def check_may_approve(by: StaffMember, version: ProtocolVersion) -> None:
    """Raises `Refused`: the first signature is a physician's, the second another person's."""
    given = list(version.approvals.all())
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
