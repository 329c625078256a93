"""Two bookings of one chair at the same instant, in threads with a connection each: one gets it.

In a process with a database of its own: threads do not see what a test has not committed, and connections to a
SQLite database in memory share one lock.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.db import connections

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.appointments import services
from interlude.record.appointments.models import Appointment
from interlude.record.clinic.models import Chair
from interlude.record.patients.models import Patient
from interlude.record.vault.keys import create_keys
from tests.conftest import NOW

ROOT = Path(__file__).resolve().parents[3]
AT = datetime(2026, 3, 13, 10, tzinfo=ZoneInfo("Europe/Berlin"))


def race(patients: list[Patient], people: list[StaffMember], chair: Chair) -> list[str]:
    """Each patient is booked by a thread of its own onto the same chair and time; what came of each, sorted."""
    barrier = threading.Barrier(len(patients))
    outcomes: list[str] = []

    def one(patient: Patient, who: StaffMember) -> None:
        barrier.wait()
        try:
            services.book(
                by=who, at=NOW, patient=patient, kind="consultation", starts_at=AT, minutes=60, chair=chair,
                people=[(who, who.role)],
            )  # fmt: skip
            outcomes.append("booked")
        except Refused as refused:
            outcomes.append(refused.field)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=pair) for pair in zip(patients, people, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def prepare(lena: StaffMember, others: list[StaffMember]) -> tuple[list[Patient], list[StaffMember]]:
    from tests.record.plans.support import another_patient

    people = [lena, *others]
    return [another_patient(number, lena) for number in range(len(people))], people


@pytest.fixture
def empty_database() -> Iterator[str]:
    """The address of a new PostgreSQL database beside the suite's, or "" for a SQLite file."""
    address = os.environ.get("INTERLUDE_DATABASE", "")
    if not address:
        yield ""
        return
    import psycopg

    name = f"race_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        yield urlsplit(address)._replace(path=f"/{name}").geturl()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


def test_one_of_three_gets_the_chair(tmp_path: Path, empty_database: str) -> None:
    create_keys(tmp_path / "keys")
    environment = {
        **os.environ,
        "INTERLUDE_DATA": str(tmp_path),
        "INTERLUDE_DATABASE": empty_database,
        "DJANGO_SETTINGS_MODULE": "interlude.config.settings",
    }
    code = "import django; django.setup(); from tests.record.appointments.test_race import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, "booked chair chair 1"), ran.stderr[-2000:]


def main() -> None:
    """Runs in a process of its own: a new clinic, three threads, one chair."""
    from django.core.management import call_command

    from interlude.record.accounts import services as accounts
    from interlude.record.audit.actors import SYSTEM
    from interlude.record.clinic import services as clinic

    call_command("migrate", verbosity=0, skip_checks=True)
    clinic.set_up_clinic(by=SYSTEM, at=NOW, name="Race", time_zone="Europe/Berlin")
    site = clinic.save_site(by=SYSTEM, at=NOW, name="Site")
    room = clinic.save_room(by=SYSTEM, at=NOW, site=site, name="Room")
    chair = clinic.save_chair(by=SYSTEM, at=NOW, room=room, name="Chair 1")
    hours: Any = [(day, (AT - timedelta(hours=2)).time(), (AT + timedelta(hours=8)).time()) for day in range(5)]
    clinic.set_opening_hours(by=SYSTEM, at=NOW, site=site, spans=hours)
    names = [("lena", "physician"), ("tomasz", "physician"), ("amal", "nurse")]
    people = [
        accounts.add_staff(by=SYSTEM, at=NOW, username=name, display_name=name.title(), role=role)
        for name, role in names
    ]
    patients, people = prepare(people[0], people[1:])
    print(*race(patients, people, chair), Appointment.objects.count())
