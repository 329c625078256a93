"""The day's board, Ctrl+K and check-in."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from interlude.record.accounts.models import StaffMember
from interlude.record.clinic import services as clinic_services
from interlude.record.clinic.models import Chair, Room
from interlude.record.dosing import services
from interlude.record.dosing.models import Session
from tests.record.dosing.builders import Clinic, fresh

pytestmark = pytest.mark.django_db


def queries_of(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(path).status_code == 200
    # The one row of the clinic is read again by whoever asks for its zone; it is not a row of the board.
    return sum('FROM "clinic_clinic"' not in query["sql"] for query in seen)


def add_chairs(clinic: Clinic, number: int) -> None:
    room = Room.objects.first()
    for one in range(number):
        clinic_services.save_chair(by=clinic.physician, at=clinic.at, room=room, name=f"More {one}")
    clinic.chairs = list(Chair.objects.order_by("name"))


def test_the_board_says_who_is_where(client: Client, clinic: Clinic) -> None:
    running = clinic.running()
    services.chart_vitals(
        by=clinic.nurse,
        at=timezone.now(),
        session=running,
        values={"nibp_sys": Decimal(148), "nibp_dia": Decimal(92)},
    )
    clinic.checked_in(family="Weiss", chair=1)
    client.force_login(clinic.nurse)
    page = client.get("/").content.decode()
    assert "HAAS, Noor" in page
    assert "Infusing" in page
    assert "148/92" in page
    assert "WEISS, Noor" in page
    assert "not asked yet" in page
    assert "Tom Doe" in page
    assert f"session:{running.pk}" in page


def test_the_front_desk_sees_the_state_and_no_vital_signs(client: Client, clinic: Clinic, mira: StaffMember) -> None:
    running = clinic.running()
    services.chart_vitals(
        by=clinic.nurse,
        at=timezone.now(),
        session=running,
        values={"nibp_sys": Decimal(148), "nibp_dia": Decimal(92)},
    )
    client.force_login(mira)
    page = client.get("/").content.decode()
    assert "HAAS, Noor" in page
    assert "Infusing" in page
    for hidden in ("148/92", "PHQ-9", "vital-rules", "MOAA", f"/sessions/{running.pk}"):
        assert hidden not in page


def test_a_pressure_that_is_too_old_is_no_pressure(client: Client, clinic: Clinic) -> None:
    session = clinic.running()
    services.chart_vitals(
        by=clinic.nurse,
        at=timezone.now(),
        session=session,
        values={"nibp_sys": Decimal(131), "nibp_dia": Decimal(81)},
        observed_at=timezone.now() - timedelta(minutes=21),
    )
    client.force_login(clinic.nurse)
    page = client.get(f"/sessions/{session.pk}").content.decode()
    assert 'data-age-value="131/81"' not in page
    assert "last 131/81 at" in page


@pytest.mark.parametrize("role", ["nurse", "front_desk"])
def test_the_number_of_queries_does_not_grow(
    client: Client, clinic: Clinic, amal: StaffMember, mira: StaffMember, role: str
) -> None:
    add_chairs(clinic, 7)
    clinic.running()
    clinic.checked_in(family="One", chair=1)
    clinic.appointment(clinic.course(clinic.patient("Two"), clinic.version()), chair=2)
    client.force_login(amal if role == "nurse" else mira)
    one_of_each = queries_of(client, "/today/board")
    for number in range(2):
        clinic.running(family=f"More{number}", chair=3 + number)
        clinic.checked_in(family=f"Gate{number}", chair=5 + number)
        clinic.appointment(clinic.course(clinic.patient(f"Wait{number}"), clinic.version()), chair=7)
    assert queries_of(client, "/today/board") == one_of_each
    assert one_of_each <= 30


def test_three_letters_find_who_is_expected_first(client: Client, clinic: Clinic, mira: StaffMember) -> None:
    appointment = clinic.appointment(clinic.course(clinic.patient(), clinic.version()))
    client.force_login(mira)
    results = client.get("/find?q=haa").json()["results"]
    assert results[0]["url"] == f"/appointments/{appointment.pk}/check-in"
    assert results[1]["url"] == f"/patients/{appointment.patient_id}"
    page = client.get(results[0]["url"]).content.decode()
    assert "autofocus" in page
    assert f'<option value="{clinic.chairs[0].pk}" selected>' in page
    client.post(results[0]["url"], {"chair": str(clinic.chairs[0].pk)})
    assert Session.objects.get().appointment == appointment
    assert "check-in" not in client.get("/find?q=haa").json()["results"][0]["url"]


def test_an_open_session_is_found_by_who_works_there(client: Client, clinic: Clinic) -> None:
    session = clinic.running()
    client.force_login(clinic.nurse)
    assert client.get("/find?q=haa").json()["results"][0]["url"] == f"/sessions/{session.pk}"


def test_a_second_session_on_a_taken_chair_is_refused_beside_the_chair(client: Client, clinic: Clinic) -> None:
    clinic.running()
    appointment = clinic.appointment(clinic.course(clinic.patient("Weiss"), clinic.version()), chair=0)
    client.force_login(clinic.nurse)
    page = client.get(f"/appointments/{appointment.pk}/check-in").content.decode()
    assert "Chair 1 is taken. Chair 2 is free." in page
    assert f'<option value="{clinic.chairs[1].pk}" selected>' in page
    answer = client.post(f"/appointments/{appointment.pk}/check-in", {"chair": str(clinic.chairs[0].pk)})
    assert answer.status_code == 422
    assert "There is a session on Chair 1 already. Choose another chair." in answer.content.decode()
    assert 'id="id_chair_error"' in answer.content.decode()
    assert Session.objects.count() == 1


def test_a_nurse_comes_to_the_gate_and_the_front_desk_back_to_the_board(
    client: Client, clinic: Clinic, mira: StaffMember
) -> None:
    for person, goes in ((clinic.nurse, "/gate"), (mira, "/")):
        one = clinic.appointment(clinic.course(clinic.patient(person.username), clinic.version()), chair=0)
        client.force_login(person)
        answer = client.post(f"/appointments/{one.pk}/check-in", {"chair": str(clinic.chairs[0].pk)})
        assert answer.headers["Location"].endswith(goes)
        session = fresh(Session.objects.get(appointment=one))
        services.cancel_session(by=clinic.nurse, at=timezone.now(), session=session, reason="test")
