"""Eligibility rules on dated facts. No result is typed by hand: change the fact and the row changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from typing import Literal

from interlude.domain.instruments.data import Datum, Model, Reason
from interlude.domain.protocol.facts import Catalogue, Fact, KnownFact, Stage, known, newest
from interlude.domain.protocol.logic import all_of
from interlude.domain.protocol.schema import Comparison, Role
from interlude.domain.refusals import N_

Level = Literal["absolute", "block", "relative_block", "hold", "redirect", "relative", "diagnosis", "caution"]
State = Literal["clear", "review", "unknown", "stops"]

STATES: tuple[State, ...] = ("clear", "review", "unknown", "stops")
"""Least to most serious. An open answer outranks a review, because it may still turn out to stop."""

LEVELS: dict[Level, tuple[State, tuple[Role, ...]]] = {
    "absolute": ("stops", ()),
    "block": ("stops", ()),
    "relative_block": ("stops", ("physician",)),
    "hold": ("stops", ("physician",)),
    "redirect": ("stops", ("physician",)),
    "relative": ("review", ("physician",)),
    "diagnosis": ("review", ("physician",)),
    "caution": ("review", ("physician",)),
}
"""Level of a rule -> its state when it fires, and who may go on with a reason (empty: nobody)."""


class RuleTest(Model):
    """Fires when all comparisons are true. `reason` is an English template; gaps are fact codes and `limit`."""

    level: Level
    all: tuple[Comparison, ...]
    reason: str
    stages: tuple[Stage, ...] = ("plan", "session")


class Rule(Model):
    """One eligibility rule. `stages`: at planning, on the session day, or both."""

    code: str
    title: str
    stages: tuple[Stage, ...]
    action: str
    clear: str
    tests: tuple[RuleTest, ...]
    source: str
    certainty: Literal["V", "C", "R+", "R", "P"]
    note: str = ""

    def tests_at(self, stage: Stage) -> tuple[RuleTest, ...]:
        return tuple(test for test in self.tests if stage in test.stages)

    def fact_codes(self, stage: Stage) -> tuple[str, ...]:
        """Every fact that the rule looks at in that stage, in order."""
        return tuple(dict.fromkeys(c.fact for test in self.tests_at(stage) for c in test.all))


@dataclass(frozen=True)
class RuleResult:
    """One row of the eligibility page.

    `facts`: every fact the rule looks at, with age and source. `missing`: codes that have to be answered.
    `thresholds`: the numbers behind the row (for the source link and the approval check).
    """

    code: str
    title: str
    state: State
    level: Level | None
    reason: Reason
    action: str
    facts: tuple[KnownFact, ...]
    missing: tuple[str, ...]
    may_override: tuple[Role, ...]
    thresholds: tuple[Datum, ...]
    source: str
    certainty: str


def evaluate(
    rules: Sequence[Rule],
    facts: Iterable[Fact],
    on: date,
    *,
    catalogue: Catalogue,
    stage: Stage = "plan",
    zone: tzinfo = UTC,
) -> list[RuleResult]:
    """Every rule of that stage on that local day, in file order. Facts after `on` are left out.

    A missing fact, or one older than its validity, leaves the rule `unknown`; only facts make a rule clear.
    """
    latest = newest(facts, on, zone)
    results = []
    for rule in rules:
        if stage in rule.stages:
            row = {code: known(catalogue, latest, code, on, stage, zone) for code in rule.fact_codes(stage)}
            results.append(_result(rule, rule.tests_at(stage), row, on))
    return results


def overall(results: Iterable[RuleResult]) -> State:
    """The most serious state; `clear` only if every row is clear."""
    return max((result.state for result in results), key=STATES.index, default="unknown")


def _result(rule: Rule, tests: Sequence[RuleTest], row: dict[str, KnownFact], on: date) -> RuleResult:
    fired: list[RuleTest] = []
    missing: list[str] = []
    for test in tests:
        outcome = all_of(test.all, row, on, unknown_optional=False)
        if outcome.truth is True:
            fired.append(test)
        missing += outcome.missing[:1]  # the question that decides whether the next one matters
    missing = list(dict.fromkeys(missing))
    worst = max(fired, key=lambda test: STATES.index(LEVELS[test.level][0]), default=None)
    stops = worst is not None and LEVELS[worst.level][0] == "stops"
    state: State = "clear"
    level: Level | None = None
    reason = Reason(rule.clear)
    override: tuple[Role, ...] = ()
    if missing and not stops:
        state, reason = "unknown", _unknown_reason(row, missing)
    elif worst is not None:
        state, override = LEVELS[worst.level]
        level, reason = worst.level, _fired_reason(worst, row)
    return RuleResult(
        code=rule.code,
        title=rule.title,
        state=state,
        level=level,
        reason=reason,
        action=rule.action,
        facts=tuple(row.values()),
        missing=tuple(missing),
        may_override=override,
        thresholds=tuple(c.threshold for t in tests for c in t.all if c.threshold is not None),
        source=rule.source,
        certainty=rule.certainty,
    )


def _fired_reason(test: RuleTest, row: dict[str, KnownFact]) -> Reason:
    params: dict[str, object] = {c.fact: row[c.fact].value for c in test.all}
    limits = [c.threshold for c in test.all if c.threshold is not None]
    if limits:
        params["limit"] = limits[0].value
    return Reason(test.reason, params)


def _unknown_reason(row: dict[str, KnownFact], missing: Sequence[str]) -> Reason:
    stale = [row[code] for code in missing if row[code].state == "out_of_date"]
    if len(missing) == 1 and stale:
        return Reason(N_("The answer is {age_days} days old: ask or measure again."), {"age_days": stale[0].age_days})
    if len(missing) == 1:
        return Reason(N_("Not answered yet."))
    return Reason(N_("{count} answers are missing or too old."), {"count": len(missing)})
