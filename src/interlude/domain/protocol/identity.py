"""What makes a protocol version the same or another: canonical JSON and its hash."""

from __future__ import annotations

import hashlib
import json

from pydantic import BaseModel

from interlude.domain.protocol.schema import Protocol


def canonical_json(model: BaseModel) -> str:
    """Sorted keys, no spaces, exact decimals as text: equal models give equal bytes.

    Defaults are left out, so a field added to the schema later does not change the identity of old versions.
    """
    dump = model.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return json.dumps(dump, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(model: BaseModel) -> str:
    """Identity of a version, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(model).encode()).hexdigest()


def from_json(text: str) -> Protocol:
    """A stored version back as a `Protocol`. Raises `ValueError` if it no longer fits the schema."""
    return Protocol.model_validate_json(text)
