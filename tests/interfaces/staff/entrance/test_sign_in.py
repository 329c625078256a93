from __future__ import annotations

from datetime import datetime

import pytest
from django.conf import settings
from django.test import Client

from interlude.record.accounts import services
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.actors import SYSTEM
from interlude.record.audit.models import AuditEntry
from interlude.record.clinic.services import set_up_clinic
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_a_nurse_signs_in_and_it_is_in_the_trail(client: Client, amal: StaffMember) -> None:
    answer = client.post("/sign-in", {"username": "Amal", "password": PASSWORD})
    assert answer.status_code == 302
    assert AuditEntry.objects.filter(what="accounts.signed_in", actor_id=str(amal.pk)).count() == 1


def test_a_wrong_password_keeps_the_name_and_says_so(client: Client, amal: StaffMember) -> None:
    answer = client.post("/sign-in", {"username": "amal", "password": "guess"})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "do not fit together" in page
    assert 'value="amal"' in page


def test_guessing_is_slowed_down_even_with_the_right_password(client: Client, amal: StaffMember) -> None:
    for _attempt in range(services.FAILURES_BEFORE_WAIT):
        client.post("/sign-in", {"username": "amal", "password": "guess"})
    answer = client.post("/sign-in", {"username": "amal", "password": PASSWORD})
    assert "Too many wrong passwords" in answer.content.decode()


@pytest.mark.parametrize(("is_demo", "listed"), [(True, True), (False, False)])
def test_only_a_demo_lists_its_people(
    client: Client, amal: StaffMember, now: datetime, is_demo: bool, listed: bool
) -> None:
    set_up_clinic(by=SYSTEM, at=now, is_demo=is_demo)
    page = client.get("/sign-in").content.decode()
    assert (amal.display_name in page) is listed
    assert (settings.DEMO_PASSWORD in page) is listed


def test_a_visitor_is_led_to_the_sign_in_page_and_back(client: Client, amal: StaffMember) -> None:
    answer = client.get("/tasks")
    assert answer.headers["Location"] == "/sign-in?next=/tasks"
    answer = client.post("/sign-in", {"username": "amal", "password": PASSWORD, "next": "/tasks"})
    assert answer.headers["Location"] == "/tasks"


def test_a_foreign_address_is_not_followed(client: Client, amal: StaffMember) -> None:
    answer = client.post("/sign-in", {"username": "amal", "password": PASSWORD, "next": "https://elsewhere.example/"})
    assert not answer.headers["Location"].startswith("http")


def test_the_first_password_is_set_by_the_link(client: Client, amal: StaffMember, lena: StaffMember) -> None:
    from django.utils import timezone

    token = services.make_one_time_link(by=lena, at=timezone.now(), staff=amal)
    assert client.get(f"/welcome/{token}").status_code == 200
    short = client.post(f"/welcome/{token}", {"password": "short"})
    assert "12" in short.content.decode()
    assert client.post(f"/welcome/{token}", {"password": "seven quiet herons"}).status_code == 302
    assert client.get(f"/welcome/{token}").status_code == 410
