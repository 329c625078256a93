"""The patient answers what the clinic asked, in plain words."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import queries, services
from interlude.record.patients.models import Patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(noor: Patient, amal: StaffMember, now: datetime) -> Patient:
    services.ask_patient(by=amal, at=now, patient=noor, codes=["porphyria", "can_become_pregnant", "fear_of_needles"])
    return noor


def test_without_questions_nothing_is_asked(noors: Client) -> None:
    assert "Questions about your health" not in noors.get("/p/").content.decode()
    assert noors.get("/p/questions").status_code == 302


def test_the_first_page_leads_to_the_questions(asked: Patient, noors: Client) -> None:
    assert "/p/questions" in noors.get("/p/").content.decode()
    page = noors.get("/p/questions").content.decode()
    for text in (
        "Do you have porphyria?",
        "Could you be or become pregnant?",
        "Are you afraid of needles?",
        "Very much",
    ):
        assert text in page
    assert "(optional)" not in page


def test_some_are_answered_and_the_rest_stays(asked: Patient, noors: Client) -> None:
    sent = {"porphyria": "no", "fear_of_needles": "some"}
    assert noors.post("/p/questions", sent).status_code == 302
    facts = queries.facts_of(asked)
    assert (facts["porphyria"].value, facts["fear_of_needles"].value) == (False, "some")
    assert set(queries.open_questions(asked)) == {"can_become_pregnant"}
    noors.post("/p/questions", {"can_become_pregnant": "not_known"})
    assert queries.open_questions(asked) == {}
    assert "can_become_pregnant" not in queries.facts_of(asked)


@pytest.mark.parametrize(
    ("sent", "words"),
    [({}, "Answer at least one question."), ({"porphyria": "perhaps"}, "Select a valid choice")],
)
def test_what_cannot_be_read_is_said(asked: Patient, noors: Client, sent: dict[str, str], words: str) -> None:
    answer = noors.post("/p/questions", sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert queries.fact_rows(asked) == {}


def test_what_was_not_asked_is_not_taken(asked: Patient, noors: Client) -> None:
    noors.post("/p/questions", {"reflux": "yes", "porphyria": "no"})
    assert set(queries.fact_rows(asked)) == {"porphyria"}


def test_nobody_else_reads_them(asked: Patient, client: Client, lena: StaffMember) -> None:
    assert client.get("/p/questions").status_code in (302, 403)
    client.force_login(lena)
    assert client.get("/p/questions").status_code in (302, 403)
