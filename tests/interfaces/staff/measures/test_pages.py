from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from interlude.record.accounts.models import StaffMember
from interlude.record.audit.models import AuditEntry
from interlude.record.measures import services
from interlude.record.measures.models import Assignment, Response, RiskAlert
from interlude.record.patients import services as patients
from interlude.record.patients.models import Patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def amals(client: Client, amal: StaffMember) -> Client:
    client.force_login(amal)
    return client


def paper(by: StaffMember, patient: Patient, digits: str, at: datetime, instrument: str = "phq9") -> Response:
    answers = {str(n): int(digit) for n, digit in enumerate(digits, 1) if digit != "-"}
    return services.enter_paper(by=by, at=at, patient=patient, instrument=instrument, answers=answers, answered_at=at)


def test_the_grid_shows_scores_gaps_and_alerts(amals: Client, amal: StaffMember, noor: Patient, now: datetime) -> None:
    paper(amal, noor, "222222220", now - timedelta(days=9))
    paper(amal, noor, "11111100-", now - timedelta(days=5))
    paper(amal, noor, "111111001", now - timedelta(days=1))
    services.assign(
        by=amal, at=now - timedelta(days=4), patient=noor, instrument="gad7", due_at=now - timedelta(days=3),
        closes_at=now - timedelta(days=2), anchor="test",
    )  # fmt: skip
    text = amals.get(f"/patients/{noor.pk}/measures").content.decode()
    for words in ("no score", "1 answer missing", "missing", "▼ 9", "better", "Look at this today"):
        assert words in text, words
    assert AuditEntry.objects.filter(what="patients.chart.viewed", detail={"page": "measures"}).count() == 1


def test_a_patient_without_questionnaires_is_told_so(amals: Client, noor: Patient) -> None:
    assert "No questionnaire yet" in amals.get(f"/patients/{noor.pk}/measures").content.decode()


def test_the_usual_two_are_sent_in_two_taps(amals: Client, noor: Patient) -> None:
    form = amals.get(f"/patients/{noor.pk}/measures/send").content.decode()
    assert form.count("checked") == 2
    assert "C-SSRS" not in form  # its wording may not be shown on the portal
    data = {"instruments": ["phq9", "gad7"], "due_on_day": "12", "due_on_month": "3", "due_on_year": "2026"}
    response = amals.post(f"/patients/{noor.pk}/measures/send", data)
    assert response.headers["Location"] == f"/patients/{noor.pk}/measures"
    assert set(Assignment.objects.values_list("instrument", flat=True)) == {"phq9", "gad7"}


def test_sending_without_a_choice_or_into_the_past_says_so_beside_the_field(amals: Client, noor: Patient) -> None:
    data = {"due_on_day": "11", "due_on_month": "3", "due_on_year": "2026"}
    text = amals.post(f"/patients/{noor.pk}/measures/send", data).content.decode()
    assert "<title>Error:" in text
    assert "is in the past" in text
    assert not Assignment.objects.exists()


WHEN = {"answered_on_day": "12", "answered_on_month": "Mar", "answered_on_year": "2026", "answered_time": "08:55"}


def test_paper_entry_answers_what_was_sent(amals: Client, noor: Patient, amal: StaffMember, now: datetime) -> None:
    sent = services.assign(by=amal, at=now, patient=noor, instrument="phq9", due_at=now + timedelta(hours=1),
                           opens_at=now - timedelta(days=1))  # fmt: skip
    answers = {f"item_{n}": "1" for n in range(1, 9)}
    response = amals.post(f"/patients/{noor.pk}/measures/enter/phq9", {**WHEN, **answers})
    saved = Response.objects.get()
    assert response.headers["Location"] == f"/responses/{saved.pk}"
    assert (saved.total, saved.missing_items, saved.assignment) == (None, 1, sent)
    text = amals.get(response.headers["Location"]).content.decode()
    assert "No score" in text
    assert "missing" in text


BAD_PAPER = [
    ({**WHEN}, "at least one answer"),
    ({**WHEN, "answered_time": "09:30", "item_1": "1"}, "in the future"),
    ({**WHEN, "item_1": "7"}, "Select a valid choice"),
    ({**WHEN, "answered_time": "25:00", "item_1": "1"}, "24-hour clock"),
]


@pytest.mark.parametrize(("data", "words"), BAD_PAPER, ids=["empty", "future", "out of range", "no time"])
def test_bad_paper_changes_nothing(amals: Client, noor: Patient, data: dict[str, str], words: str) -> None:
    text = amals.post(f"/patients/{noor.pk}/measures/enter/phq9", data).content.decode()
    assert words in text
    assert not Response.objects.exists()


def test_an_unknown_questionnaire_is_not_there(amals: Client, noor: Patient) -> None:
    assert amals.get(f"/patients/{noor.pk}/measures/enter/phq10").status_code == 404


def test_every_questionnaire_can_be_entered(amals: Client, noor: Patient) -> None:
    from interlude.domain.instruments import instruments

    page = amals.get(f"/patients/{noor.pk}/measures/enter").content.decode()
    for one in instruments():
        assert f"/measures/enter/{one.code}" in page
        assert amals.get(f"/patients/{noor.pk}/measures/enter/{one.code}").status_code == 200


def test_an_alert_is_taken_and_closed_with_what_was_done(
    amals: Client, amal: StaffMember, noor: Patient, now: datetime
) -> None:
    paper(amal, noor, "000000001", now)
    alert = RiskAlert.objects.get()
    page = f"/alerts/{alert.pk}"
    assert "I take it" in amals.get(page).content.decode()
    amals.post(page, {"verb": "take"})
    alert.task.refresh_from_db()
    assert alert.task.owner == amal
    refused = amals.post(page, {"verb": "close", "kind": "not_reached", "note": "No answer"}).content.decode()
    assert "stays open" in refused
    assert "No answer" in refused  # what was typed is kept
    amals.post(page, {"verb": "note", "kind": "not_reached", "note": "No answer"})
    amals.post(page, {"verb": "close", "kind": "called", "note": "Safe, sister is there"})
    alert.task.refresh_from_db()
    assert alert.task.state == "done"
    text = amals.get(page).content.decode()
    assert "Safe, sister is there" in text
    assert "Save and close" not in text


def test_the_worklist_leads_to_the_alert(amals: Client, amal: StaffMember, noor: Patient, now: datetime) -> None:
    paper(amal, noor, "000000001", now)
    alert = RiskAlert.objects.get()
    text = amals.get("/tasks").content.decode()
    assert f"/alerts/{alert.pk}" in text
    assert "Urgent" in text


def test_a_questionnaire_is_taken_back(amals: Client, amal: StaffMember, noor: Patient, now: datetime) -> None:
    sent = services.assign(by=amal, at=now, patient=noor, instrument="phq9", due_at=now)
    amals.post(f"/measures/{sent.pk}/withdraw")
    sent.refresh_from_db()
    assert sent.state == "withdrawn"


def test_a_therapist_of_other_patients_finds_nothing(
    client: Client, jonas: StaffMember, amal: StaffMember, noor: Patient, now: datetime
) -> None:
    response = paper(amal, noor, "000000001", now)
    alert = RiskAlert.objects.get()
    client.force_login(jonas)
    pages = [f"/patients/{noor.pk}/measures", f"/responses/{response.pk}", f"/alerts/{alert.pk}"]
    assert [client.get(page).status_code for page in pages] == [404, 404, 404]
    patients.join_care_team(by=amal, at=now, patient=noor, staff=jonas)
    assert [client.get(page).status_code for page in pages] == [200, 200, 200]


@pytest.mark.parametrize("role", ["front_desk", "pharmacy", "researcher", "administrator"])
def test_other_roles_read_no_answers(client: Client, staff: object, noor: Patient, role: str) -> None:
    client.force_login(staff(role))  # type: ignore[operator]
    assert client.get(f"/patients/{noor.pk}/measures").status_code == 403


def test_the_grid_page_takes_a_constant_number_of_queries(
    amals: Client, amal: StaffMember, noor: Patient, now: datetime
) -> None:
    counts = []
    for number in range(3):
        paper(amal, noor, "111111001", now - timedelta(days=number + 1))
        amals.get(f"/patients/{noor.pk}/measures")
        with CaptureQueriesContext(connection) as queries:
            amals.get(f"/patients/{noor.pk}/measures")
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts
