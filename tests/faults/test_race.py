"""Eight want one chair at once, on a real database file: one gets it, seven are told so, nothing is half done."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from tests.faults.clinic import Running
from tests.faults.serving import ROOT, serving
from tests.faults.web import Answer, Person

pytestmark = pytest.mark.slow


def test_eight_bookings_of_one_chair_at_one_time(running: Running) -> None:
    chair = running.said["free"][0]["chair"]
    command = [sys.executable, "-m", "tests.faults.race", "--data", str(running.directory), "--chair", chair]
    before = running.ask("SELECT count(*) FROM appointments_appointment")[0][0]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["booked"] == 1
    assert len(said["refused"]) == 7
    assert all(text.startswith("chair: ") for text in said["refused"]), said["refused"]
    assert running.ask("SELECT count(*) FROM appointments_appointment")[0][0] == before + 1
    booked = running.ask("SELECT count(*) FROM audit_auditentry WHERE what = 'appointments.booked'")
    assert booked == [(1,)]


def test_eight_check_ins_to_one_chair_over_http(running: Running) -> None:
    chair = running.said["free"][0]["chair"]
    with serving(running.directory) as server:
        nurse = Person(server.port).sign_in(running.said["username"], running.said["password"])

        def check_in(appointment: str) -> Answer:
            tab = Person(server.port, dict(nurse.cookies))
            return tab.post(f"/appointments/{appointment}/check-in", {"chair": chair})

        wanted = [one["appointment"] for one in running.said["waiting"]]
        with ThreadPoolExecutor(len(wanted)) as threads:
            answers = list(threads.map(check_in, wanted))
        assert sorted(answer.status for answer in answers) == [302] + [422] * (len(wanted) - 1)
        assert server.terminate() == 0
        assert "Traceback" not in server.said()
    open_here = "SELECT count(*) FROM dosing_session WHERE chair_id = ? AND ended_at IS NULL"
    assert running.ask(open_here, UUID(chair).hex) == [(1,)]
    # A patient who was refused is not half checked in: exactly one appointment has moved on.
    arrived = running.ask("SELECT count(*) FROM appointments_appointmentstep WHERE state = 'arrived'")
    sessions = running.ask("SELECT count(*) FROM dosing_session")
    assert arrived == sessions
