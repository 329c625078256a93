"""T7 over the real socket: a value enters the chart of who sat at the monitor's chair, or no chart."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from interlude.codecs.hl7v2.build import monitor_message
from tests.faults.clinic import Running
from tests.faults.serving import Served, serving
from tests.faults.web import Person
from tests.interfaces.gateway.support import Device

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(running: Running) -> Iterator[Served]:
    with serving(running.directory) as server:
        yield server


@pytest.fixture(scope="module")
def nurse(running: Running, served: Served) -> Person:
    return Person(served.port).sign_in(running.said["username"], running.said["password"])


def send(served: Served, eui64: str, heart_rate: int, *, patient: str = "", at: datetime | None = None) -> bytes:
    """One message of a monitor, with somebody's name in it when given; returns its bytes."""
    now = at or datetime.now(UTC)
    control_id = f"{eui64[-4:]}{heart_rate}-{now.timestamp():.3f}"
    body = monitor_message(eui64=eui64, name="CHAIR", control_id=control_id, at=now, values={"heart_rate": heart_rate})
    if patient:
        body = body.replace(b'PID|||""', f"PID|||{patient}".encode())
        assert patient.encode() in body
    with Device(served.mllp_port) as device:
        device.send(body)
        assert device.answer() == ("CA", control_id)
    return body


def charts(running: Running, body: bytes) -> list[str]:
    """The sessions into whose charts this message's values went."""
    rows = running.ask(
        "SELECT DISTINCT o.session_id FROM dosing_observation o JOIN devices_rawmessage r ON r.id = o.raw_id"
        " WHERE r.body = ?",
        body,
    )
    return [row[0] for row in rows]


def reasons(running: Running, body: bytes) -> list[str]:
    """Why something of this message is in quarantine, as its page shows it."""
    rows = running.ask(
        "SELECT q.reason_code FROM devices_quarantineitem q JOIN devices_rawmessage r ON r.id = q.last_raw_id"
        " WHERE r.body = ? AND q.resolved_at IS NULL",
        body,
    )
    return [row[0] for row in rows]


def hexed(session: dict[str, str]) -> str:
    return UUID(session["session"]).hex


def stand(nurse: Person, device: str, chair: str) -> None:
    """The nurse says where a device stands ("" for nowhere), on the devices' page."""
    answer = nurse.post(f"/devices/{device}/chair", {"chair": chair})
    assert answer.status == 302


def test_swapped_monitors_follow_the_nurse_and_not_the_name_in_the_message(
    running: Running, served: Served, nurse: Person
) -> None:
    first, second = running.sessions[0], running.sessions[1]
    assert charts(running, send(served, first["eui64"], 61)) == [hexed(first)]
    stand(nurse, first["device"], "")
    nowhere = send(served, first["eui64"], 62, patient=first["number"])
    assert charts(running, nowhere) == []
    assert reasons(running, nowhere) == ["device-unassigned"]
    stand(nurse, second["device"], first["chair"])
    stand(nurse, first["device"], second["chair"])
    time.sleep(0.05)
    # The messages still name the patients of before.
    assert charts(running, send(served, first["eui64"], 63, patient=first["number"])) == [hexed(second)]
    assert charts(running, send(served, second["eui64"], 64, patient=second["number"])) == [hexed(first)]


def test_a_message_that_names_another_patient_goes_to_the_chair(running: Running, served: Served) -> None:
    here, other = running.sessions[2], running.sessions[3]
    body = send(served, here["eui64"], 65, patient=f"{other['number']}^^^Interlude^PI||Haas D^Noor")
    assert charts(running, body) == [hexed(here)]
    assert hexed(other) not in charts(running, body)


def test_what_was_measured_before_the_move_and_comes_after_it_enters_no_wrong_chart(
    running: Running, served: Served, nurse: Person
) -> None:
    """Held up on its way, or a clock that is slow? Nobody can tell: the value waits for a person."""
    here, free = running.sessions[4], running.said["free"][0]
    before = datetime.now(UTC)
    time.sleep(1.1)
    stand(nurse, here["device"], "")
    stand(nurse, free["device"], "")
    stand(nurse, here["device"], free["chair"])
    late = send(served, here["eui64"], 66, at=before)
    assert charts(running, late) == []
    assert reasons(running, late) == ["session-unclear"]
    now = send(served, here["eui64"], 67)
    assert charts(running, now) == []
    assert reasons(running, now) == ["no-session"]


def test_an_unknown_device_is_in_no_chart_and_on_the_page_at_once(
    running: Running, served: Served, nurse: Person
) -> None:
    body = send(served, "0A1B2C3D4E5FEEEE", 68, patient=running.sessions[5]["number"])
    assert charts(running, body) == []
    assert reasons(running, body) == ["device-unknown"]
    page = nurse.get("/devices/quarantine")
    assert page.status == 200
    assert "0A1B2C3D4E5FEEEE" in page.body


def test_a_clock_that_is_far_off_leads_to_no_other_session(running: Running, served: Served) -> None:
    """Ten minutes slow: the stamp lies before the check-in of today's session or in it, never in another's chart."""
    here = running.sessions[6]
    body = send(served, here["eui64"], 69, at=datetime.now(UTC) - timedelta(minutes=10))
    assert set(charts(running, body)) <= {hexed(here)}
    assert charts(running, body) or reasons(running, body)
