from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.models import AuditEntry
from interlude.record.measures import queries, services
from interlude.record.measures.models import Assignment, AssignmentState
from interlude.record.patients import services as patients
from interlude.record.patients.models import Patient

pytestmark = pytest.mark.django_db


def test_a_key_gives_one_assignment(noor: Patient, amal: StaffMember, now: datetime) -> None:
    given = [
        services.assign(by=amal, at=now, patient=noor, instrument="phq9", due_at=now, key="before:1") for _ in range(3)
    ]
    assert len({one.pk for one in given}) == 1
    assert AuditEntry.objects.filter(what="measures.assigned").count() == 1


def test_an_unknown_questionnaire_is_refused(noor: Patient, amal: StaffMember, now: datetime) -> None:
    with pytest.raises(Refused, match="no questionnaire called phq10"):
        services.assign(by=amal, at=now, patient=noor, instrument="phq10", due_at=now)


def test_a_past_day_and_a_crossed_window_are_refused(noor: Patient, amal: StaffMember, now: datetime) -> None:
    with pytest.raises(Refused, match="passed already"):
        services.assign(by=amal, at=now, patient=noor, instrument="phq9", due_at=now - timedelta(days=9))
    with pytest.raises(Refused, match="between its opening and its end"):
        services.assign(
            by=amal,
            at=now,
            patient=noor,
            instrument="phq9",
            due_at=now,
            opens_at=now + timedelta(hours=1),
        )


def test_it_moves_with_what_it_is_anchored_to(
    phq9: Assignment, amal: StaffMember, noor: Patient, now: datetime
) -> None:
    later = now + timedelta(days=3)
    services.move(
        by=amal,
        at=now,
        assignment=phq9,
        due_at=later,
        opens_at=later - timedelta(days=1),
        closes_at=later + timedelta(days=1),
    )
    phq9.refresh_from_db()
    assert phq9.due_at == later
    assert not services.may_answer(phq9, noor, now)
    assert [step.due_at for step in phq9.steps.all()] == [now + timedelta(hours=2), later]


def test_unanswered_becomes_missing_once(phq9: Assignment, noor: Patient, now: datetime) -> None:
    assert services.mark_missed(at=now) == []
    late = phq9.closes_at
    assert phq9.is_missing_at(late)
    assert not phq9.is_missing_at(now)
    assert [one.pk for one in services.mark_missed(at=late)] == [phq9.pk]
    assert services.mark_missed(at=late) == []
    phq9.refresh_from_db()
    assert phq9.state == AssignmentState.MISSED
    assert AuditEntry.objects.filter(what="measures.missed", actor_kind="system").count() == 1


def test_withdrawn_is_final(phq9: Assignment, amal: StaffMember, noor: Patient, now: datetime) -> None:
    services.withdraw(by=amal, at=now, assignment=phq9)
    with pytest.raises(Refused, match="no longer open"):
        services.answer_item(by=noor, at=now, assignment=phq9, item="1", value=0)
    with pytest.raises(Refused, match="no longer open"):
        services.withdraw(by=amal, at=now, assignment=phq9)


def test_a_therapist_sees_the_own_patients_only(
    phq9: Assignment, jonas: StaffMember, amal: StaffMember, noor: Patient, now: datetime
) -> None:
    assert queries.assignments_for(amal).count() == 1
    assert not queries.assignments_for(jonas).exists()
    patients.join_care_team(by=amal, at=now, patient=noor, staff=jonas)
    assert queries.open_now(jonas, now).count() == 1


def test_answering_once_answers_every_open_one_of_a_kind(
    phq9: Assignment, tap: Callable[..., None], amal: StaffMember, noor: Patient, now: datetime
) -> None:
    def give(instrument: str, due_at: datetime, opens_at: datetime) -> Assignment:
        return services.assign(by=amal, at=now, patient=noor, instrument=instrument, due_at=due_at, opens_at=opens_at)

    same = give("phq9", now + timedelta(days=1), now)
    later = give("phq9", now + timedelta(days=9), now + timedelta(days=8))
    other = give("gad7", now + timedelta(days=1), now)
    tap(phq9, "000000000", now)
    services.submit(by=noor, at=now, assignment=phq9)
    states = {}
    for one in (phq9, same, later, other):
        one.refresh_from_db()
        states[one.pk] = one.state
    assert list(states.values()) == ["answered", "covered", "open", "open"]
    assert AuditEntry.objects.filter(what="measures.covered").count() == 1
    with pytest.raises(Refused, match="answered already"):
        services.answer_item(by=noor, at=now, assignment=same, item="1", value=0)


def test_an_incomplete_one_leaves_the_others_open(
    phq9: Assignment, tap: Callable[..., None], amal: StaffMember, noor: Patient, now: datetime
) -> None:
    same = services.assign(by=amal, at=now, patient=noor, instrument="phq9", due_at=now + timedelta(days=1))
    tap(phq9, "00000000-", now)
    services.submit(by=noor, at=now, assignment=phq9)
    same.refresh_from_db()
    assert same.state == "open"
