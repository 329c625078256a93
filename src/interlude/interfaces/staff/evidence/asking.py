"""Questions that the pages ask of the evidence, answered once per process: pure functions of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import cast

from interlude.domain.evidence import MEASURES, Evidence, Pooled, Study, load_evidence, pool, questions
from interlude.domain.evidence.choice import LeftOut, rows_of
from interlude.domain.evidence.pooling import Tau2Method
from interlude.domain.evidence.rows import Usable, usable
from interlude.domain.evidence.schema import Row
from interlude.domain.evidence.vocabulary import Outcome
from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import Refused

METHODS: tuple[Tau2Method, ...] = ("REML", "DL")
SHARE = "proportion"


@dataclass(frozen=True)
class Choice:
    """What a reader chose to put together; None leaves it to the rows."""

    comparator: str | None = None
    definition: str | None = None
    measure: str | None = None
    method: str = "REML"

    @property
    def is_default(self) -> bool:
        return self == Choice()


@dataclass(frozen=True)
class Answer:
    """One outcome of one indication.

    `figures`: one per kind of comparison, never mixed unasked. `refusals`: why they were not put together.
    `left_out`: rows on this outcome that stand in none of the figures, each with its reason.
    """

    outcome: Outcome
    choice: Choice
    figures: tuple[Pooled, ...]
    refusals: tuple[Refused, ...]
    left_out: tuple[LeftOut, ...]
    measures: tuple[str, ...]
    comparators: tuple[str, ...]
    definitions: tuple[str, ...]


class Answers:
    """Everything asked of one state of the evidence. Answers are kept, because the rows never change under them."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.answer = lru_cache(maxsize=1024)(self._answer)
        self.answers = lru_cache(maxsize=64)(self._answers)
        self.terms = _terms(evidence)
        self.by_source = _by_source(evidence)

    def _answers(self, indication: str) -> tuple[Answer, ...]:
        """Every outcome of an indication that has something to draw, nothing chosen."""
        return tuple(self.answer(indication, outcome) for outcome in questions(indication, self.evidence))

    def _answer(self, indication: str, outcome: str, choice: Choice = Choice()) -> Answer:
        refusals: list[Refused] = []
        figures = self._figures(indication, outcome, choice, refusals)
        if choice.measure is None and choice.comparator is None:
            figures += self._shares(indication, outcome, choice, figures)
        rows = rows_of(self.evidence, indication, outcome)
        kinds = [one for one in _usable(rows) if one[0] != SHARE]
        return Answer(
            outcome=self.evidence.vocabulary.outcomes[outcome],
            choice=choice,
            figures=tuple(figures),
            refusals=tuple(refusals),
            left_out=tuple(_outside(figures, rows, refusals)),
            measures=tuple(code for code in MEASURES if any(code == measure for measure, _one in _usable(rows))),
            comparators=_distinct(one.comparator for _measure, one in kinds if one.comparator),
            definitions=_distinct(one.definition for _measure, one in _usable(rows) if one.definition),
        )

    def _figures(self, indication: str, outcome: str, choice: Choice, refusals: list[Refused]) -> list[Pooled]:
        """The figure that was asked for; where mixing is refused, one figure of each kind."""
        try:
            return [
                pool(
                    indication,
                    outcome,
                    comparator=choice.comparator,
                    measure=choice.measure,
                    definition=choice.definition,
                    method=cast(Tau2Method, choice.method),
                    evidence=self.evidence,
                )
            ]
        except Refused as refused:
            _remember(refused, refusals)
            return [
                figure
                for narrower in _narrower(refused, choice)
                for figure in self._figures(indication, outcome, narrower, refusals)
            ]

    def _shares(self, indication: str, outcome: str, choice: Choice, figures: Iterable[Pooled]) -> list[Pooled]:
        """The treated arms alone, where that can be pooled or adds a study which compared with nothing."""
        inside = {one.study.id for figure in figures for one in figure.studies}
        alone = self._figures(indication, outcome, replace(choice, measure=SHARE), [])
        new = [one for one in alone if one not in figures]
        return [one for one in new if one.synthesis or not {line.study.id for line in one.studies} <= inside]

    def other_rows(self, indication: str) -> list[tuple[Study, Row]]:
        """Results of an indication that no figure shows and no reason mentions, in the order of the vocabulary."""
        answers = self.answers(indication)
        told = {place for answer in answers for figure in answer.figures for place in drawn(figure)}
        told |= {(one.study.id, one.row.code) for answer in answers for one in answer.left_out}
        order = list(self.evidence.vocabulary.outcomes)
        rows = [
            (study, row)
            for study in self.evidence.of(indication)
            for row in study.rows
            if row.indication in ("", indication) and (study.id, row.code) not in told
        ]
        return sorted(rows, key=lambda pair: order.index(pair[1].outcome))


@cache
def answers() -> Answers:
    """Of the files of the package."""
    return Answers(load_evidence())


def drawn(figure: Pooled) -> set[tuple[str, str]]:
    """(study id, row code) of everything that a figure shows."""
    published = {(one.study.id, one.row.code) for one in figure.published}
    return published | {(one.study.id, one.row.code) for one in figure.studies}


def _narrower(refused: Refused, choice: Choice) -> list[Choice]:
    """What can be asked instead of what was refused; nothing when the reader chose the kind."""
    if refused.field in ("comparator", "definition") and getattr(choice, refused.field) is None:
        return [replace(choice, **{refused.field: code}) for code in str(refused.params["names"]).split(", ")]
    if refused.field == "measure" and choice.measure is None:
        return [replace(choice, measure="smd")]
    return []


def _remember(refused: Refused, refusals: list[Refused]) -> None:
    if str(refused) not in map(str, refusals):
        refusals.append(refused)


def _usable(rows: Iterable[tuple[Study, Row]]) -> list[tuple[str, Usable]]:
    found = []
    for study, row in rows:
        for measure in MEASURES:
            one = usable(study, row, measure) if study.design != "meta_analysis" else None
            if isinstance(one, Usable):
                found.append((measure, one))
    return found


def _outside(
    figures: Iterable[Pooled], rows: Iterable[tuple[Study, Row]], refusals: Iterable[Refused]
) -> Iterable[LeftOut]:
    """Rows without a place in any figure: the reason of the first figure that says one, else the refusal."""
    figures = list(figures)
    shown = {place for figure in figures for place in drawn(figure)}
    reasons: dict[tuple[str, str], Reason] = {}
    for figure in figures:
        for out in figure.left_out:
            reasons.setdefault((out.study.id, out.row.code), out.reason)
    refused = [Reason(one.template, one.params) for one in refusals]
    for study, row in rows:
        key = (study.id, row.code)
        reason = reasons.get(key) or (refused[-1] if refused and study.design != "meta_analysis" else None)
        if key not in shown and reason is not None:
            yield LeftOut(study, row, reason)


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _terms(evidence: Evidence) -> Mapping[str, str]:
    """Codes that stand in reasons -> their English labels."""
    words = evidence.vocabulary
    labels = {code: term.plain or term.label for code, term in words.comparators.items()}
    labels |= {code: term.label for code, term in (*words.definitions.items(), *words.instruments.items())}
    return labels | {code: measure.label for code, measure in MEASURES.items()}


def _by_source(evidence: Evidence) -> Mapping[str, tuple[Study, ...]]:
    """Source id of the protocol data -> the studies behind it."""
    found: dict[str, list[Study]] = {}
    for study in evidence.studies.values():
        if study.protocol_source:
            found.setdefault(study.protocol_source, []).append(study)
    return {source: tuple(studies) for source, studies in found.items()}
