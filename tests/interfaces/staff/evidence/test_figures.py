"""Where the marks of a forest lie: inside the picture, in the order of the numbers, as large as their weight."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest

from interlude.domain.evidence import Pooled, pool
from interlude.domain.evidence.curves import CurvePoint
from interlude.domain.protocol import load_library
from interlude.interfaces.design import formats
from interlude.interfaces.staff.evidence import lasting
from interlude.interfaces.staff.evidence.asking import answers
from interlude.interfaces.staff.evidence.figures import LARGEST_PX, SMALLEST_PX, TICK_GAP, figure_view

pytestmark = pytest.mark.django_db
ALL = [
    (code, answer.outcome.code, figure)
    for code in load_library().indications
    for answer in answers().answers(code)
    for figure in answer.figures
]
IDS = [f"{code}-{outcome}-{index}" for index, (code, outcome, _figure) in enumerate(ALL)]


@pytest.fixture(autouse=True)
def decimal_point() -> None:
    formats.use_decimal_sign(".")


def at(text: str) -> float:
    return float(text.removesuffix("%"))


def shares() -> Pooled:
    return pool("trd", "response_end_of_series", measure="proportion", definition="any")


@pytest.mark.parametrize(("indication", "outcome", "figure"), ALL, ids=IDS)
def test_marks_lie_inside_and_in_order(indication: str, outcome: str, figure: Pooled) -> None:
    shown = figure_view(figure, answers())
    assert len(shown["rows"]) == len(figure.studies) + len(figure.published) + (
        0 if figure.synthesis is None else 2 + (figure.prediction is not None)
    )
    for row in shown["rows"]:
        assert 0 <= at(row["low"]) <= at(row["x"]) <= at(row["high"]) <= 100
        assert at(row["low"]) + at(row["width"]) == pytest.approx(at(row["high"]), abs=0.02)
    ticks = [at(tick["x"]) for tick in shown["ticks"]]
    assert len(ticks) >= 2, (indication, outcome)
    assert all(two - one >= TICK_GAP - 0.02 for one, two in pairwise(ticks))
    if shown["null"]:
        assert any(abs(one - at(shown["null"])) < 0.02 for one in ticks)


def test_a_square_is_as_large_as_its_weight() -> None:
    figure = shares()
    rows = [row for row in figure_view(figure, answers())["rows"] if row["kind"] == "study"]
    heaviest = max(one.weight_random for one in figure.studies)
    for one, row in zip(figure.studies, rows, strict=True):
        side = LARGEST_PX * math.sqrt(one.weight_random / heaviest)
        assert float(row["side"]) == pytest.approx(max(SMALLEST_PX, side), abs=0.06)
        assert row["weight"] == f"{100 * one.weight_random:.1f} %"


def test_a_ratio_is_drawn_on_a_log_axis() -> None:
    figure = pool("ptsd", "response_end_of_series")
    line, row = figure.studies[0], figure_view(figure, answers())["rows"][0]
    share = (math.log(line.value) - math.log(line.low)) / (math.log(line.high) - math.log(line.low))
    assert float(row["middle"]) / 100 == pytest.approx(share, abs=0.002)


def test_the_diamond_ends_where_the_interval_ends() -> None:
    figure = shares()
    row = next(one for one in figure_view(figure, answers())["rows"] if one["kind"] == "random")
    assert at(row["low"]) == pytest.approx(2 + 96 * figure.interval.low, abs=0.01)
    assert at(row["high"]) == pytest.approx(2 + 96 * figure.interval.high, abs=0.01)
    assert row["effect"] == "54 % (50 % to 59 %)"


SIDES: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("ptsd", "response_end_of_series", {}, "Better with midazolam", "Better with ketamine"),
    ("postpartum_depression", "depression_onset", {}, "Better with esketamine", "Better with salt water"),
    ("trd", "severity_end_of_series", {}, "Better with midazolam", "Better with ketamine"),
]


@pytest.mark.parametrize(("indication", "outcome", "asked", "left", "right"), SIDES, ids=[row[0] for row in SIDES])
def test_both_sides_of_no_difference_are_named(
    indication: str, outcome: str, asked: dict[str, Any], left: str, right: str
) -> None:
    shown = figure_view(pool(indication, outcome, **asked), answers())
    assert shown["sides"] == {"left": left, "right": right}


def test_a_share_has_no_side() -> None:
    shown = figure_view(shares(), answers())
    assert shown["sides"] is None
    assert shown["null"] is None


def test_steps_fall_at_the_published_points_and_not_before() -> None:
    shown = next(one for one in lasting.figures(answers()) if one["study"]["code"] == "MUR13b")
    (line,) = shown["lines"]
    assert [flat["x1"] for flat in line["flats"]][1:] == [drop["x"] for drop in line["drops"]][:-1]
    assert line["points"][-1]["x"] == line["drops"][-1]["x"]
    assert [point["is_recalled"] for point in line["points"]] == [True, False]
    assert line["rows"][0] == {"day": "0", "percent": "100", "at_risk": 17, "mark": None}
    assert isinstance(answers().evidence.curves["murrough-series"].points[0], CurvePoint)


def test_groups_of_one_study_stand_on_one_axis() -> None:
    shown = next(one for one in lasting.figures(answers()) if one["study"]["code"] == "ANA23")
    assert [line["group"] for line in shown["lines"]] == ["ketamine", "comparison"]
    assert shown["lines"][0]["points"][-1]["x"] == shown["lines"][1]["points"][-1]["x"]
