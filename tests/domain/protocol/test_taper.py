from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlude.domain.protocol import load_library
from interlude.domain.protocol.taper import Step, taper_notes, taper_rules

DAY = date(2026, 3, 12)


def steps(text: str) -> list[Step]:
    """ "a0 a14 b3": medicine and day."""
    return [Step(one[0], DAY + timedelta(days=int(one[1:]))) for one in text.split()]


# steps | notes | the days that are named
CASES = [
    ("", [], None),
    ("a0", [], None),
    ("a0 a14 a28", [], None),
    ("a0 a13 a28", ["too_soon"], 13),
    ("a28 a0 a14 a20", ["too_soon"], 6),
    ("a0 b0", ["too_many"], None),
    ("a0 a7 b0 b3", ["too_soon", "too_many"], 3),
]


@pytest.mark.parametrize(("text", "codes", "days"), CASES)
def test_what_is_said_about_steps(text: str, codes: list[str], days: int | None) -> None:
    notes = taper_notes(steps(text))
    assert [note.code for note in notes] == codes
    if days is not None:
        assert notes[0].reason.params["days"] == days
    for note in notes:
        assert str(note.reason)


def test_the_numbers_are_proposed_and_say_so() -> None:
    for datum in (taper_rules().stable_days, taper_rules().medicines_at_once):
        assert datum.certainty == "P"
        assert load_library().sources[datum.source].kind == "product"


@given(days=st.lists(st.integers(0, 200), min_size=2, max_size=8, unique=True))
def test_the_order_in_which_steps_are_written_down_does_not_matter(days: list[int]) -> None:
    rows = [Step("a", DAY + timedelta(days=day)) for day in days]
    assert taper_notes(rows) == taper_notes(reversed(rows))
