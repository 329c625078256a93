"""Loading versions. A version is its content: the same content is the same version."""

from __future__ import annotations

import json
from datetime import date, datetime

from django.db import transaction

from interlude.domain.protocol.identity import canonical_json, sha256
from interlude.domain.protocol.library import load_library as shipped_library
from interlude.domain.protocol.schema import Protocol
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.protocols.models import ProtocolVersion


@transaction.atomic
def load_protocol(*, by: Actor, at: datetime, protocol: Protocol, effective_on: date | None = None) -> ProtocolVersion:
    """Keep a protocol as a new version, or return the version that has exactly this content already.

    A new version has no approval, whatever was approved before it. `effective_on`: the day from which plans use it;
    None is the day of its second signature.
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
        effective_on=effective_on,
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
