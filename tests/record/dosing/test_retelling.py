"""A gateway in another process: its rows reach this process's pages through the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from interlude.record import live
from interlude.record.devices import services as devices
from interlude.record.dosing import services
from tests.record.dosing.builders import Clinic
from tests.record.dosing.messages import EUI, framed, message

pytestmark = pytest.mark.django_db


def test_what_another_process_charted_is_told_once(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[live.Message] = []
    monitor = devices.add_device(by=clinic.nurse, at=clinic.at, name="Monitor 1", identifiers=[EUI])
    devices.assign(by=clinic.nurse, at=clinic.at - timedelta(hours=3), device=monitor, chair=clinic.chairs[0])
    session = clinic.checked_in()
    start = services.retell_observations(after_id=None)
    at = clinic.at + timedelta(minutes=2)
    services.receive_batch([framed(message(at), at), framed(message(at + timedelta(seconds=1)), at)])
    monkeypatch.setattr(live.hub, "publish", told.append)
    with django_capture_on_commit_callbacks(execute=True):
        end = services.retell_observations(after_id=start)
        assert services.retell_observations(after_id=end) == end
    assert end > start
    (one,) = told
    assert (one.topic, one.event) == (f"session:{session.pk}", "vitals")
    kinds = [value["kind"] for value in one.data["values"]]
    assert sorted(kinds) == ["heart_rate", "pulse_rate", "resp_rate", "spo2"]
