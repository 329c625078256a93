"""Fill a clinic with running sessions, each at a chair with its monitor, by the rooms' own verbs.

    python -m tests.faults.populate --data DIR --sessions 10 --free-chairs 1 --waiting 8

Prints one JSON line: `sessions` [{session, patient, number, chair, device, eui64}], `free` [{chair, device, eui64}],
`waiting` [{appointment, patient}] of people who may be checked in now,
`username` and `password` of a nurse.
"""

from __future__ import annotations

import argparse
import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from interlude.interfaces.cli.clinic_data import enter, writing

STARTED_BEFORE = timedelta(minutes=8)


def eui64_of(number: int) -> str:
    return f"0A1B2C3D4E5F{number:04X}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--free-chairs", type=int, default=0)
    parser.add_argument("--waiting", type=int, default=0)
    options = parser.parse_args()
    directory = enter(options.data)
    with writing(directory):
        print(json.dumps(populate(options.sessions, options.free_chairs, options.waiting)))


def populate(sessions: int, free_chairs: int, waiting: int) -> dict[str, Any]:
    from django.utils import timezone

    from interlude.record.accounts import services as accounts
    from interlude.record.audit.actors import SYSTEM
    from tests.record.dosing.builders import PASSWORD, Clinic

    now = timezone.now()
    at = now - STARTED_BEFORE
    before = at - timedelta(days=3)
    staff = [
        accounts.add_staff(
            by=SYSTEM,
            at=before,
            username=name,
            display_name=shown,
            role=role,
            password=PASSWORD,
            is_administrator=False,
        )
        for name, shown, role in (
            ("lena", "Dr Lena Brandt", "physician"),
            ("tomasz", "Dr Tomasz Lee", "physician"),
            ("amal", "Amal Haddad", "nurse"),
        )
    ]
    lena, tomasz, amal = staff
    places = [_chair_with_monitor(amal, number, before) for number in range(1, sessions + free_chairs + 1)]
    clinic = Clinic(lena, tomasz, amal, [place[0] for place in places], _lot(amal, before), at)
    running = []
    for index, (chair, device) in enumerate(places[:sessions]):
        session = clinic.running(family=f"Haas {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[index]}", chair=index)
        running.append(
            {
                "session": str(session.pk),
                "patient": str(session.patient_id),
                "number": session.patient.number,
                "chair": str(chair.pk),
                "device": str(device.pk),
                "eui64": device.identifiers[0],
            }
        )
    appointments = []
    for index in range(waiting):
        patient = clinic.patient(family=f"Waits {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[index]}")
        appointment = clinic.appointment(clinic.course(patient, clinic.version()), chair=index % sessions)
        appointments.append({"appointment": str(appointment.pk), "patient": str(patient.pk)})
    return {
        "waiting": appointments,
        "sessions": running,
        "free": [
            {"chair": str(chair.pk), "device": str(device.pk), "eui64": device.identifiers[0]}
            for chair, device in places[sessions:]
        ],
        "username": "amal",
        "password": PASSWORD,
    }


def _chair_with_monitor(nurse: Any, number: int, at: datetime) -> tuple[Any, Any]:
    from interlude.record.audit.actors import SYSTEM
    from interlude.record.clinic import services as clinic
    from interlude.record.clinic.models import Room
    from interlude.record.devices import services as devices

    chair = clinic.save_chair(by=SYSTEM, at=at, room=Room.objects.get(), name=f"Seat {number:02}")
    device = devices.add_device(by=nurse, at=at, name=f"Monitor {number:02}", identifiers=[eui64_of(number)])
    devices.assign(by=nurse, at=at, device=device, chair=chair)
    return chair, device


def _lot(nurse: Any, at: datetime) -> Any:
    from interlude.record.stock import services as stock

    product = stock.add_product(
        by=nurse, at=at, name="ketamine", form="racemic", concentration_mg_per_ml=Decimal(10), vial_ml=Decimal(5)
    )
    row = stock.receive(
        by=nurse, at=at, product=product, lot_number="L1", expires_on=at.date() + timedelta(days=400), vials=50
    )
    return row.lot


if __name__ == "__main__":
    main()
