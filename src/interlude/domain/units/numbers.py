"""Reading and printing numbers: a text has exactly one reading, or it is refused with the readings spelled out.

A comma and a point are both decimal signs here, because a clinic's staff type both. That makes "1.000" mean
one or one thousand: such a text is never guessed at, since a factor of a thousand in a dose kills.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from interlude.domain.refusals import N_, Refused

GROUP_SPACE = "\u202f"
"""Thin space that does not break at a line's end; printed between groups of three digits."""

MINUS = "\u2212"
"""The printed minus sign; it is never read back, because no input of this system is negative."""

MAX_DIGITS = 18
"""More digits than any quantity here has; protects against pasted rubbish."""

# Spaces that people and spreadsheets put between groups of three digits.
_GROUP_SPACES = (GROUP_SPACE, "\u2009", "\u00a0", " ")
_PLAIN = re.compile(r"(0|[1-9][0-9]*)(?:([.,])([0-9]+))?")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?P<space>[\u202f\u2009\u00a0 ])[0-9]{3}(?:(?P=space)[0-9]{3})*(?:[.,][0-9]+)?")
_AMBIGUOUS = re.compile(r"([1-9][0-9]{0,2})([.,])([0-9]{3})")
_LEADING_ZERO = re.compile(r"0+([1-9][0-9]*)")
_BARE_SIGN_FIRST = re.compile(r"[.,]([0-9]+)")
_BARE_SIGN_LAST = re.compile(r"([0-9]+)[.,]")

# Wide enough that quantize never overflows for a finite float.
_WIDE = Context(prec=1200, Emax=10_000, Emin=-10_000)

_EMPTY = N_("Enter a number.")
_TWO_READINGS = N_("{text} can be read as {first} or as {second}. Write {write_first} or {write_second}.")
_SIGN_FIRST = N_("{text} has no digit before the decimal sign. Write {written}.")
_SIGN_LAST = N_("{text} has no digit after the decimal sign. Write {written}.")
_MANY_SIGNS = N_("{text} has more than one comma or point. Use one decimal sign and nothing between thousands.")
_SIGNED = N_("{text} has a plus or minus sign. Write the number without a sign.")
_TOO_LONG = N_("The number has more than {limit} digits. Check it and write it again.")
_NOT_PLAIN = N_("{text} is not a plain number. Use the digits 0 to 9 and one comma or point, like 0.5 or 0,5.")


def parse_number(text: str, *, field: str = "") -> Decimal:
    """Read a non-negative decimal number as typed; raises `Refused` (naming `field`) unless it has one reading.

    Decimal sign: one comma or one point. Groups of three digits may be separated by one kind of space. The
    result has exactly the digits that were typed ("0.50" gives Decimal("0.50")).
    """
    typed = text.strip()
    if not typed:
        raise Refused(_EMPTY, field=field)
    if len(typed) > 3 * MAX_DIGITS or sum(c.isdigit() for c in typed) > MAX_DIGITS:
        raise Refused(_TOO_LONG, field=field, limit=MAX_DIGITS)
    if _AMBIGUOUS.fullmatch(typed):
        raise _two_readings(typed, field)
    plain = typed
    if _GROUPED.fullmatch(typed):
        plain = "".join(c for c in typed if c not in _GROUP_SPACES)
    if _PLAIN.fullmatch(plain):
        return Decimal(plain.replace(",", "."))
    raise _not_readable(typed, field)


def _two_readings(typed: str, field: str) -> Refused:
    """The refusal of "1.250": as a decimal number or with a sign between thousands."""
    match = _AMBIGUOUS.fullmatch(typed)
    assert match is not None
    whole, sign, decimals = match.groups()
    shortened = decimals.rstrip("0")
    first = f"{whole}{sign}{shortened}" if shortened else whole
    # Three decimals would be ambiguous again, so the way to write 1.125 is with a fourth decimal.
    write_first = first + "0" if len(shortened) == 3 else first
    second = whole + decimals
    return Refused(
        _TWO_READINGS,
        field=field,
        text=typed,
        first=first,
        second=second,
        write_first=write_first,
        write_second=second,
    )


def _not_readable(typed: str, field: str) -> Refused:
    """The most helpful refusal of a text that is no plain number."""
    if match := _LEADING_ZERO.fullmatch(typed):
        # "05" is as likely a lost decimal sign as five.
        whole = match.group(1)
        small = typed[0] + "." + typed[1:]
        return Refused(
            _TWO_READINGS,
            field=field,
            text=typed,
            first=whole,
            second=small,
            write_first=whole,
            write_second=small,
        )
    if match := _BARE_SIGN_FIRST.fullmatch(typed):
        return Refused(_SIGN_FIRST, field=field, text=typed, written=f"0{typed}")
    if match := _BARE_SIGN_LAST.fullmatch(typed):
        return Refused(_SIGN_LAST, field=field, text=typed, written=match.group(1))
    if typed[0] in "+-\u2212\u2013":
        return Refused(_SIGNED, field=field, text=typed)
    if typed.count(",") + typed.count(".") > 1 and not re.search(r"[^0-9.,]", typed):
        return Refused(_MANY_SIGNS, field=field, text=typed)
    return Refused(_NOT_PLAIN, field=field, text=typed)


def format_number(value: Decimal | int | float, decimal_sign: str = ".", places: int | None = None) -> str:
    """Print a number: thin-space groups from 1 000, a leading zero, no trailing zeros unless `places` is given.

    `decimal_sign` is the clinic's "," or "."; with `places` the value is rounded half up to that many decimals.
    A float prints the digits of its shortest exact form. Raises `ValueError` for a value that is not finite.
    """
    sign, whole, decimals = _digits(value, decimal_sign, places)
    groups = f"{int(whole):,}".replace(",", GROUP_SPACE)
    return sign + groups + (decimal_sign + decimals if decimals else "")


def format_for_input(value: Decimal | int, decimal_sign: str = ".") -> str:
    """Print a non-negative number for an input box, so that `parse_number` reads back exactly this value.

    Differs from `format_number` in two ways: no groups, and a fourth decimal where three would be ambiguous.
    """
    sign, whole, decimals = _digits(value, decimal_sign, None)
    if sign:
        raise ValueError("an input box holds no negative number")
    text = whole + (decimal_sign + decimals if decimals else "")
    return text + "0" if _AMBIGUOUS.fullmatch(text) else text


def _digits(value: Decimal | int | float, decimal_sign: str, places: int | None) -> tuple[str, str, str]:
    """Sign, whole digits and decimals of a finite number."""
    if decimal_sign not in (".", ","):
        raise ValueError("the decimal sign is a point or a comma")
    exact = Decimal(repr(float(value))) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        raise ValueError("only a finite number can be printed")
    with localcontext(_WIDE):
        if places is not None:
            exact = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        whole, _, decimals = format(abs(exact), "f").partition(".")
    if places is None:
        decimals = decimals.rstrip("0")
    negative = exact < 0 and (whole.strip("0") or decimals.strip("0"))
    return (MINUS if negative else ""), whole, decimals
