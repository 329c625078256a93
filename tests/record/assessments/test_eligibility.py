from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from interlude.domain.protocol.library import load_library
from interlude.domain.refusals import Refused
from interlude.record.accounts.models import Signature, StaffMember
from interlude.record.assessments import queries, services
from interlude.record.assessments.models import EligibilityDecision
from interlude.record.audit.models import AuditEntry
from interlude.record.clinic.queries import local_day
from interlude.record.patients.models import Patient
from interlude.record.worklist.models import Task
from tests.conftest import PASSWORD
from tests.record.assessments.conftest import harmless_answers

pytestmark = pytest.mark.django_db
Answer = Callable[..., None]


def row_of(patient: Patient, now: datetime, code: str) -> Any:
    return next(row for row in queries.eligibility_rows(patient, local_day(now)) if row.code == code)


def decide(patient: Patient, by: StaffMember, now: datetime, **more: Any) -> EligibilityDecision:
    seen = queries.eligibility_picture(patient, local_day(now)).sha256
    values = {"outcome": "eligible", "password": PASSWORD, "seen_inputs_sha256": seen, **more}
    return services.decide_eligibility(by=by, at=now, patient=patient, **values)


def test_without_facts_only_the_age_rules_are_clear(noor: Patient, now: datetime) -> None:
    picture = queries.eligibility_picture(noor, local_day(now))
    assert {row.code for row in picture.results if row.state == "clear"} == {"E19", "E20"}
    assert picture.overall == "unknown"
    assert picture.medicines.state == "unknown"


def test_with_every_harmless_answer_all_is_clear(everything_clear: None, noor: Patient, now: datetime) -> None:
    picture = queries.eligibility_picture(noor, local_day(now))
    assert [row.code for row in picture.results if row.state != "clear"] == []
    assert picture.overall == "clear"


@pytest.mark.parametrize("code", sorted(harmless_answers()))
def test_an_answer_that_becomes_not_known_never_leaves_its_rule_clear(
    everything_clear: None, answer: Answer, noor: Patient, now: datetime, code: str
) -> None:
    before = {row.code: row for row in queries.eligibility_rows(noor, local_day(now))}
    answer(**{code: None})
    for row in queries.eligibility_rows(noor, local_day(now)):
        if code in row.missing:
            assert row.state != "clear"
        else:
            assert row.state == before[row.code].state


# A physician can sign this table: the answer, how old it is in days, and the row it leads to.
ROWS = """
    fact                       | value | days | rule | state
    allergy_ketamine           | yes   | 0    | E01  | stops
    allergy_ketamine           | yes   | 900  | E01  | stops
    allergy_ketamine           | no    | 900  | E01  | unknown
    systolic_bp_mmhg           | 140   | 0    | E03  | clear
    systolic_bp_mmhg           | 141   | 0    | E03  | review
    systolic_bp_mmhg           | 160   | 0    | E03  | stops
    diastolic_bp_mmhg          | 100   | 0    | E03  | stops
    systolic_bp_mmhg           | 120   | 31   | E03  | unknown
    schizophrenia_history      | yes   | 0    | E05  | review
    psychosis_active           | yes   | 0    | E05  | stops
    spo2_percent               | 93    | 0    | E15  | review
    capacity_to_consent        | no    | 0    | E14  | stops
    liver_impairment           | severe| 0    | E10  | stops
    liver_impairment           | moderate | 0 | E10  | review
    cssrs_tier                 | high  | 0    | E21  | review
    cssrs_tier                 | none  | 31   | E21  | unknown
    weight_kg                  | 44    | 0    | E22  | clear
"""


def table(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]


@pytest.mark.parametrize("row", table(ROWS), ids="-".join)
def test_the_rows_follow_the_facts(answer: Answer, noor: Patient, now: datetime, row: list[str]) -> None:
    fact, text, days, rule, state = row
    answers = harmless_answers()
    value = answers.pop(fact)
    kinds: dict[str, Any] = {"yes": True, "no": False}
    value = kinds.get(text, Decimal(text) if isinstance(value, Decimal) else text)
    answer(**answers)
    answer(days_ago=int(days), **{fact: value})
    assert row_of(noor, now, rule).state == state


def test_weight_and_height_give_the_body_mass_index_of_the_anorexia_rule(
    answer: Answer, noor: Patient, now: datetime
) -> None:
    answer(**{**harmless_answers(), "anorexia_nervosa": True, "weight_kg": Decimal(44)})
    answer(potassium_mmol_per_l=Decimal("4.1"), qtc_ms=Decimal(410))
    row = row_of(noor, now, "E22")
    assert row.state == "stops"
    assert "14.9" in str(row.reason)


@pytest.mark.parametrize(("failed", "state"), [(0, "unknown"), (1, "review"), (2, "clear")])
def test_treatment_resistance_needs_two_adequate_trials(
    answer: Answer, noor: Patient, lena: StaffMember, now: datetime, failed: int, state: str
) -> None:
    answer(**{**harmless_answers(), "indication": "trd"})
    for number in range(failed):
        services.record_trial(
            by=lena,
            at=now,
            patient=noor,
            medicine=f"Medicine {number}",
            dose_was_adequate=True,
            weeks=Decimal(8),
            response="none",
        )
    assert row_of(noor, now, "E24").state == state


@pytest.mark.parametrize(
    ("medicine", "state"),
    [
        (None, "clear"),
        ("Sertraline 100 mg", "clear"),
        ("Lorazepam 1 mg", "review"),
        ("Something new", "review"),
    ],
)
def test_medicines_are_checked_and_an_unrecognised_one_is_never_clear(
    noor: Patient, lena: StaffMember, now: datetime, medicine: str | None, state: str
) -> None:
    if medicine:
        services.state_medicine(by=lena, at=now, patient=noor, name=medicine)
    services.review_medicines(by=lena, at=now, patient=noor, takes_none=not medicine)
    assert queries.eligibility_picture(noor, local_day(now)).medicines.state == state


def test_a_review_of_the_medicines_runs_out(noor: Patient, lena: StaffMember, now: datetime) -> None:
    services.review_medicines(by=lena, at=now, patient=noor, takes_none=True)
    later = local_day(now + timedelta(days=91))
    assert queries.eligibility_picture(noor, later).medicines.state == "unknown"


def test_a_decision_freezes_what_was_seen_and_ends_the_task(
    everything_clear: None, noor: Patient, lena: StaffMember, now: datetime
) -> None:
    services.save_consultation(by=lena, at=now, patient=noor, part="medical", content={"text": "Nothing"})
    decision = decide(noor, lena, now)
    assert queries.is_eligible(noor)
    assert decision.signature.staff == lena
    assert Task.objects.get(kind="assessments.eligibility").state == "done"
    stored = EligibilityDecision.objects.get()
    weight = next(fact for fact in stored.inputs["facts"] if fact["code"] == "weight_kg")
    assert weight["value"] == "70.5"
    rules = [rule for rule in load_library().rule_set.rules if "plan" in rule.stages]
    assert len(stored.rows) == len(rules) + 1  # and the medicines
    assert AuditEntry.objects.filter(what="assessments.eligibility.decided").count() == 1


def refused_decision(patient: Patient, by: StaffMember, now: datetime, **more: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        decide(patient, by, now, **more)
    assert not EligibilityDecision.objects.exists()
    assert not Signature.objects.exists()
    return refused.value


def test_a_page_older_than_the_record_signs_nothing(
    everything_clear: None, answer: Answer, noor: Patient, lena: StaffMember, now: datetime
) -> None:
    seen = queries.eligibility_picture(noor, local_day(now)).sha256
    answer(systolic_bp_mmhg=Decimal(125))
    refused = refused_decision(noor, lena, now, seen_inputs_sha256=seen)
    assert "changed since" in str(refused)


def test_a_page_of_yesterday_signs_nothing(
    everything_clear: None, noor: Patient, lena: StaffMember, now: datetime
) -> None:
    seen = queries.eligibility_picture(noor, local_day(now)).sha256
    refused_decision(noor, lena, now + timedelta(days=1), seen_inputs_sha256=seen)


@pytest.mark.parametrize(
    ("changes", "values", "field"),
    [
        ({"pregnant": None, "can_become_pregnant": True}, {}, "outcome"),
        ({"allergy_ketamine": True}, {"overrides": {"E01": "I know better"}}, "outcome"),
        ({"schizophrenia_history": True}, {}, "override_E05"),
        ({"schizophrenia_history": True}, {"overrides": {"E05": "  "}}, "override_E05"),
        ({}, {"outcome": "not_eligible"}, "reason"),
        ({}, {"outcome": "perhaps"}, "outcome"),
        ({}, {"password": "wrong"}, "password"),
    ],
)
def test_what_may_not_be_signed(
    everything_clear: None,
    answer: Answer,
    noor: Patient,
    lena: StaffMember,
    now: datetime,
    changes: dict[str, Any],
    values: dict[str, Any],
    field: str,
) -> None:
    if changes:
        answer(**changes)
    assert refused_decision(noor, lena, now, **values).field == field


def test_only_a_physician_decides(everything_clear: None, noor: Patient, amal: StaffMember, now: datetime) -> None:
    assert "physician" in str(refused_decision(noor, amal, now))


def test_a_physician_goes_past_a_row_with_a_reason_and_a_needless_reason_is_not_kept(
    everything_clear: None, answer: Answer, noor: Patient, lena: StaffMember, now: datetime
) -> None:
    answer(systolic_bp_mmhg=Decimal(165))
    overrides = {"E03": "White coat; 128/80 at home over two weeks", "E18": "not needed"}
    decision = decide(noor, lena, now, overrides=overrides)
    assert decision.overrides == {"E03": overrides["E03"]}
    entry = AuditEntry.objects.get(what="assessments.eligibility.decided")
    assert entry.detail["overrides"] == ["E03"]


def test_an_interaction_needs_a_word_of_the_physician(
    everything_clear: None, noor: Patient, lena: StaffMember, now: datetime
) -> None:
    services.state_medicine(by=lena, at=now, patient=noor, name="Lorazepam")
    assert refused_decision(noor, lena, now).field == "override_medicines"
    assert decide(noor, lena, now, overrides={"medicines": "Not on the evening before"}).overrides


def test_not_eligible_needs_no_complete_facts_but_a_reason(noor: Patient, lena: StaffMember, now: datetime) -> None:
    decision = decide(noor, lena, now, outcome="not_eligible", reason="Wishes another treatment")
    assert decision.reason == "Wishes another treatment"
    assert not queries.is_eligible(noor)


def test_what_got_worse_since_the_decision_is_named(
    everything_clear: None, answer: Answer, noor: Patient, lena: StaffMember, now: datetime
) -> None:
    decision = decide(noor, lena, now)
    answer(psychosis_active=True)
    picture = queries.eligibility_picture(noor, local_day(now))
    assert [row.code for row in queries.new_since(decision, picture)] == ["E05"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_picture_costs_the_same_whatever_it_holds(
    noor: Patient, lena: StaffMember, now: datetime, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        services.state_medicine(by=lena, at=now, patient=noor, name=f"Medicine {number}")
        services.record_trial(by=lena, at=now, patient=noor, medicine=f"Medicine {number}")
        services.record_fact(by=lena, at=now, patient=noor, code="porphyria", value=False, observed_at=now)
    today = local_day(now)
    queries.eligibility_picture(noor, today)
    with django_assert_num_queries(5):
        queries.eligibility_picture(noor, today)
