from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import queries, services
from interlude.record.assessments.models import Fact
from interlude.record.audit.models import AuditEntry
from interlude.record.patients.models import Patient

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("code", "value", "unit", "words"),
    [
        ("weight_kg", Decimal(7), "", "outside the possible range"),
        ("weight_kg", Decimal(155), "lb", "in kg, not in lb"),
        ("weight_kg", True, "", "does not fit"),
        ("pregnant", "no", "", "does not fit"),
        ("liver_impairment", "a bit", "", "does not fit"),
        ("myocardial_infarction_on", date(2026, 3, 13), "", "in the future"),
        ("age_years", 40, "", "computed"),
        ("no_such_fact", True, "", "no fact called"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_beside_its_question(
    noor: Patient, amal: StaffMember, now: datetime, code: str, value: Any, unit: str, words: str
) -> None:
    with pytest.raises(Refused, match=words) as refused:
        services.record_fact(by=amal, at=now, patient=noor, code=code, value=value, observed_at=now, unit=unit)
    assert refused.value.field == code
    assert not Fact.objects.exists()


def test_an_observation_in_the_future_is_refused(noor: Patient, amal: StaffMember, now: datetime) -> None:
    for value in (Decimal(70), None):
        with pytest.raises(Refused, match="future"):
            services.record_fact(
                by=amal, at=now, patient=noor, code="weight_kg", value=value, observed_at=now + timedelta(1)
            )


def test_of_several_answers_one_wrong_keeps_all_out(noor: Patient, amal: StaffMember, now: datetime) -> None:
    with pytest.raises(Refused):
        services.record_facts(
            by=amal,
            at=now,
            patient=noor,
            values={"systolic_bp_mmhg": Decimal(120), "diastolic_bp_mmhg": Decimal(2)},
            observed_at=now,
        )
    assert not Fact.objects.exists()
    assert not AuditEntry.objects.filter(what__startswith="assessments.").exists()


def test_facts_of_one_time_are_one_audit_entry_without_their_values(
    noor: Patient, amal: StaffMember, now: datetime
) -> None:
    services.record_facts(
        by=amal,
        at=now,
        patient=noor,
        values={"weight_kg": Decimal("70.5"), "pregnant": False},
        observed_at=now,
    )
    entry = AuditEntry.objects.get(what="assessments.facts.recorded")
    assert entry.detail == {"codes": ["pregnant", "weight_kg"], "source": "chart"}
    assert (entry.patient_id, entry.actor_id) == (noor.pk, str(amal.pk))


@pytest.mark.parametrize("kind", ["number", "bool", "date", "choice"])
def test_a_value_comes_back_exactly(answer: Callable[..., None], noor: Patient, kind: str) -> None:
    code, value = {
        "number": ("weight_kg", Decimal("70.50")),
        "bool": ("pregnant", False),
        "date": ("myocardial_infarction_on", date(2025, 1, 31)),
        "choice": ("liver_impairment", "mild"),
    }[kind]
    answer(**{code: value})
    stored = queries.facts_of(noor)[code].value
    assert stored == value
    assert type(stored) is type(value)


def test_the_newest_observation_holds_not_the_last_entry(
    answer: Callable[..., None], noor: Patient, now: datetime
) -> None:
    answer(weight_kg=Decimal(70))
    answer(days_ago=10, weight_kg=Decimal(72))
    assert queries.latest_weight(noor) == (Decimal(70), now)


def test_of_two_answers_of_one_instant_the_later_entry_holds(answer: Callable[..., None], noor: Patient) -> None:
    answer(weight_kg=Decimal(172))
    answer(weight_kg=Decimal(72))
    assert queries.facts_of(noor)["weight_kg"].value == Decimal(72)


def test_not_known_takes_the_place_of_an_older_answer(answer: Callable[..., None], noor: Patient) -> None:
    answer(days_ago=3, pregnant=False)
    answer(pregnant=None)
    assert "pregnant" not in queries.facts_of(noor)


def test_an_entry_made_in_error_is_withdrawn_and_the_one_before_holds_again(
    answer: Callable[..., None], noor: Patient, amal: StaffMember, now: datetime
) -> None:
    answer(days_ago=2, weight_kg=Decimal(72))
    answer(weight_kg=Decimal(172))
    wrong = queries.fact_rows(noor)["weight_kg"]
    services.withdraw_fact(by=amal, at=now, fact=wrong)
    assert queries.facts_of(noor)["weight_kg"].value == Decimal(72)
    assert AuditEntry.objects.filter(what="assessments.fact.withdrawn").count() == 1
    with pytest.raises(Refused, match="already"):
        services.withdraw_fact(by=amal, at=now, fact=wrong)
    assert queries.history_of_fact(noor, "weight_kg").count() == 2


def test_a_fact_cannot_be_changed_behind_the_services(answer: Callable[..., None]) -> None:
    answer(pregnant=False)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Fact.objects.update(code="weight_kg")


def test_a_value_is_unreadable_in_the_database(answer: Callable[..., None]) -> None:
    answer(liver_impairment="severe")
    stored = Fact.objects.values_list("value", flat=True).get()
    assert b"severe" not in bytes(stored)


@pytest.mark.parametrize("count", [1, 3])
def test_reading_the_facts_is_one_query_however_many_there_are(
    answer: Callable[..., None], noor: Patient, count: int, django_assert_num_queries: Any
) -> None:
    codes = ["pregnant", "porphyria", "mania_current"][:count]
    answer(**dict.fromkeys(codes, False))
    queries.facts_of(noor)  # the patient's key is in memory from here on
    with django_assert_num_queries(1):
        assert len(queries.facts_of(noor)) == count
