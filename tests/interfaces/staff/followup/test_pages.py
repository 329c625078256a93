from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from interlude.record.accounts.models import StaffMember
from interlude.record.dosing.models import Session
from interlude.record.followup.models import NextDecision
from interlude.record.patients import services as patients
from interlude.record.therapy.models import TherapyVisit
from tests.record.dosing.builders import PASSWORD, Clinic
from tests.record.followup.support import give_session, leave, score

pytestmark = pytest.mark.django_db


@contextmanager
def clock_at(at: datetime) -> Iterator[None]:
    with patch("django.utils.timezone.now", return_value=at):
        yield


@pytest.fixture
def session(clinic: Clinic) -> Session:
    return leave(clinic, give_session(clinic))


@pytest.fixture
def next_day(now: datetime) -> Iterator[datetime]:
    at = now + timedelta(days=1, hours=2)
    with clock_at(at):
        yield at


@pytest.fixture
def sign_in(client: Client) -> Callable[[StaffMember], Client]:
    def go(who: StaffMember) -> Client:
        client.force_login(who)
        return client

    return go


@pytest.fixture
def jonass(jonas: StaffMember, session: Session, now: datetime, sign_in: Callable[[StaffMember], Client]) -> Client:
    patients.join_care_team(by=jonas, at=now, patient=session.patient, staff=jonas)
    return sign_in(jonas)


VISIT = {
    "held_on_day": "13",
    "held_on_month": "3",
    "held_on_year": "2026",
    "held_time": "10:30",
    "minutes": "50",
    "modality": "integration",
    "shared": "A walk by the sea",
    "themes": "",
    "risk": "Asked; none",
    "next_step": "",
    "seen_version": "0",
}


def test_a_visit_is_drafted_then_signed(jonass: Client, session: Session, next_day: datetime) -> None:
    page = f"/sessions/{session.pk}/integration"
    assert "not written yet" in jonass.get(page).content.decode()
    jonass.post(page, {**VISIT, "verb": "save", "risk": ""})
    visit = TherapyVisit.objects.get()
    assert (visit.version, visit.is_signed, visit.minutes) == (1, False, 50)
    done = jonass.post(page, {**VISIT, "verb": "sign", "seen_version": "1", "password": PASSWORD})
    assert done.headers["Location"] == page
    visit.refresh_from_db()
    assert visit.is_signed
    text = jonass.get(page).content.decode()
    assert "A walk by the sea" in text
    assert '<form method="post" class="form"' not in text


def test_a_wrong_password_keeps_what_was_typed_and_saves_the_draft(
    jonass: Client, session: Session, next_day: datetime
) -> None:
    caches["throttle"].clear()
    page = f"/sessions/{session.pk}/integration"
    text = jonass.post(page, {**VISIT, "verb": "sign", "password": "x"}).content.decode()
    assert "not right" in text
    assert "A walk by the sea" in text
    assert 'name="seen_version" value="1"' in text
    again = jonass.post(page, {**VISIT, "verb": "sign", "seen_version": "1", "password": PASSWORD})
    assert again.status_code == 302
    assert TherapyVisit.objects.get().is_signed


def test_a_stale_page_changes_nothing(jonass: Client, session: Session, next_day: datetime) -> None:
    page = f"/sessions/{session.pk}/integration"
    jonass.post(page, {**VISIT, "verb": "save"})
    text = jonass.post(page, {**VISIT, "verb": "save", "shared": "Other words"}).content.decode()
    assert "meanwhile" in text
    assert TherapyVisit.objects.get().summary == "A walk by the sea"


def test_a_nurse_reads_the_signed_summary_only(
    jonass: Client, session: Session, amal: StaffMember, next_day: datetime
) -> None:
    page = f"/sessions/{session.pk}/integration"
    jonass.post(page, {**VISIT, "verb": "save"})
    jonass.force_login(amal)
    text = jonass.get(page).content.decode()
    assert "is writing the summary" in text
    assert "A walk by the sea" not in text
    assert jonass.post(page, {**VISIT, "verb": "save"}).status_code == 403


def test_a_therapist_of_other_patients_finds_no_session(
    session: Session, jonas: StaffMember, sign_in: Callable[[StaffMember], Client], next_day: datetime
) -> None:
    browser = sign_in(jonas)
    assert browser.get(f"/sessions/{session.pk}/integration").status_code == 404
    assert browser.get(f"/courses/{session.course_id}/next").status_code == 404
    assert browser.get(f"/courses/{session.course_id}/summary.pdf").status_code == 404


def decision_form(browser: Client, page: str) -> dict[str, str]:
    text = browser.get(page).content.decode()
    seen = text.split('name="seen_sha256" value="')[1].split('"')[0]
    return {"decision": "end", "reason": "Well for two weeks", "password": PASSWORD, "seen_sha256": seen}


def test_a_physician_ends_a_course_and_prints_its_summary(
    clinic: Clinic, session: Session, sign_in: Callable[[StaffMember], Client], next_day: datetime
) -> None:
    score(clinic.nurse, session.patient, "222222220", clinic.at - timedelta(days=1))
    score(clinic.nurse, session.patient, "111111000", clinic.at + timedelta(hours=20))
    browser = sign_in(clinic.physician)
    page = f"/courses/{session.course_id}/next"
    text = browser.get(page).content.decode()
    for words in ("16 → 6", "62.5", "No stop rule is met.", "Every 3-4 weeks", 'class="certainty"'):
        assert words in text, words
    assert browser.post(page, decision_form(browser, page)).headers["Location"] == page
    row = NextDecision.objects.get()
    assert (row.decision, row.seen["latest"]) == ("end", 6)
    session.course.refresh_from_db()
    assert session.course.state == "ended"
    text = browser.get(page).content.decode()
    assert "Well for two weeks" in text
    assert "Sign the decision" not in text
    pdf = browser.get(f"/courses/{session.course_id}/summary.pdf")
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")


def test_new_answers_meanwhile_are_seen_before_deciding(
    clinic: Clinic, session: Session, sign_in: Callable[[StaffMember], Client], next_day: datetime
) -> None:
    browser = sign_in(clinic.physician)
    page = f"/courses/{session.course_id}/next"
    form = decision_form(browser, page)
    score(clinic.nurse, session.patient, "333333330", next_day)
    text = browser.post(page, form).content.decode()
    assert "meanwhile" in text
    assert "Well for two weeks" in text
    assert not NextDecision.objects.exists()


BAD = [
    ({"reason": ""}, "Enter “Reason”."),
    ({"decision": "extend", "extra_sessions": "1"}, "still has 2 sessions"),
    ({"decision": "taper"}, "step of the ladder"),
    ({"decision": "maintain", "ladder_step": "weekly", "next_on_day": "1", "next_on_month": "1",
      "next_on_year": "2026"}, "in the past"),
    ({"decision": "extend", "extra_sessions": "1,000"}, "1,000"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), BAD, ids=["reason", "extend", "step", "past", "number"])
def test_a_bad_decision_is_refused_beside_its_field(
    clinic: Clinic,
    session: Session,
    sign_in: Callable[[StaffMember], Client],
    next_day: datetime,
    change: dict[str, str],
    words: str,
) -> None:
    browser = sign_in(clinic.physician)
    page = f"/courses/{session.course_id}/next"
    text = browser.post(page, {**decision_form(browser, page), **change}).content.decode()
    assert words in text
    assert "Error:" in text.split("</title>")[0]
    assert not NextDecision.objects.exists()


def test_a_nurse_sees_the_numbers_and_cannot_decide(
    clinic: Clinic, session: Session, sign_in: Callable[[StaffMember], Client], next_day: datetime
) -> None:
    browser = sign_in(clinic.nurse)
    page = f"/courses/{session.course_id}/next"
    text = browser.get(page).content.decode()
    assert "A physician decides what comes next." in text
    assert "Sign the decision" not in text
    assert browser.post(page, {"decision": "end"}).status_code == 403


def test_pages_take_a_constant_number_of_queries(
    clinic: Clinic, session: Session, sign_in: Callable[[StaffMember], Client], next_day: datetime
) -> None:
    browser = sign_in(clinic.physician)
    counts: dict[str, set[int]] = {}
    for hours in range(3):
        score(clinic.nurse, session.patient, "111111000", clinic.at + timedelta(hours=hours + 3))
        for page in (f"/courses/{session.course_id}/next", f"/sessions/{session.pk}/integration"):
            browser.get(page)
            with CaptureQueriesContext(connection) as queries:
                browser.get(page)
            counts.setdefault(page, set()).add(len(queries))
    assert all(len(found) == 1 for found in counts.values()), counts
