"""Reading the evidence files. A file that does not fit is refused with file, line and reason; nothing half-loaded."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from interlude.domain.evidence.checks import complaints
from interlude.domain.evidence.curves import Curve, CurveFile, curve_complaint
from interlude.domain.evidence.schema import (
    EffectRow,
    EventsRow,
    FindingRow,
    MeansRow,
    Row,
    Study,
    TimeRow,
)
from interlude.domain.evidence.statements import (
    Claim,
    ClaimFile,
    MechanismFile,
    MechanismPart,
    Summary,
    SummaryFile,
)
from interlude.domain.evidence.vocabulary import Vocabulary, VocabularyFile, vocabulary_of
from interlude.domain.instruments.data import read_toml
from interlude.domain.protocol.lines import line_of, syntax_error
from interlude.domain.refusals import N_, Refused

_HERE = files("interlude.domain.evidence")
M = TypeVar("M", bound=BaseModel)


class EvidenceFileError(Refused):
    """A data file that does not fit: `params` hold file, line (0 if unknown) and reason."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(N_("{file}, line {line}: {reason}"), field=file, file=file, line=line, reason=reason)


@dataclass(frozen=True)
class Evidence:
    """All that is known, loaded and cross-checked. Mappings are by id or code, in file order.

    Nothing pooled is stored: every pooled figure is computed from these rows when it is asked for.
    """

    vocabulary: Vocabulary
    studies: Mapping[str, Study]
    curves: Mapping[str, Curve]
    claims: tuple[Claim, ...]
    mechanism: tuple[MechanismPart, ...]
    summaries: Mapping[str, Summary]

    def study(self, code: str) -> Study:
        """By id or by short code. Raises `Refused` when there is none."""
        for study in self.studies.values():
            if code in (study.id, study.code):
                return study
        raise Refused(N_("There is no study called {code}."), field="study", code=code)

    def of(self, indication: str) -> tuple[Study, ...]:
        """Studies of one indication, oldest first; those without a year last."""
        found = [one for one in self.studies.values() if indication in one.indications]
        return tuple(sorted(found, key=lambda one: (one.year or 9999, one.id)))

    def with_study(self, study: Study) -> Evidence:
        """The same evidence with one study added or replaced, checked like the rest."""
        check_study(study, self.vocabulary)
        return replace(self, studies={**self.studies, study.id: study})


@cache
def load_evidence() -> Evidence:
    """The files of the package. Raises `EvidenceFileError` for the first file that does not fit."""
    vocabulary = load_vocabulary()
    names = sorted(entry.name for entry in (_HERE / "studies").iterdir() if entry.name.endswith(".toml"))
    studies = {}
    for name in names:
        study = parse_study(_text(f"studies/{name}"), file=f"studies/{name}", vocabulary=vocabulary)
        if f"{study.id}.toml" != name:
            raise EvidenceFileError(f"studies/{name}", 1, f"the file of {study.id} has another name")
        studies[study.id] = study
    evidence = Evidence(
        vocabulary=vocabulary,
        studies=studies,
        curves={one.code: one for one in _read(CurveFile, "curves.toml").curves},
        claims=_read(ClaimFile, "statements.toml").statements,
        mechanism=_read(MechanismFile, "mechanism.toml").parts,
        summaries={one.indication: one for one in _read(SummaryFile, "summaries.toml").summaries},
    )
    _check_links(evidence)
    return evidence


@cache
def load_vocabulary() -> Vocabulary:
    return vocabulary_of(_read(VocabularyFile, "vocabulary.toml"))


def parse_study(text: str, *, file: str = "study", vocabulary: Vocabulary | None = None) -> Study:
    """A study from the text of its file, cross-checked. Raises `EvidenceFileError` with the line."""
    study = _model(Study, _toml(text, file), text, file)
    check_study(study, vocabulary or load_vocabulary(), file=file, text=text)
    return study


def check_study(study: Study, vocabulary: Vocabulary, *, file: str = "", text: str = "") -> None:
    """Everything a study refers to exists, and its printed numbers agree. Raises `EvidenceFileError`."""
    for place, reason in [*_unknown(study, vocabulary), *_twice(study), *complaints(study)]:
        raise EvidenceFileError(file or f"studies/{study.id}.toml", line_of(text, place), reason)


def _unknown(study: Study, vocabulary: Vocabulary) -> Iterable[tuple[tuple[int | str, ...], str]]:
    arms = {arm.code for arm in study.arms}
    for index, risk in enumerate(study.risks):
        if risk not in vocabulary.risks:
            yield ("risks", index), f"there is no risk note {risk!r}"
    if study.source not in vocabulary.readings:
        yield ("source",), f"missing source {study.source!r}"
    if not study.indications:
        yield ("indications",), "a study belongs to at least one indication"
    for index, row in enumerate(study.rows):
        for field, known in (
            ("source", vocabulary.readings),
            ("outcome", vocabulary.outcomes),
            ("definition", vocabulary.definitions),
            ("instrument", vocabulary.instruments),
        ):
            value = getattr(row, field)
            if value not in known and (value or field in ("source", "outcome")):
                yield ("rows", index, field), f"{row.code}: missing {field} {value!r}"
        if row.indication and row.indication not in study.indications:
            yield ("rows", index, "indication"), f"{row.code}: the study is not about {row.indication}"
        if isinstance(row, EffectRow) and row.measure.endswith("ratio") and row.outcome in vocabulary.outcomes:
            good = vocabulary.outcomes[row.outcome].good
            if (row.favours == "above") != good:
                yield ("rows", index, "favours"), f"{row.code}: a ratio of {row.outcome} favours the other side"
        for arm in _arms_named(row):
            if arm not in arms:
                yield ("rows", index), f"{row.code}: there is no arm {arm!r}"


def _arms_named(row: Row) -> list[str]:
    if isinstance(row, EventsRow | MeansRow):
        return [row.treated.arm, *([row.control.arm] if row.control else [])]
    if isinstance(row, EffectRow):
        return [row.control] if row.control else []
    return [row.arm] if isinstance(row, TimeRow) else []


def _twice(study: Study) -> Iterable[tuple[tuple[int | str, ...], str]]:
    codes: set[str] = set()
    pooled: set[tuple[str, str, str]] = set()
    for index, row in enumerate(study.rows):
        if row.code in codes:
            yield ("rows", index, "code"), f"two rows are called {row.code}"
        codes.add(row.code)
        if row.second or isinstance(row, FindingRow | TimeRow):
            continue
        measure = row.measure if isinstance(row, EffectRow) else row.kind
        key = (row.outcome, measure, row.indication)
        if key in pooled:
            yield ("rows", index, "outcome"), f"{row.code}: a further row of {row.outcome} must be marked second"
        pooled.add(key)


def _check_links(evidence: Evidence) -> None:
    codes = [study.code for study in evidence.studies.values()]
    if len(set(codes)) != len(codes):
        raise EvidenceFileError("studies", 0, "two studies have the same short code")
    named = [("statements.toml", claim.studies) for claim in evidence.claims]
    named += [("mechanism.toml", part.studies) for part in evidence.mechanism]
    named += [("curves.toml", (curve.study,)) for curve in evidence.curves.values()]
    for file, studies in named:
        for study in studies:
            if study not in evidence.studies:
                raise EvidenceFileError(file, 0, f"there is no study {study}")
    for curve in evidence.curves.values():
        if reason := curve_complaint(curve):
            raise EvidenceFileError("curves.toml", 0, f"{curve.code}: {reason}")
        if curve.source not in evidence.vocabulary.readings:
            raise EvidenceFileError("curves.toml", 0, f"{curve.code}: missing source {curve.source!r}")


def _text(name: str) -> str:
    return _HERE.joinpath(*name.split("/")).read_text(encoding="utf-8")


def _toml(text: str, file: str) -> dict[str, Any]:
    try:
        return read_toml(text)
    except tomllib.TOMLDecodeError as error:
        raise EvidenceFileError(file, *syntax_error(text, error)) from None


def _read(kind: type[M], name: str) -> M:
    text = _text(name)
    return _model(kind, _toml(text, name), text, name)


def _model(kind: type[M], raw: dict[str, Any], text: str, file: str) -> M:
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        # The tag of a row's kind stands in pydantic's path but not in the file.
        tags = {"events", "means", "effect", "time", "finding"}
        places = [tuple(part for part in row["loc"] if part not in tags) for row in error.errors(include_url=False)]
        errors = list(zip(places, error.errors(include_url=False), strict=True))
        place, first = next(((p, row) for p, row in errors if line_of(text, p)), errors[0])
        words = first["msg"].removeprefix("Value error, ")
        path = ".".join(str(part) for part in place)
        raise EvidenceFileError(file, line_of(text, place), f"{path}: {words}".lstrip(": ")) from None
