"""The bounds that the browser gets place every number as the protocol itself does."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlude.domain.protocol import load_library, reading
from interlude.interfaces.staff.session.numerals import _bounds, look

PROTOCOL = load_library().protocol("trd-iv")
CROSSED = {
    "above": lambda value, bound: value > bound,
    "at_least": lambda value, bound: value >= bound,
    "below": lambda value, bound: value < bound,
    "at_most": lambda value, bound: value <= bound,
}
LEVELS = {"critical": "urgent", "outside": "advisory", "normal": "within"}
FACTS = ("systolic_bp_mmhg", "diastolic_bp_mmhg", "heart_rate_per_min", "spo2_percent", "respiratory_rate_per_min")


def in_the_browser(code: str, value: Decimal, base: Decimal | None) -> str:
    """What `vitals.js` does with the bounds."""
    limit = next(row for row in PROTOCOL.alarms if row.code == code)
    row: Any = SimpleNamespace(value=base) if base is not None else None

    def over(bounds: list[list[Any]]) -> bool:
        return any(CROSSED[operator](float(value), bound) for operator, bound in bounds)

    if over(_bounds(limit.urgent, row)):
        return "critical"
    return "outside" if over(_bounds(limit.advisory, row)) else "normal"


@given(
    code=st.sampled_from(FACTS),
    value=st.integers(min_value=1, max_value=300).map(Decimal),
    base=st.none() | st.integers(min_value=60, max_value=200).map(lambda number: Decimal(number * 5)),
)
def test_a_number_lies_where_the_protocol_puts_it(code: str, value: Decimal, base: Decimal | None) -> None:
    assert LEVELS[in_the_browser(code, value, base)] == reading(PROTOCOL, code, value, baseline=base).level


@pytest.mark.parametrize("state", ["unknown_range", "", "nonsense", "fine"])
def test_what_is_not_known_is_never_normal(state: str) -> None:
    assert look(state) == "unknown"
