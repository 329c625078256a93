"""Three-valued logic on facts: true, false, or unknown (None). Unknown is never taken for a no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from interlude.domain.protocol.facts import KnownFact
from interlude.domain.protocol.schema import Comparison

Truth = bool | None


@dataclass(frozen=True)
class Outcome:
    """Result of a conjunction: its truth and the facts whose absence leaves it open."""

    truth: Truth
    missing: tuple[str, ...] = ()


def compare(comparison: Comparison, facts: Mapping[str, KnownFact], on: date) -> Truth:
    """One comparison; None when the fact is missing or out of date."""
    fact = facts[comparison.fact]
    if fact.state != "known":
        return None
    value = fact.value
    if comparison.given is not None:
        return bool(value not in (None, "")) == comparison.given
    if comparison.equals is not None:
        return value == comparison.equals
    if comparison.one_of:
        return value in comparison.one_of
    if comparison.within_days is not None:
        if not isinstance(value, date):
            return None
        return value > on - timedelta(days=int(comparison.within_days.value))
    if not isinstance(value, Decimal | int) or isinstance(value, bool):
        return None
    return _number(comparison, Decimal(value))


def _number(comparison: Comparison, value: Decimal) -> Truth:
    if comparison.at_least is not None:
        return value >= comparison.at_least.value
    if comparison.above is not None:
        return value > comparison.above.value
    if comparison.at_most is not None:
        return value <= comparison.at_most.value
    if comparison.below is not None:
        return value < comparison.below.value
    return None


def all_of(
    comparisons: Iterable[Comparison], facts: Mapping[str, KnownFact], on: date, *, unknown_optional: bool
) -> Outcome:
    """Kleene conjunction: one false makes it false, else one unknown makes it unknown.

    `unknown_optional` is the value that a comparison marked `if_known` takes while its fact is unknown:
    False where true is alarming (a rule), True where true is reassuring (a checklist).
    """
    truths: list[tuple[Comparison, Truth]] = []
    for comparison in comparisons:
        truth = compare(comparison, facts, on)
        truths.append((comparison, unknown_optional if truth is None and comparison.if_known else truth))
    if any(truth is False for _, truth in truths):
        return Outcome(False)
    missing = tuple(dict.fromkeys(c.fact for c, truth in truths if truth is None))
    return Outcome(None, missing) if missing else Outcome(True)
