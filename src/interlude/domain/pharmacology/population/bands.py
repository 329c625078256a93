"""Percentiles without the curves: histograms whose bins are read from the bits of the floating-point numbers.

The leading bits of a positive float64 are its octave and its place in it, so that (bits >> 43) counts bins of
1/512 of an octave's lower end: 0.1 to 0.2 % wide, without a logarithm. Inside a bin percentiles are interpolated, and
the smallest and largest value are kept exactly. Counts of parts of a population simply add up.

The first bin holds what is below 2^-42 ng/mL, which is less than one molecule of ketamine in a millilitre and is
counted as 0. The last bin holds 2^42 and more (and what is not a number): such a population is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.refusals import N_, Refused

Counts = NDArray[np.int64]
SmallCounts = NDArray[np.uint16]

SUB_BITS = 9
SHIFT = 52 - SUB_BITS
_OCTAVES = 42
FIRST = ((1023 - _OCTAVES) << SUB_BITS) - 1
BINS = (2 * _OCTAVES << SUB_BITS) + 2
MOST_PEOPLE = 2**16 - 1
"""Counts of one part are 16 bits wide."""

_TOO_LARGE = N_("These doses and parameters are too extreme to be computed with.")
_PERCENTILE = N_("A percentile must be a number from 0 to 100.")


def bins_of(values: Floats) -> NDArray[np.int64]:
    """Bin (0 to BINS - 1) of each value >= 0."""
    bits = np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
    return np.asarray(np.clip((bits >> SHIFT) - FIRST, 0, BINS - 1))


def lower_edges(bins: NDArray[np.int64]) -> Floats:
    """The smallest value of each bin (0 for the first)."""
    edges = ((np.asarray(bins, dtype=np.int64) + FIRST) << SHIFT).view(np.float64)
    return np.where(bins <= 0, 0.0, edges)


@dataclass(slots=True, eq=False)
class Histograms:
    """R histograms over the bins that anything fell into.

    `first` (R,) is the first bin of each, `counts` R arrays of unequal length, `low` and `high` (R,) the smallest
    and the largest value.
    """

    first: Counts
    counts: list[Counts | SmallCounts]
    low: Floats
    high: Floats

    @classmethod
    def of(cls, table: SmallCounts, low: Floats, high: Floats) -> Histograms:
        """The trimmed histograms of `table` (R, BINS)."""
        first, last = bins_of(low), bins_of(high)
        counts: list[Counts | SmallCounts] = [
            row[a : b + 1].copy() for row, a, b in zip(table, first, last, strict=True)
        ]
        return cls(first, counts, low, high)

    @classmethod
    def of_values(cls, values: Floats) -> Histograms:
        """R histograms of `values` (R, N), N >= 1."""
        bins = bins_of(values)
        first = bins.min(axis=1)
        counts: list[Counts | SmallCounts] = [np.bincount(row - a) for row, a in zip(bins, first, strict=True)]
        return cls(first, counts, values.min(axis=1), values.max(axis=1))

    def add(self, other: Histograms) -> None:
        """Add the people of `other`."""
        for row, (first, counts) in enumerate(zip(other.first, other.counts, strict=True)):
            self._add_row(row, int(first), counts)
        self.low = np.minimum(self.low, other.low)
        self.high = np.maximum(self.high, other.high)

    def _add_row(self, row: int, first: int, counts: Counts | SmallCounts) -> None:
        here, mine = int(self.first[row]), self.counts[row]
        begin, end = min(here, first), max(here + len(mine), first + len(counts))
        if begin < here or end > here + len(mine) or mine.dtype != np.int64:
            wider = np.zeros(end - begin, dtype=np.int64)
            wider[here - begin : here - begin + len(mine)] = mine
            self.first[row], self.counts[row] = begin, wider
        self.counts[row][first - begin : first - begin + len(counts)] += counts

    def check(self) -> None:
        """Refused where anything fell into the last bin."""
        ends = self.first + np.array([len(counts) for counts in self.counts])
        if bool((ends >= BINS).any()):
            raise Refused(_TOO_LARGE, field="model")

    def percentiles(self, wanted: Sequence[float]) -> Floats:
        """(len(wanted), R) values at the percentiles; positions as in `numpy.percentile` (linear).

        Infinite where a percentile lies in the last bin.
        """
        result = np.empty((len(wanted), len(self.counts)))
        fractions = np.asarray(wanted) / 100.0
        for row, counts in enumerate(self.counts):
            total = np.cumsum(counts, dtype=np.int64)
            position = fractions * (total[-1] - 1)
            below = np.floor(position)
            least = self._ordered(row, total, below.astype(np.int64))
            next_one = self._ordered(row, total, np.ceil(position).astype(np.int64))
            with np.errstate(invalid="ignore"):
                between = least + (position - below) * (next_one - least)
            result[:, row] = np.where(least == next_one, least, between)
        return result

    def _ordered(self, row: int, total: Counts, k: Counts) -> Floats:
        """The k-th smallest values (from 0); the i-th of c values in a bin stands at (i + 1/2) / c of its width."""
        index = np.searchsorted(total, k, side="right")
        counts, place = self.counts[row][index], self.first[row] + index
        lower, upper = lower_edges(place), lower_edges(place + 1)
        value = lower + (k - (total[index] - counts) + 0.5) / counts * (upper - lower)
        value = np.clip(value, self.low[row], self.high[row])
        value = np.where(k == 0, self.low[row], np.where(k == total[-1] - 1, self.high[row], value))
        return np.where(place == 0, 0.0, np.where(place == BINS - 1, np.inf, value))


def check_percentiles(percentiles: Sequence[float]) -> tuple[float, ...]:
    """The percentiles as numbers; refused outside 0 to 100, naming `percentiles[i]`."""
    checked = []
    for index, percentile in enumerate(percentiles):
        value = float(percentile) if isinstance(percentile, int | float) else float("nan")
        if not 0 <= value <= 100:
            raise Refused(_PERCENTILE, field=f"percentiles[{index}]")
        checked.append(value)
    if not checked:
        raise Refused(_PERCENTILE, field="percentiles")
    return tuple(checked)
