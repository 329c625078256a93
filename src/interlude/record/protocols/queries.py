from __future__ import annotations

import json

from django.db.models import Count, Prefetch, QuerySet

from interlude.domain.protocol.diff import Change, changes
from interlude.domain.protocol.identity import from_json
from interlude.domain.protocol.schema import Protocol
from interlude.record.protocols.models import ProtocolApproval, ProtocolVersion

APPROVALS_NEEDED = 2


def versions() -> QuerySet[ProtocolVersion]:
    """Every loaded version with its approvals and who gave them, newest version of a protocol first."""
    approvals = ProtocolApproval.objects.select_related("staff", "signature")
    return ProtocolVersion.objects.prefetch_related(Prefetch("approvals", queryset=approvals))


def newest_versions() -> list[ProtocolVersion]:
    """The newest version of each protocol, approved or not, in order of their keys."""
    found: dict[str, ProtocolVersion] = {}
    for version in versions():
        found.setdefault(version.key, version)
    return list(found.values())


def approved_versions() -> QuerySet[ProtocolVersion]:
    """Versions with both signatures, newest version of a protocol first."""
    counted = ProtocolVersion.objects.annotate(signatures=Count("approvals"))
    return counted.filter(signatures=APPROVALS_NEEDED)


def is_approved(version: ProtocolVersion) -> bool:
    """Have two people signed exactly this version? Uses the prefetched approvals where there are some."""
    return len(version.approvals.all()) == APPROVALS_NEEDED


_PARSED: dict[str, Protocol] = {}


def protocol_of(version: ProtocolVersion) -> Protocol:
    """The version's content as the domain's `Protocol`; parsed once per process, by its hash."""
    if version.sha256 not in _PARSED:
        _PARSED[version.sha256] = from_json(json.dumps(version.content))
    return _PARSED[version.sha256]


def former_version(version: ProtocolVersion) -> ProtocolVersion | None:
    """The version of the same protocol before this one."""
    earlier = ProtocolVersion.objects.filter(key=version.key, version__lt=version.version)
    return earlier.order_by("-version").first()


def changes_since(former: ProtocolVersion, version: ProtocolVersion) -> tuple[Change, ...]:
    """What a reader has to look at: one line per changed place."""
    return changes(protocol_of(former), protocol_of(version))
