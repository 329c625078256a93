"""Who may open and do what on the session pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from interlude.record.accounts.models import StaffMember
from interlude.record.patients.services import join_care_team
from tests.record.dosing.builders import Clinic

pytestmark = pytest.mark.django_db

READ = ("", "/report", "/panel", "/chart.json", "/preview.json")
RUN = ("/rate", "/resume", "/pump", "/start", "/cancel", "/gate/answer", "/recovery/answer", "/discharge", "/leave")
CARE = ("/pause", "/stop", "/complete", "/event", "/vitals", "/score/moaas")


@pytest.mark.parametrize(
    ("role", "reads", "runs", "cares", "orders"),
    [
        ("nurse", True, True, True, False),
        ("physician", True, True, True, True),
        ("therapist", True, False, True, False),
        ("front_desk", False, False, False, False),
        ("pharmacy", False, False, False, False),
        ("researcher", False, False, False, False),
        ("administrator", False, False, False, False),
    ],
)
def test_each_role_does_what_its_part_is(
    client: Client,
    clinic: Clinic,
    staff: Callable[..., StaffMember],
    role: str,
    reads: bool,
    runs: bool,
    cares: bool,
    orders: bool,
) -> None:
    session = clinic.running()
    person = staff(role)
    if role == "therapist":
        assert client_of(client, person).get(f"/sessions/{session.pk}").status_code == 404
        join_care_team(by=clinic.nurse, at=clinic.at, patient=session.patient, staff=person)
    client_of(client, person)
    page = f"/sessions/{session.pk}"
    for path in READ:
        assert (client.get(page + path).status_code != 403) is reads, path
    for path in RUN:
        assert (client.post(page + path).status_code != 403) is runs, path
    for path in CARE:
        assert (client.post(page + path).status_code != 403) is cares, path
    assert (client.post(page + "/order").status_code != 403) is orders


def client_of(client: Client, person: StaffMember) -> Client:
    client.force_login(person)
    return client


def test_a_therapist_sees_no_button_that_is_refused(client: Client, clinic: Clinic, jonas: StaffMember) -> None:
    session = clinic.running()
    join_care_team(by=clinic.nurse, at=clinic.at, patient=session.patient, staff=jonas)
    client.force_login(jonas)
    page = client.get(f"/sessions/{session.pk}").content.decode()
    assert 'id="stop-button"' in page
    assert 'value="nausea"' in page
    assert 'id="rate-form"' not in page
    assert 'id="pump-confirm"' not in page


def test_each_step_of_a_session_has_its_page(client: Client, clinic: Clinic) -> None:
    client.force_login(clinic.nurse)
    waiting = clinic.ready()
    assert client.get(f"/sessions/{waiting.pk}").headers["Location"] == f"/sessions/{waiting.pk}/gate"
    assert client.get(f"/sessions/{waiting.pk}/recovery").headers["Location"] == f"/sessions/{waiting.pk}"
    running = clinic.running(family="Lind", chair=1)
    assert client.get(f"/sessions/{running.pk}/gate").headers["Location"] == f"/sessions/{running.pk}"
    assert client.get(f"/sessions/{running.pk}").status_code == 200
