from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection, transaction
from django.db.utils import DatabaseError

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.models import AuditEntry
from interlude.record.dosing.models import Session
from interlude.record.followup import services as followup
from interlude.record.patients import services as patients
from interlude.record.therapy import queries, services
from interlude.record.therapy.models import TherapyVisit
from interlude.record.worklist.models import Task
from tests.record.dosing.builders import PASSWORD, Clinic
from tests.record.followup.support import give_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(clinic: Clinic) -> Session:
    return give_session(clinic)


@pytest.fixture
def next_day(now: datetime) -> datetime:
    return now + timedelta(days=1, hours=2)


def save(by: StaffMember, session: Session, at: datetime, **which: Any) -> TherapyVisit:
    values = {"summary": "A walk by the sea", "risk": "Asked; none", "held_at": at, **which}
    return services.save_visit(by=by, at=at, session=session, **values)


def sign(by: StaffMember, visit: TherapyVisit, at: datetime, password: str = PASSWORD) -> TherapyVisit:
    return services.sign_visit(by=by, password=password, at=at, visit=visit, seen_version=visit.version)


def test_drafted_saved_again_signed_and_final(jonas: StaffMember, session: Session, next_day: datetime) -> None:
    visit = save(jonas, session, next_day)
    visit = save(jonas, session, next_day, next_step="Write it down", seen_version=visit.version)
    assert visit.version == 2
    signed = sign(jonas, visit, next_day)
    assert signed.done_at == next_day
    assert signed.signature is not None
    assert signed.signature.content_sha256
    told = AuditEntry.objects.filter(what__startswith="therapy.visit").order_by("id")
    assert [entry.what for entry in told] == ["therapy.visit.saved", "therapy.visit.saved", "therapy.visit.signed"]
    with pytest.raises(Refused, match="cannot be changed"):
        save(jonas, session, next_day, seen_version=visit.version)
    with pytest.raises(DatabaseError, match="signed visit is final"), transaction.atomic():
        TherapyVisit.objects.filter(pk=visit.pk).update(minutes=5)
    with pytest.raises(DatabaseError, match="signed visit is final"), transaction.atomic():
        TherapyVisit.objects.filter(pk=visit.pk).delete()


def test_words_are_unreadable_in_the_database(jonas: StaffMember, session: Session, next_day: datetime) -> None:
    save(jonas, session, next_day, themes="The lighthouse")
    with connection.cursor() as cursor:
        cursor.execute("SELECT summary, themes, risk FROM therapy_therapyvisit")
        stored = b"".join(bytes(value) for value in cursor.fetchone())
    assert b"sea" not in stored
    assert b"lighthouse" not in stored


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("future", {"held_at": timedelta(minutes=1)}, "held_at", "in the future"),
    ("before the dose", {"held_at": timedelta(days=-2)}, "held_at", "before the session"),
    ("no minutes", {"minutes": 0}, "minutes", "between 1 and 480"),
    ("too long", {"minutes": 481}, "minutes", "between 1 and 480"),
    ("unknown procedure", {"modality": "reiki"}, "modality", "of the list"),
    ("stale", {"seen_version": 3}, "", "meanwhile"),
]


@pytest.mark.parametrize(("name", "which", "field", "words"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refused_beside_its_field(
    jonas: StaffMember,
    session: Session,
    next_day: datetime,
    name: str,
    which: dict[str, Any],
    field: str,
    words: str,
) -> None:
    values = {key: next_day + value if isinstance(value, timedelta) else value for key, value in which.items()}
    with pytest.raises(Refused, match=words) as refused:
        save(jonas, session, next_day, **values)
    assert refused.value.field == field
    assert not TherapyVisit.objects.exists()


def test_a_nurse_reads_and_does_not_write(amal: StaffMember, session: Session, next_day: datetime) -> None:
    assert not services.may_write(amal)
    with pytest.raises(Refused, match="therapist or a physician"):
        save(amal, session, next_day)


def test_nobody_goes_on_with_anothers_draft(
    jonas: StaffMember, lena: StaffMember, session: Session, next_day: datetime
) -> None:
    visit = save(jonas, session, next_day)
    with pytest.raises(Refused, match="began this summary"):
        save(lena, session, next_day, seen_version=visit.version)
    with pytest.raises(Refused, match="began this summary"):
        sign(lena, visit, next_day)


INCOMPLETE = [("summary", "Write the summary"), ("risk", "how the risk was asked")]


@pytest.mark.parametrize(("field", "words"), INCOMPLETE)
def test_an_empty_summary_or_risk_is_not_signed(
    jonas: StaffMember, session: Session, next_day: datetime, field: str, words: str
) -> None:
    visit = save(jonas, session, next_day, **{field: " "})
    with pytest.raises(Refused, match=words) as refused:
        sign(jonas, visit, next_day)
    assert refused.value.field == field


def test_a_wrong_password_signs_nothing(jonas: StaffMember, session: Session, next_day: datetime) -> None:
    caches["throttle"].clear()
    visit = save(jonas, session, next_day)
    with pytest.raises(Refused, match="not right"):
        sign(jonas, visit, next_day, password="x")
    visit.refresh_from_db()
    assert not visit.is_signed


def test_nothing_to_integrate_before_a_dose(clinic: Clinic, jonas: StaffMember, now: datetime) -> None:
    session = clinic.checked_in()
    with pytest.raises(Refused, match="nothing to integrate"):
        save(jonas, session, now)


def test_the_task_asks_for_it_and_signing_closes_it(
    clinic: Clinic, jonas: StaffMember, session: Session, next_day: datetime
) -> None:
    followup.run_due(at=next_day)
    task = Task.objects.get(kind="therapy.visit")
    assert (task.owner_role, task.url_args) == ("therapist", [str(session.pk)])
    sign(jonas, save(jonas, session, next_day), next_day)
    task.refresh_from_db()
    assert task.state == "done"


def test_a_therapist_sees_visits_of_the_own_patients(
    jonas: StaffMember, lena: StaffMember, amal: StaffMember, session: Session, next_day: datetime
) -> None:
    save(lena, session, next_day)
    assert queries.visits_for(lena).count() == 1
    assert queries.visits_for(jonas).count() == 0
    patients.join_care_team(by=amal, at=next_day, patient=session.patient, staff=jonas)
    assert queries.visits_for(jonas).count() == 1
