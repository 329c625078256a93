"""The fixed cast, and a clinic with one site, two chairs and opening hours."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import settings

from interlude.record.accounts import services as accounts
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.actors import SYSTEM
from interlude.record.clinic import services as clinic
from interlude.record.clinic.models import Chair, Clinic
from interlude.record.patients import services as patients
from interlude.record.patients.models import Patient

# On a developer's machine the search for a counterexample goes on; what decides whether a change lands repeats itself.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

NOW = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)  # a Thursday, 09:00 in Berlin
PASSWORD = "a long test password"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last, after pytest's own grouping: a running driver stands in Django's way."""
    items.sort(key=lambda item: item.get_closest_marker("journey") is not None)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def the_clinic(db: None) -> Clinic:
    entry = clinic.set_up_clinic(by=SYSTEM, at=NOW, name="Test clinic", time_zone="Europe/Berlin")
    site = clinic.save_site(by=SYSTEM, at=NOW, name="Main site")
    room = clinic.save_room(by=SYSTEM, at=NOW, site=site, name="Room 1")
    for number in (1, 2):
        clinic.save_chair(by=SYSTEM, at=NOW, room=room, name=f"Chair {number}")
    week = [(day, time(8), time(18)) for day in range(5)]
    clinic.set_opening_hours(by=SYSTEM, at=NOW, site=site, spans=week)
    return entry


@pytest.fixture
def chairs(the_clinic: Clinic) -> list[Chair]:
    return list(Chair.objects.order_by("name"))


@pytest.fixture
def staff(the_clinic: Clinic) -> Callable[..., StaffMember]:
    """`staff("nurse")` returns the one of a role; `staff("nurse", "ruth")` another one."""

    def make(role: str, username: str | None = None) -> StaffMember:
        name = username or f"{role.replace('_', '')}"
        existing = StaffMember.objects.filter(username=name).first()
        return existing or accounts.add_staff(
            by=SYSTEM, at=NOW, username=name, display_name=name.title(), role=role, password=PASSWORD
        )

    return make


@pytest.fixture
def lena(staff: Callable[..., StaffMember]) -> StaffMember:
    return staff("physician", "lena")


@pytest.fixture
def tomasz(staff: Callable[..., StaffMember]) -> StaffMember:
    return staff("physician", "tomasz")


@pytest.fixture
def amal(staff: Callable[..., StaffMember]) -> StaffMember:
    return staff("nurse", "amal")


@pytest.fixture
def jonas(staff: Callable[..., StaffMember]) -> StaffMember:
    return staff("therapist", "jonas")


@pytest.fixture
def mira(staff: Callable[..., StaffMember]) -> StaffMember:
    return staff("front_desk", "mira")


@pytest.fixture
def noor(mira: StaffMember) -> Patient:
    return patients.register(
        by=mira, at=NOW, family_name="Haas", given_name="Noor", born_on=date(1981, 7, 14), sex="female"
    )
