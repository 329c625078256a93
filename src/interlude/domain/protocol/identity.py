"""What makes a protocol version the same or another: canonical JSON, its hash, and a readable difference."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from interlude.domain.instruments.data import Datum
from interlude.domain.protocol.schema import Protocol


@dataclass(frozen=True)
class Difference:
    """One changed place. `before` or `after` is "" where the place was added or removed."""

    path: str
    before: str
    after: str

    def __str__(self) -> str:
        if not self.before:
            return f"+ {self.path}: {self.after}"
        if not self.after:
            return f"- {self.path}: {self.before}"
        return f"~ {self.path}: {self.before} -> {self.after}"


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


def diff(a: BaseModel, b: BaseModel) -> list[Difference]:
    """What changed from a to b, one line per place, numbers with unit, certainty and source."""
    before, after = dict(_leaves(a)), dict(_leaves(b))
    paths = list(before) + [path for path in after if path not in before]
    return [
        Difference(path, before.get(path, ""), after.get(path, ""))
        for path in paths
        if before.get(path, "") != after.get(path, "")
    ]


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Datum):
        note = f"; {value.note}" if value.note else ""
        yield path, f"{value} ({value.certainty}, {value.source}{note})"
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _leaves(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}.{getattr(inner, 'code', index)}")
    elif value is not None:
        yield path, str(value)
