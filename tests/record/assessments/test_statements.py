from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import queries, services
from interlude.record.assessments.models import AllergyStatement
from interlude.record.audit.models import AuditEntry
from interlude.record.patients.models import Patient
from interlude.record.vault.services import erase_subject

pytestmark = pytest.mark.django_db


def test_before_anything_is_stated_allergies_are_not_recorded(noor: Patient) -> None:
    assert queries.allergy_banner(noor).state == "not_recorded"


@pytest.mark.parametrize(
    ("state", "entries", "field"),
    [
        ("known", [("latex", "rash")], None),
        ("none_known", [], None),
        ("unavailable", [], None),
        ("known", [], "substances"),
        ("known", [("", "rash")], "substances"),
        ("none_known", [("latex", "")], "state"),
        ("not_recorded", [], "state"),
        ("fine", [], "state"),
    ],
)
def test_four_states_of_the_allergy_line(
    noor: Patient, amal: StaffMember, now: datetime, state: str, entries: list[Any], field: str | None
) -> None:
    if field is None:
        services.state_allergies(by=amal, at=now, patient=noor, state=state, entries=entries)
        line = queries.allergy_banner(noor)
        assert (line.state, list(line.entries)) == (state, entries)
        assert AuditEntry.objects.filter(what="assessments.allergies.stated").count() == 1
        return
    with pytest.raises(Refused) as refused:
        services.state_allergies(by=amal, at=now, patient=noor, state=state, entries=entries)
    assert refused.value.field == field
    assert not AllergyStatement.objects.exists()


def test_an_erased_list_of_allergies_is_unavailable_never_none(noor: Patient, amal: StaffMember, now: datetime) -> None:
    services.state_allergies(by=amal, at=now, patient=noor, state="none_known")
    erase_subject(subject_id=noor.pk)
    assert queries.allergy_banner(noor).state == "unavailable"


def test_a_medicine_is_stated_once_and_ended_once(noor: Patient, amal: StaffMember, now: datetime) -> None:
    medicine = services.state_medicine(by=amal, at=now, patient=noor, name="Sertraline", dose="100 mg")
    with pytest.raises(Refused, match="already"):
        services.state_medicine(by=amal, at=now, patient=noor, name="sertraline", dose="100 mg")
    with pytest.raises(Refused, match="future"):
        services.stop_medicine(by=amal, at=now, statement=medicine, ended_on=now.date() + timedelta(days=2))
    services.stop_medicine(by=amal, at=now, statement=medicine)
    assert queries.medicines_of(noor) == []
    with pytest.raises(Refused, match="already"):
        services.stop_medicine(by=amal, at=now, statement=medicine)
    for what in ("assessments.medicine.stated", "assessments.medicine.stopped"):
        assert AuditEntry.objects.filter(what=what).count() == 1


@pytest.mark.parametrize(("listed", "takes_none", "allowed"), [(0, 1, 1), (0, 0, 0), (1, 0, 1), (1, 1, 0)])
def test_the_review_fits_the_list(
    noor: Patient, amal: StaffMember, now: datetime, listed: int, takes_none: int, allowed: int
) -> None:
    if listed:
        services.state_medicine(by=amal, at=now, patient=noor, name="Lithium")
    if allowed:
        services.review_medicines(by=amal, at=now, patient=noor, takes_none=bool(takes_none))
        return
    with pytest.raises(Refused) as refused:
        services.review_medicines(by=amal, at=now, patient=noor, takes_none=bool(takes_none))
    assert refused.value.field == "takes_none"


# dose adequate | weeks | response | counts towards resistance as
TRIALS = [
    (True, 8, "none", (1, False)),
    (True, 8, "partial", (1, False)),
    (True, 8, "response", (0, False)),
    (False, 8, "none", (0, False)),
    (True, 3, "none", (0, False)),
    (None, 8, "none", (None, None)),
    (True, None, "none", (None, None)),
    (True, 8, "not_known", (None, None)),
]


@pytest.mark.parametrize(("adequate", "weeks", "response", "expected"), TRIALS)
def test_resistance_is_computed_and_open_while_it_is_not_known(
    noor: Patient,
    lena: StaffMember,
    now: datetime,
    adequate: bool | None,
    weeks: int | None,
    response: str,
    expected: tuple[int | None, bool | None],
) -> None:
    """The second of two trials decides: one clear failure is charted before it."""
    for values in ((True, 8, "none"), (adequate, weeks, response)):
        services.record_trial(
            by=lena,
            at=now,
            patient=noor,
            medicine="Sertraline",
            dose="200 mg",
            dose_was_adequate=values[0],
            weeks=None if values[1] is None else Decimal(values[1]),
            response=values[2],
        )
    failed = queries.failed_trials(queries.trials_of(noor))
    assert (failed and failed[0]) == (None if expected[0] is None else 1 + expected[0])


def test_no_trials_stated_is_not_known(noor: Patient) -> None:
    assert queries.failed_trials(queries.trials_of(noor)) is None


def test_a_trial_is_withdrawn(noor: Patient, lena: StaffMember, now: datetime) -> None:
    trial = services.record_trial(by=lena, at=now, patient=noor, medicine="Sertraline")
    services.withdraw_trial(by=lena, at=now, trial=trial)
    assert queries.trials_of(noor) == []


@pytest.mark.parametrize("weeks", [Decimal(0), Decimal(521)])
def test_impossible_weeks_are_refused(noor: Patient, lena: StaffMember, now: datetime, weeks: Decimal) -> None:
    with pytest.raises(Refused) as refused:
        services.record_trial(by=lena, at=now, patient=noor, medicine="Sertraline", weeks=weeks)
    assert refused.value.field == "weeks"


@pytest.mark.parametrize("count", [1, 3])
def test_lists_are_read_in_one_query_each(
    noor: Patient, lena: StaffMember, now: datetime, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        services.state_medicine(by=lena, at=now, patient=noor, name=f"Medicine {number}")
        services.record_trial(by=lena, at=now, patient=noor, medicine=f"Medicine {number}")
    queries.allergy_banner(noor)
    with django_assert_num_queries(2):
        assert len([row.name for row in queries.medicines_of(noor)]) == count
        assert len([row.medicine for row in queries.trials_of(noor)]) == count


def test_a_since_date_in_the_future_is_refused(noor: Patient, amal: StaffMember, now: datetime) -> None:
    with pytest.raises(Refused) as refused:
        services.state_medicine(by=amal, at=now, patient=noor, name="Lithium", taken_since=date(2026, 3, 13))
    assert refused.value.field == "taken_since"
