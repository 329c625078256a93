"""What is kept of a part of a population: counts of levels at each time, and a few summaries per person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.pharmacology.population.bands import BINS, FIRST, SHIFT, Counts, Histograms, SmallCounts

_HIGHEST = np.iinfo(np.int64).max


@dataclass(slots=True, eq=False)
class LegTally:
    """Counts (O, rows, BINS) of one leg with the bits of the lowest and the highest level (O, rows)."""

    table: SmallCounts
    low: NDArray[np.int64]
    high: NDArray[np.int64]

    @classmethod
    def empty(cls, outputs: int, rows: int) -> LegTally:
        shape = (outputs, rows)
        return cls(
            np.zeros((*shape, BINS), dtype=np.uint16),
            np.full(shape, _HIGHEST, dtype=np.int64),
            np.zeros(shape, dtype=np.int64),
        )

    def take(self, output: int, row: int, levels: Floats) -> None:
        """Count the `levels` (B,) of a block."""
        bits = levels.view(np.int64)
        low, high = int(bits.min()), int(bits.max())
        first, last = (min(max((edge >> SHIFT) - FIRST, 0), BINS - 1) for edge in (low, high))
        bins = (bits >> SHIFT) - (FIRST + first)
        if first == 0 or last == BINS - 1:
            np.clip(bins, 0, BINS - 1 - first, out=bins)
        self.table[output, row, first : last + 1] += np.bincount(bins).astype(np.uint16)
        self.low[output, row] = min(low, int(self.low[output, row]))
        self.high[output, row] = max(high, int(self.high[output, row]))

    def histograms(self) -> list[Histograms]:
        """One set of rows per output."""
        low, high = self.low.view(np.float64), self.high.view(np.float64)
        return [Histograms.of(self.table[o], low[o], high[o]) for o in range(len(self.table))]


@dataclass(slots=True, eq=False)
class Trackers:
    """Of N people: highest level `peak` (O, N) of each output, the index of its point, and the last level;
    minutes above each of K thresholds, `above_min` (K, N).

    Threshold k, `thresholds[k]` in ng/mL, is of output `threshold_of[k]`. Levels are read at every point of the
    plan; the time above a threshold is read by straight lines between them.
    """

    peak: Floats
    peak_at: NDArray[np.int64]
    last: Floats
    above_min: Floats
    threshold_of: NDArray[np.int64]
    thresholds: Floats

    @classmethod
    def empty(cls, outputs: int, thresholds: Sequence[tuple[int, float]], people: int) -> Trackers:
        shape = (outputs, people)
        return cls(
            np.full(shape, -1.0),
            np.zeros(shape, dtype=np.int64),
            np.zeros(shape),
            np.zeros((len(thresholds), people)),
            np.array([output for output, _ in thresholds], dtype=np.int64),
            np.array([level for _, level in thresholds], dtype=np.float64),
        )

    def take(self, output: int, point: int, span_min: float, levels: Floats, before: Floats | None = None) -> None:
        """Levels (B,) at a point, `span_min` after the point before; `before` where a bolus has raised them."""
        watched = np.flatnonzero(self.threshold_of == output)
        if len(watched):
            for k in watched if span_min > 0 else ():
                share = share_above(self.last[output], levels if before is None else before, float(self.thresholds[k]))
                self.above_min[k] += span_min * share
            self.last[output] = levels
        peak = self.peak[output]
        np.copyto(self.peak_at[output], point, where=levels > peak)
        np.maximum(peak, levels, out=peak)


def share_above(start: Floats, end: Floats, threshold: float) -> Floats:
    """Share of the straight line from `start` to `end` that lies at or above the threshold."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    rise = high - low
    share = (high - threshold) / np.where(rise > 0, rise, 1.0)
    return np.asarray(np.where(rise > 0, np.clip(share, 0.0, 1.0), np.where(high >= threshold, 1.0, 0.0)))


@dataclass(slots=True, eq=False)
class Part:
    """The tally of some people; parts add up.

    `bands` has R rows for each of O outputs, `summaries` one row per quantity (peaks (O), minutes above (K), areas),
    `peak_at` (O, P) counts the points of the highest level.
    """

    people: int
    bands: list[Histograms]
    summaries: Histograms
    peak_at: Counts

    def add(self, other: Part) -> None:
        self.people += other.people
        for mine, theirs in zip(self.bands, other.bands, strict=True):
            mine.add(theirs)
        self.summaries.add(other.summaries)
        self.peak_at = self.peak_at + other.peak_at


def joined(legs: Sequence[Histograms]) -> Histograms:
    """The rows of consecutive legs as one set."""
    return Histograms(
        first=np.concatenate([leg.first for leg in legs]),
        counts=[counts for leg in legs for counts in leg.counts],
        low=np.concatenate([leg.low for leg in legs]),
        high=np.concatenate([leg.high for leg in legs]),
    )


def finished(legs: Sequence[Sequence[Histograms]], trackers: Sequence[Trackers], areas: Floats, points: int) -> Part:
    """The part made of the `legs` of each output, the trackers of each block and more quantities (Q, N)."""
    peak = np.concatenate([block.peak for block in trackers], axis=1)
    peak_at = np.concatenate([block.peak_at for block in trackers], axis=1)
    above = np.concatenate([block.above_min for block in trackers], axis=1)
    return Part(
        people=peak.shape[1],
        bands=[joined(rows) for rows in legs],
        summaries=Histograms.of_values(np.concatenate([peak, above, areas])),
        peak_at=np.stack([np.bincount(at, minlength=points) for at in peak_at]),
    )
