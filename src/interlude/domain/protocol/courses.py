"""What the protocol says about a course as a whole: stop rules, and the dates of the measurement plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from interlude.domain.instruments.data import Reason
from interlude.domain.protocol.schema import Measure, Protocol, StopRule
from interlude.domain.refusals import N_


@dataclass(frozen=True)
class DueMeasure:
    """`on` is the local day. `after_infusion`: its number when the answer belongs to one (1 is the first)."""

    instrument: str
    on: date
    after_infusion: int | None = None


def stop_findings(
    protocol: Protocol, *, infusions: int, improvement_percent: Decimal | None
) -> tuple[list[StopRule], Reason]:
    """Stop rules that this course meets, computed from the infusions given and the gain since baseline.

    Rules without a number (a liver, bladder or misuse signal, the patient's choice) are for people to judge
    and are not returned. Without a measured gain nothing can be said, and the reason says so.
    """
    if improvement_percent is None:
        return [], Reason(N_("The change since baseline is not known: measure before deciding."))
    met = [
        rule
        for rule in protocol.maintenance.stop_rules
        if rule.after is not None
        and rule.improvement_below_percent is not None
        and infusions >= rule.after.value
        and improvement_percent < rule.improvement_below_percent.value
    ]
    if met:
        return met, Reason(N_("The protocol advises to stop or to change the plan."))
    return [], Reason(N_("No stop rule is met."))


def review_is_due(protocol: Protocol, infusions: int) -> bool:
    """Is this the number of infusions after which the protocol wants a decision (extend or not)?"""
    return infusions == int(protocol.series.review_after.value)


def measurement_dates(protocol: Protocol, intake_on: date, infusions_on: Sequence[date]) -> list[DueMeasure]:
    """Every due questionnaire of a planned course, by day. Measures taken during a session are left out."""
    due: set[DueMeasure] = set()
    days = sorted(infusions_on)
    for measure in protocol.measurement:
        if measure.when == "intake":
            due.add(DueMeasure(measure.instrument, intake_on))
        elif measure.when == "before_each":
            due |= {DueMeasure(measure.instrument, day) for day in days}
        elif measure.when == "after_each":
            late = timedelta(hours=int(measure.after_h.value)) if measure.after_h else timedelta()
            due |= {DueMeasure(measure.instrument, day + late, n) for n, day in enumerate(days, 1)}
        elif measure.when == "after_last" and days:
            due |= set(_rhythm(measure, days[-1]))
    return sorted(due, key=lambda row: (row.on, row.instrument, row.after_infusion or 0))


def _rhythm(measure: Measure, last_on: date) -> list[DueMeasure]:
    if measure.every_days is None or measure.until_day is None:
        return []
    step, until = int(measure.every_days.value), int(measure.until_day.value)
    first = int(measure.from_day.value) if measure.from_day else step
    return [DueMeasure(measure.instrument, last_on + timedelta(days=n)) for n in range(first, until + 1, step)]


def gaps_days(infusions_on: Sequence[date]) -> list[int]:
    """Local days between consecutive infusions (a day is a calendar day, also when clocks change)."""
    return [(later - earlier).days for earlier, later in pairwise(sorted(infusions_on))]
