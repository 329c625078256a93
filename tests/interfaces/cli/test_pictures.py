"""The pictures of the documents show what the models say now."""

from __future__ import annotations

import re

import pytest

from interlude.interfaces.cli.charts.draw import draw
from tests.interfaces.cli.pictures import FOLDER, PICTURES

NUMBER = re.compile(r"-?\d+\.?\d*")
HINT = "run: make docs"


@pytest.mark.parametrize("name", list(PICTURES))
def test_a_picture_is_what_would_be_drawn_now(name: str) -> None:
    stored = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    fresh = draw(PICTURES[name]())
    assert NUMBER.sub("#", stored) == NUMBER.sub("#", fresh), HINT
    # Another processor may round a coordinate the other way.
    pairs = zip(NUMBER.findall(stored), NUMBER.findall(fresh), strict=True)
    assert [pair for pair in pairs if abs(float(pair[0]) - float(pair[1])) > 0.11] == [], HINT


def test_the_overlay_shows_every_adult_model_and_what_was_observed() -> None:
    text = (FOLDER / "pharmacology-models.svg").read_text(encoding="utf-8")
    for words in ("domino1984 (240)", "kamp2020 (253)", "simons2022 (289)", "otto2021 (158)", "perezruixo2021 (125)"):
        assert words in text
    assert "observed 185, venous blood (Zarate 2006)" in text
    assert "observed 100 to 250, venous blood (Krystal 1994)" in text
    assert "herd2007" not in text
    assert "Assumed" in text
    assert "Borrowed" in text
