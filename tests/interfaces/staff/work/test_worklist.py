from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from interlude.record.accounts.models import StaffMember
from interlude.record.patients.models import Patient
from interlude.record.worklist import services
from interlude.record.worklist.models import Task

pytestmark = pytest.mark.django_db


def open_task(by: StaffMember, at: datetime, key: str, **more: Any) -> Task:
    return services.open_task(by=by, at=at, kind="test", title="Call the patient", key=key, **more)


def test_a_task_belongs_to_a_role_until_somebody_takes_it(
    client: Client, amal: StaffMember, lena: StaffMember, noor: Patient, now: datetime
) -> None:
    task = open_task(lena, now, "call", owner_role="nurse", patient=noor)
    client.force_login(amal)
    assert "Call the patient" in client.get("/tasks").content.decode()
    client.post(f"/tasks/{task.pk}", {"verb": "take"})
    task.refresh_from_db()
    assert task.owner == amal
    client.force_login(lena)
    assert "Call the patient" not in client.get("/tasks").content.decode()
    client.post(f"/tasks/{task.pk}", {"verb": "take"})
    task.refresh_from_db()
    assert task.owner == amal


def test_a_second_call_with_the_same_key_opens_nothing(lena: StaffMember, now: datetime) -> None:
    first = open_task(lena, now, "same", owner_role="nurse")
    assert open_task(lena, now, "same", owner_role="nurse") == first
    services.close_task(by=lena, at=now, task=first)
    assert open_task(lena, now, "same", owner_role="nurse") != first


def test_an_overdue_task_says_so(client: Client, amal: StaffMember, now: datetime) -> None:
    open_task(amal, now, "late", owner_role="nurse", due_at=now - timedelta(minutes=1))
    client.force_login(amal)
    assert "overdue" in client.get("/tasks").content.decode()


def test_the_number_of_queries_does_not_grow(
    client: Client, amal: StaffMember, noor: Patient, now: datetime, django_assert_num_queries: Any
) -> None:
    client.force_login(amal)
    open_task(amal, now, "task 0", owner_role="nurse", patient=noor)
    with CaptureQueriesContext(connection) as one:
        client.get("/tasks")
    needed = len(one)
    for number in (1, 2):
        open_task(amal, now, f"task {number}", owner_role="nurse", patient=noor)
    with django_assert_num_queries(needed):
        client.get("/tasks")


def test_three_letters_find_a_patient(client: Client, mira: StaffMember, noor: Patient) -> None:
    client.force_login(mira)
    results = client.get("/find", {"q": "haa"}).json()["results"]
    assert results[0]["title"] == "HAAS, Noor"
    assert str(noor.pk) in results[0]["url"]


def test_a_researcher_finds_no_patients(client: Client, staff: Any, noor: Patient) -> None:
    client.force_login(staff("researcher", "ivo"))
    assert client.get("/find", {"q": "haa"}).json()["results"] == []
