"""Devices, where they stand, and what waits in quarantine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from interlude.codecs.mllp import RawFrame
from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.clinic.models import Chair
from interlude.record.devices import services
from interlude.record.devices.models import BindingEpoch, Device, DeviceAssignment, QuarantineItem, RawMessage
from interlude.record.devices.queries import device_states, quarantine, quarantine_count, typical_offset
from interlude.record.dosing.services import receive_batch

pytestmark = pytest.mark.django_db


def add(by: StaffMember, at: datetime, name: str = "Monitor 1", *identifiers: str, **other: Any) -> Device:
    return services.add_device(by=by, at=at, name=name, identifiers=identifiers or (f"ID-{name}",), **other)


def test_an_identifier_belongs_to_one_device(amal: StaffMember, now: datetime) -> None:
    add(amal, now, "Monitor 1", "00aabbccddeeff11")
    with pytest.raises(Refused, match="belongs to Monitor 1 already") as refused:
        add(amal, now, "Monitor 2", "00AABBCCDDEEFF11")
    assert refused.value.field == "identifiers"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"identifiers": [" "]}, "identifiers"),
        ({"kind": "toaster"}, "kind"),
        ({"cuff_interval_min": 0}, "cuff_interval_min"),
        ({"feed_interval_s": 0}, "feed_interval_s"),
    ],
)
def test_what_is_entered_is_checked(amal: StaffMember, now: datetime, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        services.add_device(by=amal, at=now, **{"name": "M", "identifiers": ["1"], **wrong})
    assert refused.value.field == field


def test_a_device_stands_at_one_chair_and_leaves_it_when_it_moves(
    amal: StaffMember, now: datetime, chairs: list[Chair]
) -> None:
    device = add(amal, now)
    services.assign(by=amal, at=now, device=device, chair=chairs[0])
    later = now + timedelta(minutes=5)
    services.assign(by=amal, at=later, device=device, chair=chairs[1])
    rows = list(DeviceAssignment.objects.order_by("since"))
    assert [(row.chair, row.since, row.until) for row in rows] == [
        (chairs[0], now, later),
        (chairs[1], later, None),
    ]
    services.unassign(by=amal, at=later, device=device)
    assert services.unassign(by=amal, at=later, device=device) is None


def test_two_monitors_do_not_stand_at_one_chair(amal: StaffMember, now: datetime, chairs: list[Chair]) -> None:
    services.assign(by=amal, at=now, device=add(amal, now), chair=chairs[0])
    with pytest.raises(Refused, match="Monitor 1 stands at Chair 1 already") as refused:
        services.assign(by=amal, at=now, device=add(amal, now, "Monitor 2"), chair=chairs[0])
    assert refused.value.field == "chair"
    pump = add(amal, now, "Pump 1", kind="pump")
    assert services.assign(by=amal, at=now, device=pump, chair=chairs[0]).until is None


def test_each_change_of_a_binding_changes_the_token(amal: StaffMember, now: datetime, chairs: list[Chair]) -> None:
    tokens = set()
    device = add(amal, now)
    for change in (
        lambda: services.assign(by=amal, at=now, device=device, chair=chairs[0]),
        lambda: services.unassign(by=amal, at=now, device=device),
        lambda: services.change_device(by=amal, at=now, device=device, name="M", identifiers=["X"]),
        lambda: services.change_device(by=amal, at=now, device=device, name="M", identifiers=["X"], is_active=False),
    ):
        tokens.add(BindingEpoch.objects.get().token)
        change()
    tokens.add(BindingEpoch.objects.get().token)
    assert len(tokens) == 5


def test_raw_messages_can_be_neither_changed_nor_removed(now: datetime, the_clinic: Any) -> None:
    receive_batch([RawFrame(data=b"garbage", peer="10.0.0.7:4001", received_at=now)])
    with pytest.raises(DatabaseError), transaction.atomic():
        RawMessage.objects.update(body=b"")
    with pytest.raises(DatabaseError), transaction.atomic():
        RawMessage.objects.all().delete()


def test_a_line_of_the_quarantine_is_dealt_with_once_and_a_new_one_opens(amal: StaffMember, now: datetime) -> None:
    def garbage(number: int) -> None:
        receive_batch([RawFrame(data=b"garbage %d" % number, peer="10.0.0.7:4001", received_at=now)])

    garbage(1)
    garbage(2)
    (item,) = quarantine()
    assert (item.count, quarantine_count()) == (2, 2)
    with pytest.raises(Refused):
        services.resolve_quarantine(by=amal, at=now, item=item, how="deleted")
    services.resolve_quarantine(by=amal, at=now, item=item, how="not_needed")
    assert quarantine_count() == 0
    with pytest.raises(Refused, match="dealt with this already"):
        services.resolve_quarantine(by=amal, at=now, item=item, how="not_needed")
    garbage(3)
    assert QuarantineItem.objects.count() == 2


@pytest.mark.parametrize(
    ("offsets", "typical"), [([], None), ([0.2], 0.2), ([0.2, 0.3, 600.0], 0.3), ([-90.0, -90.2, -90.1], -90.1)]
)
def test_one_late_message_does_not_move_the_typical_offset(offsets: list[float], typical: float | None) -> None:
    assert typical_offset(offsets) == typical


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_of_the_devices_page_is_constant(
    amal: StaffMember, now: datetime, chairs: list[Chair], count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        device = add(amal, now, f"Monitor {number}")
        if number < 2:
            services.assign(by=amal, at=now, device=device, chair=chairs[number])
    with django_assert_num_queries(3):
        states = device_states()
    assert len(states) == count
    assert not states[0].is_heard(datetime(2026, 3, 12, 9, tzinfo=UTC))
