"""JSON text of cases and results."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from interlude.domain.pharmacology.case.fields import NOT_OBJECT, TWICE
from interlude.domain.refusals import N_, Refused

_NOT_JSON = N_("The case is not valid JSON: {reason}.")


def loads(text: str) -> dict[str, Any]:
    """A case from JSON text; refused for bad JSON, a key given twice, or anything but an object."""
    try:
        case = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except Refused:
        raise
    except RecursionError as error:
        raise Refused(_NOT_JSON, reason="nested too deeply") from error
    except ValueError as error:
        raise Refused(_NOT_JSON, reason=str(error)) from error
    if not isinstance(case, dict):
        raise Refused(NOT_OBJECT, field="case")
    return case


def dumps(result: dict[str, Any]) -> str:
    """JSON text of a result; every number with 17 significant digits, so that it reads back exactly."""
    return _text(result)


def _text(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(k))}: {_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_text(v) for v in value) + "]"
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("JSON holds finite numbers only")
        return format(value, ".17g")
    return json.dumps(value)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Refused(TWICE, field=key)
        found[key] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise Refused(_NOT_JSON, reason=f"{name} is not a number")
