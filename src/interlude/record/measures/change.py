"""What a change of a score means, by the numbers in the instrument's own file. Nothing is assumed where none stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from interlude.domain.instruments import Instrument

ChangeCode = Literal["remission", "response", "better", "no_clear_change", "worse", "unknown"]


@dataclass(frozen=True)
class Change:
    """`points`: now minus baseline, in the instrument's points. `percent`: improvement from baseline; None when
    the baseline leaves nothing to improve."""

    code: ChangeCode
    points: int | None = None
    percent: Decimal | None = None


def improvement_percent(instrument: Instrument, baseline: int, now: int) -> Decimal | None:
    """How much of the distance from the baseline to the best score is gained, in percent (negative: lost).

    For scales on which lower is better and the best is 0 this is (baseline - now) / baseline.
    """
    best = instrument.scoring.minimum if instrument.scoring.better == "lower" else instrument.scoring.maximum
    room = abs(baseline - best)
    if room == 0:
        return None
    gain = baseline - now if instrument.scoring.better == "lower" else now - baseline
    return (Decimal(gain) * 100 / Decimal(room)).quantize(Decimal("0.1"))


def change(instrument: Instrument, baseline: int | None, now: int | None) -> Change:
    """Compare a score with its baseline. Without both, or without a number to judge by, it is unknown."""
    if baseline is None or now is None:
        return Change("unknown")
    points = now - baseline
    percent = improvement_percent(instrument, baseline, now)
    rules = instrument.change
    gain = -points if instrument.scoring.better == "lower" else points
    if gain > 0 and rules.remission_at_most is not None and now <= rules.remission_at_most.value:
        return Change("remission", points, percent)
    if rules.response_percent is not None and percent is not None and percent >= rules.response_percent.value:
        return Change("response", points, percent)
    if rules.mid is None:
        return Change("unknown", points, percent)
    if gain >= rules.mid.value:
        return Change("better", points, percent)
    if -gain >= rules.mid.value:
        return Change("worse", points, percent)
    return Change("no_clear_change", points, percent)


@dataclass(frozen=True)
class Gain:
    """A course so far on one scale. `percent` is None while there are not two complete scores to compare."""

    baseline: int | None
    latest: int | None
    latest_at: datetime | None
    percent: Decimal | None
    change: Change


def baseline(
    scores: Sequence[tuple[datetime, int | None]], first_session_at: datetime | None
) -> tuple[datetime, int] | None:
    """The score that later ones are compared with: the last complete one before the first session began, or the
    first complete one at all. `scores` in the order of time."""
    known = [(at, total) for at, total in scores if total is not None]
    early = [row for row in known if first_session_at is not None and row[0] <= first_session_at]
    return early[-1] if early else (known[0] if known else None)


def gain(
    instrument: Instrument, scores: Sequence[tuple[datetime, int | None]], first_session_at: datetime | None
) -> Gain:
    """Compare the latest complete score with the baseline."""
    base = baseline(scores, first_session_at)
    if base is None:
        return Gain(None, None, None, None, Change("unknown"))
    at, latest = next((when, total) for when, total in reversed(scores) if total is not None)
    if at == base[0]:
        return Gain(base[1], latest, at, None, Change("unknown"))
    return Gain(
        base[1], latest, at, improvement_percent(instrument, base[1], latest), change(instrument, base[1], latest)
    )
