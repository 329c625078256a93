from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from interlude.record.accounts.models import StaffMember
from interlude.record.patients import services
from interlude.record.patients.models import Patient, Referral
from tests.interfaces.staff.people.conftest import Browser

pytestmark = pytest.mark.django_db


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "family_name": "Haas",
        "given_name": "Noor",
        "born_on_day": "14",
        "born_on_month": "July",
        "born_on_year": "1981",
        "sex": "female",
        "phone": "030 5550134",
        **changes,
    }


def test_registering_leads_to_the_referral(browser: Browser, mira: StaffMember) -> None:
    client = browser(mira)
    answer = client.post("/patients/register", entry())
    patient = Patient.objects.get()
    assert answer.url == f"/patients/{patient.pk}/referral"  # type: ignore[attr-defined]
    assert (patient.born_on, patient.phone) == (date(1981, 7, 14), "030 5550134")
    sent = {"received_on_day": "11", "received_on_month": "3", "received_on_year": "2026", "reason": "Depression"}
    client.post(f"/patients/{patient.pk}/referral", sent)
    assert Referral.objects.get().reason == "Depression"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"family_name": " "}, "Enter the family name."),
        ({"born_on_day": "31", "born_on_month": "Feb"}, "There is no such day"),
        ({"born_on_year": "2030"}, "is in the future"),
        ({"born_on_year": "1850"}, "more than 120 years ago"),
        ({"born_on_year": "81"}, "four digits"),
        ({"sex": ""}, "Choose one of the list."),
        ({"email": "nobody"}, "valid email"),
    ],
)
def test_bad_input_stays_with_its_message_beside_the_field(
    browser: Browser, mira: StaffMember, changes: dict[str, str], words: str
) -> None:
    answer = browser(mira).post("/patients/register", entry(**changes))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert not Patient.objects.exists()
    assert page.count(words) == 2  # in the summary and beside the field
    assert 'value="030 5550134"' in page
    assert "<title>Error:" in page.replace("\n", "")


def test_two_people_of_one_name_are_compared_before_the_second_is_registered(
    browser: Browser, mira: StaffMember, noor: Patient
) -> None:
    client = browser(mira)
    page = client.post("/patients/register", entry(born_on_year="1990")).content.decode()
    assert "Is it one of these?" in page
    assert f"/patients/{noor.pk}" in page
    assert "This is another person, I compared them" in page
    assert Patient.objects.count() == 1
    again = client.post("/patients/register", entry(born_on_year="1990", is_another_person="on"))
    assert again.status_code == 302
    assert Patient.objects.count() == 2


def test_the_contact_is_changed_and_an_unknown_language_refused(
    browser: Browser, mira: StaffMember, noor: Patient
) -> None:
    client = browser(mira)
    assert client.post(f"/patients/{noor.pk}/contact", {"phone": "1", "language": "xx"}).status_code == 422
    client.post(f"/patients/{noor.pk}/contact", {"phone": "030 1", "address": "New Street 1", "language": "de"})
    noor = Patient.objects.get()
    assert (noor.phone, noor.address, noor.language) == ("030 1", "New Street 1", "de")


def test_a_referral_in_the_future_is_refused(browser: Browser, mira: StaffMember, noor: Patient) -> None:
    sent = {"received_on_day": "13", "received_on_month": "3", "received_on_year": "2026"}
    page = browser(mira).post(f"/patients/{noor.pk}/referral", sent)
    assert page.status_code == 422
    assert "13-Mar-2026 is in the future" in page.content.decode()


def test_the_invitation_shows_its_link_once_and_prints_it(
    browser: Browser, mira: StaffMember, noor: Patient, now: datetime
) -> None:
    client = browser(mira)
    answer = client.post(f"/patients/{noor.pk}/portal")
    page = answer.content.decode()
    token = answer.context["token"]
    assert services.portal_link(token=token, at=now).patient == noor
    assert f"/{token}" in answer.context["portal_url"]
    assert "<svg" in page
    letter = client.post(f"/patients/{noor.pk}/portal/letter", {"token": token})
    assert letter["Content-Type"] == "application/pdf"
    assert letter.content.startswith(b"%PDF-")
    assert token not in client.get(f"/patients/{noor.pk}").content.decode()


def test_a_letter_needs_a_link_of_this_very_patient(
    browser: Browser, mira: StaffMember, noor: Patient, now: datetime
) -> None:
    other = services.register(by=mira, at=now, family_name="Lind", given_name="Theo", born_on=date(1970, 1, 1))
    token = services.invite_to_portal(by=mira, at=now, patient=other)
    answer = browser(mira).post(f"/patients/{noor.pk}/portal/letter", {"token": token})
    assert answer.status_code == 302
