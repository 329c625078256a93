"""Reading numbers: exact or refused, never silently altered."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlude.domain.refusals import Refused
from interlude.domain.units import GROUP_SPACE, MINUS, format_for_input, format_number, parse_number

READ = [
    ("0", "0"),
    ("7", "7"),
    ("70", "70"),
    ("1000", "1000"),
    ("0.5", "0.5"),
    ("0,5", "0.5"),
    ("0.50", "0.50"),
    ("0.125", "0.125"),
    ("0,125", "0.125"),
    ("0.000", "0.000"),
    ("1.0", "1.0"),
    ("1,25", "1.25"),
    ("72.35", "72.35"),
    ("1.1250", "1.1250"),
    ("1,1250", "1.1250"),
    ("1234.567", "1234.567"),
    ("1234,567", "1234.567"),
    (" 52.5 ", "52.5"),
    ("52.5\n", "52.5"),
    ("1 000", "1000"),
    ("1\u2009000", "1000"),
    ("1\u202f000", "1000"),
    ("1\u00a0000", "1000"),
    ("12 345 678", "12345678"),
    ("1 234,567", "1234.567"),
    ("1 000.5", "1000.5"),
]

REFUSED = [
    ("", "Enter a number."),
    ("   ", "Enter a number."),
    ("1.000", "1.000 can be read as 1 or as 1000. Write 1 or 1000."),
    ("1,000", "1,000 can be read as 1 or as 1000. Write 1 or 1000."),
    ("1.250", "1.250 can be read as 1.25 or as 1250. Write 1.25 or 1250."),
    ("12,500", "12,500 can be read as 12,5 or as 12500. Write 12,5 or 12500."),
    ("1.125", "1.125 can be read as 1.125 or as 1125. Write 1.1250 or 1125."),
    ("100.000", "100.000 can be read as 100 or as 100000. Write 100 or 100000."),
    ("05", "05 can be read as 5 or as 0.5. Write 5 or 0.5."),
    (".5", ".5 has no digit before the decimal sign. Write 0.5."),
    (",5", ",5 has no digit before the decimal sign. Write 0,5."),
    ("5.", "5. has no digit after the decimal sign. Write 5."),
    ("0,8,5", "0,8,5 has more than one comma or point."),
    ("1.234.567", "more than one comma or point"),
    ("1.234,5", "more than one comma or point"),
    ("..", "more than one comma or point"),
    ("-1", "Write the number without a sign."),
    ("+1", "Write the number without a sign."),
    ("\u22121", "Write the number without a sign."),
    ("12O", "12O is not a plain number. Use the digits 0 to 9"),
    ("l2", "not a plain number"),
    ("1e3", "not a plain number"),
    ("1E-3", "not a plain number"),
    ("nan", "not a plain number"),
    ("inf", "not a plain number"),
    ("0x10", "not a plain number"),
    ("1_000", "not a plain number"),
    ("1'000", "not a plain number"),
    ("35 mg", "not a plain number"),
    ("1/2", "not a plain number"),
    ("½", "not a plain number"),
    ("٣", "not a plain number"),
    ("１２", "not a plain number"),
    ("1²", "not a plain number"),
    ("0 500", "not a plain number"),
    ("1 00", "not a plain number"),
    ("1  000", "not a plain number"),
    ("12 3456", "not a plain number"),
    ("1 000\u2009000", "not a plain number"),
    ("00.5", "not a plain number"),
    ("0. 5", "not a plain number"),
    ("1\t000", "not a plain number"),
    ("1" * 19, "more than 18 digits"),
    (" 1" * 60, "more than 18 digits"),
    ("{0}", "{0} is not a plain number"),
]


@pytest.mark.parametrize(("text", "value"), READ)
def test_a_unique_reading_is_exact(text: str, value: str) -> None:
    number = parse_number(text)
    assert str(number) == value


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_everything_else_is_refused_with_what_to_write(text: str, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_number(text, field="dose")
    assert reason in str(refusal.value)
    assert refusal.value.field == "dose"


@given(st.text(alphabet="0123456789., \u2009\u202f-+eO", max_size=12))
def test_no_text_is_silently_altered(text: str) -> None:
    """Whatever is read equals the digits typed, with the one sign as decimal sign."""
    try:
        number = parse_number(text)
    except Refused:
        return
    bare = "".join(c for c in text if c in "0123456789.,").replace(",", ".")
    assert number == Decimal(bare)
    # Three digits after a sign are read as decimals only where grouping is impossible.
    if len(bare.partition(".")[2]) == 3 and not any(c in text.strip() for c in " \u2009\u202f"):
        assert bare[0] == "0" or len(bare.partition(".")[0]) > 3


amounts = st.decimals(min_value=0, max_value=10**9, places=6, allow_nan=False, allow_infinity=False)


@given(amounts, st.sampled_from([".", ","]))
def test_what_an_input_box_shows_reads_back_as_the_same_value(value: Decimal, sign: str) -> None:
    assert parse_number(format_for_input(value, sign)) == value


def read_or_refusal(text: str) -> Decimal | Refused:
    try:
        return parse_number(text)
    except Refused as refused:
        return refused


@given(amounts, st.sampled_from([".", ","]))
def test_a_printed_number_reads_back_or_is_refused_as_ambiguous(value: Decimal, sign: str) -> None:
    found = read_or_refusal(format_number(value, sign))
    assert found == value or "can be read as" in str(found)


@given(st.integers(0, 999), st.integers(0, 999))
def test_the_two_ways_offered_are_both_readable(whole: int, decimals: int) -> None:
    found = read_or_refusal(f"{whole}.{decimals:03d}")
    assert isinstance(found, Refused) == (whole > 0)
    if isinstance(found, Refused):
        assert parse_number(str(found.params["write_first"])) == Decimal(f"{whole}.{decimals:03d}")
        assert parse_number(str(found.params["write_second"])) == int(f"{whole}{decimals:03d}")


@pytest.mark.parametrize(
    ("value", "sign", "places", "text"),
    [
        (Decimal("0.5"), ".", None, "0.5"),
        (Decimal("0.50"), ",", None, "0,5"),
        (Decimal("1E+3"), ".", None, f"1{GROUP_SPACE}000"),
        (999, ".", None, "999"),
        (1234567, ",", None, f"1{GROUP_SPACE}234{GROUP_SPACE}567"),
        (Decimal("1234.5"), ",", 2, f"1{GROUP_SPACE}234,50"),
        (Decimal("0.125"), ".", 2, "0.13"),
        (Decimal("2.675"), ".", 2, "2.68"),
        (0.1, ".", None, "0.1"),
        (253.05183, ".", 0, "253"),
        (Decimal("-3.3"), ".", None, f"{MINUS}3.3"),
        (Decimal("-0.004"), ".", 2, "0.00"),
        (0, ".", 1, "0.0"),
        (1e-7, ".", None, "0.0000001"),
    ],
)
def test_printing(value: Decimal | int | float, sign: str, places: int | None, text: str) -> None:
    assert format_number(value, sign, places) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN")])
def test_what_is_no_number_is_never_printed(value: Decimal | float) -> None:
    with pytest.raises(ValueError, match="finite"):
        format_number(value)


def test_a_negative_number_never_reaches_an_input_box() -> None:
    with pytest.raises(ValueError, match="negative"):
        format_for_input(Decimal(-1))
    with pytest.raises(ValueError, match="decimal sign"):
        format_number(1, "'")
