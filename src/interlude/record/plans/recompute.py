"""The dose of a plan, computed a second time with whole numbers only.

Shares no code with `domain.protocol.limits.dose_for` below the text of the order: it reads the digits itself.
"""

from __future__ import annotations

import re
from decimal import ROUND_FLOOR, Decimal

from interlude.domain.protocol.limits import dose_for

_PLAIN = re.compile(r"(\d+)(?:\.(\d+))?", re.ASCII)


class DosesDisagree(RuntimeError):
    """Two computations of one dose gave different amounts. Nothing may be ordered by either."""


def dose_by_integers(weight_kg: str, dose_mg_per_kg: str) -> int:
    """Dose in whole micrograms, rounded down, from the digits of weight and dose.

    digits(weight) * digits(dose) * 1000 / 10^(decimals of both); raises `ValueError` for anything but digits
    with one point.
    """
    weight, weight_places = _digits(weight_kg)
    dose, dose_places = _digits(dose_mg_per_kg)
    scale = 10 ** (weight_places + dose_places)
    return weight * dose * 1000 // scale


def agreed_dose_ug(weight_kg: Decimal, dose_mg_per_kg: Decimal) -> int:
    """The dose in whole micrograms when both computations agree; raises `DosesDisagree` when they do not.

    Raises `Refused` for a weight or dose that cannot be.
    """
    first = dose_for(weight_kg, dose_mg_per_kg)
    second = dose_by_integers(f"{weight_kg:f}", f"{dose_mg_per_kg:f}")
    if first != second:
        raise DosesDisagree(f"{first} ug and {second} ug for {dose_mg_per_kg} mg/kg at {weight_kg} kg")
    return first


def whole_micrograms(amount_mg: Decimal) -> int:
    """An amount in mg as whole micrograms, rounded down by the same rule as an order."""
    return int(amount_mg.scaleb(3).to_integral_value(ROUND_FLOOR))


def _digits(text: str) -> tuple[int, int]:
    match = _PLAIN.fullmatch(text)
    if match is None:
        raise ValueError(f"not a plain number: {text!r}")
    decimals = match[2] or ""
    return int(match[1] + decimals), len(decimals)
