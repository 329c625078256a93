"""A forest plot as data: lines with positions from 0 (left edge) to 1 (right edge). A page only draws."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from interlude.domain.evidence.pools import Pooled
from interlude.domain.evidence.sentences import figure

_RATIO_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_WIDEST = math.log(100)
"""A ratio axis reaches at most 100-fold either way; further intervals end in an arrow."""


@dataclass(frozen=True, slots=True)
class ForestRow:
    """`x`, `x_low`, `x_high` in 0..1; an end that lies outside is moved to the edge and marked as cut.

    `kind`: "study", "fixed", "random", "prediction" or "published". `size` 0..1: side of a study's square, from the
    square root of its random-effects weight. `counts` such as "22/40" against "12/40"; "" where unknown.
    """

    kind: str
    label: str
    study: str
    comparator: str
    certainty: str
    treated: str
    control: str
    x: float
    x_low: float
    x_high: float
    cut_low: bool
    cut_high: bool
    size: float
    weight: str
    text: str


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Forest:
    """`null_x`: where "no difference" lies, None for shares. `left_is_better`: which side favours ketamine."""

    rows: tuple[ForestRow, ...]
    ticks: tuple[Tick, ...]
    null_x: float | None
    left_is_better: bool | None
    axis: str


@dataclass(frozen=True, slots=True)
class _Axis:
    low: float
    high: float
    log: bool

    def at(self, value: float) -> float:
        """Position of a value, unclipped."""
        if self.log:
            value = math.log(value) if value > 0 else -math.inf
        return (value - self.low) / (self.high - self.low)


def forest(pooled: Pooled) -> Forest:
    """The picture of one pooled figure; every position follows from its numbers."""
    axis = _axis(pooled)
    code = pooled.measure.code
    rows = [
        _row(
            pooled, axis, "study", one.study.code, (one.value, one.low, one.high),
            study=one.study.id, comparator=one.comparator, certainty=one.row.certainty,
            treated=_counts(one.treated), control=_counts(one.control), weight=one.weight_random,
        )
        for one in pooled.studies
    ]  # fmt: skip
    if pooled.synthesis is not None and pooled.fixed is not None:
        rows.append(_row(pooled, axis, "fixed", "", pooled.fixed))
        ends = (pooled.estimate, pooled.interval.low, pooled.interval.high)
        rows.append(_row(pooled, axis, "random", "", ends))
    if pooled.prediction is not None:
        ends = (pooled.estimate, pooled.prediction.low, pooled.prediction.high)
        rows.append(_row(pooled, axis, "prediction", "", ends))
    for one in pooled.published:
        low, high = one.low, one.high
        ends = (one.value, one.value if low is None else low, one.value if high is None else high)
        rows.append(
            _row(pooled, axis, "published", one.study.code, ends, study=one.study.id, certainty=one.row.certainty)
        )
    null = pooled.measure.null
    left = None
    if null is not None:
        left = (pooled.measure.log_axis and not pooled.good) or (code == "risk_difference" and not pooled.good)
    return Forest(tuple(rows), _ticks(pooled, axis), None if null is None else axis.at(null), left, code)


def _counts(pair: tuple[int, int] | None) -> str:
    return f"{pair[0]}/{pair[1]}" if pair else ""


def _row(
    pooled: Pooled,
    axis: _Axis,
    kind: str,
    label: str,
    ends: tuple[float, float, float],
    *,
    study: str = "",
    comparator: str = "",
    certainty: str = "",
    treated: str = "",
    control: str = "",
    weight: float | None = None,
) -> ForestRow:
    x, low, high = (axis.at(one) for one in ends)
    code = pooled.measure.code
    heaviest = max(one.weight_random for one in pooled.studies)
    return ForestRow(
        kind=kind,
        label=label,
        study=study,
        comparator=comparator,
        certainty=certainty,
        treated=treated,
        control=control,
        x=_inside(x),
        x_low=_inside(low),
        x_high=_inside(high),
        cut_low=low < 0,
        cut_high=high > 1,
        size=math.sqrt(weight / heaviest) if weight is not None else 0.0,
        weight=f"{100 * weight:.1f} %" if weight is not None and pooled.synthesis is not None else "",
        text=f"{figure(ends[0], code)} ({figure(ends[1], code)} to {figure(ends[2], code)})",
    )


def _inside(x: float) -> float:
    return min(1.0, max(0.0, x))


def _axis(pooled: Pooled) -> _Axis:
    if pooled.measure.code == "proportion":
        return _Axis(0.0, 1.0, False)
    values = list(_values(pooled))
    if pooled.measure.log_axis:
        logs = [math.log(one) for one in values if one > 0]
        low, high = max(min(logs), -_WIDEST), min(max(logs), _WIDEST)
        pad = 0.05 * (high - low)
        return _Axis(low - pad, high + pad, True)
    low, high = min(values), max(values)
    pad = 0.05 * (high - low)
    return _Axis(low - pad, high + pad, False)


def _values(pooled: Pooled) -> Iterable[float]:
    """Everything that should be on the axis; the prediction interval may run off it."""
    if pooled.measure.null is not None:
        yield pooled.measure.null
    for one in pooled.studies:
        yield from (one.value, one.low, one.high)
    for published in pooled.published:
        yield from (x for x in (published.value, published.low, published.high) if x is not None)
    yield pooled.estimate


def _ticks(pooled: Pooled, axis: _Axis) -> tuple[Tick, ...]:
    if pooled.measure.log_axis:
        marks = [one for one in _RATIO_TICKS if 0 <= axis.at(one) <= 1]
        return tuple(Tick(axis.at(one), f"{one:g}") for one in marks)
    step = _nice((axis.high - axis.low) / 5)
    first = math.ceil(axis.low / step)
    marks = [index * step for index in range(first, math.floor(axis.high / step + 1e-9) + 1)]
    times = 100 if pooled.measure.code in ("proportion", "risk_difference") else 1
    return tuple(Tick(axis.at(one), f"{round(one * times, 6):g}") for one in marks)


def _nice(step: float) -> float:
    power = math.pow(10, math.floor(math.log10(step)))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * 0.999999)
