"""Reading the protocol files. A file that does not fit is refused with file, line and reason; nothing half-loaded."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from interlude.domain.instruments import instruments
from interlude.domain.instruments.data import Model, Source, data_of, read_toml, sources_named
from interlude.domain.protocol.eligibility import Rule
from interlude.domain.protocol.facts import Catalogue
from interlude.domain.protocol.indications import Complementary, Indication
from interlude.domain.protocol.interactions import Interaction
from interlude.domain.protocol.lines import line_of, line_with, syntax_error
from interlude.domain.protocol.schema import CheckItem, Comparison, Protocol
from interlude.domain.protocol.trials import TrialRules
from interlude.domain.refusals import N_, Refused

_HERE = files("interlude.domain.protocol")
_SHARED = ("monitoring", "alarms", "gate", "discharge", "maintenance", "measurement")
M = TypeVar("M", bound=BaseModel)


class ProtocolFileError(Refused):
    """A data file that does not fit: `params` hold file, line (0 if unknown) and reason."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(N_("{file}, line {line}: {reason}"), field=file, file=file, line=line, reason=reason)


class RuleSet(Model):
    rules: tuple[Rule, ...]
    trials: TrialRules


class InteractionTable(Model):
    interactions: tuple[Interaction, ...]


class IndicationTable(Model):
    indications: tuple[Indication, ...]


class ComplementaryTable(Model):
    therapies: tuple[Complementary, ...]


class SourceTable(Model):
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Library:
    """Everything that ships, loaded and cross-checked. Mappings are by code, in file order."""

    protocols: Mapping[str, Protocol]
    indications: Mapping[str, Indication]
    complementary: Mapping[str, Complementary]
    rule_set: RuleSet
    catalogue: Catalogue
    interactions: tuple[Interaction, ...]
    sources: Mapping[str, Source]

    def protocol(self, code: str) -> Protocol:
        """Raises `Refused` when there is none of that code."""
        if code not in self.protocols:
            raise Refused(N_("There is no protocol called {code}."), code=code)
        return self.protocols[code]


@cache
def load_library() -> Library:
    """The files of the package. Raises `ProtocolFileError` for the first file that does not fit."""
    sources = {row.id: row for row in _read(SourceTable, "sources.toml").sources}
    catalogue = _read(Catalogue, "facts.toml")
    rule_set = _read(RuleSet, "rules/eligibility.toml")
    interactions = _read(InteractionTable, "rules/interactions.toml").interactions
    indications = {row.code: row for row in _read(IndicationTable, "indications.toml").indications}
    therapies = {row.code: row for row in _read(ComplementaryTable, "complementary.toml").therapies}
    names = sorted(entry.name for entry in (_HERE / "library").iterdir() if entry.name.endswith(".toml"))
    protocols = {}
    for name in names:
        protocol = parse_protocol(_text(f"library/{name}"), file=f"library/{name}")
        protocols[protocol.code] = protocol
    library = Library(protocols, indications, therapies, rule_set, catalogue, interactions, sources)
    _check_library(library)
    return library


def parse_protocol(text: str, *, file: str = "protocol") -> Protocol:
    """A protocol from the text of its file, with the shared blocks named under `[uses]` filled in.

    A block may also stand in the file itself, as in a version exported by a clinic. Raises `ProtocolFileError`.
    """
    raw = _toml(text, file)
    uses = raw.pop("uses", {})
    for block, name in uses.items():
        if block not in _SHARED:
            raise ProtocolFileError(file, line_of(text, ("uses", block)), f"there is no shared block {block}")
        variants = _toml(_text(f"shared/{block}.toml"), f"shared/{block}.toml")
        if name not in variants:
            raise ProtocolFileError(file, line_of(text, ("uses", block)), f"there is no {block} called {name}")
        raw.setdefault(block, variants[name] if isinstance(variants[name], dict) else list(variants[name]))
    if extra := raw.pop("gate_extra", []):
        raw["gate"] = {**raw.get("gate", {}), "items": [*raw.get("gate", {}).get("items", []), *extra]}
    for block in ("alarms", "monitoring", "measurement"):
        if isinstance(raw.get(block), dict):
            raw[block] = raw[block]["rows"]
    return _model(Protocol, raw, text, file)


def check_protocol(library: Library, protocol: Protocol, *, file: str = "protocol", text: str = "") -> None:
    """Everything a protocol refers to must exist: sources, facts with their units, instruments, indication."""
    for path, source in sources_named(protocol):
        if source not in library.sources:
            raise ProtocolFileError(file, line_of(text, path.split(".")), f"{path}: missing source {source!r}")
    for path, datum in data_of(protocol):
        if not datum.source:
            raise ProtocolFileError(file, line_of(text, path.split(".")), f"{path}: missing source")
    items: list[CheckItem] = [*protocol.gate.items, *protocol.discharge.items]
    comparisons = [c for item in items for c in item.checks] + [i.unless for i in items if i.unless]
    _check_comparisons(library, [*comparisons, *protocol.gate.strict_if], file, text)
    known = {one.code for one in instruments()}
    for measure in protocol.measurement:
        if measure.instrument not in known and not measure.only_if_licensed:
            line = line_with(text, f'"{measure.instrument}"')
            raise ProtocolFileError(file, line, f"measurement: there is no instrument {measure.instrument}")
    if protocol.indication not in library.indications:
        raise ProtocolFileError(file, line_of(text, ("indication",)), "there is no such indication")
    for code in protocol.complementary:
        if code not in library.complementary:
            raise ProtocolFileError(file, line_of(text, ("complementary",)), f"there is no therapy {code}")


def _check_library(library: Library) -> None:
    for code, protocol in library.protocols.items():
        check_protocol(library, protocol, file=f"library/{code}.toml", text=_text(f"library/{code}.toml"))
    tables: list[tuple[str, object]] = [
        ("facts.toml", library.catalogue),
        ("rules/eligibility.toml", library.rule_set),
        ("rules/interactions.toml", library.interactions),
        ("indications.toml", tuple(library.indications.values())),
        ("complementary.toml", tuple(library.complementary.values())),
    ]
    for file, model in tables:
        for path, source in [*sources_named(model), *_source_fields(model)]:
            if source not in library.sources:
                raise ProtocolFileError(file, 0, f"{path}: missing source {source!r}")
    tests = [test for rule in library.rule_set.rules for test in rule.tests]
    _check_comparisons(library, [c for test in tests for c in test.all], "rules/eligibility.toml")
    for row in library.indications.values():
        missing = [code for code in row.protocols if code not in library.protocols]
        missing += [code for code in row.complementary if code not in library.complementary]
        if missing or (row.route_to and row.route_to not in library.indications):
            raise ProtocolFileError("indications.toml", 0, f"{row.code}: {', '.join(missing) or row.route_to}")


def _source_fields(model: object) -> list[tuple[str, str]]:
    """Sources named by plain records (rules, interactions, regimens) beside the data inside them."""
    found: list[tuple[str, str]] = []
    if isinstance(model, BaseModel):
        source = getattr(model, "source", None)
        if isinstance(source, str):
            found.append((str(getattr(model, "code", "")), source))
        for name in type(model).model_fields:
            found += _source_fields(getattr(model, name))
    elif isinstance(model, list | tuple):
        for inner in model:
            found += _source_fields(inner)
    return found


def _check_comparisons(library: Library, comparisons: Iterable[Comparison], file: str, text: str = "") -> None:
    for comparison in comparisons:
        line = line_with(text, f'"{comparison.fact}"')
        try:
            definition = library.catalogue.get(comparison.fact)
        except Refused as refused:
            raise ProtocolFileError(file, line, str(refused)) from None
        limit = comparison.threshold
        if limit is not None and comparison.within_days is None and limit.unit != definition.unit:
            raise ProtocolFileError(
                file, line, f"{comparison.fact}: unit {limit.unit!r} where {definition.unit!r} is charted"
            )
        choices = {choice.code for choice in definition.choices}
        wanted = set(comparison.one_of)
        if isinstance(comparison.equals, str):
            wanted.add(comparison.equals)
        if not wanted <= choices:
            raise ProtocolFileError(file, line, f"{comparison.fact}: no choice {sorted(wanted - choices)}")


def _text(name: str) -> str:
    return _HERE.joinpath(*name.split("/")).read_text(encoding="utf-8")


def _toml(text: str, file: str) -> dict[str, Any]:
    try:
        return read_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolFileError(file, *syntax_error(text, error)) from None


def _read(kind: type[M], name: str) -> M:
    text = _text(name)
    return _model(kind, _toml(text, name), text, name)


def _model(kind: type[M], raw: dict[str, Any], text: str, file: str) -> M:
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        places = [(_place(row), row) for row in error.errors(include_url=False)]
        errors = [(line_of(text, place), place, row) for place, row in places]
        line, place, first = next((one for one in errors if one[0]), errors[0])  # one that can be pointed at
        path = ".".join(str(part) for part in place)
        words = first["msg"].removeprefix("Value error, ")
        raise ProtocolFileError(file, line, f"{path}: {words}".lstrip(": ")) from None


def _place(row: ErrorDetails) -> tuple[int | str, ...]:
    """Where an error of the schema stands; one about the whole file says itself at which place to look."""
    return row["loc"] or tuple(str(row.get("ctx", {}).get("at", "")).split("."))
