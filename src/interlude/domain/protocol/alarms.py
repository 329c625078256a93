"""Where a reading lies between the protocol's limits. Display and charting only; no reading is never normal."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from interlude.domain.instruments.data import Datum
from interlude.domain.protocol.schema import AlarmLimit, Bound, Protocol

AlarmLevel = Literal["within", "advisory", "urgent", "unknown"]


@dataclass(frozen=True)
class Reading:
    """`level` of a value; `limit` is the bound that it crossed, `action` what the protocol says to do."""

    code: str
    level: AlarmLevel
    limit: Datum | None = None
    action: str = ""


def reading(
    protocol: Protocol, code: str, value: Decimal | int | None, *, baseline: Decimal | int | None = None
) -> Reading:
    """Place a value. None, or a signal without limits in the protocol, is `unknown`.

    A bound in percent of the baseline is skipped while no baseline is charted; the absolute bounds stay.
    """
    limit = next((row for row in protocol.alarms if row.code == code), None)
    if value is None or limit is None or not (limit.advisory or limit.urgent):
        return Reading(code, "unknown")
    number = Decimal(value)
    base = None if baseline is None else Decimal(baseline)
    for bound in limit.urgent:
        if (crossed := _crossed(bound, number, base)) is not None:
            return Reading(code, "urgent", crossed, limit.urgent_action.text)
    for bound in limit.advisory:
        if (crossed := _crossed(bound, number, base)) is not None:
            return Reading(code, "advisory", crossed, _advice(limit))
    return Reading(code, "within")


def _advice(limit: AlarmLimit) -> str:
    return limit.advisory_action.text if limit.advisory_action else ""


def _crossed(bound: Bound, value: Decimal, baseline: Decimal | None) -> Datum | None:
    if bound.above is not None:
        return bound.above if value > bound.above.value else None
    if bound.at_least is not None:
        return bound.at_least if value >= bound.at_least.value else None
    if bound.below is not None:
        return bound.below if value < bound.below.value else None
    if bound.at_most is not None:
        return bound.at_most if value <= bound.at_most.value else None
    if bound.rise_percent is not None and baseline:
        rise = (value - baseline) * 100 / baseline
        return bound.rise_percent if rise >= bound.rise_percent.value else None
    return None
