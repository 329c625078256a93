"""What a plan says before it is a row, and everything that is to be said about it against its protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from interlude.domain.instruments.data import Reason
from interlude.domain.protocol.indications import Complementary, TimingPreset
from interlude.domain.protocol.library import load_library
from interlude.domain.protocol.limits import Finding, plan_limits
from interlude.domain.protocol.schema import Protocol
from interlude.domain.refusals import N_, Refused


@dataclass(frozen=True)
class Element:
    """A therapy beside ketamine: codes of the protocol library, and how many sessions."""

    kind: str
    timing: str
    sessions: int


@dataclass(frozen=True)
class Plan:
    """The adapted values. `minutes` is None for an injection. `limit_reasons`: finding code -> reason."""

    dose_mg_per_kg: Decimal
    minutes: int | None
    planned_sessions: int
    gap_min_days: int
    gap_max_days: int
    elements: tuple[Element, ...] = ()
    reason: str = ""
    limit_reasons: Mapping[str, str] = field(default_factory=dict)


def starting_plan(protocol: Protocol, *, block: int = 1) -> Plan:
    """The protocol's own values, with the therapies that its indication starts with."""
    first = protocol.first_dose_mg_per_kg if block == 1 else None
    series = protocol.series
    planned = int(series.planned.value)
    return Plan(
        dose_mg_per_kg=(first or protocol.dose_mg_per_kg).default.value,
        minutes=int(protocol.minutes.default.value) if protocol.minutes else None,
        planned_sessions=planned,
        gap_min_days=int(series.gap_min_days.value),
        gap_max_days=int(series.gap_max_days.value),
        elements=tuple(
            Element(therapy.code, therapy.timing[0].code, default_sessions(therapy.timing[0], planned))
            for therapy in offered_therapies(protocol)
            if protocol.indication in therapy.default_for
        ),
    )


def offered_therapies(protocol: Protocol) -> list[Complementary]:
    """Therapies that may go with this protocol, in its own order."""
    library = load_library().complementary
    return [library[code] for code in protocol.complementary]


def therapy(kind: str) -> Complementary | None:
    return load_library().complementary.get(kind)


def timing_of(kind: str, code: str) -> TimingPreset | None:
    found = therapy(kind)
    return next((preset for preset in found.timing if preset.code == code), None) if found else None


def default_sessions(timing: TimingPreset, planned: int) -> int:
    """The published number of sessions, or one after each ketamine session where it follows them."""
    if timing.after_infusion_min_h is not None or timing.sessions_min is None:
        return planned
    return int(timing.sessions_min.value)


def check_values(protocol: Protocol, plan: Plan) -> None:
    """Raises `Refused` with its field for values that are no plan, and for therapies that do not exist."""
    exponent = plan.dose_mg_per_kg.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -3:
        raise Refused(N_("Use at most three decimals for the dose."), field="dose_mg_per_kg")
    if plan.planned_sessions < 1:
        raise Refused(N_("Plan at least one session."), field="planned_sessions")
    if plan.gap_min_days < 1:
        raise Refused(N_("There is at least one day between two sessions."), field="gap_min_days")
    if plan.gap_max_days < plan.gap_min_days:
        raise Refused(N_("The longest gap is shorter than the shortest."), field="gap_max_days")
    for element in plan.elements:
        _check_element(protocol, element)
    if protocol.needs_therapy and not plan.elements:
        raise Refused(N_("This protocol is only given together with a therapy. Choose at least one."), field="elements")


def _check_element(protocol: Protocol, element: Element) -> None:
    if element.kind not in protocol.complementary:
        raise Refused(N_("This therapy is not offered with this protocol."), field="elements")
    if timing_of(element.kind, element.timing) is None:
        raise Refused(N_("Choose when this therapy takes place."), field=f"timing_{element.kind}")
    if not 1 <= element.sessions <= 60:
        raise Refused(N_("Enter 1 to 60 sessions."), field=f"sessions_{element.kind}")


def findings(
    protocol: Protocol,
    plan: Plan,
    weight_kg: Decimal,
    *,
    bmi_kg_per_m2: Decimal | None = None,
    block: int = 1,
) -> list[Finding]:
    """Everything that lies outside the protocol, hard first. The field names are those of `Plan`."""
    minutes = None if plan.minutes is None else Decimal(plan.minutes)
    found = plan_limits(
        protocol,
        weight_kg,
        plan.dose_mg_per_kg,
        minutes,
        number=plan.planned_sessions,
        gap_min_days=plan.gap_min_days,
        gap_max_days=plan.gap_max_days,
        bmi_kg_per_m2=bmi_kg_per_m2,
        is_first=block == 1,
    )
    renamed = [
        Finding(f.code, f.severity, "planned_sessions" if f.field == "number" else f.field, f.reason, f.datum)
        for f in found
    ]
    return renamed + _element_findings(plan.elements)


def _element_findings(elements: Iterable[Element]) -> list[Finding]:
    """A number of therapy sessions that nobody published, said beside it. It needs no reason."""
    found = []
    for element in elements:
        timing = timing_of(element.kind, element.timing)
        low = timing.sessions_min if timing else None
        high = timing.sessions_max if timing else None
        params: dict[str, object] = {"sessions": element.sessions}
        name = f"sessions_{element.kind}"
        if low is not None and element.sessions < low.value:
            text = N_("{sessions} sessions are fewer than the {limit} that were studied or proposed.")
            found.append(Finding(f"{name}_below", "note", name, Reason(text, {**params, "limit": low.value}), low))
        if high is not None and element.sessions > high.value:
            text = N_("{sessions} sessions are more than the {limit} that were studied or proposed.")
            found.append(Finding(f"{name}_above", "note", name, Reason(text, {**params, "limit": high.value}), high))
    return found


def reason_field(code: str) -> str:
    """The name of the input that holds the reason for going beyond a soft limit."""
    return f"reason_{code}"


def check_findings(found: list[Finding], reasons: Mapping[str, str]) -> None:
    """Raises `Refused`: a hard limit always, a soft one while its reason is missing."""
    for finding in found:
        if finding.severity == "hard":
            raise Refused(finding.reason.template, field=finding.field, **finding.reason.params)
    for finding in found:
        if finding.severity == "soft" and not reasons.get(finding.code, "").strip():
            raise Refused(N_("Write why you go beyond this limit."), field=reason_field(finding.code))
