"""Where a plan is not what its protocol proposes: within the limits, or beyond one with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from interlude.domain.protocol.schema import Protocol
from interlude.record.plans.order import (
    Element,
    Plan,
    default_sessions,
    findings,
    offered_therapies,
    starting_plan,
    timing_of,
)

NUMBERS = ("dose_mg_per_kg", "minutes", "planned_sessions", "gap_min_days", "gap_max_days")


@dataclass(frozen=True)
class Deviation:
    """`code`: a field of `Plan`, or "with_", "timing_", "sessions_" and a therapy. `planned` and `protocol` are
    plain text. `reason`: that of the limit which is passed, otherwise the plan's own."""

    code: str
    kind: Literal["adapted", "beyond"]
    planned: str
    protocol: str
    reason: str


def deviations(protocol: Protocol, plan: Plan, weight_kg: Decimal, *, block: int = 1) -> list[Deviation]:
    """Every value that differs from the protocol's own, in the order of the plan."""
    own = starting_plan(protocol, block=block)
    soft = {one.field: one.code for one in findings(protocol, plan, weight_kg, block=block) if one.severity == "soft"}
    found = []
    for name in NUMBERS:
        planned, proposed = _plain(getattr(plan, name)), _plain(getattr(own, name))
        if planned == proposed:
            continue
        limit = soft.get(name)
        reason = plan.limit_reasons.get(limit, "") if limit else plan.reason
        found.append(Deviation(name, "beyond" if limit else "adapted", planned, proposed, reason.strip()))
    return found + list(_therapies(protocol, plan, own))


def _therapies(protocol: Protocol, plan: Plan, own: Plan) -> Iterator[Deviation]:
    chosen = {element.kind: element for element in plan.elements}
    proposed = {element.kind for element in own.elements}
    for therapy in offered_therapies(protocol):
        kind, element = therapy.code, chosen.get(therapy.code)
        if (element is not None) != (kind in proposed):
            planned, usual = ("yes", "no") if element is not None else ("no", "yes")
            yield Deviation(f"with_{kind}", "adapted", planned, usual, plan.reason.strip())
        if element is not None:
            yield from _element(element, therapy.timing[0].code, plan)


def _element(element: Element, usual_timing: str, plan: Plan) -> Iterator[Deviation]:
    if element.timing != usual_timing:
        yield Deviation(f"timing_{element.kind}", "adapted", element.timing, usual_timing, plan.reason.strip())
    timing = timing_of(element.kind, element.timing)
    usual = default_sessions(timing, plan.planned_sessions) if timing else element.sessions
    if element.sessions != usual:
        code = f"sessions_{element.kind}"
        yield Deviation(code, "adapted", str(element.sessions), str(usual), plan.reason.strip())


def _plain(value: Decimal | int | None) -> str:
    """One way of writing each number, so that 0.50 and 0.5 are the same plan."""
    return "" if value is None else f"{Decimal(value).normalize():f}"
