"""The protocol that a session is pinned to: the version of the day it was checked in, whatever came later."""

from __future__ import annotations

from interlude.domain.protocol import Protocol
from interlude.record.dosing.models import Session
from interlude.record.protocols.queries import protocol_of


def pinned(session: Session) -> Protocol:
    """The domain protocol of the session's version; parsed once per process."""
    return protocol_of(session.protocol_version)


def ordered_form(protocol: Protocol) -> str:
    """The form of the medicine that the protocol is written for: racemic unless it names esketamine."""
    return "esketamine" if "esketamine" in protocol.medicine.lower() else "racemic"
