"""The example clinic can be opened at any hour, also around midnight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from interlude.interfaces.cli.example.during import ARRIVES_MIN
from interlude.interfaces.cli.example.today import _on_one_day
from interlude.record.clinic.models import Clinic
from interlude.record.clinic.queries import local_day

MIDNIGHT = datetime(2026, 3, 12, 23, 0, tzinfo=UTC)  # in Berlin


@pytest.mark.parametrize("minute", [-300, -30, -1, 0, 1, 12, 21, 22, 23, 300])
def test_a_session_and_its_gate_lie_on_one_local_day(minute: int, the_clinic: Clinic) -> None:
    """Answers at the gate hold for the day on which they were given."""
    wanted = MIDNIGHT + timedelta(minutes=minute)
    started = _on_one_day(wanted)
    arrived = started + timedelta(minutes=ARRIVES_MIN)
    assert local_day(arrived) == local_day(started)
    assert timedelta(0) <= wanted - started <= timedelta(minutes=-ARRIVES_MIN + 1)
    assert (started == wanted) == (not 0 <= minute < -ARRIVES_MIN)
