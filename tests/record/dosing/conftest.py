from __future__ import annotations

from datetime import datetime

import pytest

from interlude.record.accounts.models import StaffMember
from interlude.record.clinic.models import Chair
from interlude.record.dosing.services.binding import forget_bindings
from tests.record.dosing.builders import Clinic, make_lot


@pytest.fixture
def clinic(lena: StaffMember, tomasz: StaffMember, amal: StaffMember, chairs: list[Chair], now: datetime) -> Clinic:
    forget_bindings()
    return Clinic(lena, tomasz, amal, chairs, make_lot(amal, now), now)
