"""Reading single values of a case: each is what it should be, or is refused by its name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from interlude.domain.refusals import N_, Refused

UNKNOWN = N_("Unknown key. Allowed here: {allowed}.")
MISSING = N_("This value is missing.")
NOT_OBJECT = N_("This must be an object.")
TWICE = N_("This is listed twice.")
EMPTY = N_("This list must not be empty.")
NOT_FINITE = N_("This must be a finite number.")
EXTREME = N_("This is too extreme to be computed with.")
ONE_OF = N_("This must be one of: {allowed}.")
_NOT_LIST = N_("This must be a list.")
_NOT_NUMBER = N_("This must be a number.")
_NOT_TEXT = N_("This must be text.")
_NOT_FLAG = N_("This must be true or false.")
_NOT_WHOLE = N_("This must be a whole number from {least} to {most}.")
_TOO_SMALL = N_("This must be 0 or more.")
_NOT_POSITIVE = N_("This must be more than 0.")


def object_of(
    value: object, field: str, allowed: tuple[str, ...], *, required: tuple[str, ...] = (), prefix: str | None = None
) -> Mapping[str, Any]:
    """`value` as an object with only allowed keys and all required ones."""
    if not isinstance(value, Mapping):
        raise Refused(NOT_OBJECT, field=field)
    start = f"{field}." if prefix is None else prefix
    for key in value:
        if key not in allowed:
            raise Refused(UNKNOWN, field=f"{start}{key}", allowed=", ".join(allowed))
    for key in required:
        if key not in value:
            raise Refused(MISSING, field=f"{start}{key}")
    return value


def number(value: object, field: str, *, positive: bool = False) -> float:
    """A finite number of 0 or more; a boolean is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(_NOT_NUMBER, field=field)
    try:
        found = float(value)
    except OverflowError as error:
        raise Refused(NOT_FINITE, field=field) from error
    if not math.isfinite(found):
        raise Refused(NOT_FINITE, field=field)
    if found < 0:
        raise Refused(_TOO_SMALL, field=field)
    if positive and found == 0:
        raise Refused(_NOT_POSITIVE, field=field)
    return found


def whole(value: object, field: str, *, least: int, most: int) -> int:
    """A whole number within limits; a boolean is none, 3.0 is 3."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise Refused(_NOT_WHOLE, field=field, least=f"{least:,}", most=f"{most:,}")
    if value != int(value):
        raise Refused(_NOT_WHOLE, field=field, least=f"{least:,}", most=f"{most:,}")
    return int(value)


def flag(value: object, field: str) -> bool:
    if not isinstance(value, bool):
        raise Refused(_NOT_FLAG, field=field)
    return value


def text(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise Refused(_NOT_TEXT, field=field)
    return value


def choice(value: object, field: str, allowed: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise Refused(ONE_OF, field=field, allowed=", ".join(allowed))
    return value


def items(value: object, field: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise Refused(_NOT_LIST, field=field)
    return list(value)


def moved(refused: Refused, field: str) -> Refused:
    """The same refusal under another field name."""
    return Refused(refused.template, field=field, **refused.params)
