"""A common regimen and a time grid as one list of steps that every person of a population takes.

Between two points of the union of grid times, rate changes and boluses the input is constant, so the exact solution
is one linear step; grids are regular, so very few steps are of different length.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.pharmacology.solution import MINUTES_PER_HOUR
from interlude.domain.refusals import N_, Refused

Indices = NDArray[np.int64]

MOST_TIMES = 100_000
_MOST_LENGTHS = 8
_MOST_ROWS = 256

_TIMES = N_("The times must be 1 to {most} finite numbers, ascending, 0 or later.")


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """K consecutive points of a plan with few different step lengths and few grid rows.

    `first` is the index of its first point in the plan. `row` (K,) counts from the first of its `rows` grid times,
    -1 where the point is none. `span_min` (K,) is the step that leads to each point (0: none), `kind` (K,) its
    index in `lengths_min` (D,).
    """

    first: int
    rows: int
    row: Indices
    span_min: Floats
    kind: Indices
    lengths_min: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """P points in time from 0 to the last grid time, and the steps that lead to them.

    `times_min` (T,) are the times as asked and `which` (T,) their grid rows; `row` (P,) is the grid row of a point
    or -1. `kind` (P,) is the index of the step's length in `lengths_min` (D,), the most frequent first. Rate
    segment s runs during the steps `active` (P, S); a bolus is given at the point `bolus_point` (B,), before it is
    read, or never (-1). `edges_min` (C + 1,) are 0, all changes and the horizon, with `edge_active` (C, S) and
    `bolus_edge` (B,) accordingly.
    """

    times_min: Floats
    which: Indices
    points_min: Floats
    row: Indices
    kind: Indices
    lengths_min: Floats
    active: NDArray[np.bool_]
    bolus_point: Indices
    edges_min: Floats
    edge_active: NDArray[np.bool_]
    bolus_edge: Indices

    def legs(self) -> Iterator[Leg]:
        """The plan in pieces: a piece needs few coefficients per person and few histograms at a time."""
        first, lengths, rows = 0, set[int](), 0
        for point in range(len(self.points_min)):
            kind, is_row = int(self.kind[point]), int(self.row[point] >= 0)
            if (kind not in lengths and len(lengths) == _MOST_LENGTHS) or rows + is_row > _MOST_ROWS:
                yield self._leg(first, point)
                first, lengths, rows = point, set(), 0
            lengths.add(kind)
            rows += is_row
        yield self._leg(first, len(self.points_min))

    def _leg(self, first: int, end: int) -> Leg:
        part = slice(first, end)
        kinds, local = np.unique(self.kind[part], return_inverse=True)
        row = self.row[part]
        spans = self.lengths_min[self.kind[part]]
        if first == 0:
            spans[0] = 0.0
        before = int((self.row[:first] >= 0).sum())
        return Leg(
            first=first,
            rows=int((row >= 0).sum()),
            row=np.where(row >= 0, row - before, -1),
            span_min=spans,
            kind=local.astype(np.int64),
            lengths_min=self.lengths_min[kinds],
        )

    def central(self, rates_per_h: ArrayLike, boluses: ArrayLike) -> CentralInput:
        """The input when every segment (S,) and bolus (B,) goes into the central compartment."""
        rates = np.asarray(rates_per_h, dtype=np.float64) / MINUTES_PER_HOUR
        amounts = np.asarray(boluses, dtype=np.float64)
        return CentralInput(
            rate_per_min=_sums(self.active, rates),
            bolus=_given(self.bolus_point, amounts, len(self.points_min)),
            edge_rate_per_min=_sums(self.edge_active, rates),
            edge_bolus=_given(self.bolus_edge, amounts, len(self.edges_min)),
        )


@dataclass(frozen=True, slots=True, eq=False)
class CentralInput:
    """Rates during the step to each point (P,) and boluses at it (P,); the same for the spans (C,) between edges.

    mg and minutes, or mg/kg and minutes; `edge_bolus` is (C + 1,).
    """

    rate_per_min: Floats
    bolus: Floats
    edge_rate_per_min: Floats
    edge_bolus: Floats


def make_plan(segments: Sequence[tuple[float, float]], boluses: Sequence[float], times_min: ArrayLike) -> Plan:
    """The plan for rate segments (start_min, end_min), bolus times and grid `times_min` (T,), all in minutes.

    Refused, naming `times_min`, for times that are not finite, ascending and >= 0.
    """
    times = _times(times_min)
    horizon = float(times[-1])
    changes = {0.0, horizon, *(t for pair in segments for t in pair), *boluses}
    edges = np.array(sorted(t for t in changes if t <= horizon))
    grid, which = np.unique(times, return_inverse=True)
    points = np.union1d(grid, edges)
    row = np.full(len(points), -1, dtype=np.int64)
    row[np.searchsorted(points, grid)] = np.arange(len(grid))
    lengths, kind = _lengths(points)
    at = np.array(boluses, dtype=np.float64)
    return Plan(
        times_min=times,
        which=which.reshape(-1).astype(np.int64),
        points_min=points,
        row=row,
        kind=kind,
        lengths_min=lengths,
        active=np.concatenate([np.zeros((1, len(segments)), dtype=np.bool_), _active(points, segments)]),
        bolus_point=np.where(at <= horizon, np.searchsorted(points, at), -1),
        edges_min=edges,
        edge_active=_active(edges, segments),
        bolus_edge=np.where(at <= horizon, np.searchsorted(edges, at), -1),
    )


def _times(times_min: ArrayLike) -> Floats:
    refused = Refused(_TIMES, field="times_min", most=f"{MOST_TIMES:,}")
    try:
        times = np.array(times_min, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError) as error:
        raise refused from error
    if not (0 < len(times) <= MOST_TIMES and bool(np.isfinite(times).all()) and times[0] >= 0):
        raise refused
    if bool((np.diff(times) < 0).any()):
        raise refused
    return times + 0.0  # -0.0 becomes 0.0


def _active(points: Floats, segments: Sequence[tuple[float, float]]) -> NDArray[np.bool_]:
    """(len(points) - 1, S): does the segment run from this point to the next?"""
    begin = points[:-1, None]
    starts, ends = (np.array([segment[i] for segment in segments], dtype=np.float64) for i in (0, 1))
    return np.asarray((starts <= begin) & (begin < ends))


def _sums(active: NDArray[np.bool_], rates: Floats) -> Floats:
    return np.array([math.fsum(rates[row]) for row in active], dtype=np.float64)


def _given(at: Indices, amounts: Floats, count: int) -> Floats:
    given = at >= 0
    return np.bincount(at[given], weights=amounts[given], minlength=count).astype(np.float64)


def _lengths(points: Floats) -> tuple[Floats, Indices]:
    """Different step lengths, the most frequent first, and which of them leads to each point.

    Lengths that differ by no more than the rounding of the times themselves are one, and their mean stands for
    them, so that a grid such as 0, 0.1, 0.2, ... is regular.
    """
    if len(points) == 1:
        return np.ones(1), np.zeros(1, dtype=np.int64)
    steps = np.diff(points)
    order = np.argsort(steps, kind="stable")
    rounding = 4.0 * float(np.spacing(points[-1]))
    group = np.concatenate([[0], np.cumsum(np.diff(steps[order]) > rounding)])
    counts = np.bincount(group)
    means = np.bincount(group, weights=steps[order]) / counts
    ranking = np.argsort(-counts, kind="stable")
    place = np.empty_like(ranking)
    place[ranking] = np.arange(len(ranking))
    kind = np.zeros(len(points), dtype=np.int64)
    kind[1:][order] = place[group]
    return means[ranking], kind
