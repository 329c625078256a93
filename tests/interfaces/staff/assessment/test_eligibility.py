from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from interlude.domain.protocol.library import load_library
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import queries, services
from interlude.record.assessments.models import EligibilityDecision
from interlude.record.audit.models import AuditEntry
from interlude.record.patients.models import Patient
from tests.conftest import PASSWORD
from tests.interfaces.staff.people.conftest import Browser

pytestmark = pytest.mark.django_db
Answer = Callable[..., None]
HTMX = {"HX-Request": "true"}


def address(patient: Patient, part: str = "") -> str:
    return f"/patients/{patient.pk}/eligibility" + (f"/{part}" if part else "")


def seen(client: Client, patient: Patient) -> str:
    sha256: str = client.get(address(patient)).context["picture"].sha256
    return sha256


def test_every_rule_is_a_row_with_shape_word_and_source(browser: Browser, lena: StaffMember, noor: Patient) -> None:
    page = browser(lena).get(address(noor)).content.decode()
    for rule in load_library().rule_set.rules:
        assert (f'id="{rule.code}"' in page) == ("plan" in rule.stages)
    for word in ("UNKNOWN", "CLEAR", "Not known", "Medicines with ketamine", "no published authority"):
        assert word in page
    assert AuditEntry.objects.get(what="patients.chart.viewed").detail == {"page": "eligibility"}


@pytest.mark.parametrize(
    ("facts", "rule", "state"),
    [
        ({"allergy_ketamine": True}, "E01", "stops"),
        ({"systolic_bp_mmhg": Decimal(150)}, "E03", "review"),
        ({"pregnant": None, "can_become_pregnant": True}, "E08", "unknown"),
    ],
)
def test_a_row_follows_its_fact(
    browser: Browser,
    everything_clear: None,
    answer: Answer,
    lena: StaffMember,
    noor: Patient,
    facts: dict[str, Any],
    rule: str,
    state: str,
) -> None:
    assert browser(lena).get(address(noor)).context["open_rows"] == []
    answer(**facts)
    rows = browser(lena).get(address(noor)).context["open_rows"]
    assert [(entry["row"].code, entry["row"].state) for entry in rows] == [(rule, state)]


def test_a_missing_answer_is_given_in_place_and_what_was_written_stays(
    browser: Browser, everything_clear: None, answer: Answer, lena: StaffMember, noor: Patient
) -> None:
    answer(pregnant=None, can_become_pregnant=True, schizophrenia_history=True)
    sent = {
        "row": "E08",
        "codes": "pregnant",
        "pregnant": "no",
        "source": "laboratory",
        "override_E05": "Once, 1999",
        "outcome": "eligible",
    }
    part = browser(lena).post(address(noor, "answer"), sent, headers=HTMX).content.decode()
    assert "Answer saved" in part
    assert "Once, 1999" in part
    assert "checked" in part[part.index('value="eligible"') :][:120]
    assert "<html" not in part
    assert queries.facts_of(noor)["pregnant"].value is False


def test_a_wrong_answer_in_place_stays_open_with_its_message(
    browser: Browser, amal: StaffMember, noor: Patient
) -> None:
    sent = {"row": "E15", "codes": "spo2_percent", "spo2_percent": "980"}
    answer = browser(amal).post(address(noor, "answer"), sent, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("980 % is too high") == 2
    assert queries.fact_rows(noor) == {}
    assert browser(amal).post(address(noor, "answer"), {"row": "E19", "codes": "age_years"}).status_code == 404


def test_a_physician_checks_and_signs(
    browser: Browser, everything_clear: None, answer: Answer, lena: StaffMember, noor: Patient
) -> None:
    answer(systolic_bp_mmhg=Decimal(150))
    client = browser(lena)
    sent = {"outcome": "eligible", "seen": seen(client, noor), "override_E03": "White coat, 128/80 at home"}
    check = client.post(address(noor), {**sent, "step": "check"}).content.decode()
    assert "Check and sign" in check
    assert "White coat, 128/80 at home" in check
    assert not EligibilityDecision.objects.exists()
    back = client.post(address(noor), {**sent, "step": "back"}).content.decode()
    assert "White coat, 128/80 at home" in back
    wrong = client.post(address(noor), {**sent, "step": "sign", "password": "wrong"})
    assert wrong.status_code == 422
    assert "The password is not right" in wrong.content.decode()
    assert not EligibilityDecision.objects.exists()
    done = client.post(address(noor), {**sent, "step": "sign", "password": PASSWORD})
    assert done.status_code == 302
    decision = EligibilityDecision.objects.get()
    assert decision.overrides == {"E03": "White coat, 128/80 at home"}
    assert decision.signature.staff == lena
    assert "Signed by Lena" in client.get(address(noor)).content.decode()


def test_a_page_older_than_the_record_signs_nothing(
    browser: Browser, everything_clear: None, answer: Answer, lena: StaffMember, noor: Patient
) -> None:
    client = browser(lena)
    old = seen(client, noor)
    answer(spo2_percent=Decimal(97))
    for step in ("check", "sign"):
        sent = {"outcome": "eligible", "seen": old, "step": step, "password": PASSWORD}
        answered = client.post(address(noor), sent)
        page = answered.content.decode()
        assert answered.status_code == 422
        assert "The record has changed since this page was opened" in page
        assert old not in page  # what is signed next is what is shown now
    assert not EligibilityDecision.objects.exists()


@pytest.mark.parametrize(
    ("facts", "sent", "words"),
    [
        ({}, {}, "Choose the decision."),
        ({}, {"outcome": "not_eligible"}, "Write the reason in a few words."),
        ({"schizophrenia_history": True}, {"outcome": "eligible"}, "Write why you go on"),
        ({"allergy_ketamine": True}, {"outcome": "eligible"}, "nobody may go past this row"),
        ({"porphyria": None}, {"outcome": "eligible"}, "Nobody is eligible on what is not known"),
    ],
)
def test_what_may_not_be_signed_is_said_beside_its_field(
    browser: Browser,
    everything_clear: None,
    answer: Answer,
    lena: StaffMember,
    noor: Patient,
    facts: dict[str, Any],
    sent: dict[str, str],
    words: str,
) -> None:
    if facts:
        answer(**facts)
    client = browser(lena)
    answered = client.post(address(noor), {"seen": seen(client, noor), "step": "check", **sent})
    assert answered.status_code == 422
    assert answered.content.decode().count(words) == 2
    assert not EligibilityDecision.objects.exists()


def test_a_nurse_sees_the_rows_and_decides_nothing(
    browser: Browser, everything_clear: None, amal: StaffMember, noor: Patient
) -> None:
    page = browser(amal).get(address(noor)).content.decode()
    assert "A physician decides and signs" in page
    assert 'id="decision"' not in page
    sent = {"outcome": "eligible", "seen": "x", "step": "sign", "password": PASSWORD}
    assert browser(amal).post(address(noor), sent).status_code == 403


def test_the_number_of_queries_is_the_same_at_1_and_3_rows(
    browser: Browser, lena: StaffMember, noor: Patient, now: datetime
) -> None:
    client, counts = browser(lena), []
    for number in (1, 2, 3):
        services.state_medicine(by=lena, at=now, patient=noor, name=f"Medicine {number}")
        services.record_trial(by=lena, at=now, patient=noor, medicine=f"Medicine {number}")
        client.get(address(noor))
        with CaptureQueriesContext(connection) as done:
            client.get(address(noor))
        counts.append(len(done))
    assert len(set(counts)) == 1, counts


def test_the_patient_is_asked_for_what_is_missing(
    browser: Browser, everything_clear: None, answer: Answer, lena: StaffMember, noor: Patient
) -> None:
    answer(porphyria=None, systolic_bp_mmhg=Decimal(150), psychosis_active=None)
    client = browser(lena)
    page = client.get(address(noor)).content.decode()
    assert "Ask the patient 1 open question" in page  # active psychosis is for a clinician to judge
    sent = {"row": "E18", "codes": "porphyria", "override_E03": "White coat"}
    part = client.post(address(noor, "ask"), sent, headers=HTMX).content.decode()
    assert "The patient is asked" in part
    assert "no answer yet" in part
    assert "White coat" in part
    assert "<html" not in part
    assert set(queries.open_questions(noor)) == {"porphyria"}
    again = client.post(address(noor, "ask"), sent, headers=HTMX)
    assert again.status_code == 422
    assert "asked already" in again.content.decode()
    refused = client.post(address(noor, "ask"), {"codes": "psychosis_active"}, headers=HTMX)
    assert refused.status_code == 422
    assert set(queries.open_questions(noor)) == {"porphyria"}
    plain = client.post(address(noor, "ask"), {"row": "E18", "codes": "porphyria"})
    assert plain.url.endswith("/eligibility#E18")  # type: ignore[attr-defined]
