"""Changing one number of a protocol. The changed protocol passes the same checks as a file, or nothing changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from interlude.domain.instruments.data import Datum, data_of
from interlude.domain.protocol.files import to_toml
from interlude.domain.protocol.library import Library, check_protocol, parse_protocol
from interlude.domain.protocol.schema import Protocol
from interlude.domain.refusals import N_, Refused

CLINIC, PRODUCT = "clinic-decision", "product-default"
"""Sources that are nobody's publication: a value that rests on one of them is a proposal (P)."""


def datum_at(protocol: Protocol, path: str) -> Datum:
    """The number at a path of `data_of`. Raises `Refused` where there is none."""
    found = dict(data_of(protocol)).get(path)
    if found is None:
        raise Refused(N_("There is no number at {path}."), field="path", path=path)
    return found


def check_datum(library: Library, old: Datum, new: Datum) -> None:
    """Raises `Refused` (field value, source, certainty or note) for a number that cannot take the old one's place."""
    if new == old:
        raise Refused(N_("This is the value that stands there already."), field="value")
    if new.unit != old.unit:
        raise Refused(N_("The unit stays {unit}."), field="value", unit=old.unit or "-")
    if not new.source:
        raise Refused(N_("Say where the new value comes from."), field="source")
    if new.source not in library.sources:
        raise Refused(N_("There is no source called {source}."), field="source", source=new.source)
    if new.source == PRODUCT:
        raise Refused(N_("A changed value is no longer this product's proposal. Say whose it is."), field="source")
    if new.source == CLINIC and new.certainty != "P":
        raise Refused(N_("A value without a published source is a proposal: certainty P."), field="certainty")
    if new.source != CLINIC and new.certainty == "P":
        raise Refused(
            N_("A proposal has no published source. Choose the clinic's decision as its source."), field="certainty"
        )


def with_value(library: Library, protocol: Protocol, path: str, new: Datum) -> Protocol:
    """The protocol with another number at `path`.

    Raises `Refused` for the number itself, and `ProtocolFileError` when the whole no longer fits (limits crossed,
    spacing impossible, ...): its line is that of the protocol written out by `files.to_toml`.
    """
    check_datum(library, datum_at(protocol, path), new)
    return check_whole(library, replaced(protocol, {path: new}))


def replaced(protocol: Protocol, numbers: Mapping[str, Datum]) -> Protocol:
    """The protocol with other numbers at these paths of `data_of`, not yet checked."""
    changed: Protocol = _replaced(protocol, "", numbers)
    return changed


def check_whole(library: Library, protocol: Protocol) -> Protocol:
    """The same protocol, read again from its own file with every check. Raises `ProtocolFileError`."""
    file = f"{protocol.code}.toml"
    text = to_toml(protocol)
    whole = parse_protocol(text, file=file)
    check_protocol(library, whole, file=file, text=text)
    return whole


def _replaced(value: Any, path: str, numbers: Mapping[str, Datum]) -> Any:
    """Walks as `data_of` does; models are copied without validation, which `check_whole` does once at the end."""
    if isinstance(value, Datum):
        return numbers.get(path, value)
    if isinstance(value, BaseModel):
        names = type(value).model_fields
        inner = {name: _replaced(getattr(value, name), f"{path}.{name}" if path else name, numbers) for name in names}
        return value.model_copy(update=inner)
    if isinstance(value, tuple):
        return tuple(
            _replaced(one, f"{path}.{getattr(one, 'code', index)}", numbers) for index, one in enumerate(value)
        )
    return value
