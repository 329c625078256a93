from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from interlude.record.assessments.services import record_fact
from interlude.record.followup.queries import preparation
from tests.record.dosing.builders import Clinic

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")


def test_without_an_appointment_there_is_nothing_to_prepare(clinic: Clinic) -> None:
    assert preparation(clinic.patient(), clinic.at) is None


def test_fasting_is_counted_back_from_the_appointment(clinic: Clinic) -> None:
    course = clinic.course(clinic.patient(), clinic.version())
    clinic.appointment(course, at=datetime(2026, 3, 13, 9, 30, tzinfo=BERLIN))
    before = preparation(course.patient, clinic.at)
    assert before is not None
    assert before.fasting is not None
    assert before.food_until is not None
    assert before.water_until is not None
    food, water = (Decimal(before.fasting.food_h.value), Decimal(before.fasting.water_h.value))
    assert before.food_until == before.appointment.starts_at - timedelta(hours=float(food))
    assert before.water_until == before.appointment.starts_at - timedelta(hours=float(water))
    assert before.driver is not None
    assert before.driver.name == "Tom Doe"


def test_hours_are_real_hours_when_the_clocks_change(clinic: Clinic) -> None:
    """On 29 March 2026 the clocks go from 02:00 to 03:00: six hours before 07:00 is 00:00, not 01:00."""
    course = clinic.course(clinic.patient(), clinic.version())
    starts_at = datetime(2026, 3, 29, 7, 0, tzinfo=BERLIN)
    clinic.appointment(course, at=starts_at)
    before = preparation(course.patient, clinic.at)
    assert before is not None
    assert before.food_until is not None
    assert before.fasting is not None
    elapsed = before.appointment.starts_at - before.food_until
    assert elapsed == timedelta(hours=float(before.fasting.food_h.value))
    assert before.fasting.food_h.value == 6
    assert before.food_until.astimezone(BERLIN).isoformat() == "2026-03-29T00:00:00+01:00"


def test_what_is_not_known_makes_it_strict_and_known_answers_ease_it(clinic: Clinic) -> None:
    course = clinic.course(clinic.patient(), clinic.version())
    clinic.appointment(course, at=clinic.at + timedelta(days=2))
    strict = preparation(course.patient, clinic.at)
    assert strict is not None
    assert strict.fasting is not None
    gate = _gate(course)
    assert strict.fasting.code == gate.strict_fasting
    for condition in gate.strict_if:
        if condition.fact.startswith("bmi"):
            _fact(clinic, course.patient, "height_cm", Decimal(170))
        else:
            _fact(clinic, course.patient, condition.fact, False)
    eased = preparation(course.patient, clinic.at)
    assert eased is not None
    assert eased.fasting is not None
    assert eased.fasting.code == gate.fasting_default


def _gate(course: object) -> object:
    from interlude.record.protocols.queries import protocol_of

    return protocol_of(course.protocol_version).gate  # type: ignore[attr-defined]


def _fact(clinic: Clinic, patient: object, code: str, value: object) -> None:
    record_fact(
        by=clinic.nurse,
        at=clinic.at,
        patient=patient,  # type: ignore[arg-type]
        code=code,
        value=value,  # type: ignore[arg-type]
        observed_at=clinic.at - timedelta(hours=1),
    )
