"""Vein and muscle in words, to be gone through with the patient; each sentence with source and certainty."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from interlude.domain.instruments.data import Model, Statement, read_toml
from interlude.domain.protocol.library import ProtocolFileError, load_library
from interlude.domain.protocol.lines import line_with

_FILE = "routes.toml"


class RouteRow(Model):
    """One question, answered for an infusion and for an injection."""

    code: str
    topic: str
    iv: Statement
    im: Statement


class RouteTable(Model):
    rows: tuple[RouteRow, ...]


def parse_routes(text: str, file: str = _FILE) -> tuple[RouteRow, ...]:
    """The table of a file; `ProtocolFileError` names the line of a source that does not exist."""
    table = RouteTable.model_validate(read_toml(text))
    known = load_library().sources
    for row in table.rows:
        for statement in (row.iv, row.im):
            if statement.source not in known:
                line = line_with(text, statement.text)
                raise ProtocolFileError(file, line, f"{row.code}: missing source {statement.source!r}")
    return table.rows


@cache
def route_comparison() -> tuple[RouteRow, ...]:
    """The rows that ship, in the order in which they are talked about."""
    return parse_routes((files("interlude.domain.protocol") / _FILE).read_text("utf-8"))
