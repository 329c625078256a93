from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import Signature
from interlude.record.accounts.services import content_hash
from interlude.record.audit.models import AuditEntry
from interlude.record.dosing.models import Session
from interlude.record.followup import queries, services
from interlude.record.followup.models import NextDecision
from interlude.record.measures.models import Assignment
from interlude.record.plans.models import Course
from interlude.record.worklist.models import Task
from tests.record.dosing.builders import PASSWORD, Clinic
from tests.record.followup.support import give_session, leave, next_session, score

pytestmark = pytest.mark.django_db


def decide(clinic: Clinic, course: Course, **which: Any) -> NextDecision:
    values = {"decision": "end", "reason": "Well for two weeks", "password": PASSWORD, "by": clinic.physician, **which}
    return services.decide_next(at=clinic.at + timedelta(hours=3), course=course, **values)


@pytest.fixture
def session(clinic: Clinic) -> Session:
    return leave(clinic, give_session(clinic))


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("no reason", {"reason": "  "}, "reason", "own words"),
    ("unknown", {"decision": "more"}, "decision", "what comes next"),
    ("wrong password", {"password": "no"}, "password", "not right"),
    ("plan not finished", {"decision": "extend", "extra_sessions": 1}, "decision", "still has 2 sessions"),
    ("no step", {"decision": "maintain"}, "ladder_step", "step of the ladder"),
    ("step of no ladder", {"decision": "taper", "ladder_step": "daily"}, "ladder_step", "step of the ladder"),
]


@pytest.mark.parametrize(("name", "which", "field", "words"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_decision_that_is_not_whole_changes_nothing(
    clinic: Clinic, session: Session, name: str, which: dict[str, Any], field: str, words: str
) -> None:
    from django.core.cache import caches

    caches["throttle"].clear()
    with pytest.raises(Refused, match=words) as refused:
        decide(clinic, session.course, **which)
    assert refused.value.field == field
    assert not NextDecision.objects.exists()
    session.course.refresh_from_db()
    assert session.course.state == "running"


def test_the_next_day_of_the_ladder_lies_in_the_future(clinic: Clinic, session: Session) -> None:
    with pytest.raises(Refused, match="in the future") as refused:
        decide(clinic, session.course, decision="maintain", ladder_step="weekly", next_on=clinic.at.date())
    assert refused.value.field == "next_on"


WHO = [("nurse", False), ("physician", True)]


@pytest.mark.parametrize(("role", "may"), WHO)
def test_only_a_physician_decides(clinic: Clinic, session: Session, role: str, may: bool) -> None:
    by = clinic.nurse if role == "nurse" else clinic.physician
    assert services.may_decide(by, session.course) is may


def test_nothing_is_decided_before_the_first_dose(clinic: Clinic) -> None:
    course = clinic.course(clinic.patient(), clinic.version())
    with pytest.raises(Refused, match="No session was given"):
        decide(clinic, course)


def test_ending_ends_the_course_and_what_is_booked_and_keeps_following_up(clinic: Clinic, session: Session) -> None:
    course = session.course
    later = clinic.appointment(course, at=clinic.at + timedelta(days=3))
    services.run_due(at=clinic.at + timedelta(hours=2))
    assert Assignment.objects.filter(anchor="before:2", state="open").exists()
    row = decide(clinic, course)
    course.refresh_from_db()
    later.refresh_from_db()
    assert (course.state, later.state) == ("ended", "cancelled")
    assert later.steps.latest("at").reason_class == "course_ended"
    assert not Assignment.objects.filter(anchor="before:2", state="open").exists()
    assert Assignment.objects.filter(anchor__startswith="after_last:", state="open").exists()
    assert row.signature == Signature.objects.get(meaning="next decision")
    entry = AuditEntry.objects.get(what="followup.decided")
    assert entry.detail == {"decision": "end", "after_sessions": 1}
    assert "two weeks" not in str(entry.detail)
    with pytest.raises(Refused, match="not running"):
        decide(clinic, course)


NEXT = [
    ("maintain", {"ladder_step": "two_weeks"}, "Every 2 weeks"),
    ("taper", {"ladder_step": "three_four_weeks"}, "Every 3-4 weeks"),
]


@pytest.mark.parametrize(("decision", "which", "step"), NEXT, ids=["maintain", "taper"])
def test_going_on_asks_for_a_new_plan(
    clinic: Clinic, session: Session, decision: str, which: dict[str, Any], step: str
) -> None:
    decide(clinic, session.course, decision=decision, **which)
    task = Task.objects.get(kind="followup.plan")
    assert task.owner == clinic.physician
    assert task.title_params == {"step": step}
    assert (task.url_name, task.url_args) == ("staff:plan", [str(session.patient_id)])


def test_extending_after_the_planned_number(clinic: Clinic, session: Session) -> None:
    course = session.course
    for _number in (2, 3):
        clinic.at += timedelta(days=3)
        next_session(clinic, course)
    with pytest.raises(Refused, match="ends at 6 sessions") as refused:
        decide(clinic, course, decision="extend", extra_sessions=4)
    assert refused.value.field == "extra_sessions"
    row = decide(clinic, course, decision="extend", extra_sessions=3)
    assert (row.after_sessions, row.extra_sessions, row.ladder_step) == (3, 3, "")
    assert Task.objects.get(kind="followup.plan").title_params == {"count": 3}


def test_the_review_asks_a_physician_and_the_decision_closes_it(clinic: Clinic, session: Session) -> None:
    course = session.course
    for _number in (2, 3):
        clinic.at += timedelta(days=3)
        next_session(clinic, course)
    services.run_due(at=clinic.at + timedelta(hours=2))
    task = Task.objects.get(kind="followup.decision")
    assert (task.owner_role, task.title_params) == ("physician", {"count": 3})
    assert task.url_args == [str(course.pk)]
    decide(clinic, course)
    task.refresh_from_db()
    assert task.state == "done"


def test_a_decision_on_numbers_that_have_changed_is_refused(clinic: Clinic, session: Session) -> None:
    course = session.course
    score(clinic.nurse, session.patient, "222222220", clinic.at - timedelta(days=1))
    seen = content_hash(queries.what_is_known(clinic.physician, course))
    score(clinic.nurse, session.patient, "111000000", clinic.at + timedelta(hours=2))
    with pytest.raises(Refused, match="meanwhile"):
        decide(clinic, course, seen_sha256=seen)
    known = queries.what_is_known(clinic.physician, course)
    row = decide(clinic, course, seen_sha256=content_hash(known))
    assert row.seen == known
    assert (row.seen["baseline"], row.seen["sessions"]) == (16, 1)


def test_a_decision_is_never_changed(clinic: Clinic, session: Session) -> None:
    row = decide(clinic, session.course)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        NextDecision.objects.filter(pk=row.pk).update(decision="extend")


# answers before the first session, answers after; sessions given; stop rules met
STOP = [
    ("222222220", "222222220", 3, []),
    ("222222220", "222222220", 4, ["little_after_4"]),
    ("222222220", "222211110", 4, []),
    ("222222220", "222211110", 6, ["half_after_6"]),
    ("222222220", "111111000", 6, []),
]


@pytest.mark.parametrize(("before", "after", "given", "met"), STOP)
def test_stop_rules_from_numbers(
    clinic: Clinic, session: Session, before: str, after: str, given: int, met: list[str]
) -> None:
    from interlude.domain.instruments import instrument

    score(clinic.nurse, session.patient, before, clinic.at - timedelta(days=1))
    score(clinic.nurse, session.patient, after, clinic.at + timedelta(days=3))
    gain = queries.gain_of_course(clinic.physician, session.course, instrument("phq9"))
    rules, _reason = queries.stop_rules_met(session.course, given, gain)
    assert [rule.code for rule in rules] == met


def test_without_a_score_nothing_is_said_to_be_fine(clinic: Clinic, session: Session) -> None:
    from interlude.domain.instruments import instrument

    gain = queries.gain_of_course(clinic.physician, session.course, instrument("phq9"))
    assert (gain.percent, gain.change.code) == (None, "unknown")
    rules, reason = queries.stop_rules_met(session.course, 6, gain)
    assert rules == []
    assert "not known" in str(reason)


def test_lifetime_counters_come_from_the_ledger(clinic: Clinic, session: Session) -> None:
    counters = queries.dose_counters(session.patient)
    assert counters == {"sessions": 1, "given_ug": 35_000}
