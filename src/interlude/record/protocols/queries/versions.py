"""Versions: which are loaded, approved, in force, waiting; what changed between two; since when a number stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Count, Prefetch, QuerySet
from django.utils import timezone

from interlude.domain.instruments.data import data_of
from interlude.domain.protocol.diff import Change, changes
from interlude.domain.protocol.identity import from_json
from interlude.domain.protocol.schema import Protocol
from interlude.record.protocols.models import DraftStep, ProtocolApproval, ProtocolVersion, StepKind

APPROVALS_NEEDED = 2


def versions() -> QuerySet[ProtocolVersion]:
    """Every loaded version with its approvals and who gave them, newest version of a protocol first."""
    approvals = ProtocolApproval.objects.select_related("staff", "signature")
    return ProtocolVersion.objects.prefetch_related(Prefetch("approvals", queryset=approvals))


def _declined() -> QuerySet[DraftStep]:
    return DraftStep.objects.filter(kind=StepKind.DECLINED)


def newest_versions(on: date | None = None) -> list[ProtocolVersion]:
    """The version of each protocol from which a plan starts on that day (default today), in order of their keys.

    The newest one that is approved and in force; where there is none, the newest that nobody declined.
    """
    day = on or timezone.localdate()
    in_force: dict[str, ProtocolVersion] = {}
    newest: dict[str, ProtocolVersion] = {}
    for version in versions().exclude(steps__in=_declined()):
        newest.setdefault(version.key, version)
        if is_approved(version) and (version.effective_on is None or version.effective_on <= day):
            in_force.setdefault(version.key, version)
    return [in_force.get(key, version) for key, version in newest.items()]


def waiting_versions(on: date | None = None) -> dict[str, ProtocolVersion]:
    """By key the newest version that is newer than what plans start from: it lacks a signature, or its day comes."""
    current = {version.key: version.version for version in newest_versions(on)}
    found: dict[str, ProtocolVersion] = {}
    for version in versions().exclude(steps__in=_declined()):
        if version.version > current[version.key]:
            found.setdefault(version.key, version)
    return found


def history_of(key: str) -> QuerySet[ProtocolVersion]:
    """Every version of one protocol, newest first, declined ones as well."""
    return versions().filter(key=key).prefetch_related("steps")


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
    """The version from which this one was drafted; for a loaded one the version before it that nobody declined."""
    step = DraftStep.objects.filter(version=version, kind=StepKind.SUBMITTED).select_related("draft__base").first()
    if step is not None:
        return step.draft.base
    earlier = ProtocolVersion.objects.filter(key=version.key, version__lt=version.version)
    return earlier.exclude(steps__in=_declined()).order_by("-version").first()


def changes_since(former: ProtocolVersion, version: ProtocolVersion) -> tuple[Change, ...]:
    """What a reader has to look at: one line per changed place."""
    return changes(protocol_of(former), protocol_of(version))


def in_force_since(version: ProtocolVersion, history: Iterable[ProtocolVersion]) -> Mapping[str, date]:
    """By path of `data_of` the day from which each number holds as it stands in this version.

    The first day of the oldest approved version of an unbroken run of versions with exactly this number. Empty for
    a version that is not approved: nothing of it is in force.
    """
    run = [one for one in history if one.version <= version.version and is_approved(one)]
    if not run or run[0].pk != version.pk:
        return {}
    since: dict[str, date] = {}
    numbers = dict(data_of(protocol_of(version)))
    held = set(numbers)
    for one in run:
        then = dict(data_of(protocol_of(one)))
        held = {path for path in held if then.get(path) == numbers[path]}
        for path in held:
            since[path] = _first_day(one)
    return since


def _first_day(version: ProtocolVersion) -> date:
    signed = max(timezone.localdate(approval.signature.signed_at) for approval in version.approvals.all())
    return max(signed, version.effective_on or signed)
