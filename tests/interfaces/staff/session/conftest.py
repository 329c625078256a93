"""Sessions of this very day, at the minute that a test needs; made by the rooms' own verbs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from interlude.record.accounts.models import StaffMember
from interlude.record.clinic.models import Chair
from interlude.record.dosing.services.binding import forget_bindings
from tests.record.dosing.builders import Clinic, make_lot


@pytest.fixture
def at() -> datetime:
    """When the patients came: early enough for forty minutes of infusion before now."""
    return timezone.now() - timedelta(minutes=45)


@pytest.fixture
def clinic(lena: StaffMember, tomasz: StaffMember, amal: StaffMember, chairs: list[Chair], at: datetime) -> Clinic:
    forget_bindings()
    return Clinic(lena, tomasz, amal, chairs, make_lot(amal, at), at)


@pytest.fixture
def signed_in(client: Client) -> Callable[[StaffMember], Client]:
    def sign_in(person: StaffMember) -> Client:
        client.force_login(person)
        return client

    return sign_in
