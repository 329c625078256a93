"""Doses, rates and amounts, each computed a second way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlude.domain.refusals import Refused
from interlude.domain.units import (
    RateSegment,
    amount_given_micrograms,
    dose_micrograms,
    infusion_rate_mg_per_h,
    mg_from_micrograms,
    micrograms_from_mg,
    rate_views,
    time_to_empty,
    time_to_give,
    time_to_planned_dose,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

per_kg = st.decimals(min_value=0, max_value=2, places=3)
weights = st.decimals(min_value="1", max_value=300, places=2)
rates = st.decimals(min_value=0, max_value=500, places=3)


def minutes(value: float) -> datetime:
    return NOON + timedelta(minutes=value)


@pytest.mark.parametrize(
    ("mg_per_kg", "weight_kg", "micrograms"),
    [
        ("0.5", "70", 35_000),
        ("0.5", "72.35", 36_175),
        ("0.333", "71.23", 23_719),
        ("0.8", "100", 80_000),
        ("0", "70", 0),
    ],
)
def test_a_dose_is_whole_micrograms_and_never_above_the_order(mg_per_kg: str, weight_kg: str, micrograms: int) -> None:
    assert dose_micrograms(Decimal(mg_per_kg), Decimal(weight_kg)) == micrograms


@given(per_kg, weights)
def test_a_dose_equals_the_exact_fraction_rounded_down(mg_per_kg: Decimal, weight_kg: Decimal) -> None:
    exact = Fraction(mg_per_kg) * Fraction(weight_kg) * 1000
    assert dose_micrograms(mg_per_kg, weight_kg) == exact.numerator // exact.denominator


@pytest.mark.parametrize(
    ("dose_mg", "over_min", "rate"),
    [("35", "40", "52.5"), ("35", "60", "35"), ("56", "40", "84"), ("30", "6", "300"), ("0", "40", "0")],
)
def test_infusion_rate(dose_mg: str, over_min: str, rate: str) -> None:
    assert str(infusion_rate_mg_per_h(Decimal(dose_mg), Decimal(over_min))) == rate


def test_a_rate_that_does_not_end_is_rounded_only_when_asked() -> None:
    assert infusion_rate_mg_per_h(Decimal(35), 45, places=2) == Decimal("46.67")
    assert abs(infusion_rate_mg_per_h(Decimal(35), 45) * 45 / 60 - 35) < Decimal("1e-24")


@given(rates, weights, st.decimals(min_value="0.01", max_value=100, places=2))
def test_every_view_of_a_rate_is_the_same_rate(rate: Decimal, weight: Decimal, strength: Decimal) -> None:
    views = rate_views(rate, weight_kg=weight, concentration_mg_per_ml=strength)
    exact = Fraction(rate)
    expected = {
        "mg_per_h": exact,
        "mg_per_min": exact / 60,
        "mg_per_kg_per_h": exact / Fraction(weight),
        "ug_per_kg_per_min": exact * 1000 / 60 / Fraction(weight),
        "ml_per_h": exact / Fraction(strength),
    }
    for name, value in expected.items():
        assert abs(Fraction(getattr(views, name)) - value) <= value * Fraction(1, 10**26)


def test_the_usual_infusion_in_every_unit() -> None:
    views = rate_views(Decimal("52.5"), weight_kg=70, concentration_mg_per_ml=Decimal("0.5"))
    assert [str(v) for v in (views.mg_per_min, views.mg_per_kg_per_h, views.ug_per_kg_per_min, views.ml_per_h)] == [
        "0.875",
        "0.75",
        "12.5",
        "105",
    ]
    assert rate_views(Decimal("52.5"), weight_kg=70).ml_per_h is None


spans = st.lists(st.tuples(st.integers(0, 10**10), st.one_of(st.none(), st.integers(0, 10**10)), rates), max_size=5)


@given(spans, st.integers(0, 2 * 10**10))
def test_the_amount_given_equals_the_sum_of_exact_fractions(
    rows: list[tuple[int, int | None, Decimal]], until: int
) -> None:
    """Times in microseconds; the second way adds fractions of a milligram per segment."""
    segments, total = [], Fraction(0)
    for start, length, rate in rows:
        end = None if length is None else start + length
        segments.append(
            RateSegment(
                NOON + timedelta(microseconds=start),
                None if end is None else NOON + timedelta(microseconds=end),
                rate,
            )
        )
        given_us = max(0, (until if end is None else min(end, until)) - start)
        total += Fraction(rate) * Fraction(given_us, 3_600_000_000)
    exact = total * 1000
    amount = amount_given_micrograms(segments, NOON + timedelta(microseconds=until))
    assert abs(amount - exact) <= Fraction(1, 2)
    assert amount == (exact + Fraction(1, 2)).__floor__()


def test_a_titrated_session_with_a_pause() -> None:
    segments = [
        RateSegment(minutes(0), minutes(15), Decimal("52.5")),
        RateSegment(minutes(15), minutes(20), Decimal(0)),
        RateSegment(minutes(20), None, Decimal("26.25")),
    ]
    assert amount_given_micrograms(segments, minutes(-1)) == 0
    assert amount_given_micrograms(segments, minutes(10)) == 8_750
    assert amount_given_micrograms(segments, minutes(18)) == 13_125
    assert amount_given_micrograms(segments, minutes(40)) == 21_875
    assert time_to_planned_dose(segments, 35_000, minutes(40)) == timedelta(minutes=30)
    assert time_to_planned_dose(segments, 35_000, minutes(17)) is None
    assert time_to_planned_dose(segments, 13_125, minutes(17)) == timedelta(0)


def test_time_zones_and_a_change_of_clocks_do_not_matter() -> None:
    berlin_winter, berlin_summer = timezone(timedelta(hours=1)), timezone(timedelta(hours=2))
    start = datetime(2026, 3, 29, 1, 30, tzinfo=berlin_winter)
    at = datetime(2026, 3, 29, 3, 30, tzinfo=berlin_summer)
    assert amount_given_micrograms([RateSegment(start, None, Decimal(60))], at) == 60_000


def test_how_long_a_syringe_lasts() -> None:
    assert time_to_empty(Decimal("50"), Decimal("105")) == timedelta(seconds=1714)
    assert time_to_empty(Decimal("50"), 0) is None
    assert time_to_empty(0, 0) == timedelta(0)
    assert time_to_give(35_000, Decimal("52.5")) == timedelta(minutes=40)
    assert time_to_give(35_000, 0) is None
    assert time_to_give(0, 0) == timedelta(0)
    assert time_to_give(35_000, Decimal("1e-30")) == timedelta(days=36_500)


def test_micrograms_are_exact_or_refused() -> None:
    assert micrograms_from_mg(Decimal("52.125")) == 52_125
    assert mg_from_micrograms(52_125) == Decimal("52.125")
    with pytest.raises(Refused, match="finer than one microgram"):
        micrograms_from_mg(Decimal("0.0005"))


def test_bad_input_is_refused_by_field() -> None:
    for call, field in [
        (lambda: dose_micrograms(Decimal("-0.5"), 70), "dose_mg_per_kg"),
        (lambda: dose_micrograms(Decimal("0.5"), 0), "weight_kg"),
        (lambda: dose_micrograms(Decimal("NaN"), 70), "dose_mg_per_kg"),
        (lambda: infusion_rate_mg_per_h(35, 0), "minutes"),
        (lambda: rate_views(1, weight_kg=70, concentration_mg_per_ml=0), "concentration_mg_per_ml"),
        (lambda: RateSegment(minutes(1), minutes(0), Decimal(1)), "end"),
    ]:
        with pytest.raises(Refused) as refusal:
            call()
        assert refusal.value.field == field


@pytest.mark.parametrize("value", [0.5, True, "0.5"])
def test_a_float_never_becomes_a_dose(value: object) -> None:
    with pytest.raises(TypeError):
        dose_micrograms(value, 70)  # type: ignore[arg-type]


def test_a_time_without_a_zone_is_a_programming_error() -> None:
    naive = datetime(2026, 3, 2, 12, 0)  # noqa: DTZ001
    with pytest.raises(ValueError, match="aware"):
        RateSegment(naive, None, Decimal(1))
    with pytest.raises(ValueError, match="aware"):
        amount_given_micrograms([], naive)
