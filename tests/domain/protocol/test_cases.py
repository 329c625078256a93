"""The case tables of docs/reference/protocols.md: small enough for a physician to read and sign."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from interlude.domain.protocol import (
    Trial,
    check_interactions,
    discharge_result,
    earliest_discharge,
    evaluate,
    gate_is_open,
    gate_items,
    gate_result,
    may_use_rate,
    plan_limits,
    reading,
    treatment_resistance,
)
from tests.domain.protocol.helpers import (
    AT,
    DISCHARGE_FINE,
    GATE_FINE,
    LIBRARY,
    ON,
    TRD_IV,
    answers_of,
    facts_of,
)
from tests.domain.tables import cases

Row = dict[str, str]
PAGE = "protocols.md"


def table(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", cases(PAGE, name), ids=lambda row: " ".join(filter(None, row.values())))


@table("eligibility")
def test_eligibility(row: Row) -> None:
    rules = [rule for rule in LIBRARY.rule_set.rules if rule.code == row["rule"]]
    stage = "session" if row["stage"] == "session" else "plan"
    [result] = evaluate(rules, facts_of(row["facts"]), ON, catalogue=LIBRARY.catalogue, stage=stage)
    assert result.state == row["state"]
    assert str(result.reason)
    assert bool(result.missing) >= (result.state == "unknown")


def test_every_rule_has_a_case_for_clear_for_unknown_and_for_firing() -> None:
    seen: dict[str, set[str]] = {}
    for row in cases(PAGE, "eligibility"):
        seen.setdefault(row["rule"], set()).add(row["state"])
    assert list(seen) == [f"E{n:02}" for n in range(1, 25)]
    for rule, states in seen.items():
        assert {"clear", "unknown"} < states, rule


@table("resistance")
def test_resistance(row: Row) -> None:
    dose = {"adequate": True, "low": False, "unsure": None}
    trials = []
    for part in filter(None, (piece.strip() for piece in row["trials"].split(";"))):
        name, adequate, weeks, response = part.split()
        trials.append(Trial(name, dose[adequate], Decimal(weeks), response))  # type: ignore[arg-type]
    result = treatment_resistance(LIBRARY.rule_set.trials, trials)
    assert str(result.failed) == row["failed"]
    assert {True: "yes", False: "no", None: "unknown"}[result.is_resistant] == row["resistant"]


@table("interactions")
def test_interactions(row: Row) -> None:
    check = check_interactions(LIBRARY.interactions, [row["medicine"]])
    assert [result.interaction.code for result in check.results] == [row["found"]] * bool(row["found"])
    assert check.not_recognised == (() if row["found"] else (row["medicine"],))


@table("plan-limits")
def test_plan_limits(row: Row) -> None:
    findings = plan_limits(
        LIBRARY.protocol(row["protocol"]),
        Decimal(row["weight_kg"]),
        Decimal(row["dose_mg_per_kg"]),
        Decimal(row["minutes"]) if row["minutes"] else None,
        is_first=row["first"] == "yes",
    )
    assert ", ".join(f"{finding.severity} {finding.field}" for finding in findings) == row["findings"]
    assert all(str(finding.reason) and finding.datum for finding in findings)


@table("rates")
def test_rates(row: Row) -> None:
    allowed = may_use_rate(LIBRARY.protocol(row["protocol"]), Decimal(row["rate_mg_per_h"]), Decimal(row["weight_kg"]))
    assert allowed == (row["allowed"] == "yes")


@table("gate")
def test_gate(row: Row) -> None:
    results = gate_result(
        gate_items(TRD_IV), answers_of(GATE_FINE, row["change"]), [], at=AT, catalogue=LIBRARY.catalogue
    )
    if row["state"] == "open":
        assert gate_is_open(results), [r.code for r in results if r.state != "ok"]
    else:
        assert {r.code: r.state for r in results}[row["line"]] == row["state"]
        assert not gate_is_open(results)


@table("alarms")
def test_alarms(row: Row) -> None:
    value = Decimal(row["value"]) if row["value"] else None
    baseline = Decimal(row["baseline"]) if row["baseline"] else None
    seen = reading(TRD_IV, row["signal"], value, baseline=baseline)
    assert seen.level == row["level"]
    assert bool(seen.action) == (seen.level in ("advisory", "urgent"))


@table("discharge")
def test_discharge(row: Row) -> None:
    result = discharge_result(
        TRD_IV,
        answers_of(DISCHARGE_FINE, row["change"]),
        started_at=AT.replace(hour=6),
        ended_at=AT.replace(hour=6, minute=40),
        at=AT,
        catalogue=LIBRARY.catalogue,
        baseline_systolic_mmhg=Decimal(120),
    )
    assert result.may_discharge == (row["state"] == "met")
    if row["criterion"]:
        assert {item.code: item.state for item in result.items}[row["criterion"]] == row["state"]


@table("stay")
def test_minimum_stay(row: Row) -> None:
    def at(text: str) -> datetime:
        hour, minute = text.split(":")
        return AT.replace(hour=int(hour), minute=int(minute))

    assert earliest_discharge(TRD_IV, at(row["started"]), at(row["ended"])) == at(row["earliest"])
