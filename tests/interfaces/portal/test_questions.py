from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from interlude.record.clinic.models import EmergencyNumber
from interlude.record.measures import queries
from interlude.record.measures import services as measures
from interlude.record.measures.models import Assignment, Response, RiskAlert
from interlude.record.patients.models import Patient
from interlude.record.worklist.models import Task

pytestmark = pytest.mark.django_db


def test_nine_taps_review_and_send(noors: Client, phq9: Assignment, noor: Patient) -> None:
    assert f"/p/q/{phq9.pk}" in noors.get("/p/").content.decode()
    address = noors.get(f"/p/q/{phq9.pk}").headers["Location"]
    for number, value in enumerate("112300210", 1):
        assert address == f"/p/q/{phq9.pk}/{number}"
        page = noors.get(address).content.decode()
        assert f"{number} of 9" in page
        address = noors.post(address, {"value": value}).headers["Location"]
        assert len(queries.draft_answers(phq9)) == number  # saved with each tap
    assert address == f"/p/q/{phq9.pk}/check"
    review = noors.get(address).content.decode()
    assert review.count(">Change<") == 9
    sent = noors.post(address)
    assert sent.headers["Location"] == f"/p/q/{phq9.pk}/sent"
    response = Response.objects.get()
    assert (response.total, response.band, response.answered_by_kind) == (10, "moderate", "patient")
    assert not RiskAlert.objects.exists()


def test_item_9_shows_the_numbers_at_once_and_calls_the_clinic(noors: Client, phq9: Assignment) -> None:
    EmergencyNumber.objects.create(label="Night line", number="0800 111 0 111")
    answered = noors.post(f"/p/q/{phq9.pk}/9", {"value": "1"})
    assert answered.headers["Location"] == f"/p/q/{phq9.pk}/9/now"
    page = noors.get(answered.headers["Location"]).content.decode()
    assert 'href="tel:08001110111"' in page
    assert "Thank you for telling us" in page
    assert Task.objects.get().is_urgent  # although nothing was sent
    noors.post(f"/p/q/{phq9.pk}/check")
    assert "You do not have to carry this alone" in noors.get(f"/p/q/{phq9.pk}/sent").content.decode()


VALUES = ["", "4", "-1", "x", "1 or 2", "999999999999999999999"]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_that_is_not_offered_changes_nothing(noors: Client, phq9: Assignment, value: str) -> None:
    response = noors.post(f"/p/q/{phq9.pk}/3", {"value": value})
    assert response.headers["Location"] == f"/p/q/{phq9.pk}/3"
    assert queries.draft_answers(phq9) == {}


def test_a_question_left_out_gives_no_score(noors: Client, phq9: Assignment) -> None:
    for number in range(1, 9):
        noors.post(f"/p/q/{phq9.pk}/{number}", {"value": "3"})
    review = noors.get(f"/p/q/{phq9.pk}/check").content.decode()
    assert "1 question has no answer" in review
    noors.post(f"/p/q/{phq9.pk}/check")
    response = Response.objects.get()
    assert (response.total, response.missing_items) == (None, 1)


def test_sent_five_times_is_one_response(noors: Client, phq9: Assignment) -> None:
    noors.post(f"/p/q/{phq9.pk}/1", {"value": "0"})
    for _again in range(5):
        assert noors.post(f"/p/q/{phq9.pk}/check").headers["Location"] == f"/p/q/{phq9.pk}/sent"
    assert Response.objects.count() == 1
    assert noors.get(f"/p/q/{phq9.pk}/1").headers["Location"] == f"/p/q/{phq9.pk}/sent"


def test_a_change_from_the_review_comes_back_to_it(noors: Client, phq9: Assignment) -> None:
    noors.post(f"/p/q/{phq9.pk}/2", {"value": "1"})
    again = noors.post(f"/p/q/{phq9.pk}/2?review", {"value": "2"})
    assert again.headers["Location"] == f"/p/q/{phq9.pk}/check"
    assert queries.draft_answers(phq9) == {"2": 2}


def test_left_open_for_days_it_is_closed_in_plain_words(
    enter: Callable[[str], Client], link: str, phq9: Assignment, now: datetime
) -> None:
    with patch("django.utils.timezone.now", return_value=now + timedelta(days=9)):
        noors = enter(link)
        for response in (
            noors.get(f"/p/q/{phq9.pk}/1"),
            noors.post(f"/p/q/{phq9.pk}/1", {"value": "1"}),
            noors.post(f"/p/q/{phq9.pk}/check"),
        ):
            assert response.status_code == 410
            assert "has passed" in response.content.decode()
    assert not Response.objects.exists()


def test_questions_are_asked_in_german_as_published(noors: Client, phq9: Assignment) -> None:
    noors.post("/p/language", {"language": "de", "next": "/p/"})
    page = noors.get(f"/p/q/{phq9.pk}/1").content.decode()
    assert "Wenig Interesse oder Freude an Ihren Tätigkeiten" in page
    assert "Beinahe jeden Tag" in page


def test_what_has_no_wording_is_not_offered(noors: Client, noor: Patient, now: datetime) -> None:
    hidden = [
        measures.assign(by=noor, at=now, patient=noor, instrument=code, due_at=now)
        for code in ("who5", "cssrs_screener")
    ]
    home = noors.get("/p/").content.decode()
    for assignment in hidden:
        assert str(assignment.pk) not in home
        assert noors.get(f"/p/q/{assignment.pk}/1").status_code == 404


def test_mood_is_one_tap_on_eleven_buttons(noors: Client, noor: Patient, now: datetime) -> None:
    mood = measures.assign(by=noor, at=now, patient=noor, instrument="vas_mood", due_at=now)
    page = noors.get(f"/p/q/{mood.pk}/1").content.decode()
    assert page.count('name="value"') == 11
    assert noors.post(f"/p/q/{mood.pk}/1", {"value": "70"}).headers["Location"].endswith("/check")


def test_how_i_did_in_plain_words(noors: Client, noor: Patient, now: datetime) -> None:
    assert "Nothing to show yet" in noors.get("/p/progress").content.decode()
    for days, digits in ((14, "222222211"), (1, "111000000")):
        at = now - timedelta(days=days)
        given = measures.assign(by=noor, at=at, patient=noor, instrument="phq9", due_at=at)
        for item, digit in enumerate(digits, 1):
            measures.answer_item(by=noor, at=at, assignment=given, item=str(item), value=int(digit))
        measures.submit(by=noor, at=at, assignment=given)
    page = noors.get("/p/progress").content.decode()
    assert "Your score was 16 the first time and is 3 now. That is clearly less trouble than then." in page
    assert "PHQ" not in page


def test_the_same_questions_are_offered_once(noors: Client, noor: Patient, now: datetime) -> None:
    for hours in (2, 5, 9):
        measures.assign(by=noor, at=now, patient=noor, instrument="gad7", due_at=now + timedelta(hours=hours))
    page = noors.get("/p/").content.decode()
    assert page.count("Worry and tension") == 1


def test_home_takes_the_same_number_of_queries(noors: Client, noor: Patient, now: datetime) -> None:
    counts = []
    for code in ("phq9", "gad7", "vas_mood"):
        measures.assign(by=noor, at=now, patient=noor, instrument=code, due_at=now + timedelta(hours=2))
        noors.get("/p/")
        with CaptureQueriesContext(connection) as queries:
            noors.get("/p/")
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts
