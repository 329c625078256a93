from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from interlude.record.accounts.models import StaffMember
from interlude.record.audit.models import AuditEntry
from interlude.record.clinic.models import Chair, Clinic, EmergencyNumber, Site

pytestmark = pytest.mark.django_db


@pytest.fixture
def aylin(staff: Any, client: Client) -> StaffMember:
    person: StaffMember = staff("administrator", "aylin")
    client.force_login(person)
    return person


@pytest.mark.parametrize("role", ["physician", "nurse", "therapist", "front_desk", "pharmacy", "researcher"])
def test_administration_is_for_administrators(client: Client, staff: Any, role: str) -> None:
    client.force_login(staff(role))
    assert client.get("/administration").status_code == 403


def test_the_clinic_is_changed_with_a_trail(client: Client, aylin: StaffMember) -> None:
    data = {
        "name": "Quiet House",
        "letterhead": "Quiet House\nLinden Street 1",
        "time_zone": "Europe/Vienna",
        "language": "de",
        "decimal_sign": ",",
        "country": "AT",
    }
    assert client.post("/administration/clinic", data).status_code == 302
    assert Clinic.objects.get().time_zone == "Europe/Vienna"
    entry = AuditEntry.objects.filter(what="clinic.changed", actor_id=str(aylin.pk)).get()
    assert entry.detail["changed"]["decimal_sign"] == [".", ","]
    assert "clinic.changed" in client.get("/administration/trail").content.decode()


def test_opening_hours_that_cannot_be_read_change_nothing(client: Client, aylin: StaffMember) -> None:
    site = Site.objects.get()
    before = site.opening_hours.count()
    answer = client.post(f"/administration/sites/{site.pk}/hours", {"hours": "mon-fri=18:00-08:00"})
    assert answer.status_code == 200
    assert "mon-fri=18:00-08:00" in answer.content.decode()
    assert site.opening_hours.count() == before
    assert client.post(f"/administration/sites/{site.pk}/hours", {"hours": "mon-sat=07:30-19:00"}).status_code == 302
    assert site.opening_hours.count() == 6


def test_a_chair_of_a_taken_name_is_refused(client: Client, aylin: StaffMember, chairs: list[Chair]) -> None:
    data = {"room": chairs[0].room_id, "name": "Chair 2", "kind": "bed", "is_active": "on"}
    answer = client.post("/administration/chairs/new", data)
    assert "already one with the name Chair 2" in answer.content.decode()
    data["name"] = "Bed 1"
    assert client.post("/administration/chairs/new", data).status_code == 302
    assert Chair.objects.get(name="Bed 1").kind == "bed"


def test_emergency_numbers_are_kept_in_order(client: Client, aylin: StaffMember) -> None:
    client.post("/administration/numbers", {"numbers": "Emergency = 112\nOn call = 030 1234 *"})
    rows = list(EmergencyNumber.objects.values_list("label", "number", "for_patients"))
    assert rows == [("Emergency", "112", True), ("On call", "030 1234", False)]


def test_a_member_of_staff_gets_a_one_time_link(client: Client, aylin: StaffMember) -> None:
    data = {"username": "nils", "display_name": "Nils Berg", "role": "nurse", "is_active": "on"}
    assert client.post("/administration/staff/new", data).status_code == 302
    nils = StaffMember.objects.get(username="nils")
    page = client.post(f"/administration/staff/{nils.pk}/link").content.decode()
    assert "/welcome/" in page
    client.logout()


@pytest.mark.parametrize(
    "path", ["clinic", "sites/new", "rooms/new", "chairs/new", "numbers", "staff/new", "trail", ""]
)
def test_each_page_opens(client: Client, aylin: StaffMember, path: str) -> None:
    assert client.get(f"/administration/{path}".rstrip("/")).status_code == 200
