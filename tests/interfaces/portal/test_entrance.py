from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from unittest.mock import patch

import pytest
from django.test import Client

from interlude.record.accounts.models import StaffMember
from interlude.record.audit.models import AuditEntry
from interlude.record.clinic.models import EmergencyNumber
from interlude.record.measures.models import Assignment
from interlude.record.patients import services as patients
from interlude.record.patients.models import Patient
from tests.interfaces.portal.conftest import BORN

pytestmark = pytest.mark.django_db


def test_link_and_birth_date_open_the_pages(client: Client, link: str) -> None:
    assert client.get(f"/p/o/{link}").status_code == 200
    wrong = client.post(f"/p/o/{link}", {**BORN, "born_on_day": "15"})
    assert wrong.status_code == 200
    assert "does not fit the link" in wrong.content.decode()
    assert "portal" not in client.session
    right = client.post(f"/p/o/{link}", BORN)
    assert right.headers["Location"] == "/p/"
    assert client.get("/p/").status_code == 200
    told = AuditEntry.objects.filter(what__startswith="patients.portal").order_by("id")
    assert [entry.what.rsplit(".", 1)[1] for entry in told] == ["invited", "refused", "opened"]


def test_five_wrong_birth_dates_end_the_link(client: Client, link: str) -> None:
    for _attempt in range(5):
        client.post(f"/p/o/{link}", {**BORN, "born_on_year": "1980"})
    assert client.post(f"/p/o/{link}", BORN).status_code == 410
    assert "portal" not in client.session


LINKS = ["", "nonsense", "a" * 400]


@pytest.mark.parametrize("token", LINKS, ids=["empty", "nonsense", "long"])
def test_an_unknown_link_is_harmless(client: Client, the_clinic: object, token: str) -> None:
    assert client.get(f"/p/o/{token}").status_code in (404, 410)


def test_an_old_link_and_a_replaced_link_have_ended(
    client: Client, link: str, noor: Patient, mira: StaffMember, now: datetime
) -> None:
    newer = patients.invite_to_portal(by=mira, at=now, patient=noor)
    assert client.get(f"/p/o/{link}").status_code == 410
    with patch("django.utils.timezone.now", return_value=now + timedelta(days=29)):
        assert client.get(f"/p/o/{newer}").status_code == 410


PORTAL_PAGES = ["/p/", "/p/agreement", "/p/ride", "/p/wishes", "/p/progress"]


@pytest.mark.parametrize("address", PORTAL_PAGES)
def test_nobody_gets_in_without_the_link(client: Client, amal: StaffMember, address: str) -> None:
    assert client.get(address).headers["Location"] == "/p/closed"
    client.force_login(amal)
    response = client.get(address)
    assert response.status_code == 302
    assert response.headers["Location"] == "/p/closed"


def test_a_portal_session_opens_no_staff_page(noors: Client, noor: Patient) -> None:
    for page in ("/tasks", f"/patients/{noor.pk}/measures"):
        response = noors.get(page)
        assert response.status_code in (302, 404)
        if response.status_code == 302:
            assert response.headers["Location"].startswith("/sign-in")


def test_opening_the_portal_signs_staff_out(client: Client, amal: StaffMember, link: str) -> None:
    client.force_login(amal)
    client.post(f"/p/o/{link}", BORN)
    assert "_auth_user_id" not in client.session
    assert client.get("/p/").status_code == 200


IDLE = [(timedelta(minutes=29), 200), (timedelta(minutes=31), 302)]


@pytest.mark.parametrize(("pause", "status"), IDLE, ids=["29 minutes", "31 minutes"])
def test_the_pages_close_by_themselves(noors: Client, now: datetime, pause: timedelta, status: int) -> None:
    with patch("django.utils.timezone.now", return_value=now + pause):
        assert noors.get("/p/").status_code == status


def test_leaving_ends_the_session_and_leads_away(noors: Client) -> None:
    response = noors.get("/p/leave")
    assert response.headers["Location"].startswith("https://")
    assert "interlude" not in response.headers["Location"]
    assert noors.get("/p/").headers["Location"] == "/p/closed"


def test_help_shows_the_clinics_own_numbers_to_anybody(client: Client, the_clinic: object) -> None:
    EmergencyNumber.objects.create(label="Night line", number="0800 111 0 111")
    EmergencyNumber.objects.create(label="Ward, internal", number="4711", for_patients=False)
    page = client.get("/p/help").content.decode()
    assert 'href="tel:08001110111"' in page
    assert "4711" not in page


def test_the_language_is_the_patients_and_can_be_changed(
    client: Client, enter: Callable[[str], Client], mira: StaffMember, noor: Patient, now: datetime
) -> None:
    patients.change_contact(by=mira, at=now, patient=noor, phone="", email="", address="", language="de")
    browser = enter(patients.invite_to_portal(by=mira, at=now, patient=noor))
    assert browser.get("/p/").headers["Content-Language"] == "de"
    browser.post("/p/language", {"language": "en", "next": "/p/"})
    assert browser.get("/p/").headers["Content-Language"] == "en"
    away = browser.post("/p/language", {"language": "xx", "next": "https://elsewhere.example/"})
    assert away.headers["Location"] == "/p/"


def test_addresses_and_titles_say_nothing_clinical(noors: Client, phq9: Assignment) -> None:
    words = ("phq", "depress", "ketamin", "suicid", "infusion", "mood", "mental", "psych")
    pages = [*PORTAL_PAGES, f"/p/q/{phq9.pk}/9", f"/p/q/{phq9.pk}/9/now", f"/p/q/{phq9.pk}/check", "/p/help"]
    for page in pages:
        assert not any(word in page for word in words)
        response = noors.get(page, follow=True)
        if response.status_code == 200:
            title = response.content.decode().split("<title>")[1].split("</title>")[0].lower()
            assert not any(word in title for word in words), title


def test_another_patients_questionnaire_is_not_there(
    noors: Client, mira: StaffMember, now: datetime, phq9: Assignment
) -> None:
    from interlude.record.measures import services as measures

    other = patients.register(by=mira, at=now, family_name="Frei", given_name="Ute", born_on=date(1970, 1, 2))
    theirs = measures.assign(by=other, at=now, patient=other, instrument="phq9", due_at=now)
    for path in ("", "/1", "/9/now", "/check", "/sent"):
        assert noors.get(f"/p/q/{theirs.pk}{path}").status_code == 404
    assert noors.post(f"/p/q/{theirs.pk}/1", {"value": "1"}).status_code == 404
    assert noors.post(f"/p/q/{theirs.pk}/check").status_code == 404
    assert not theirs.item_answers.exists()
