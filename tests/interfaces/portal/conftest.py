from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.test import Client

from interlude.record.accounts.models import StaffMember
from interlude.record.measures import services as measures
from interlude.record.measures.models import Assignment
from interlude.record.patients import services as patients
from interlude.record.patients.models import Patient


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    """The pages' clock stands at the cast's Thursday morning."""
    with patch("django.utils.timezone.now", return_value=now):
        yield


@pytest.fixture
def link(noor: Patient, mira: StaffMember, now: datetime) -> str:
    return patients.invite_to_portal(by=mira, at=now, patient=noor)


BORN = {"born_on_day": "14", "born_on_month": "7", "born_on_year": "1981"}


@pytest.fixture
def enter(client: Client) -> Callable[[str], Client]:
    """`enter(link)` opens the portal with Noor's birth date."""

    def go(token: str) -> Client:
        response = client.post(f"/p/o/{token}", BORN)
        assert response.status_code == 302, response.content.decode()
        return client

    return go


@pytest.fixture
def noors(enter: Callable[[str], Client], link: str) -> Client:
    """A browser in which Noor has opened the portal."""
    return enter(link)


@pytest.fixture
def phq9(noor: Patient, now: datetime) -> Assignment:
    return measures.assign(by=noor, at=now, patient=noor, instrument="phq9", due_at=now + timedelta(hours=2))
