from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from interlude.interfaces.design import trend

DAY = date(2026, 3, 1)


def data(*values: float | None, **more: Any) -> dict[str, Any]:
    points = [{"on": DAY + timedelta(days=7 * index), "value": value} for index, value in enumerate(values)]
    return {"label": "PHQ-9", "range": [0, 27], "points": points, **more}


def drawn(content: dict[str, Any]) -> str:
    return Template("{% load design %}{% trend_svg data %}").render(Context({"data": content}))


def test_a_missing_score_breaks_the_line_and_is_said() -> None:
    shape = trend.geometry(data(22, 18, None, 11, 9))
    assert len(shape["lines"]) == 2
    assert len(shape["missing"]) == 1
    assert "Missing" in drawn(data(22, 18, None, 11, 9))


def test_time_is_proportional() -> None:
    points = [{"on": DAY + timedelta(days=offset), "value": 5} for offset in (0, 10, 30)]
    x = [point["x"] for point in trend.geometry({**data(), "points": points})["points"]]
    assert abs((x[2] - x[1]) - 2 * (x[1] - x[0])) < 0.3


def test_the_sentence_names_latest_and_previous() -> None:
    text = drawn(data(22, 9, infusions=[DAY]))
    assert "PHQ-9 9 on 08-Mar-2026, before that 22 on 01-Mar-2026. 1 infusion marked." in text
    assert trend.summary(trend.geometry(data())) == "PHQ-9: not measured yet."
    assert 'role="img"' in text
    assert not re.search(r"\sstyle=", text)


@given(st.lists(st.one_of(st.none(), st.integers(0, 27)), max_size=40), st.lists(st.integers(0, 300), max_size=12))
def test_everything_lies_inside_the_picture(values: list[int | None], days: list[int]) -> None:
    shape = trend.geometry(data(*values, infusions=[DAY + timedelta(days=day) for day in days]))
    for point in shape["points"]:
        assert shape["left"] <= point["x"] <= shape["right"]
        assert shape["top"] <= point["y"] <= shape["bottom"]
    assert len(shape["points"]) + len(shape["missing"]) == len(values)
    assert len(shape["x_ticks"]) <= 7
