"""How rules treat time, gaps in knowledge and each other."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlude.domain.protocol import Fact, check_fact, evaluate, overall
from interlude.domain.protocol.facts import FactDefinition, Value
from interlude.domain.refusals import Refused
from tests.domain.protocol.helpers import AT, GATE_FINE, LIBRARY, ON, TRD_IV, facts_of

RULES = LIBRARY.rule_set.rules
CATALOGUE = LIBRARY.catalogue


def state(code: str, facts: list[Fact], on: date = ON) -> str:
    [result] = evaluate([r for r in RULES if r.code == code], facts, on, catalogue=CATALOGUE)
    return result.state


def test_nothing_known_means_that_nothing_is_clear() -> None:
    for stage in ("plan", "session"):
        results = evaluate(RULES, [], ON, catalogue=CATALOGUE, stage=stage)  # type: ignore[arg-type]
        assert {result.state for result in results} == {"unknown"}
        assert all(result.missing for result in results)
    assert overall([]) == "unknown"


def test_the_row_shows_the_fact_its_age_and_its_source() -> None:
    [result] = evaluate(RULES[:1], facts_of("allergy_ketamine=yes@10"), ON, catalogue=CATALOGUE)
    [fact] = result.facts
    assert (fact.value, fact.age_days, fact.source, fact.state) == (True, 10, "consultation", "known")
    assert result.may_override == ()
    assert "allergy" in str(result.reason)


def test_the_reason_names_value_and_limit() -> None:
    facts = facts_of("systolic_bp_mmhg=165; diastolic_bp_mmhg=80")
    [result] = evaluate([r for r in RULES if r.code == "E03"], facts, ON, catalogue=CATALOGUE)
    assert str(result.reason) == "Systolic blood pressure is 165 mmHg; hold from 160 mmHg."
    assert result.may_override == ("physician",)
    assert {datum.value for datum in result.thresholds} == {160, 100, 140, 90}


def test_the_newest_fact_counts_and_the_future_does_not() -> None:
    assert state("E01", facts_of("allergy_ketamine=yes@5; allergy_ketamine=no@2")) == "clear"
    assert state("E01", facts_of("allergy_ketamine=no@5; allergy_ketamine=yes@2")) == "stops"
    tomorrow = Fact("allergy_ketamine", False, AT + timedelta(days=1))
    assert state("E01", [tomorrow]) == "unknown"


def test_the_day_of_a_fact_is_the_clinic_s_day() -> None:
    late = datetime(2026, 3, 11, 23, 30, tzinfo=UTC)  # already the 12th in Berlin
    facts = [Fact("systolic_bp_mmhg", 120, late), Fact("diastolic_bp_mmhg", 80, late)]
    rules = [r for r in RULES if r.code == "E03"]
    berlin = evaluate(rules, facts, ON, catalogue=CATALOGUE, stage="session", zone=ZoneInfo("Europe/Berlin"))
    assert berlin[0].state == "clear"
    assert evaluate(rules, facts, ON, catalogue=CATALOGUE, stage="session")[0].state == "unknown"


def test_a_value_of_the_wrong_kind_or_unit_is_not_known() -> None:
    assert state("E19", [Fact("age_years", "forty", AT)]) == "unknown"
    assert state("E19", [Fact("age_years", 400, AT)]) == "unknown"
    assert state("E03", [Fact("systolic_bp_mmhg", 12, AT, unit="kPa"), *facts_of("diastolic_bp_mmhg=80")]) == "unknown"


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (Fact("allergy_ketamine", "yes", AT), "does not fit the question"),
        (Fact("weight_kg", Decimal(400), AT), "400 is outside the possible range 20 to 350 kg"),
        (Fact("weight_kg", Decimal(154), AT, unit="lb"), "Give this value in kg, not in lb"),
        (Fact("cssrs_tier", "very high", AT), "does not fit"),
        (Fact("allergy_ketamine", True, AT + timedelta(minutes=1)), "in the future"),
        (Fact("myocardial_infarction_on", ON + timedelta(days=1), AT), "in the future"),
        (Fact("shoe_size", 42, AT), "no fact called shoe_size"),
    ],
)
def test_a_fact_that_cannot_be_is_refused_beside_its_field(fact: Fact, words: str) -> None:
    with pytest.raises(Refused, match=words) as refused:
        check_fact(CATALOGUE, fact, at=AT)
    assert refused.value.field == fact.code


def test_what_is_asked_anew_on_the_session_day_is_asked_at_the_gate() -> None:
    gate = {c.fact for item in LIBRARY.protocol("aud-iv").gate.items for c in item.checks}
    gate |= {item.unless.fact for item in TRD_IV.gate.items if item.unless}
    rules = [rule for rule in RULES if "session" in rule.stages]
    today = {code for rule in rules for code in rule.fact_codes("session")}
    today = {code for code in today if CATALOGUE.get(code).valid_session == "today"}
    assert today <= gate


def test_the_session_rules_are_clear_after_a_fine_gate_and_a_fine_consultation() -> None:
    facts = [Fact(code, value, AT) for code, value in GATE_FINE.items()]
    facts += facts_of(
        "allergy_ketamine=no@20; indication=trd@20; ketamine_misuse=no@20; "
        "substance_misuse_active=no@20; cystitis_ulcerative=no@20; cognitive_impairment=no@20"
    )
    results = evaluate(RULES, facts, ON, catalogue=CATALOGUE, stage="session")
    assert [r.code for r in results if r.state != "clear"] == []


def random_value(definition: FactDefinition, chance: random.Random) -> Value:
    if definition.kind == "yes_no":
        return chance.random() < 0.5
    if definition.kind == "choice":
        return chance.choice(definition.choices).code
    if definition.kind == "date":
        return ON - timedelta(days=chance.randint(0, 90))
    if definition.kind == "number":
        low, high = int(definition.minimum or 0), int(definition.maximum or 100)
        return Decimal(chance.randint(low, min(high, low + 300)))
    return "text"


@given(st.randoms(use_true_random=False))
def test_no_answer_still_to_come_can_turn_a_clear_rule(chance: random.Random) -> None:
    """Unknown is never clear: whatever the missing facts turn out to be, a clear rule stays clear."""
    for rule in RULES:
        if any(c.if_known for test in rule.tests for c in test.all):
            continue
        for stage in rule.stages:
            codes = rule.fact_codes(stage)
            full = [Fact(code, random_value(CATALOGUE.get(code), chance), AT) for code in codes]
            part = [fact for fact in full if chance.random() < 0.6]
            [known] = evaluate([rule], part, ON, catalogue=CATALOGUE, stage=stage)
            [final] = evaluate([rule], full, ON, catalogue=CATALOGUE, stage=stage)
            assert final.state != "unknown"
            if known.state == "clear":
                assert final.state == "clear"
            if known.state == "stops":
                assert final.state == "stops"
