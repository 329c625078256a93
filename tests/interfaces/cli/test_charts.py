"""Charts: what is drawn is what was computed, names don't collide, and the file is well formed."""

from __future__ import annotations

import struct
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from interlude.domain.pharmacology.case import read_case
from interlude.domain.refusals import Refused
from interlude.interfaces.cli.charts import svg
from interlude.interfaces.cli.charts.axes import minute_ticks, spread, tick_text, value_ticks
from interlude.interfaces.cli.charts.draw import draw
from interlude.interfaces.cli.charts.files import check_path, png, write
from interlude.interfaces.cli.charts.panel import LEFT
from interlude.interfaces.cli.charts.parts import Band, Chart, Key, Level, Line, Mark, Panel, Spike
from interlude.interfaces.cli.charts.session import chart_of
from interlude.interfaces.cli.charts.session import given as given_panel

NAMESPACE = "{http://www.w3.org/2000/svg}"
CASE: dict[str, Any] = {
    "model": "kamp2020",
    "patient": {"weight_kg": 70},
    "doses": [{"route": "iv", "start_min": 0, "duration_min": 40, "amount_mg": 35}],
    "times_min": [40, 120],
    "outputs": ["Cp", "Ce"],
}


def drawn(**changes: Any) -> ElementTree.Element:
    return ElementTree.fromstring(draw(chart_of(read_case({**CASE, **changes}))))


def words(picture: ElementTree.Element) -> str:
    return "\n".join(element.text or "" for element in picture.iter(f"{NAMESPACE}text"))


def points(line: ElementTree.Element) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in line.attrib["points"].split())]


def test_the_curve_is_the_computed_one() -> None:
    case = read_case(CASE)
    cp, ce = (points(line) for line in drawn().iter(f"{NAMESPACE}polyline"))
    right = cp[-1][0]
    ends = case.curves([40, 120])
    # Axis 0 to 300 ng/mL over 260 pixels; the foot of the panel is where both curves begin.
    foot = cp[0][1]
    assert cp[0][0] == LEFT
    assert cp[0][1] == ce[0][1]
    assert foot - cp[-1][1] == pytest.approx(ends.cp_ng_per_ml[1] / 300 * 260, abs=0.06)
    peak = min(cp, key=lambda point: point[1])
    assert peak[0] == pytest.approx(LEFT + (right - LEFT) * 40 / 120, abs=0.11)
    assert foot - peak[1] == pytest.approx(ends.cp_ng_per_ml[0] / 300 * 260, abs=0.06)


def test_axes_units_names_labels_and_source_are_said() -> None:
    said = words(drawn())
    for text in (
        "Concentration, ng/mL",
        "Infusion, mg/h",
        "Time, minutes",
        "Cp, plasma",
        "Ce, effect site",
        "Assumed",
        "Borrowed from Simons 2022",
        "Borrowed: Olofsen",
        "Source: Kamp J, et al. Anesthesiology 2020;133:1192",
        "35 mg iv over 40 min",
    ):
        assert text in said
    picture = drawn()
    description = picture.find(f"{NAMESPACE}desc")
    assert description is not None
    assert "highest 253 ng/mL at 40 min" in (description.text or "")


def test_amounts_doses_by_other_routes_and_equivalents_have_their_place() -> None:
    picture = drawn(
        model="simons2022",
        doses=[*CASE["doses"], {"route": "sublingual", "start_min": 60, "amount_mg": 50}],
        outputs=["Cp_norketamine", "amounts"],
    )
    said = words(picture)
    assert "Amount, mg" in said
    assert "50 mg sublingual" in said
    assert "Norketamine in S-ketamine equivalents" in said
    assert "peripheral1" in said


def test_a_target_is_marked_advisory() -> None:
    target = {"kind": "plasma", "level_ng_per_ml": 100, "duration_min": 20, "interval_s": 60}
    case = {key: value for key, value in CASE.items() if key != "doses"}
    said = words(ElementTree.fromstring(draw(chart_of(read_case({**case, "target": target})))))
    assert "Advisory simulation" in said
    assert "advisory rates for a target of 100 ng/mL (plasma)" in said


def test_overlapping_infusions_are_drawn_as_their_sum() -> None:
    doses = read_case(
        {
            **CASE,
            "doses": [
                {"route": "iv", "start_min": 0, "duration_min": 60, "amount_mg": 30},
                {"route": "iv", "start_min": 20, "duration_min": 20, "amount_mg": 10, "line": "b"},
                {"route": "iv", "start_min": 5, "duration_min": 0, "amount_mg": 3},
            ],
        }
    ).doses
    panel = given_panel(doses)
    assert panel.steps is not None
    assert panel.steps.spans == [(0, 20, 30), (20, 40, 60), (40, 60, 30)]
    assert panel.spikes == [Spike(5, "3 mg iv")]


def test_equal_charts_are_equal_files() -> None:
    assert draw(chart_of(read_case(CASE))) == draw(chart_of(read_case(CASE)))


FULL = Chart(
    "A <chart> & its title",
    "A subtitle that goes on and on until it has to be broken into a second line because no page is that wide at all",
    [
        Panel(
            "Level, ng/mL",
            [Line(f"curve {n}", [0, 10, 20], [0, 5 + n / 10, 1]) for n in range(9)],
            [Band([0, 20], [0, 1], [2, 3], "effect")],
            [Mark(5, "seen", 4.0), Mark(15, "a range", low=1, high=6), Mark(18, "both", 2, 1, 3)],
            [Level(3, "a limit")],
        ),
        Panel("Given", spikes=[Spike(1, "1 mg"), Spike(1.2, "2 mg"), Spike(30, "too late")], height=90),
    ],
    "Nine curves.",
    20,
    keys=[Key(f"key {n}", shade=n % 2 == 0) for n in range(12)],
    events=[(2, "first event"), (2.5, "second event"), (3, "third event"), (3.5, "fourth event")],
    notes=["A note " * 40],
    source="Somebody",
)


def test_names_at_the_ends_do_not_collide() -> None:
    picture = ElementTree.fromstring(draw(FULL))
    names = [e for e in picture.iter(f"{NAMESPACE}text") if (e.text or "").startswith("curve")]
    heights = sorted(float(element.attrib["y"]) for element in names)
    assert len(heights) == 9
    assert min(b - a for a, b in pairwise(heights)) > 15


def test_everything_lies_on_the_picture() -> None:
    picture = ElementTree.fromstring(draw(FULL))
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    for element in picture.iter(f"{NAMESPACE}text"):
        x, y = float(element.attrib["x"]), float(element.attrib["y"])
        long = svg.width_of(element.text or "", float(element.attrib.get("font-size", svg.TEXT)))
        left = {"start": x, "middle": x - long / 2, "end": x - long}[element.attrib["text-anchor"]]
        assert left >= 0, element.text
        assert left + long <= width + 1, element.text
        assert 0 <= y <= height


def test_what_is_given_after_the_end_of_the_axis_is_left_out() -> None:
    said = words(ElementTree.fromstring(draw(FULL)))
    assert "1 mg" in said
    assert "2 mg" not in said, "it would run into the name before it"
    assert "too late" not in said


@pytest.mark.parametrize("ending", ["svg", "png", "SVG", "PNG"])
def test_a_file_of_each_kind(tmp_path: Path, ending: str) -> None:
    path = check_path(str(tmp_path / f"chart.{ending}"))
    write(FULL, path)
    content = path.read_bytes()
    if ending.lower() == "svg":
        assert ElementTree.fromstring(content).tag == f"{NAMESPACE}svg"
    else:
        wide, high = struct.unpack(">II", content[16:24])
        picture = ElementTree.fromstring(draw(FULL))
        assert (wide, high) == pytest.approx((1640, 2 * float(picture.attrib["height"])), abs=2)


def test_equal_pictures_are_equal_png() -> None:
    assert png(draw(FULL)) == png(draw(FULL))


@pytest.mark.parametrize("name", ["chart.gif", "chart", "nowhere/chart.svg"])
def test_a_path_that_cannot_hold_a_picture_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused) as refusal:
        check_path(str(tmp_path / name))
    assert refusal.value.field == "--plot"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "taken.svg"
    folder.mkdir()
    with pytest.raises(Refused) as refusal:
        write(FULL, folder)
    assert refusal.value.field == "--plot"


@given(st.lists(st.floats(-50, 450), min_size=1, max_size=30), st.floats(5, 20))
def test_spread_labels_keep_their_distance_and_their_order(wanted: list[float], gap: float) -> None:
    placed = spread(wanted, gap, 0, 400)
    assert all(-1e-6 <= place <= 400 + 1e-6 for place in placed)
    gap = min(gap, 400 / max(len(wanted) - 1, 1))
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    assert all(placed[b] - placed[a] >= gap - 1e-6 for a, b in pairwise(order))


def test_labels_that_fit_stay_where_they_want_to_be() -> None:
    assert spread([100, 300, 200], 15, 0, 400) == [100, 300, 200]
    assert spread([100, 100], 16, 0, 400) == [92, 108]


@given(st.floats(min_value=0, max_value=1e308, allow_nan=False))
def test_value_ticks_cover_the_values(highest: float) -> None:
    ticks = value_ticks(highest)
    assert ticks[0] == 0
    assert ticks[-1] >= highest * (1 - 1e-9) or highest < 1e-290
    assert 2 <= len(ticks) <= 8
    assert all(b > a for a, b in pairwise(ticks))


@settings(max_examples=200)
@given(st.floats(0, 1e4), st.floats(0, 1e7))
def test_minute_ticks_lie_on_the_axis(start: float, span: float) -> None:
    ticks = minute_ticks(start, start + span)
    assert len(ticks) <= 12
    slack = 1e-8 * span
    assert all(start - slack <= tick <= start + span + slack for tick in ticks)


def test_tick_text_groups_thousands() -> None:
    assert [tick_text(value) for value in (0, 0.5, 250, 12_000, 2e6, 1e9, 1e-5)] == [
        "0", "0.5", "250", "12\u2009000", "2\u2009000\u2009000", "1e+09", "1e-05",
    ]  # fmt: skip


def test_curves_bend_smoothly_after_a_bolus() -> None:
    doses = [{"route": "iv", "start_min": 0, "duration_min": 0, "amount_mg": 20}]
    curve = points(next(drawn(doses=doses, times_min=[240], outputs=["Cp"]).iter(f"{NAMESPACE}polyline")))
    drops = np.diff([y for _, y in curve])
    assert drops.max() < 35


@example([], [5e-324], ["Cp"])
@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "route": st.sampled_from(["iv", "sublingual"]),
                "start_min": st.floats(0, 1e5),
                "duration_min": st.just(0) | st.floats(0, 1e4),
                "amount_mg": st.floats(0, 1e6),
            }
        ),
        max_size=4,
    ),
    st.lists(st.floats(0, 1e5), min_size=1, max_size=4).map(sorted),
    st.sampled_from([["Cp"], ["amounts"], ["Ce", "Cp_norketamine", "amounts"]]),
)
def test_every_case_that_computes_can_be_drawn(
    doses: list[dict[str, Any]], times: list[float], outputs: list[str]
) -> None:
    doses = [{**dose, "line": str(index)} for index, dose in enumerate(doses)]
    picture = draw(
        chart_of(read_case({**CASE, "model": "simons2022", "doses": doses, "times_min": times, "outputs": outputs}))
    )
    assert "nan" not in picture
    assert "inf" not in picture.replace("Infusion", "")
    assert ElementTree.fromstring(picture).tag == f"{NAMESPACE}svg"
