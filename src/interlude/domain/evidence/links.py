"""Between a study and the lines of the protocols that rest on it: in both directions, with the study's own sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel

from interlude.domain.evidence.library import Evidence, load_evidence
from interlude.domain.evidence.schema import Study
from interlude.domain.evidence.sentences import row_text
from interlude.domain.instruments.data import Datum, Reason
from interlude.domain.protocol import Library, data_of, load_library


@dataclass(frozen=True, slots=True)
class UsedBy:
    """One line that rests on a study. `kind`: "protocol", "indication", "rule", "interaction" or "therapy"."""

    kind: str
    code: str
    name: str
    path: str
    text: str


def used_by(study: Study, library: Library | None = None) -> tuple[UsedBy, ...]:
    """Every line of the protocol data whose source is this study, in file order; empty when none."""
    if not study.protocol_source:
        return ()
    lines = _shipped() if library is None else _by_source(library)
    return lines.get(study.protocol_source, ())


@cache
def _shipped() -> Mapping[str, tuple[UsedBy, ...]]:
    return _by_source(load_library())


def _by_source(library: Library) -> Mapping[str, tuple[UsedBy, ...]]:
    """Lines by source id: numbers of the protocols, then the tables that all protocols share."""
    found: dict[str, list[UsedBy]] = {}
    for protocol in library.protocols.values():
        for path, datum in data_of(protocol):
            line = UsedBy("protocol", protocol.code, protocol.name, path, str(datum))
            found.setdefault(datum.source, []).append(line)
    tables: tuple[tuple[str, tuple[BaseModel, ...]], ...] = (
        ("indication", tuple(library.indications.values())),
        ("rule", library.rule_set.rules),
        ("interaction", library.interactions),
        ("therapy", tuple(library.complementary.values())),
    )
    for kind, rows in tables:
        for row in rows:
            code = str(getattr(row, "code", ""))
            for source, path, text in _lines(row, ""):
                found.setdefault(source, []).append(UsedBy(kind, code, _title(row) or code, path, text))
    return {source: tuple(lines) for source, lines in found.items()}


def behind(source: str, evidence: Evidence | None = None) -> tuple[tuple[Study, tuple[Reason, ...]], ...]:
    """The studies behind a source id of the protocol data, each with its results as sentences from its rows."""
    evidence = evidence or load_evidence()
    return tuple(
        (study, tuple(row_text(study, row, evidence) for row in study.rows))
        for study in evidence.studies.values()
        if study.protocol_source == source
    )


def _lines(model: object, path: str) -> Iterator[tuple[str, str, str]]:
    """(source, path, text) of everything below a model that names a source."""
    if isinstance(model, BaseModel):
        source = getattr(model, "source", None)
        if isinstance(source, str):
            text = str(model) if isinstance(model, Datum) else str(getattr(model, "text", "") or _title(model))
            yield source, path, text
        for name in type(model).model_fields:
            yield from _lines(getattr(model, name), f"{path}.{name}".lstrip("."))
    elif isinstance(model, list | tuple):
        for index, inner in enumerate(model):
            yield from _lines(inner, f"{path}.{index}".lstrip("."))


def _title(model: BaseModel) -> str:
    return next((str(getattr(model, key)) for key in ("name", "title", "label") if hasattr(model, key)), "")
