from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.models import AuditEntry
from interlude.record.measures import queries, services
from interlude.record.measures.models import Assignment, AssignmentState, ItemAnswer, Response
from interlude.record.patients import services as patients
from interlude.record.patients.models import Patient

pytestmark = pytest.mark.django_db

# answers, total, band, questions left out
PHQ9 = [
    ("000000000", 0, "minimal", 0),
    ("111110000", 5, "mild", 0),
    ("222220000", 10, "moderate", 0),
    ("333330000", 15, "moderately_severe", 0),
    ("333333200", 20, "severe", 0),
    ("33333320-", None, "", 1),
    ("---------"[:8] + "0", None, "", 8),
    ("0000-0000", None, "", 1),
]


@pytest.mark.parametrize(("digits", "total", "band", "left_out"), PHQ9, ids=lambda value: str(value))
def test_phq9_is_scored_and_a_missing_answer_is_never_zero(
    phq9: Assignment,
    tap: Callable[..., None],
    noor: Patient,
    now: datetime,
    digits: str,
    total: int | None,
    band: str,
    left_out: int,
) -> None:
    tap(phq9, digits, now)
    response = services.submit(by=noor, at=now, assignment=phq9)
    assert (response.total, response.band, response.missing_items) == (total, band, left_out)
    phq9.refresh_from_db()
    assert phq9.state == AssignmentState.ANSWERED
    assert [step.state for step in phq9.steps.all()] == ["open", "answered"]


def test_each_tap_is_saved_and_the_latest_counts(phq9: Assignment, noor: Patient, now: datetime) -> None:
    for value in (1, 1, 3, 2):
        services.answer_item(by=noor, at=now, assignment=phq9, item="4", value=value)
    assert queries.draft_answers(phq9) == {"4": 2}
    assert ItemAnswer.objects.count() == 3  # the same tap twice is one row
    entries = AuditEntry.objects.filter(what="measures.item.answered")
    assert entries.count() == 3
    assert {entry.actor_kind for entry in entries} == {"patient"}
    assert all(entry.detail == {"item": "4"} for entry in entries)  # never the answer itself


def test_answers_are_unreadable_in_the_database(
    phq9: Assignment, tap: Callable[..., None], noor: Patient, now: datetime
) -> None:
    tap(phq9, "123012301", now)
    services.submit(by=noor, at=now, assignment=phq9)
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM measures_response")
        stored = bytes(cursor.fetchone()[0])
    assert b'"9"' not in stored


def test_sent_five_times_is_one_response(
    phq9: Assignment, tap: Callable[..., None], noor: Patient, now: datetime
) -> None:
    tap(phq9, "111111110", now)
    sent = {services.submit(by=noor, at=now, assignment=phq9).pk for _ in range(5)}
    assert len(sent) == 1
    assert Response.objects.count() == 1
    assert AuditEntry.objects.filter(what="measures.answered").count() == 1


REFUSED = [
    ("item", "77", 1, "has no item"),
    ("too large", "1", 4, "is not between"),
    ("negative", "1", -1, "is not between"),
    ("yes", "1", True, "whole number"),
    ("text", "1", "2", "whole number"),
]


@pytest.mark.parametrize(("name", "item", "value", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_answers_outside_the_range_change_nothing(
    phq9: Assignment, noor: Patient, now: datetime, name: str, item: str, value: object, message: str
) -> None:
    before = AuditEntry.objects.count()
    with pytest.raises(Refused, match=message):
        services.answer_item(by=noor, at=now, assignment=phq9, item=item, value=value)  # type: ignore[arg-type]
    assert not ItemAnswer.objects.exists()
    assert AuditEntry.objects.count() == before


def test_another_patients_questionnaire_is_refused_and_invisible(
    phq9: Assignment, mira: StaffMember, now: datetime
) -> None:
    other = patients.register(by=mira, at=now, family_name="Frei", given_name="Ute", born_on=date(1970, 1, 2))
    with pytest.raises(Refused, match="somebody else"):
        services.answer_item(by=other, at=now, assignment=phq9, item="1", value=1)
    with pytest.raises(Refused, match="somebody else"):
        services.submit(by=other, at=now, assignment=phq9)
    assert not queries.assignments_for(other).exists()


WINDOW = [
    (timedelta(hours=-30), "too early"),
    (timedelta(days=8), "has passed"),
]


@pytest.mark.parametrize(("offset", "message"), WINDOW, ids=["before it opens", "left open for a week"])
def test_outside_its_window_it_cannot_be_answered(
    noor: Patient, now: datetime, offset: timedelta, message: str
) -> None:
    given = services.assign(
        by=noor,
        at=now - timedelta(days=2),
        patient=noor,
        instrument="gad7",
        due_at=now,
        opens_at=now - timedelta(days=1),
    )
    with pytest.raises(Refused, match=message):
        services.answer_item(by=noor, at=now + offset, assignment=given, item="1", value=1)
    assert services.may_answer(given, noor, now)
    assert not services.may_answer(given, noor, now + offset)


def test_nothing_answered_cannot_be_sent(phq9: Assignment, noor: Patient, now: datetime) -> None:
    with pytest.raises(Refused, match="at least one"):
        services.submit(by=noor, at=now, assignment=phq9)


def test_responses_are_append_only(phq9: Assignment, tap: Callable[..., None], noor: Patient, now: datetime) -> None:
    tap(phq9, "000000000", now)
    response = services.submit(by=noor, at=now, assignment=phq9)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Response.objects.filter(pk=response.pk).update(total=9)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ItemAnswer.objects.all().delete()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=st.lists(st.sampled_from([0, 1, 2, 3, None]), min_size=9, max_size=9))
def test_paper_gives_the_sum_or_nothing(
    noor: Patient, amal: StaffMember, now: datetime, answers: list[int | None]
) -> None:
    filled = {str(n): value for n, value in enumerate(answers, 1) if value is not None}
    if not filled:
        return
    response = services.enter_paper(by=amal, at=now, patient=noor, instrument="phq9", answers=filled, answered_at=now)
    assert response.total == (sum(filled.values()) if len(filled) == 9 else None)
    assert Response.objects.get(pk=response.pk).answers == filled


def test_paper_checks_time_assignment_and_content(
    phq9: Assignment, noor: Patient, amal: StaffMember, now: datetime
) -> None:
    common = {"by": amal, "at": now, "patient": noor}
    with pytest.raises(Refused, match="future") as refused:
        services.enter_paper(**common, instrument="phq9", answers={"1": 1}, answered_at=now + timedelta(minutes=1))
    assert refused.value.field == "answered_at"
    with pytest.raises(Refused, match="another one"):
        services.enter_paper(**common, instrument="gad7", answers={"1": 1}, answered_at=now, assignment=phq9)
    with pytest.raises(Refused, match="at least one"):
        services.enter_paper(**common, instrument="phq9", answers={}, answered_at=now)
    response = services.enter_paper(**common, instrument="phq9", answers={"1": 1}, answered_at=now, assignment=phq9)
    assert response.answered_by_kind == "paper"
    with pytest.raises(Refused, match="answered already"):
        services.enter_paper(**common, instrument="phq9", answers={"1": 1}, answered_at=now, assignment=phq9)
