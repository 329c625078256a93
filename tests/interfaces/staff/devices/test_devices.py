from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from interlude.codecs.hl7v2.build import monitor_message
from interlude.codecs.mllp import RawFrame
from interlude.record.accounts.models import StaffMember
from interlude.record.clinic.models import Chair
from interlude.record.devices.models import Device, DeviceAssignment, QuarantineItem
from interlude.record.dosing.services import receive_batch

pytestmark = pytest.mark.django_db
EUI = "00A0C9FFFE000001"


@pytest.fixture
def monitor(client: Client, amal: StaffMember, chairs: list[Chair]) -> Device:
    client.force_login(amal)
    data = {"name": "Monitor 1", "kind": "monitor", "identifiers": EUI, "feed_interval_s": "1", "is_active": "on"}
    assert client.post("/devices/new", data).status_code == 302
    return Device.objects.get()


def hear(eui64: str) -> None:
    at = timezone.now()
    data = monitor_message(eui64=eui64, name="M", control_id=f"{at.timestamp()}", at=at, values={"heart_rate": 70})
    receive_batch([RawFrame(data=data, peer="127.0.0.1:1", received_at=at, default_zone=UTC)])


def test_a_nurse_says_where_the_monitor_stands(client: Client, monitor: Device, chairs: list[Chair]) -> None:
    client.post(f"/devices/{monitor.pk}/chair", {"chair": chairs[0].pk})
    assert DeviceAssignment.objects.get(until=None).chair == chairs[0]
    assert "never heard" in client.get("/devices").content.decode()
    hear(EUI)
    page = client.get("/devices").content.decode()
    assert "heard" in page
    client.post(f"/devices/{monitor.pk}/chair", {"chair": ""})
    assert not DeviceAssignment.objects.filter(until=None).exists()


def test_what_was_not_charted_is_seen_with_its_reason_and_dealt_with(client: Client, monitor: Device) -> None:
    hear("00A0C9FFFEFFFFFF")
    item = QuarantineItem.objects.get()
    page = client.get("/devices/quarantine").content.decode()
    assert str(item.last_raw_id) in page
    assert "OBX|" in client.get(f"/devices/messages/{item.last_raw_id}").content.decode()
    client.post(f"/devices/quarantine/{item.pk}", {"how": "not_needed"})
    assert "Nothing in quarantine" in client.get("/devices/quarantine").content.decode()


def test_an_identifier_that_is_taken_is_refused_beside_its_field(client: Client, monitor: Device) -> None:
    data = {"name": "Monitor 2", "kind": "monitor", "identifiers": EUI, "feed_interval_s": "1", "is_active": "on"}
    page = client.post("/devices/new", data).content.decode()
    assert "belongs to Monitor 1 already" in page
    assert Device.objects.count() == 1


def test_the_number_of_queries_does_not_grow(client: Client, monitor: Device, django_assert_num_queries: Any) -> None:
    with CaptureQueriesContext(connection) as one:
        client.get("/devices")
    needed = len(one)
    for number in (2, 3):
        data = {"name": f"Monitor {number}", "kind": "monitor", "identifiers": f"X{number}", "feed_interval_s": "1"}
        client.post("/devices/new", data)
    with django_assert_num_queries(needed):
        client.get("/devices")


@pytest.mark.parametrize("role", ["front_desk", "therapist", "pharmacy", "researcher"])
def test_devices_are_for_those_who_use_them(client: Client, staff: Any, role: str) -> None:
    client.force_login(staff(role))
    assert client.get("/devices").status_code == 403


def test_only_those_at_the_chair_assign(client: Client, staff: Any, monitor: Device, chairs: list[Chair]) -> None:
    client.force_login(staff("administrator", "aylin"))
    assert client.get("/devices").status_code == 200
    assert client.post(f"/devices/{monitor.pk}/chair", {"chair": chairs[0].pk}).status_code == 403
