"""Units of vital signs as monitors write them, and exact conversion to the unit of the chart.

A unit is known by its IEEE 11073 code (decimal, or Philips' hexadecimal "0004-0220" = partition 4, term
0x0220), by its reference id (MDC_DIM_PERCENT), by UCUM, or by a common synonym. Sources: collected device
messages; IHE PCD TF Vol 2; ISO/IEEE 11073-10101 term codes. Factors: UCUM defines m[Hg] as 133.322 kPa, so
1 mm[Hg] = 133.322 Pa; Celsius = (Fahrenheit - 32) * 5 / 9 by definition."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

HEX_CODE = re.compile(r"([0-9a-fA-F]{4})-([0-9a-fA-F]{4})\Z")

# The unit of a rate tells what is counted; a plain "/min" fits both.
BEATS, BREATHS, PER_MINUTE = "{beat}/min", "{breath}/min", "/min"
PERCENT, RATIO = "%", "1"
MMHG, KPA = "mm[Hg]", "kPa"
CELSIUS, FAHRENHEIT = "Cel", "[degF]"

_BY_CODE = {
    264864: BEATS,
    264928: BREATHS,
    262688: PERCENT,
    262656: RATIO,
    266016: MMHG,
    265987: KPA,
    268192: CELSIUS,
    266560: FAHRENHEIT,
}
_BY_NAME = {
    BEATS: "MDC_DIM_BEAT_PER_MIN {beat}/min {beats}/min beat/min beats/min",
    BREATHS: "MDC_DIM_RESP_PER_MIN {breath}/min {breaths}/min {resp}/min breath/min breaths/min resp/min rpm brpm",
    PER_MINUTE: "MDC_DIM_PER_MIN /min 1/min bpm",
    PERCENT: "MDC_DIM_PERCENT % percent",
    RATIO: "MDC_DIM_DIMLESS MDC_DIM_DIMLESS_ 1",
    MMHG: "MDC_DIM_MMHG mm[hg] mmhg",
    KPA: "MDC_DIM_KILO_PASCAL kpa",
    CELSIUS: "MDC_DIM_DEGC cel c degc °c ℃",
    FAHRENHEIT: "MDC_DIM_FAHR MDC_DIM_DEGF [degf] degf f °f",
}
_SYNONYMS = {name.lower(): unit for unit, names in _BY_NAME.items() for name in names.split()}
_SYSTEMS = frozenset({"MDC", "MDIL", "UCUM", "ISO+", "ISO", "ANS+", "L", "99MDC"})
_CENT = Decimal("0.01")


def term_code(text: str) -> int | None:
    """The 32-bit term code of "147842" or of Philips' "0002-4182" (partition * 65536 + term); None
    otherwise."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) <= 10:
        return int(text)
    match = HEX_CODE.match(text)
    return int(match[1], 16) * 65536 + int(match[2], 16) if match else None


def read_unit(components: Sequence[str]) -> str | None:
    """The one unit that the components of OBX-6 name; None when they name none, or contradict one
    another."""
    found: set[str] = set()
    for index, part in enumerate(components):
        text = part.strip()
        if not text or (index % 3 == 2 and text.upper() in _SYSTEMS):
            continue
        code = term_code(text) if len(text) > 1 else None
        if code is not None:
            if code not in _BY_CODE:
                return None
            found.add(_BY_CODE[code])
        elif (known := _SYNONYMS.get(text.lower())) is not None:
            found.add(known)
    if PER_MINUTE in found and len(found) > 1:
        found.discard(PER_MINUTE)
    return found.pop() if len(found) == 1 else None


def convert(value: Decimal, unit: str, to: str) -> Decimal:
    """The value in the chart's unit. Same unit: unchanged, trailing zeros kept. Raises KeyError for no
    rule."""
    if unit == to or (unit, to) in _SAME:
        return value
    if (unit, to) == (KPA, MMHG):
        return (value * 1000 / Decimal("133.322")).quantize(_CENT, ROUND_HALF_EVEN)
    if (unit, to) == (FAHRENHEIT, CELSIUS):
        exponent = value.as_tuple().exponent
        places = max(1, -exponent if isinstance(exponent, int) else 1)
        return ((value - 32) * 5 / 9).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    raise KeyError((unit, to))


# A perfusion index is a percentage whether the device calls it one or dimensionless (both are in use).
_SAME = frozenset({(BEATS, PER_MINUTE), (BREATHS, PER_MINUTE), (RATIO, PERCENT)})
