"""Who may do what when, as tables that a physician can sign. Every verb, every phase, every role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from interlude.domain.protocol import PHASES, load_library
from interlude.domain.refusals import Refused
from interlude.record.dosing import rules
from interlude.record.dosing.rules.after import DischargeFacts
from interlude.record.dosing.rules.before import CheckInFacts, StartFacts
from interlude.record.dosing.rules.running import RateFacts

PROTOCOL = load_library().protocol("trd-iv")
NOW = datetime(2026, 3, 12, 9, tzinfo=UTC)
ROLES = ("physician", "nurse", "therapist", "front_desk", "pharmacy", "researcher", "administrator")

# P physician, N nurse, T therapist, F front desk; "-" nobody. Rows are phases, columns verbs of an infusion.
TABLE = """
    phase               | cancel | pause | resume | change_rate | stop | complete | rest | transfer | end_early
    checked_in          | PNF    | -     | -      | -           | -    | -        | -    | -        | -
    ready               | PNF    | -     | -      | -           | -    | -        | -    | -        | -
    infusing            | -      | PNT   | -      | PN          | PNT  | PNT      | -    | -        | -
    paused              | -      | -     | PN     | -           | PNT  | -        | -    | -        | -
    stopped             | -      | -     | -      | -           | -    | -        | PNT  | PN       | PN
    resting             | -      | -     | -      | -           | -    | -        | -    | PN       | PN
    ready_for_discharge | -      | -     | -      | -           | -    | -        | -    | PN       | -
    discharged          | -      | -     | -      | -           | -    | -        | -    | -        | -
    cancelled           | -      | -     | -      | -           | -    | -        | -    | -        | -
    transferred         | -      | -     | -      | -           | -    | -        | -    | -        | -
    left_early          | -      | -     | -      | -           | -    | -        | -    | -        | -
    injected            | -      | -     | -      | -           | -    | -        | -    | -        | -
"""
LETTERS = {"physician": "P", "nurse": "N", "therapist": "T", "front_desk": "F"}


def table() -> list[tuple[str, str, str]]:
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
    return [(row[0], verb, row[n]) for row in rows for n, verb in enumerate(head) if n]


def rate(role: str, phase: Any, **other: Any) -> RateFacts:
    facts = RateFacts(
        role=role,
        phase=phase,
        route="iv",
        protocol=PROTOCOL,
        weight_kg=Decimal(70),
        rate_mg_per_h=Decimal(40),
        given_ug=10_000,
        dose_ug=35_000,
        paused_min=Decimal(5),
        reason="nausea",
    )
    return replace(facts, **other)


ASK: dict[str, Callable[[str, Any], bool]] = {
    "cancel": lambda role, phase: rules.may_cancel(phase, "iv", role),
    "pause": lambda role, phase: rules.may_pause(phase, "iv", role),
    "resume": lambda role, phase: rules.may_resume(rate(role, phase)),
    "change_rate": lambda role, phase: rules.may_change_rate(rate(role, phase)),
    "stop": lambda role, phase: rules.may_stop(phase, "iv", role),
    "complete": lambda role, phase: rules.may_complete(phase, "iv", role),
    "rest": lambda role, phase: rules.may_rest(phase, "iv", role),
    "transfer": lambda role, phase: rules.may_transfer(phase, "iv", role),
    "end_early": lambda role, phase: rules.may_end_early(phase, "iv", role, "was told and leaves"),
}


def test_the_table_names_every_phase_and_every_verb() -> None:
    assert {phase for phase, _verb, _who in table()} == {info.phase for info in PHASES}
    assert {verb for _phase, verb, _who in table()} == set(ASK)


@pytest.mark.parametrize(("phase", "verb", "who"), table())
def test_who_may_do_what_in_which_phase(phase: str, verb: str, who: str) -> None:
    allowed = {role for role in ROLES if ASK[verb](role, phase)}
    assert allowed == {role for role, letter in LETTERS.items() if letter in who}


RATES = """
    rate   | given mg | paused min | role      | change | resume
    52.5   | 10       | 5          | nurse     | yes    | yes
    0      | 10       | 5          | physician | no     | no
    -1     | 10       | 5          | physician | no     | no
    NaN    | 10       | 5          | physician | no     | no
    52.5   | 35       | 5          | physician | no     | no
    52.5   | 10       | 15         | nurse     | yes    | yes
    52.5   | 10       | 15.01      | nurse     | yes    | no
    52.5   | 10       | 15.01      | physician | yes    | yes
    max    | 10       | 5          | nurse     | yes    | yes
    over   | 10       | 5          | nurse     | no     | no
    over   | 10       | 5          | physician | no     | no
"""


@pytest.mark.parametrize("line", RATES.strip().splitlines()[1:], ids=lambda line: " ".join(line.split()))
def test_rates(line: str) -> None:
    value, given, paused, role, change, resume = (cell.strip() for cell in line.split("|"))
    assert PROTOCOL.rate is not None
    limit = PROTOCOL.rate.max_mg_per_kg_per_h.value * 70
    number = {"max": limit, "over": limit + Decimal("0.001")}.get(value) or Decimal(value)
    other = {"rate_mg_per_h": number, "given_ug": int(given) * 1000, "paused_min": Decimal(paused)}
    assert rules.may_change_rate(rate(role, "infusing", **other)) == (change == "yes")
    assert rules.may_resume(rate(role, "paused", **other)) == (resume == "yes")


def test_a_rate_change_without_a_reason_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        rules.check_may_change_rate(rate("nurse", "infusing", reason=" "))
    assert refused.value.field == "reason"


CHECK_IN = CheckInFacts(
    role="front_desk",
    is_session_appointment=True,
    appointment_is_live=True,
    appointment_day=date(2026, 3, 12),
    today=date(2026, 3, 12),
    course_is_open=True,
    chair_is_active=True,
    chair_name="Chair 1",
    chair_is_taken=False,
    patient_is_in_a_session=False,
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "therapist"},
        {"role": "pharmacy"},
        {"is_session_appointment": False},
        {"appointment_is_live": False},
        {"appointment_day": date(2026, 3, 13)},
        {"course_is_open": False},
        {"chair_is_active": False},
        {"chair_is_taken": True},
        {"patient_is_in_a_session": True},
    ],
)
def test_each_fact_that_is_wrong_prevents_the_check_in(wrong: dict[str, Any]) -> None:
    assert rules.may_check_in(CHECK_IN)
    assert not rules.may_check_in(replace(CHECK_IN, **wrong))


START = StartFacts(
    role="nurse",
    phase="ready",
    route="iv",
    protocol=PROTOCOL,
    is_approved=True,
    rules_approved=True,
    course_is_open=True,
    gate_open=True,
    gate_missing=(),
    dose_ug=35_000,
    weight_kg=Decimal(70),
    lot_is_expired=False,
    lot_balance_ug=35_000,
    lot_form="racemic",
    lot_number="L1",
    ordered_form="racemic",
    rate_mg_per_h=Decimal("52.5"),
    psychosis=False,
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"psychosis": None},
        {"psychosis": True},
        {"role": "therapist"},
        {"phase": "infusing"},
        {"phase": "stopped"},
        {"phase": "discharged"},
        {"is_approved": False},
        {"rules_approved": False},
        {"course_is_open": False},
        {"gate_open": False},
        {"dose_ug": None},
        {"weight_kg": None},
        {"lot_is_expired": True},
        {"lot_balance_ug": 34_999},
        {"lot_form": "esketamine"},
        {"rate_mg_per_h": Decimal(0)},
        {"rate_mg_per_h": None},
        {"rate_mg_per_h": Decimal(500)},
    ],
)
def test_each_fact_that_is_wrong_prevents_the_start(wrong: dict[str, Any]) -> None:
    assert rules.may_start(START)
    assert not rules.may_start(replace(START, **wrong))


@pytest.mark.parametrize(
    ("phase", "role", "weight", "approved", "may"),
    [
        ("checked_in", "physician", Decimal(70), True, True),
        ("ready", "physician", Decimal(70), True, True),
        ("ready", "nurse", Decimal(70), True, False),
        ("infusing", "physician", Decimal(70), True, False),
        ("ready", "physician", None, True, False),
        ("ready", "physician", Decimal(70), False, False),
    ],
)
def test_who_signs_the_order(phase: Any, role: str, weight: Decimal | None, approved: bool, may: bool) -> None:
    assert rules.may_order(phase, role, weight, approved) == may


DISCHARGE = DischargeFacts(
    role="nurse",
    phase="ready_for_discharge",
    route="iv",
    unmet=(),
    stay_is_over=True,
    earliest_at=NOW,
    may_shorten_stay=("physician",),
    shorten_reason="",
    driver_name="Tom Doe",
    driver_phone="030 5550101",
    identity_checked=True,
    instructions_given=True,
)


@pytest.mark.parametrize(
    ("changed", "may"),
    [
        ({}, True),
        ({"phase": "resting"}, True),
        ({"role": "therapist"}, False),
        ({"phase": "infusing"}, False),
        ({"phase": "stopped"}, False),
        ({"phase": "discharged"}, False),
        ({"unmet": ("Driver is here",)}, False),
        ({"unmet": ("Driver is here",), "role": "physician"}, False),
        ({"stay_is_over": False}, False),
        ({"stay_is_over": False, "shorten_reason": "awake"}, False),
        ({"stay_is_over": False, "role": "physician"}, False),
        ({"stay_is_over": False, "role": "physician", "shorten_reason": "awake"}, True),
        ({"driver_name": ""}, False),
        ({"driver_phone": ""}, False),
        ({"identity_checked": False}, False),
        ({"instructions_given": False}, False),
    ],
)
def test_who_may_go_home(changed: dict[str, Any], may: bool) -> None:
    assert rules.may_discharge(replace(DISCHARGE, **changed)) == may


@pytest.mark.parametrize(
    ("role", "newest", "confirmed", "may"),
    [
        ("nurse", True, False, True),
        ("physician", True, False, True),
        ("therapist", True, False, False),
        ("nurse", False, False, False),
        ("nurse", True, True, False),
    ],
)
def test_who_confirms_the_pump(role: str, newest: bool, confirmed: bool, may: bool) -> None:
    assert rules.may_confirm_pump(role, newest, confirmed) == may


@pytest.mark.parametrize("phase", [info.phase for info in PHASES])
def test_charting_is_possible_until_the_end_for_those_who_care(phase: Any) -> None:
    final = next(info.is_final for info in PHASES if info.phase == phase)
    for role in ROLES:
        may = rules.may_chart(phase, role, NOW, NOW, NOW)
        assert may == (not final and role in ("physician", "nurse", "therapist"))
        assert rules.may_log(phase, role, NOW, NOW, NOW) == may


@pytest.mark.parametrize("phase", [info.phase for info in PHASES])
def test_the_gate_is_answered_before_the_dose_only(phase: Any) -> None:
    for role in ROLES:
        may = phase in ("checked_in", "ready") and role in ("physician", "nurse")
        assert rules.may_answer_gate(phase, role) == may
