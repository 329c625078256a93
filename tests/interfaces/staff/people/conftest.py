from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from interlude.record.accounts.models import StaffMember
from interlude.record.clinic.models import Chair
from tests.record.assessments.conftest import answer, everything_clear
from tests.record.dosing.builders import Clinic, make_lot

__all__ = ["answer", "browser", "clinic", "everything_clear"]

Browser = Callable[[StaffMember], Client]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """The pages ask the clock; here it stands at the tests' own time."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def browser() -> Browser:
    """`browser(lena)`: a browser in which she is signed in."""

    def sign_in(staff: StaffMember) -> Client:
        client = Client()
        client.force_login(staff)
        return client

    return sign_in


@pytest.fixture
def clinic(lena: StaffMember, tomasz: StaffMember, amal: StaffMember, chairs: list[Chair], now: datetime) -> Clinic:
    return Clinic(lena, tomasz, amal, chairs, make_lot(amal, now), now)
