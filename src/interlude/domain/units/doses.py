"""Doses and rates with exact decimals: milligrams per kilogram to micrograms, and one rate in every unit.

Anything that is dispensed is an integer number of micrograms or a `Decimal`; a float is refused by type.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

from interlude.domain.refusals import N_, Refused

MICROGRAMS_PER_MG = 1000
MINUTES_PER_HOUR = 60

# A quotient that does not end is carried to 28 significant digits; products of what people type are exact.
_CONTEXT = Context(prec=28, rounding=ROUND_HALF_EVEN)
_EXACT = Context(prec=200)

Number = Decimal | int


def exact(value: Number, field: str, *, positive: bool = False) -> Decimal:
    """`value` as a finite, non-negative (or positive) `Decimal`; floats and booleans are a programming error."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError(f"{field} must be a Decimal or an int, not {type(value).__name__}")
    number = Decimal(value)
    if not number.is_finite() or number < 0:
        raise Refused(N_("The value must be a number of 0 or more."), field=field)
    if positive and number == 0:
        raise Refused(N_("The value must be more than 0."), field=field)
    return number


def micrograms_from_mg(amount_mg: Number, *, field: str = "amount_mg") -> int:
    """Exact micrograms of an amount in milligrams; refused when it is finer than one microgram."""
    micrograms = _EXACT.multiply(exact(amount_mg, field), Decimal(MICROGRAMS_PER_MG))
    if micrograms != micrograms.to_integral_value(context=_EXACT):
        raise Refused(
            N_("{amount_mg} mg is finer than one microgram. Use at most three decimals."),
            field=field,
            amount_mg=amount_mg,
        )
    return int(micrograms)


def mg_from_micrograms(micrograms: int) -> Decimal:
    """Exact milligrams of an integer number of micrograms."""
    return Decimal(micrograms).scaleb(-3, context=_EXACT)


def dose_micrograms(dose_mg_per_kg: Number, weight_kg: Number) -> int:
    """Dose of a patient in whole micrograms, rounded down so that it never exceeds the ordered mg/kg."""
    per_kg = exact(dose_mg_per_kg, "dose_mg_per_kg")
    weight = exact(weight_kg, "weight_kg", positive=True)
    return int(_EXACT.multiply(_EXACT.multiply(per_kg, weight), Decimal(MICROGRAMS_PER_MG)))


def infusion_rate_mg_per_h(dose_mg: Number, minutes: Number, *, places: int | None = None) -> Decimal:
    """Constant rate (mg/h) that gives `dose_mg` in `minutes`.

    Exact where the quotient ends, else to 28 significant digits; `places` rounds it (half to even) to what a
    pump can be set to.
    """
    dose = exact(dose_mg, "dose_mg")
    duration = exact(minutes, "minutes", positive=True)
    rate = _CONTEXT.divide(_EXACT.multiply(dose, Decimal(MINUTES_PER_HOUR)), duration)
    if places is not None:
        rate = rate.quantize(Decimal(1).scaleb(-places), context=_CONTEXT)
    return _plain(rate)


@dataclass(frozen=True, slots=True)
class RateViews:
    """One infusion rate in every unit that a pump, an order or a paper may use; `None` where it is not defined."""

    mg_per_h: Decimal
    mg_per_min: Decimal
    mg_per_kg_per_h: Decimal
    ug_per_kg_per_min: Decimal
    ml_per_h: Decimal | None


def rate_views(rate_mg_per_h: Number, *, weight_kg: Number, concentration_mg_per_ml: Number | None = None) -> RateViews:
    """All views of one rate; mL/h needs the syringe's concentration. Quotients carry 28 significant digits."""
    rate = exact(rate_mg_per_h, "rate_mg_per_h")
    weight = exact(weight_kg, "weight_kg", positive=True)
    hour = Decimal(MINUTES_PER_HOUR)
    ml_per_h = None
    if concentration_mg_per_ml is not None:
        concentration = exact(concentration_mg_per_ml, "concentration_mg_per_ml", positive=True)
        ml_per_h = _plain(_CONTEXT.divide(rate, concentration))
    rate_ug = _EXACT.multiply(rate, Decimal(MICROGRAMS_PER_MG))
    return RateViews(
        mg_per_h=rate,
        mg_per_min=_plain(_CONTEXT.divide(rate, hour)),
        mg_per_kg_per_h=_plain(_CONTEXT.divide(rate, weight)),
        ug_per_kg_per_min=_plain(_CONTEXT.divide(rate_ug, _EXACT.multiply(weight, hour))),
        ml_per_h=ml_per_h,
    )


def _plain(value: Decimal) -> Decimal:
    """The same value without trailing zeros and without an exponent ("3E+1" becomes 30)."""
    short = value.normalize(_EXACT)
    return short.quantize(Decimal(1), context=_EXACT) if int(short.as_tuple().exponent) > 0 else short
