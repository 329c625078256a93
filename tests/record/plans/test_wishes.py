"""The driver of an appointment, and what makes a session comfortable."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.models import AuditEntry
from interlude.record.patients.models import Patient
from interlude.record.plans import queries, services
from interlude.record.plans.models import Comfort, Driver
from tests.record.plans.support import another_patient, signed_course

# name | phone | refused on
DRIVERS = """
    Tom Haas      | +49 30 1234567   |
    Tom           | 030/12 34 56     |
    Noor Haas     | 030 123456       | name
    Haas, Noor    | 030 123456       | name
    T             | 030 123456       | name
                  | 030 123456       | name
    Tom Haas      | 1234             | phone
    Tom Haas      |                  | phone
    Tom Haas      | call 0301234567  | phone
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip("\n").splitlines()]


@pytest.mark.parametrize("row", rows(DRIVERS), ids=lambda row: f"{row[0] or 'nobody'} {row[1]}")
def test_drivers(row: list[str], noor: Patient, now: datetime) -> None:
    appointment_id = uuid4()
    name, phone, field = row
    if field:
        with pytest.raises(Refused) as refused:
            services.name_driver(by=noor, at=now, patient=noor, appointment_id=appointment_id, name=name, phone=phone)
        assert refused.value.field == field
        assert not Driver.objects.exists()
        return
    services.name_driver(by=noor, at=now, patient=noor, appointment_id=appointment_id, name=name, phone=phone)
    assert queries.driver_of(noor, appointment_id).name == name
    assert AuditEntry.objects.filter(what="plans.driver.named").count() == 1


def test_the_newest_driver_counts(noor: Patient, amal: StaffMember, now: datetime) -> None:
    one, two = uuid4(), uuid4()
    give: dict[str, Any] = {"patient": noor, "phone": "030 123456"}
    services.name_driver(by=noor, at=now, appointment_id=one, name="Tom Haas", **give)
    services.name_driver(by=amal, at=now + timedelta(minutes=1), appointment_id=one, name="Ida Haas", **give)
    services.name_driver(by=amal, at=now + timedelta(minutes=2), appointment_id=two, name="Kim Haas", **give)
    assert queries.driver_of(noor, one).name == "Ida Haas"
    assert {key: row.name for key, row in queries.drivers_of([one, two]).items()} == {one: "Ida Haas", two: "Kim Haas"}
    assert queries.last_driver_of(noor).name == "Kim Haas"


def test_nobody_names_a_driver_for_somebody_else(noor: Patient, lena: StaffMember, now: datetime) -> None:
    other = another_patient(1, lena)
    with pytest.raises(Refused):
        services.name_driver(
            by=other,
            at=now,
            patient=noor,
            appointment_id=uuid4(),
            name="Tom Haas",
            phone="030123456",
        )


def test_wishes_for_the_course_and_for_one_appointment(noor: Patient, lena: StaffMember, now: datetime) -> None:
    course = signed_course(noor, by=lena)
    appointment_id = uuid4()
    services.state_comfort(
        by=noor, at=now, patient=noor, course=course, seat="recliner", headphones="own", eye_mask=True, blanket=False,
        music="Slow piano", comfort_item="Grey scarf", companion="Sister", intention="Look at the fear calmly",
    )  # fmt: skip
    services.state_comfort(
        by=lena, at=now, patient=noor, course=course, appointment_id=appointment_id, music="Birdsong"
    )
    usual, once = queries.comfort_of(course), queries.comfort_of(course, appointment_id)
    assert (usual.music, usual.eye_mask, usual.blanket) == ("Slow piano", True, False)
    assert (once.music, once.eye_mask, once.seat) == ("Birdsong", None, "")
    assert queries.comfort_of(course, uuid4()) == usual
    assert AuditEntry.objects.filter(what="plans.comfort.stated").count() == 2
    raw = Comfort.objects.filter(pk=usual.pk).values_list("intention", flat=True).get()
    assert b"fear" not in bytes(raw)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"seat": "sofa"}, "seat"), ({"headphones": "loud"}, "headphones"), ({"music": "x" * 601}, "music")],
)
def test_wishes_that_cannot_be(
    change: dict[str, Any], field: str, noor: Patient, lena: StaffMember, now: datetime
) -> None:
    course = signed_course(noor, by=lena)
    with pytest.raises(Refused) as refused:
        services.state_comfort(by=noor, at=now, patient=noor, course=course, **change)
    assert refused.value.field == field
