"""The gate before a session and the way out after it: lists of checks on facts, each answered or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Literal

from interlude.domain.instruments.data import Datum, Reason
from interlude.domain.protocol.facts import Catalogue, Fact, KnownFact, Value, check_fact, known, newest
from interlude.domain.protocol.logic import all_of, compare
from interlude.domain.protocol.schema import CheckItem, Comparison, Protocol, Role
from interlude.domain.refusals import N_, Refused

CheckState = Literal["ok", "not_ok", "unanswered"]


@dataclass(frozen=True)
class CheckResult:
    """One line. `facts`: what it looked at. `missing`: codes still to be answered. `may_override`: who may go
    on after a no, with a reason; an unanswered line is answered, never overridden."""

    code: str
    label: str
    state: CheckState
    reason: Reason
    facts: tuple[KnownFact, ...]
    missing: tuple[str, ...]
    may_override: tuple[Role, ...]
    thresholds: tuple[Datum, ...]


@dataclass(frozen=True)
class DischargeResult:
    """`earliest_at`: end of the minimum stay. `may_shorten_stay`: roles who may sign an earlier leave."""

    items: tuple[CheckResult, ...]
    earliest_at: datetime
    stay_is_over: bool
    may_shorten_stay: tuple[Role, ...]

    @property
    def criteria_met(self) -> bool:
        return all(item.state == "ok" for item in self.items)

    @property
    def may_discharge(self) -> bool:
        return self.criteria_met and self.stay_is_over


def choose_fasting(
    protocol: Protocol, dose_mg_per_kg: Decimal, facts: Iterable[Fact], at: datetime, catalogue: Catalogue
) -> tuple[str, Reason]:
    """The fasting preset for this patient and dose. What is not known counts as a reason to be strict."""
    gate = protocol.gate
    if protocol.route == "im":
        return gate.strict_fasting, Reason(N_("Injection: the stricter fasting times apply."))
    if dose_mg_per_kg > gate.strict_above_mg_per_kg.value:
        reason = Reason(
            N_("Dose above {limit} mg/kg: the stricter fasting times apply."),
            {"limit": gate.strict_above_mg_per_kg.value},
        )
        return gate.strict_fasting, reason
    latest = newest(facts, at.date(), at.tzinfo or UTC)
    for condition in gate.strict_if:
        row = known(catalogue, latest, condition.fact, at.date(), "plan", at.tzinfo or UTC)
        truth = compare(condition, {condition.fact: row}, at.date())
        if truth is True:
            return gate.strict_fasting, Reason(N_("A risk of aspiration is charted: the stricter times apply."))
        if truth is None:
            return gate.strict_fasting, Reason(
                N_("Not every risk of aspiration is known yet: the stricter times apply.")
            )
    return gate.fasting_default, Reason(N_("No charted reason for the stricter times."))


def gate_items(protocol: Protocol, *, fasting: str | None = None) -> tuple[CheckItem, ...]:
    """The lines of the session-day gate for this route, with the fasting hours of the preset filled in.

    Raises `Refused` for a preset that the protocol does not have.
    """
    name = fasting or protocol.gate.fasting_default
    preset = next((p for p in protocol.gate.fasting if p.code == name), None)
    if preset is None:
        raise Refused(N_("There is no fasting rule called {code}."), field="fasting", code=name)
    hours = CheckItem(
        code="fasting",
        label=preset.text,
        checks=(
            Comparison(fact="hours_since_food", at_least=preset.food_h),
            Comparison(fact="hours_since_water", at_least=preset.water_h),
        ),
        override=("physician",),
        source=preset.food_h.source,
        certainty=preset.food_h.certainty,
    )
    items = [item for item in protocol.gate.items if protocol.route in item.routes]
    return tuple(hours if item.code == "fasting" else item for item in items)


def gate_result(
    items: Iterable[CheckItem],
    answers: Mapping[str, Value | None],
    facts: Iterable[Fact],
    *,
    at: datetime,
    catalogue: Catalogue,
) -> list[CheckResult]:
    """Each line ok, not ok or unanswered. `answers` (fact code -> value) were given just now and win over the
    chart's facts, which count as long as they are valid on a session day. `at` is aware, clinic time.

    Raises `Refused` (field: the code) for an answer of the wrong kind or out of range.
    """
    latest = newest(facts, at.date(), at.tzinfo or UTC)
    latest |= {fact.code: fact for fact in _answered(answers, at, catalogue)}
    return [_line(item, latest, at, catalogue) for item in items]


def gate_is_open(results: Iterable[CheckResult], overridden: Iterable[str] = ()) -> bool:
    """May the session start? `overridden`: codes of lines signed by somebody who may."""
    allowed = set(overridden)
    return all(
        row.state == "ok" or (row.state == "not_ok" and bool(row.may_override) and row.code in allowed)
        for row in results
    )


def earliest_discharge(protocol: Protocol, started_at: datetime, ended_at: datetime) -> datetime:
    """The later of end + minimum rest and start + minimum stay. For an injection both are the injection."""
    rules = protocol.discharge
    after_end = ended_at.astimezone(UTC) + timedelta(minutes=int(rules.min_after_end_min.value))
    after_start = started_at.astimezone(UTC) + timedelta(minutes=int(rules.min_after_start_min.value))
    return max(after_end, after_start).astimezone(started_at.tzinfo or UTC)


def discharge_result(
    protocol: Protocol,
    values: Mapping[str, Value | None],
    *,
    started_at: datetime,
    ended_at: datetime,
    at: datetime,
    catalogue: Catalogue,
    baseline_systolic_mmhg: Decimal | None = None,
) -> DischargeResult:
    """Discharge criteria on the values read now (fact code -> value; scores as `aldrete_total`, ...).

    The change of blood pressure from baseline is computed here; without a baseline it stays unanswered.
    """
    now = dict(values)
    systolic = now.get("systolic_bp_mmhg")
    if baseline_systolic_mmhg and isinstance(systolic, Decimal | int):
        change = abs(Decimal(systolic) - baseline_systolic_mmhg) * 100 / baseline_systolic_mmhg
        now["systolic_change_percent"] = change
    latest = {fact.code: fact for fact in _answered(now, at, catalogue)}
    items = [item for item in protocol.discharge.items if protocol.route in item.routes]
    earliest_at = earliest_discharge(protocol, started_at, ended_at)
    return DischargeResult(
        items=tuple(_line(item, latest, at, catalogue) for item in items),
        earliest_at=earliest_at,
        stay_is_over=at >= earliest_at,
        may_shorten_stay=protocol.discharge.shorten_by,
    )


def _answered(answers: Mapping[str, Value | None], at: datetime, catalogue: Catalogue) -> list[Fact]:
    given = [Fact(code, value, at) for code, value in answers.items() if value is not None and value != ""]
    for fact in given:
        check_fact(catalogue, fact, at=at)
    return given


def _line(item: CheckItem, latest: Mapping[str, Fact], at: datetime, catalogue: Catalogue) -> CheckResult:
    zone: tzinfo = at.tzinfo or UTC
    on = at.date()
    codes = list(dict.fromkeys(([item.unless.fact] if item.unless else []) + [c.fact for c in item.checks]))
    row = {code: known(catalogue, latest, code, on, "session", zone) for code in codes}
    excused = compare(item.unless, row, on) if item.unless else False
    outcome = all_of(item.checks, row, on, unknown_optional=True)
    missing = outcome.missing
    if excused is True or outcome.truth is True:
        state: CheckState = "ok"
        reason, missing = Reason(N_("Fine.")), ()
    elif outcome.truth is False and excused is False:
        state, reason, missing = "not_ok", Reason(N_("Not as it should be.")), ()
    else:
        state, reason = "unanswered", Reason(N_("Not answered yet."))
        missing = missing or ((item.unless.fact,) if item.unless else ())
    return CheckResult(
        code=item.code,
        label=item.label,
        state=state,
        reason=reason,
        facts=tuple(row.values()),
        missing=missing,
        may_override=item.override if state == "not_ok" else (),
        thresholds=tuple(c.threshold for c in item.checks if c.threshold is not None),
    )
