from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from interlude.domain.refusals import N_, Refused
from interlude.interfaces.design import formats

AT = datetime(2026, 3, 12, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (date(2026, 3, 2), "02-Mar-2026"),
        ("2026-12-31", "31-Dec-2026"),
        (None, "Not known"),
        ("", "Not known"),
        ("soon", "Not known"),
    ],
)
def test_dates_name_the_month(value: object, shown: str) -> None:
    assert formats.clinic_date(value) == shown


def test_an_instant_is_shown_on_the_clinics_clock() -> None:
    with timezone.override("Europe/Berlin"):
        assert formats.clinic_datetime(AT) == "13-Mar-2026 00:30"
        assert formats.clinic_date(AT, weekday=True) == "Fri 13-Mar-2026"
    with timezone.override("UTC"):
        assert formats.clinic_datetime(AT) == "12-Mar-2026 23:30"


def test_midnight_is_zero_hours_and_seconds_are_optional() -> None:
    assert formats.clinic_time(time(0, 0)) == "00:00"
    assert formats.clinic_time(time(9, 5, 7), seconds=True) == "09:05:07"
    assert formats.clinic_time("nonsense") == "Not known"


@pytest.mark.parametrize("language", ["en", "en-us", "de", "fr"])
def test_order_and_digits_do_not_follow_the_language(language: str) -> None:
    with translation.override(language):
        assert formats.clinic_date(date(2026, 4, 5)).startswith("05-")
        assert formats.clinic_date(date(2026, 4, 5)).endswith("-2026")
        assert formats.clinic_time(time(14, 5)) == "14:05"


@pytest.mark.parametrize(
    ("value", "sign", "shown"),
    [
        (Decimal("0.50"), ".", "0.5"),
        (Decimal("0.50"), ",", "0,5"),
        (1250, ",", "1\u202f250"),
        ("36.6", ",", "36,6"),
        (None, ".", "Not known"),
        (True, ".", "Not known"),
        ("12O", ".", "12O"),
    ],
)
def test_numbers_use_the_clinics_sign(value: object, sign: str, shown: str) -> None:
    formats.use_decimal_sign(sign)
    assert formats.clinic_number(value) == shown


def test_another_sign_than_point_or_comma_is_not_taken() -> None:
    formats.use_decimal_sign("'")
    assert formats.decimal_sign() == "."


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (47 * 3600, "47 h"),
        (48 * 3600, "2 days"),
    ],
)
def test_ages(seconds: int, shown: str) -> None:
    assert formats.age_text(AT, now=AT + timedelta(seconds=seconds)) == shown


def test_an_age_from_the_future_is_zero() -> None:
    assert formats.age_text(AT + timedelta(seconds=3), now=AT) == "0 s"


@pytest.mark.parametrize(("seconds", "shown"), [(0, "00:00"), (1450, "24:10"), (3850, "1:04:10"), (-80, "−01:20")])
def test_clocks(seconds: int, shown: str) -> None:
    assert formats.clock_text(seconds) == shown


def test_a_refusal_is_filled_in_the_clinics_way() -> None:
    formats.use_decimal_sign(",")
    refused = Refused(
        N_("{value} mg on {on} at {at} because {inner}"),
        value=Decimal("0.5"),
        on=date(2026, 3, 1),
        at=time(9, 5),
        inner=Refused(N_("it is above {limit}"), limit=0.25),
    )
    assert formats.translate(refused) == "0,5 mg on 01-Mar-2026 at 09:05 because it is above 0,25"
