"""The tutorial says what its code prints."""

from __future__ import annotations

import re

import pytest

from tests.domain.pharmacology.tutorial import PAGE, runs

HINT = "run: python -m tests.domain.pharmacology.tutorial"
RUNS = list(runs(PAGE.read_text(encoding="utf-8")))
NUMBER = re.compile(r"-?\d+\.?\d*")


@pytest.mark.parametrize(("said", "printed"), [row[1:] for row in RUNS], ids=[row[0].split("\n")[0] for row in RUNS])
def test_a_block_prints_what_the_page_says(said: str, printed: str) -> None:
    assert NUMBER.sub("#", said) == NUMBER.sub("#", printed), HINT
    # The last digit that is shown may round the other way on another processor.
    for shown, now in zip(NUMBER.findall(said), NUMBER.findall(printed), strict=True):
        places = len(shown.partition(".")[2])
        assert abs(float(shown) - float(now)) <= 1.01 * 10.0**-places, HINT


def test_the_tutorial_covers_the_library() -> None:
    code = "\n".join(row[0] for row in RUNS)
    for name in (
        "load_card", "solve(", "advance", "forecast", "decrement_time_min", '"nasal"', "plan_targets",
        "simulate_population", "fit(", "effect_band", "simulate_case",
    ):  # fmt: skip
        assert name in code
