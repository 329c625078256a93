"""A protocol as the text of a file that `parse_protocol` reads again, whole: no shared block is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from interlude.domain.instruments.data import Datum
from interlude.domain.protocol.schema import Protocol


def to_toml(protocol: Protocol) -> str:
    """The whole protocol as TOML; reading it gives an equal protocol."""
    heads: list[str] = []
    tables: list[str] = []
    for name, value in _fields(protocol):
        if _is_table(value):
            tables += _table((name,), value)
        elif _is_tables(value):
            for entry in value:
                tables += _table((name,), entry, array=True)
        else:
            heads.append(f"{name} = {_inline(value)}")
    return "\n".join([*heads, *tables]) + "\n"


def _fields(model: BaseModel) -> Iterator[tuple[str, Any]]:
    """(name in the file, value) of what is not a default."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if field.is_required() or value != field.get_default():
            yield field.alias or name, value


def _is_table(value: object) -> bool:
    return isinstance(value, BaseModel) and not isinstance(value, Datum)


def _is_tables(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and all(_is_table(entry) for entry in value)


def _table(path: tuple[str, ...], model: BaseModel, *, array: bool = False) -> list[str]:
    name = ".".join(path)
    lines = ["", f"[[{name}]]" if array else f"[{name}]"]
    below: list[str] = []
    for key, value in _fields(model):
        # Lists of tables one floor deep become [[a.b]]; what lies deeper is written on one line.
        if _is_tables(value) and len(path) == 1 and not array:
            for entry in value:
                below += _table((*path, key), entry, array=True)
        else:
            lines.append(f"{key} = {_inline(value)}")
    return [*lines, *below]


def _inline(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, BaseModel):
        return "{ " + ", ".join(f"{name} = {_inline(inner)}" for name, inner in _fields(value)) + " }"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_quoted(str(name))} = {_inline(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_inline(inner) for inner in value) + "]"
    raise TypeError(f"{type(value).__name__} has no place in a protocol file")


def _quoted(text: str) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    characters = [
        escapes.get(one) or (one if ord(one) >= 32 and ord(one) != 127 else f"\\u{ord(one):04x}") for one in text
    ]
    return '"' + "".join(characters) + '"'
