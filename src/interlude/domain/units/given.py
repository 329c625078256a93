"""How much has been given, and how long until the syringe is empty or the planned dose is reached.

Amounts follow from the charted rate segments by integer arithmetic: time in whole microseconds, rates as exact
fractions, one rounding at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from interlude.domain.refusals import N_, Refused
from interlude.domain.units.doses import MICROGRAMS_PER_MG, Number, exact

_MICROSECOND = timedelta(microseconds=1)
_MICROSECONDS_PER_HOUR = timedelta(hours=1) // _MICROSECOND
_MICROSECONDS_PER_SECOND = timedelta(seconds=1) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class RateSegment:
    """A constant rate from `start` until `end` (aware datetimes; `end` is `None` while it still runs)."""

    start: datetime
    end: datetime | None
    rate_mg_per_h: Decimal

    def __post_init__(self) -> None:
        exact(self.rate_mg_per_h, "rate_mg_per_h")
        if self.start.tzinfo is None or (self.end is not None and self.end.tzinfo is None):
            raise ValueError("a rate segment needs aware datetimes")
        if self.end is not None and self.end < self.start:
            raise Refused(N_("A rate cannot end before it starts."), field="end")


def amount_given_micrograms(segments: Sequence[RateSegment], at: datetime) -> int:
    """Micrograms given up to `at`: the exact sum over the segments, rounded once to the nearest (half up)."""
    numerator, denominator = _given(segments, at)
    return (2 * numerator + denominator) // (2 * denominator)


def time_to_give(amount_micrograms: int, rate_mg_per_h: Number) -> timedelta | None:
    """Time that this amount lasts at this rate, in whole seconds rounded down; `None` when nothing runs."""
    rate = exact(rate_mg_per_h, "rate_mg_per_h")
    if amount_micrograms <= 0:
        return timedelta(0)
    if rate == 0:
        return None
    return _whole_seconds(Fraction(amount_micrograms, MICROGRAMS_PER_MG) / Fraction(rate))


def time_to_empty(volume_left_ml: Number, rate_ml_per_h: Number) -> timedelta | None:
    """Time until a syringe is empty, in whole seconds rounded down (early, never late); `None` when stopped."""
    volume = exact(volume_left_ml, "volume_left_ml")
    rate = exact(rate_ml_per_h, "rate_ml_per_h")
    if volume == 0:
        return timedelta(0)
    if rate == 0:
        return None
    return _whole_seconds(Fraction(volume) / Fraction(rate))


def time_to_planned_dose(segments: Sequence[RateSegment], planned_micrograms: int, at: datetime) -> timedelta | None:
    """Time from `at` until the planned dose is given at the rate running at `at`.

    Zero when it has been reached, `None` when nothing runs. In whole seconds, rounded down.
    """
    numerator, denominator = _given(segments, at)
    left = planned_micrograms - Fraction(numerator, denominator)
    if left <= 0:
        return timedelta(0)
    rate = sum((Fraction(s.rate_mg_per_h) for s in segments if _runs(s, at)), Fraction(0))
    if rate == 0:
        return None
    return _whole_seconds(left / MICROGRAMS_PER_MG / rate)


def _runs(segment: RateSegment, at: datetime) -> bool:
    return segment.start <= at and (segment.end is None or at < segment.end)


def _given(segments: Sequence[RateSegment], at: datetime) -> tuple[int, int]:
    """Exact amount up to `at` as a fraction of micrograms."""
    if at.tzinfo is None:
        raise ValueError("the time must be an aware datetime")
    numerator, denominator = 0, 1
    for segment in segments:
        end = at if segment.end is None else min(segment.end, at)
        if end <= segment.start:
            continue
        microseconds = (end - segment.start) // _MICROSECOND
        top, bottom = segment.rate_mg_per_h.as_integer_ratio()
        numerator = numerator * bottom + top * microseconds * MICROGRAMS_PER_MG * denominator
        denominator *= bottom
    return numerator, denominator * _MICROSECONDS_PER_HOUR


def _whole_seconds(hours: Fraction) -> timedelta:
    seconds = hours * _MICROSECONDS_PER_HOUR // _MICROSECONDS_PER_SECOND
    # Centuries at a trickle are "very long", not an overflow.
    return timedelta(seconds=min(seconds, int(timedelta(days=36_500).total_seconds())))
