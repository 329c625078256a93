"""The example clinic's place, people, devices, cupboard and protocols."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from interlude.interfaces.cli.example.people import STAFF
from interlude.record.accounts import services as accounts
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.actors import SYSTEM
from interlude.record.clinic import services as clinic
from interlude.record.clinic.models import Chair, Room
from interlude.record.devices import services as devices
from interlude.record.plans import services as plans
from interlude.record.protocols import services as protocols
from interlude.record.protocols.models import ProtocolVersion
from interlude.record.stock import services as stock
from interlude.record.stock.models import Lot

CHAIRS = 6
# Open around the clock, so that the example is alive whenever it is started.
ALWAYS = [(day, time(0, 0), time(23, 59, 59)) for day in range(7)]
VIALS = 120


@dataclass(frozen=True)
class Setting:
    """Who and what there is, as the stories need it."""

    staff: dict[str, StaffMember]
    chairs: list[Chair]
    lot: Lot

    @classmethod
    def load(cls) -> Setting:
        return cls(
            staff={person.username: person for person in StaffMember.objects.all()},
            chairs=list(Chair.objects.order_by("name")),
            lot=Lot.objects.select_related("product").latest("expires_on"),
        )


@transaction.atomic
def set_the_scene(at: datetime) -> None:
    """Everything that a clinic has before its first patient, as it was set up at `at`."""
    letterhead = "Clinic at the Linden\nLinden Street 7\n10117 Berlin"
    clinic.set_up_clinic(
        by=SYSTEM, at=at, name="Clinic at the Linden", letterhead=letterhead, time_zone="Europe/Berlin", is_demo=True
    )
    site = clinic.save_site(by=SYSTEM, at=at, name="Linden Street", address="Linden Street 7, Berlin")
    clinic.set_opening_hours(by=SYSTEM, at=at, site=site, spans=ALWAYS)
    numbers = [("Emergency", "112", True), ("Crisis line, day and night", "0800 111 0 111", True)]
    clinic.set_emergency_numbers(by=SYSTEM, at=at, numbers=numbers)
    for username, name, role in STAFF:
        accounts.add_staff(
            by=SYSTEM, at=at, username=username, display_name=name, role=role, password=settings.DEMO_PASSWORD
        )
    for number in range(1, CHAIRS // 2 + 1):
        clinic.save_room(by=SYSTEM, at=at, site=site, name=f"Room {number}")
    for number in range(1, CHAIRS + 1):
        add_chair(number, at)
    _stock_the_cupboard(at)
    _approve_protocols(at)


def add_chair(number: int, at: datetime) -> Chair:
    """A recliner with a monitor; the nurse has said that the monitor stands there. It sends its own identifier."""
    rooms = list(Room.objects.order_by("name"))
    chair = clinic.save_chair(by=SYSTEM, at=at, room=rooms[(number - 1) // 2 % len(rooms)], name=f"Chair {number}")
    nurse = StaffMember.objects.get(username="amal")
    device = devices.add_device(
        by=nurse, at=at, name=f"Monitor {number}", identifiers=[f"00A0C9FFFE{number:06X}"], cuff_interval_min=5
    )
    devices.assign(by=nurse, at=at, device=device, chair=chair)
    return chair


def _stock_the_cupboard(at: datetime) -> None:
    petra = StaffMember.objects.get(username="petra")
    product = stock.add_product(
        by=petra,
        at=at,
        name="ketamine",
        concentration_mg_per_ml=Decimal(50),
        vial_ml=Decimal(10),
    )
    stock.receive(
        by=petra,
        at=at,
        product=product,
        lot_number="EX-2401",
        expires_on=at.date() + timedelta(days=700),
        vials=VIALS,
    )


def _approve_protocols(at: datetime) -> None:
    """The example's synthetic lead and a second physician have approved the library, visibly so."""
    lead = StaffMember.objects.get(username="lena")
    second = StaffMember.objects.get(username="tomasz")
    protocols.load_library(by=SYSTEM, at=at)
    plans.load_consent_texts(by=SYSTEM, at=at)
    for version in ProtocolVersion.objects.all():
        for physician in (lead, second):
            protocols.approve(by=physician, password=settings.DEMO_PASSWORD, at=at, version=version)
    for physician in (lead, second):
        protocols.approve_rules(by=physician, password=settings.DEMO_PASSWORD, at=at)
