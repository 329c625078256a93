from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interlude.record.accounts.models import StaffMember
from interlude.record.assessments import services as assessments
from interlude.record.patients import services
from interlude.record.patients.models import Patient
from tests.interfaces.staff.people.conftest import Browser

pytestmark = pytest.mark.django_db


def register(mira: StaffMember, now: datetime, number: int) -> Patient:
    return services.register(
        by=mira, at=now, family_name=f"Family{number}", given_name="Ada", born_on=date(1960 + number, 1, 1)
    )


def test_the_list_shows_one_row_each(browser: Browser, amal: StaffMember, noor: Patient) -> None:
    page = browser(amal).get("/patients").content.decode()
    for text in ("HAAS, Noor", "14-Jul-1981", "K-00001", "Registered", "None booked", "Allergies not recorded"):
        assert text in page


def test_typing_brings_the_rows_alone(browser: Browser, amal: StaffMember, mira: StaffMember, noor: Patient) -> None:
    other = register(mira, noor.registered_at, 1)
    part = browser(amal).get("/patients?q=haa", headers={"HX-Request": "true"}).content.decode()
    assert "HAAS" in part
    assert other.number not in part
    assert "<html" not in part
    nobody = browser(amal).get("/patients?q=<b>", headers={"HX-Request": "true"}).content.decode()
    assert "Nobody found for “&lt;b&gt;”" in nobody


def test_a_therapist_sees_the_own_patients_only(
    browser: Browser, jonas: StaffMember, mira: StaffMember, noor: Patient, now: datetime
) -> None:
    assert "no care team yet" in browser(jonas).get("/patients").content.decode()
    assert browser(jonas).get(f"/patients/{noor.pk}").status_code == 404
    services.join_care_team(by=mira, at=now, patient=noor, staff=jonas)
    assert "HAAS" in browser(jonas).get("/patients").content.decode()


def test_the_front_desk_sees_no_clinical_words(
    browser: Browser, mira: StaffMember, amal: StaffMember, noor: Patient, now: datetime
) -> None:
    entries = [("Latex", "Rash")]
    assessments.state_allergies(by=amal, at=now, patient=noor, state="known", entries=entries)
    assert "Allergy: Latex" in browser(amal).get("/patients").content.decode()
    page = browser(mira).get("/patients").content.decode()
    assert "HAAS" in page
    assert "Latex" not in page


@pytest.mark.parametrize("role", ["pharmacy", "researcher", "administrator"])
def test_other_roles_are_refused(browser: Browser, staff: Any, noor: Patient, role: str) -> None:
    client = browser(staff(role))
    for address in ("/patients", f"/patients/{noor.pk}", "/patients/register"):
        assert client.get(address).status_code == 403


def test_pages_of_25(browser: Browser, amal: StaffMember, mira: StaffMember, now: datetime) -> None:
    for number in range(26):
        register(mira, now + timedelta(minutes=number), number)
    page = browser(amal).get("/patients").content.decode()
    assert "FAMILY25, Ada" in page
    assert "FAMILY0, Ada" not in page
    assert "FAMILY0, Ada" in browser(amal).get("/patients?page=2").content.decode()


def test_the_number_of_queries_is_the_same_at_1_and_3_rows(
    browser: Browser, amal: StaffMember, mira: StaffMember, now: datetime
) -> None:
    client = browser(amal)
    counts = []
    for number in (1, 2, 3):
        patient = register(mira, now, number)
        assessments.state_allergies(by=amal, at=now, patient=patient, state="known", entries=[("Latex", "")])
        content = {"text": "Depression"}
        assessments.save_consultation(by=amal, at=now, patient=patient, part="reason", content=content)
        client.get("/patients")  # keys are in memory from here on
        with CaptureQueriesContext(connection) as queries:
            client.get("/patients")
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2]
