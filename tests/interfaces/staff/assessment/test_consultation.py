from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import queries, services
from interlude.record.audit.models import AuditEntry
from interlude.record.patients.models import Patient
from interlude.record.patients.services import join_care_team
from tests.interfaces.staff.people.conftest import Browser

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
TODAY = {"day": "12", "month": "3", "year": "2026"}


def on(name: str, **changes: str) -> dict[str, str]:
    return {f"{name}_{part}": value for part, value in {**TODAY, **changes}.items()}


def address(patient: Patient, part: str = "") -> str:
    return f"/patients/{patient.pk}/consultation" + (f"/{part}" if part else "")


def test_every_part_is_on_the_page_and_opening_it_is_noted(browser: Browser, lena: StaffMember, noor: Patient) -> None:
    page = browser(lena).get(address(noor)).content.decode()
    for key in (
        "reason", "trials", "psychiatric", "substances", "medical", "allergies", "medicines", "weight", "vitals",
        "physical", "airway", "route", "reports",
    ):  # fmt: skip
        assert f'id="{key}"' in page
    assert AuditEntry.objects.get(what="patients.chart.viewed").detail == {"page": "consultation"}


def test_a_part_is_saved_alone_and_comes_back_as_its_card(browser: Browser, lena: StaffMember, noor: Patient) -> None:
    sent = {"text": "Third episode", "seen": "0"}
    answer = browser(lena).post(address(noor, "reason"), sent, headers=HTMX)
    card = answer.content.decode()
    assert "Third episode" in card
    assert "Saved" in card
    assert "<html" not in card
    assert not AuditEntry.objects.filter(what="patients.chart.viewed").exists()
    plain = browser(lena).post(address(noor, "medical"), {"text": "Appendix", "seen": "0"})
    assert plain.url.endswith("/consultation#medical")  # type: ignore[attr-defined]


def test_what_somebody_else_saved_meanwhile_stands_beside_the_own_text(
    browser: Browser, lena: StaffMember, amal: StaffMember, noor: Patient, now: datetime
) -> None:
    services.save_consultation(by=amal, at=now, patient=noor, part="reason", content={"text": "Amal's text"})
    answer = browser(lena).post(address(noor, "reason"), {"text": "Lena's text", "seen": "0"}, headers=HTMX)
    card = answer.content.decode()
    assert answer.status_code == 422
    assert "Amal&#x27;s text" in card
    assert "Lena&#x27;s text" in card
    browser(lena).post(address(noor, "reason"), {"text": "Both", "seen": "1"}, headers=HTMX)
    assert queries.consultation_of(noor)["reason"].content == {"text": "Both"}


# part | what is typed | the words beside the field | nothing is charted
@pytest.mark.parametrize(
    ("part", "sent", "words"),
    [
        ("weight", {"weight_kg": "1.000", **on("weighed_on")}, "can be read as"),
        ("weight", {"weight_kg": "155 lb", **on("weighed_on")}, "not a plain number"),
        ("weight", {"weight_kg": "7", **on("weighed_on")}, "too low"),
        ("weight", {"weight_kg": "70", **on("weighed_on", day="13")}, "in the future"),
        ("vitals", {"systolic_bp_mmhg": "80", "diastolic_bp_mmhg": "120"}, "must be above the lower"),
        ("allergies", {"state": "known"}, "Enter at least one allergy"),
        ("allergies", {"state": "none_known", "substance_0": "Latex"}, "choose known allergies"),
        ("allergies", {}, "Say what is known"),
        ("medicines", {"name": " "}, "Enter the name of the medicine"),
        ("trials", {"medicine": "Sertraline", "weeks": "12O"}, "not a plain number"),
        ("airway", {"asa_class": "9"}, "Select a valid choice"),
        ("reports", {"title": "ECG"}, "Choose the file"),
        ("reason", {"text": "", "seen": "0"}, "Enter a text"),
    ],
)
@pytest.mark.parametrize("headers", [HTMX, {}], ids=["card", "page"])
def test_bad_input_stays_with_its_message_and_changes_nothing(
    browser: Browser,
    lena: StaffMember,
    noor: Patient,
    part: str,
    sent: dict[str, str],
    words: str,
    headers: dict[str, str],
) -> None:
    answer = browser(lena).post(address(noor, part), sent, headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count(words) == 2  # in the summary and beside the field
    for typed in sent.values():
        assert typed.strip() in page
    assert not AuditEntry.objects.filter(what__startswith="assessments.").exists()


@pytest.mark.parametrize(("typed", "weight"), [("70,5", "70.5"), ("70.5", "70.5"), ("70", "70")])
def test_the_weight_is_read_with_comma_or_point(
    browser: Browser, amal: StaffMember, noor: Patient, typed: str, weight: str
) -> None:
    browser(amal).post(address(noor, "weight"), {"weight_kg": typed, **on("weighed_on")})
    found = queries.latest_weight(noor)
    assert found is not None
    assert found[0] == Decimal(weight)


def test_vital_signs_are_charted_at_their_time(browser: Browser, amal: StaffMember, noor: Patient) -> None:
    values = {
        "systolic_bp_mmhg": "124",
        "diastolic_bp_mmhg": "78",
        "heart_rate_per_min": "66",
        "spo2_percent": "98",
    }
    client = browser(amal)
    later = client.post(address(noor, "vitals"), {**values, **on("measured_on"), "measured_at": "10:00"})
    assert later.status_code == 422  # it is 09:00
    client.post(address(noor, "vitals"), {**values, **on("measured_on"), "measured_at": "08:30"})
    fact = queries.facts_of(noor)["systolic_bp_mmhg"]
    assert (fact.value, fact.observed_at.hour) == (Decimal(124), 7)  # UTC


def test_allergies_are_stated_as_one_list(browser: Browser, amal: StaffMember, noor: Patient) -> None:
    sent = {"state": "known", "substance_0": "Latex", "reaction_0": "Rash", "substance_1": "Penicillin"}
    browser(amal).post(address(noor, "allergies"), sent)
    assert queries.allergy_banner(noor).entries == (("Latex", "Rash"), ("Penicillin", ""))
    stale = browser(amal).post(address(noor, "allergies"), {"state": "none_known", "seen": ""})
    assert stale.status_code == 422
    assert "meanwhile" in stale.content.decode()


def test_medicines_are_added_checked_and_ended(browser: Browser, amal: StaffMember, noor: Patient) -> None:
    client = browser(amal)
    client.post(address(noor, "medicines"), {"verb": "add", "name": "Lorazepam", "dose": "1 mg"})
    card = client.post(address(noor, "medicines"), {"verb": "complete"}, headers=HTMX).content.decode()
    assert "Never stop abruptly" in card
    (medicine,) = queries.medicines_of(noor)
    client.post(address(noor, "medicines"), {"verb": "stop", "id": str(medicine.pk)})
    assert queries.medicines_of(noor) == []
    assert client.post(address(noor, "medicines"), {"verb": "stop", "id": str(medicine.pk)}).status_code == 404


def test_earlier_treatments_say_what_they_count_as(browser: Browser, lena: StaffMember, noor: Patient) -> None:
    client = browser(lena)
    sent = {"medicine": "Sertraline", "dose": "200 mg", "weeks": "8", "dose_was_adequate": "yes", "response": "none"}
    card = client.post(address(noor, "trials"), sent, headers=HTMX).content.decode()
    assert "Not treatment-resistant" in card
    card = client.post(address(noor, "trials"), {**sent, "weeks": ""}, headers=HTMX).content.decode()
    assert "Treatment resistance not known" in card
    card = client.post(address(noor, "trials"), sent, headers=HTMX).content.decode()
    assert "2 adequate treatments did not help" in card
    trial = queries.trials_of(noor)[0]
    client.post(address(noor, "trials"), {"verb": "withdraw", "id": str(trial.pk)})
    assert len(queries.trials_of(noor)) == 2


def test_the_airway_is_saved_and_the_question_of_the_rules_with_it(
    browser: Browser, lena: StaffMember, noor: Patient
) -> None:
    sent = {"asa_class": "2", "mallampati": "3", "difficult": "yes", "findings": "Small mouth", "seen": "0"}
    browser(lena).post(address(noor, "airway"), sent)
    assert queries.consultation_of(noor)["airway"].content["findings"] == "Small mouth"  # type: ignore[index]
    assert queries.facts_of(noor)["airway_difficult"].value is True


def test_a_report_is_uploaded_downloaded_and_taken_out(browser: Browser, amal: StaffMember, noor: Patient) -> None:
    client = browser(amal)
    file = SimpleUploadedFile("ecg.pdf", b"%PDF-1.4 text", content_type="text/html")
    client.post(address(noor, "reports"), {"title": "ECG", "file": file})
    (report,) = queries.reports_of(noor)
    answer = client.get(f"/patients/{noor.pk}/reports/{report.pk}")
    assert answer.content == b"%PDF-1.4 text"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    client.post(address(noor, "reports"), {"verb": "withdraw", "id": str(report.pk)})
    assert client.get(f"/patients/{noor.pk}/reports/{report.pk}").status_code == 404


def test_a_therapist_of_the_team_reads_and_does_not_write(
    browser: Browser, jonas: StaffMember, lena: StaffMember, noor: Patient, now: datetime
) -> None:
    join_care_team(by=lena, at=now, patient=noor, staff=jonas)
    page = browser(jonas).get(address(noor))
    assert page.status_code == 200
    assert "hx-post" not in page.content.decode()
    assert browser(jonas).post(address(noor, "reason"), {"text": "x"}).status_code == 403


@pytest.mark.parametrize("role", ["front_desk", "pharmacy", "researcher", "administrator"])
def test_other_roles_are_refused(browser: Browser, staff: Any, noor: Patient, role: str) -> None:
    client = browser(staff(role))
    for part in ("consultation", "facts", "eligibility"):
        assert client.get(f"/patients/{noor.pk}/{part}").status_code == 403
    assert client.post(address(noor, "reason"), {"text": "x"}).status_code == 403


def test_the_number_of_queries_is_the_same_at_1_and_3_rows(
    browser: Browser, lena: StaffMember, noor: Patient, now: datetime
) -> None:
    client, counts = browser(lena), []
    for number in (1, 2, 3):
        services.state_medicine(by=lena, at=now, patient=noor, name=f"Medicine {number}")
        services.record_trial(by=lena, at=now, patient=noor, medicine=f"Medicine {number}")
        services.attach_report(by=lena, at=now, patient=noor, title="ECG", file_name="a.pdf", content=b"%PDF-1")
        services.save_consultation(by=lena, at=now, patient=noor, part="reason", content={"text": "Text"})
        client.get(address(noor))
        with CaptureQueriesContext(connection) as done:
            client.get(address(noor))
        counts.append(len(done))
    assert len(set(counts)) == 1, counts
