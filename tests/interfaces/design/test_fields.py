from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from interlude.interfaces.design import formats
from interlude.interfaces.design.fields import ClinicDateField, ClinicTimeField, NumberField


def cleaned(field: NumberField | ClinicDateField | ClinicTimeField, value: object) -> object:
    """The cleaned value, or the text of the refusal."""
    try:
        return field.clean(value)
    except ValidationError as error:
        return error.messages[0]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("0,5", Decimal("0.5")),
        ("0.5", Decimal("0.5")),
        (" 70 ", Decimal(70)),
        ("1.000", "1.000 can be read as 1 or as 1000. Write 1 or 1000."),
        ("1,000", "1,000 can be read as 1 or as 1000. Write 1 or 1000."),
        ("", "Enter a number."),
        ("   ", "Enter a number."),
    ],
)
def test_numbers_are_read_exactly_or_refused(typed: str, read: object) -> None:
    assert cleaned(NumberField(), typed) == read


@pytest.mark.parametrize("typed", ["12O", "1e3", "0,8,5", "-1", "٣", "NaN", "0x10", "½"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        NumberField().clean(typed)


def test_limits_are_inclusive_and_say_unit_and_limit() -> None:
    formats.use_decimal_sign(",")
    field = NumberField(unit="kg", min_value=30, max_value=Decimal("250.5"), places=1)
    assert cleaned(field, "30") == Decimal(30)
    assert cleaned(field, "250,5") == Decimal("250.5")
    assert cleaned(field, "250,6") == "250,6 kg is too high. The highest that can be entered is 250,5 kg."
    assert cleaned(field, "7") == "7 kg is too low. The lowest that can be entered is 30 kg."
    assert cleaned(field, "70,25") == "Enter at most 1 decimals."
    assert cleaned(NumberField(places=0), "1.5") == "Enter a whole number."


def test_a_number_that_the_box_itself_shows_is_read_again() -> None:
    field = NumberField(unit="mg/h", places=3)
    shown = field.prepare_value(Decimal("52.875"))
    assert shown in ("52.8750", "52,8750")
    assert cleaned(field, shown) == Decimal("52.875")
    assert NumberField(required=False).clean("") is None


@given(st.decimals(min_value=0, max_value=99999, places=3), st.sampled_from([".", ","]))
def test_a_first_value_is_read_back_as_itself(number: Decimal, sign: str) -> None:
    formats.use_decimal_sign(sign)
    field = NumberField()
    shown = field.prepare_value(number)
    assert field.clean(shown) == number
    assert not field.has_changed(number, shown)


@pytest.mark.parametrize(
    ("boxes", "read"),
    [
        (["14", "7", "1981"], date(1981, 7, 14)),
        (["14", "Jul", "1981"], date(1981, 7, 14)),
        (["1", "märz", "2026"], date(2026, 3, 1)),
        (["1", "Okt.", "2025"], date(2025, 10, 1)),
        (["1", "december", "2025"], date(2025, 12, 1)),
        (["31", "2", "2026"], "There is no such day. Check the day and the month."),
        (["29", "2", "2026"], "There is no such day. Check the day and the month."),
        (["14", "", "1981"], "Enter the day, the month and the year."),
        (["32", "1", "1981"], "The day must be a number from 1 to 31."),
        (["1", "13", "1981"], "The month must be a number from 1 to 12 or a name like March."),
        (["1", "ju", "1981"], "The month must be a number from 1 to 12 or a name like March."),
        (["1", "1", "81"], "Enter the year with four digits, like 2026."),
        (["", "", ""], "Enter a date."),
        ("1981-07-14", date(1981, 7, 14)),
    ],
)
def test_dates(boxes: object, read: object) -> None:
    assert cleaned(ClinicDateField(), boxes) == read


def boxes(day: date) -> list[str]:
    return [str(day.day), str(day.month), str(day.year)]


def test_days_on_the_wrong_side_of_today_are_refused() -> None:
    today = timezone.localdate()
    tomorrow, yesterday = today + timedelta(days=1), today - timedelta(days=1)
    assert cleaned(ClinicDateField(not_future=True), boxes(today)) == today
    assert "is in the future" in str(cleaned(ClinicDateField(not_future=True), boxes(tomorrow)))
    assert cleaned(ClinicDateField(not_past=True), boxes(today)) == today
    assert "is in the past" in str(cleaned(ClinicDateField(not_past=True), boxes(yesterday)))
    assert "is too early" in str(cleaned(ClinicDateField(earliest=date(1900, 1, 1)), ["1", "1", "1899"]))
    assert ClinicDateField(required=False).clean(["", "", ""]) is None


@pytest.mark.parametrize(
    ("typed", "read"), [("9:05", time(9, 5)), ("0905", time(9, 5)), ("23:59", time(23, 59)), ("00:00", time(0, 0))]
)
def test_times(typed: str, read: time) -> None:
    assert cleaned(ClinicTimeField(), typed) == read


@pytest.mark.parametrize("typed", ["24:00", "9:60", "9", "half past nine", "9.30 pm", "٠٩:٠٥"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    assert cleaned(ClinicTimeField(), typed) == "Enter a time by the 24-hour clock, like 09:30 or 14:15."
