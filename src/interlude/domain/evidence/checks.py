"""Whether the printed numbers of a study agree with each other. Each check gives (place in the file, reason)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from interlude.domain.evidence import measures
from interlude.domain.evidence.measures import MEASURES, from_interval
from interlude.domain.evidence.schema import Correction, EffectRow, EventsRow, Share, Study, half_unit

Place = tuple[int | str, ...]
Complaint = tuple[Place, str]
OFF_CENTRE = 0.10
"""Largest distance of a printed estimate from the middle of its interval, as a share of the interval's width."""
INTERVAL_SLACK = 0.05
"""How far a recomputed end may lie from the printed one, as a share of the width: the method is seldom printed."""


def fits(events: int, n: int, percent: Decimal) -> bool:
    """Whether events / n, in per cent, rounds (either way at a half) to the printed percentage."""
    return abs(Decimal(100 * events) / n - percent) <= half_unit(percent)


def counts_for(percent: Decimal, n: int) -> list[int]:
    """Every number of events among n people that would be printed as this percentage."""
    near = int(percent * n / 100)
    return [events for events in range(max(near - 2, 0), min(near + 3, n) + 1) if fits(events, n, percent)]


def counted(share: Share) -> tuple[int, int] | None:
    """(events, n); computed from percentage and n when exactly one number of events is possible; None if unknown."""
    if share.n is None:
        return None
    if share.events is not None:
        return share.events, share.n
    possible = counts_for(share.percent, share.n) if share.percent is not None else []
    return (possible[0], share.n) if len(possible) == 1 else None


def disagreement(share: Share) -> str:
    """Why counts and percentage of one arm cannot both be right, "" if they can."""
    if share.percent is None or share.n is None:
        return ""
    if share.events is not None and not fits(share.events, share.n, share.percent):
        exact = Decimal(100 * share.events) / share.n
        return f"{share.arm}: {share.events} of {share.n} is {exact:.1f} %, printed {share.percent} %"
    if share.events is None and not counts_for(share.percent, share.n):
        return f"{share.arm}: no number of {share.n} people gives {share.percent} %"
    return ""


def complaints(study: Study) -> Iterator[Complaint]:
    """Every disagreement inside one study, in file order."""
    for index, row in enumerate(study.rows):
        place: Place = ("rows", index)
        if isinstance(row, EventsRow):
            yield from _events(study, row, place)
        elif isinstance(row, EffectRow):
            yield from _effect(study, row, place)


def _events(study: Study, row: EventsRow, place: Place) -> Iterator[Complaint]:
    for name, share in (("treated", row.treated), ("control", row.control)):
        if share is None:
            continue
        if reason := disagreement(share):
            yield (*place, name), f"{row.code}: {reason}"
        arm = next((arm for arm in study.arms if arm.code == share.arm), None)
        size = arm.n if arm and arm.n else study.n
        if row.counted_in == "people" and share.n is not None and size is not None and share.n > size:
            yield (*place, name), f"{row.code}: {share.n} people counted in a group of {size}"
    if row.correction is not None and not any(disagreement(share) for share in printed_shares(row, row.correction)):
        yield (*place, "correction"), f"{row.code}: a correction where the printed numbers agree"


def printed_shares(row: EventsRow, correction: Correction) -> Iterator[Share]:
    """The arms of a corrected row as they were printed."""
    if correction.treated_events is not None:
        update = {"events": correction.treated_events, "n": correction.treated_n}
        yield row.treated.model_copy(update=update)
    if correction.control_events is not None and row.control is not None:
        update = {"events": correction.control_events, "n": correction.control_n}
        yield row.control.model_copy(update=update)


def _effect(study: Study, row: EffectRow, place: Place) -> Iterator[Complaint]:
    if row.low is not None and row.high is not None and row.low != row.high:
        forward = MEASURES[row.measure].forward
        low, value, high = (forward(float(one)) for one in (row.low, row.value, row.high))
        if abs((low + high) / 2 - value) > OFF_CENTRE * (high - low):
            yield (*place, "value"), f"{row.code}: the estimate is not in the middle of its interval"
    if not row.of:
        return
    reason = recomputed(study, row)
    if reason and row.correction is None:
        yield (*place, "value"), f"{row.code}: {reason}"
    if not reason and row.correction is not None:
        yield (*place, "correction"), f"{row.code}: a correction where the printed numbers agree"


def recomputed(study: Study, row: EffectRow) -> str:
    """Why a printed effect does not follow from the counts it names, "" if it does."""
    counts = next((one for one in study.rows if one.code == row.of), None)
    if not isinstance(counts, EventsRow) or counts.control is None:
        return f"there are no counts of two arms called {row.of}"
    first, second = counted(counts.treated), counted(counts.control)
    if first is None or second is None:
        return f"the counts of {row.of} are not known"
    function = {
        "risk_ratio": measures.risk_ratio,
        "odds_ratio": measures.odds_ratio,
        "risk_difference": measures.risk_difference,
    }.get(row.measure)
    if function is None:
        return f"a {row.measure} does not follow from counts"
    effect = function(*first, *second)
    times = 100 if row.unit in ("%", "pp") else 1
    value = MEASURES[row.measure].back(effect.value) * times
    if abs(Decimal(value) - row.value) > half_unit(row.value) * Decimal("1.000001"):
        return f"the counts give {value:.4g}, printed {row.value}"
    if row.low is None or row.high is None:
        return ""
    printed = from_interval(row.measure, *(float(one) / times for one in (row.value, row.low, row.high)))
    if abs(effect.variance**0.5 - printed.variance**0.5) > INTERVAL_SLACK * printed.variance**0.5:
        return f"the counts give another interval than {row.low} to {row.high}"
    return ""
