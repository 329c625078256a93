from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interlude.domain.protocol.library import load_library
from interlude.interfaces.staff.assessment.groups import groups
from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import queries, services
from interlude.record.assessments.catalogue import catalogue
from interlude.record.audit.models import AuditEntry
from interlude.record.patients.models import Patient
from tests.interfaces.staff.people.conftest import Browser

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_every_question_that_planning_needs_stands_in_exactly_one_group() -> None:
    asked = [code for group in groups() for code in group.codes]
    assert len(asked) == len(set(asked))
    rules = load_library().rule_set.rules
    needed = {code for rule in rules if "plan" in rule.stages for code in rule.fact_codes("plan")}
    assert {code for code in needed if catalogue().get(code).asked != "computed"} <= set(asked)


def test_only_what_was_filled_in_is_charted(browser: Browser, amal: StaffMember, noor: Patient) -> None:
    sent = {"pregnant": "no", "breastfeeding": "not_known", "can_become_pregnant": "", "source": "laboratory"}
    card = browser(amal).post(f"/patients/{noor.pk}/facts/group/pregnancy", sent, headers=HTMX).content.decode()
    assert "Saved" in card
    assert {code: row.value for code, row in queries.fact_rows(noor).items()} == {
        "pregnant": False,
        "breastfeeding": None,
    }
    assert AuditEntry.objects.filter(what="assessments.facts.recorded").count() == 1
    page = browser(amal).get(f"/patients/{noor.pk}/facts").content.decode()
    assert "Laboratory" in page
    assert "Not known" in page


@pytest.mark.parametrize(
    ("group", "sent", "words"),
    [
        ("heart", {"systolic_bp_mmhg": "12O"}, "not a plain number"),
        ("heart", {"systolic_bp_mmhg": "1.200"}, "can be read as"),
        ("heart", {"systolic_bp_mmhg": "900"}, "too high"),
        ("heart", {"systolic_bp_mmhg": "124 kPa"}, "not a plain number"),
        (
            "heart",
            {
                "myocardial_infarction_on_day": "13",
                "myocardial_infarction_on_month": "March",
                "myocardial_infarction_on_year": "2026",
            },
            "in the future",
        ),
        (
            "pregnancy",
            {"pregnant": "no", "observed_on_day": "1", "observed_on_month": "4", "observed_on_year": "2026"},
            "in the future",
        ),
        ("pregnancy", {"pregnant": "perhaps"}, "Select a valid choice"),
    ],
)
def test_bad_input_stays_with_its_message_and_charts_nothing(
    browser: Browser, amal: StaffMember, noor: Patient, group: str, sent: dict[str, str], words: str
) -> None:
    for headers in (HTMX, {}):
        answer = browser(amal).post(f"/patients/{noor.pk}/facts/group/{group}", sent, headers=headers)
        assert answer.status_code == 422
        assert answer.content.decode().count(words) == 2
    assert queries.fact_rows(noor) == {}


def test_an_empty_group_says_so(browser: Browser, amal: StaffMember, noor: Patient) -> None:
    answer = browser(amal).post(f"/patients/{noor.pk}/facts/group/mind", {}, headers=HTMX)
    assert answer.status_code == 422
    assert "Answer at least one question" in answer.content.decode()


def test_an_answer_that_is_too_old_says_so(browser: Browser, amal: StaffMember, noor: Patient, now: datetime) -> None:
    services.record_fact(
        by=amal,
        at=now,
        patient=noor,
        code="pregnant",
        value=False,
        observed_at=now - timedelta(days=8),
        source="laboratory",
    )
    page = browser(amal).get(f"/patients/{noor.pk}/facts").content.decode()
    assert "Too old: ask again" in page
    assert "8 days ago" in page


def test_every_entry_is_listed_and_an_error_withdrawn(
    browser: Browser, amal: StaffMember, noor: Patient, now: datetime
) -> None:
    for kg in ("72", "172"):
        services.record_fact(by=amal, at=now, patient=noor, code="weight_kg", value=Decimal(kg), observed_at=now)
    client = browser(amal)
    page = client.get(f"/patients/{noor.pk}/facts/weight_kg").content.decode()
    assert "172 kg" in page
    wrong = queries.fact_rows(noor)["weight_kg"]
    client.post(f"/patients/{noor.pk}/facts/weight_kg", {"id": str(wrong.pk)})
    assert queries.latest_weight(noor) == (Decimal(72), now)
    assert "Withdrawn" in client.get(f"/patients/{noor.pk}/facts/weight_kg").content.decode()
    assert client.get(f"/patients/{noor.pk}/facts/nothing").status_code == 404


def test_the_number_of_queries_is_the_same_at_1_and_3_answers(
    browser: Browser, amal: StaffMember, noor: Patient, now: datetime
) -> None:
    client = browser(amal)
    counts: list[Any] = []
    for code in ("pregnant", "porphyria", "mania_current"):
        services.record_fact(by=amal, at=now, patient=noor, code=code, value=False, observed_at=now)
        client.get(f"/patients/{noor.pk}/facts")
        with CaptureQueriesContext(connection) as done:
            client.get(f"/patients/{noor.pk}/facts")
        counts.append(len(done))
    assert len(set(counts)) == 1, counts
