"""Pooling the study rows of one indication and outcome. Nothing pooled is stored: it is computed on every question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interlude.domain.evidence.choice import LeftOut, one_kind, one_scale, questions, rows_of
from interlude.domain.evidence.distributions import normal_quantile
from interlude.domain.evidence.library import Evidence, load_evidence
from interlude.domain.evidence.measures import MEASURES, Effect, Measure
from interlude.domain.evidence.pooling import Interval, Synthesis, Tau2Method, synthesise
from interlude.domain.evidence.rows import (
    ABSOLUTE,
    Usable,
    better_is_above,
    comparator_of,
    default_measure,
    published_effect,
    usable,
)
from interlude.domain.evidence.schema import EffectRow, EventsRow, Row, Study
from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import N_, Refused

PRINTED_LEVEL = 0.95
"""Level of the intervals that papers print."""


@dataclass(frozen=True, slots=True)
class PooledStudy:
    """One line of the forest. `value`, `low`, `high` as read (ratio, share, difference); weights are shares of 1."""

    study: Study
    row: Row
    comparator: str
    treated: tuple[int, int] | None
    control: tuple[int, int] | None
    effect: Effect
    value: float
    low: float
    high: float
    weight_fixed: float
    weight_random: float

    @property
    def twice(self) -> bool:
        """Whether the arms hold the same people, one after the other."""
        both = self.treated is not None and self.control is not None
        return both and self.study.n is not None and self.treated[1] + self.control[1] > self.study.n  # type: ignore[index]

    @property
    def people(self) -> int | None:
        """People behind the row, each once; None where that was not read."""
        if self.treated is None:
            return None if isinstance(self.row, EffectRow) and self.row.part else self.study.n
        return self.treated[1] + (self.control[1] if self.control and not self.twice else 0)


@dataclass(frozen=True, slots=True)
class Published:
    """A pooled figure as published, shown beside ours. `low`, `high` None where no interval was printed."""

    study: Study
    row: Row
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Pooled:
    """The answer. `synthesis` is None for one study: then `estimate` and `interval` are that study's own.

    `interval` is Hartung and Knapp's, or the normal one where that is wider (`interval_kind`). Differences are turned
    so that above zero means better with ketamine; ratios and shares are of the outcome as it is named.
    """

    indication: str
    outcome: str
    measure: Measure
    method: Tau2Method
    level: float
    comparators: tuple[str, ...]
    definitions: tuple[str, ...]
    unit: str
    studies: tuple[PooledStudy, ...]
    left_out: tuple[LeftOut, ...]
    published: tuple[Published, ...]
    synthesis: Synthesis | None
    estimate: float
    interval: Interval
    interval_kind: str
    fixed: tuple[float, float, float] | None
    prediction: Interval | None
    good: bool

    @property
    def normal(self) -> Interval | None:
        """The random-effects interval by the normal distribution, without the allowance for few studies."""
        return _back(self.measure, self.synthesis.random.interval) if self.synthesis else None

    @property
    def people(self) -> int | None:
        """People behind the figure; None where one study does not say."""
        numbers = [one.people for one in self.studies]
        return None if None in numbers else sum(n or 0 for n in numbers)

    @property
    def totals(self) -> tuple[int, int, int, int] | None:
        """(events, people) with ketamine and with the comparison, added up; None where counts are missing."""
        if any(one.treated is None or one.control is None for one in self.studies):
            return None
        pairs = [(*(one.treated or (0, 0)), *(one.control or (0, 0))) for one in self.studies]
        return tuple(map(sum, zip(*pairs, strict=True)))  # type: ignore[return-value]

    @property
    def clear(self) -> bool | None:
        """Whether the interval leaves out "no difference"; None for a share, which compares nothing."""
        return None if self.measure.null is None else not self.interval.contains(self.measure.null)

    @property
    def favours_ketamine(self) -> bool | None:
        """Direction of the estimate, however unsure; None for a share or exactly no difference."""
        if self.measure.null is None or self.estimate == self.measure.null:
            return None
        return (self.estimate > self.measure.null) == better_is_above(self.measure.code, self.good)


def pool(
    indication: str,
    outcome: str,
    *,
    comparator: str | None = None,
    measure: str | None = None,
    definition: str | None = None,
    method: Tau2Method = "REML",
    level: float = 0.95,
    evidence: Evidence | None = None,
) -> Pooled:
    """Pool what is known. `comparator` and `definition`: one code, "any" for a mixture, None if there is but one.

    Raises `Refused` (with what is allowed) for an unknown word, for rows that cannot be pooled, and for a mixture of
    comparators, definitions or scales that was not asked for. One study is answered with that study, not pooled.
    """
    evidence = evidence or load_evidence()
    found = rows_of(evidence, indication, outcome)
    good = evidence.vocabulary.outcomes[outcome].good
    if measure is None:
        measure = default_measure(found, comparator)
    if measure not in MEASURES:
        raise Refused(
            N_("There is no measure {measure}. Use one of: {names}."),
            field="measure",
            measure=measure,
            names=", ".join(MEASURES),
        )
    single = [(study, row) for study, row in found if study.design != "meta_analysis"]
    rows = [usable(study, row, measure) for study, row in single]
    used = [one for one in rows if isinstance(one, Usable)]
    left_out = [LeftOut(s, r, one) for (s, r), one in zip(single, rows, strict=True) if isinstance(one, Reason)]
    if not used:
        reasons = [f"{one.study.code}: {one.reason}" for one in left_out]
        raise Refused(
            N_("Nothing can be pooled as {measure}. {reasons} What can be: {names}."),
            field="outcome",
            measure=measure,
            reasons=" ".join(reasons) or str(Reason(N_("Only published pooled figures were read."))),
            names=", ".join(questions(indication, evidence)) or "-",
        )
    if measure not in ABSOLUTE:
        used, out = one_kind(used, "comparator", comparator)
        left_out += out
    used, out = one_kind(used, "definition", definition)
    left_out += out
    unit = one_scale(used, measure)
    used.sort(key=lambda one: (one.study.year or 9999, one.study.id))
    return _answer(evidence, indication, outcome, MEASURES[measure], method, level, unit, used, left_out, found, good)


def _answer(
    evidence: Evidence,
    indication: str,
    outcome: str,
    measure: Measure,
    method: Tau2Method,
    level: float,
    unit: str,
    used: Sequence[Usable],
    left_out: Sequence[LeftOut],
    found: Sequence[tuple[Study, Row]],
    good: bool,
) -> Pooled:
    synthesis = synthesise([one.effect for one in used], method=method, level=level) if len(used) > 1 else None
    lines = tuple(_line(one, measure, synthesis, index, level) for index, one in enumerate(used))
    if synthesis is None:
        estimate, interval, kind = lines[0].value, Interval(lines[0].low, lines[0].high), "one_study"
    else:
        knapp, normal = synthesis.hartung_knapp, synthesis.random
        wider = knapp if _width(knapp.interval) >= _width(normal.interval) else normal
        estimate = measure.back(wider.value)
        interval = _back(measure, wider.interval)
        kind = "hartung_knapp" if wider is knapp else "normal"
    fixed = synthesis.fixed if synthesis else None
    return Pooled(
        indication=indication,
        outcome=outcome,
        measure=measure,
        method=method,
        level=level,
        comparators=tuple(dict.fromkeys(one.comparator for one in used)),
        definitions=tuple(dict.fromkeys(one.definition for one in used)),
        unit=unit,
        studies=lines,
        left_out=tuple(sorted(left_out, key=lambda one: (one.study.year or 9999, one.study.id, one.row.code))),
        published=tuple(_published(measure.code, found)),
        synthesis=synthesis,
        estimate=estimate,
        interval=interval,
        interval_kind=kind,
        fixed=(
            None
            if fixed is None
            else (measure.back(fixed.value), measure.back(fixed.interval.low), measure.back(fixed.interval.high))
        ),
        prediction=_back(measure, synthesis.prediction) if synthesis and synthesis.prediction else None,
        good=good,
    )


def _line(one: Usable, measure: Measure, synthesis: Synthesis | None, index: int, level: float) -> PooledStudy:
    reach = normal_quantile(0.5 + level / 2) * one.effect.variance**0.5
    value, low, high = (measure.back(one.effect.value + shift) for shift in (0.0, -reach, reach))
    if isinstance(one.row, EffectRow) and level == PRINTED_LEVEL:  # as printed, not as computed back from it
        value, *ends = published_effect(one.row)
        low, high = (one if one is not None else computed for one, computed in zip(ends, (low, high), strict=True))
    return PooledStudy(
        study=one.study,
        row=one.row,
        comparator=one.comparator,
        treated=one.treated,
        control=one.control,
        effect=one.effect,
        value=value,
        low=low,
        high=high,
        weight_fixed=synthesis.weights_fixed[index] if synthesis else 1.0,
        weight_random=synthesis.weights_random[index] if synthesis else 1.0,
    )


def _published(measure: str, found: Sequence[tuple[Study, Row]]) -> list[Published]:
    rows: list[Published] = []
    for study, row in found:
        if study.design != "meta_analysis":
            continue
        if isinstance(row, EffectRow) and row.measure == measure and comparator_of(study, row):
            rows.append(Published(study, row, *published_effect(row)))
        elif isinstance(row, EventsRow) and measure in ABSOLUTE and row.treated.percent is not None:
            rows.append(Published(study, row, float(row.treated.percent) / 100, None, None))
    return rows


def _back(measure: Measure, interval: Interval) -> Interval:
    return Interval(measure.back(interval.low), measure.back(interval.high))


def _width(interval: Interval) -> float:
    return interval.high - interval.low
