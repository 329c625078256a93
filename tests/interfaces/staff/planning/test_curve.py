"""The predicted curve of a plan: band, labels, and both routes on one axis."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import numpy as np
from django.test import Client
from django.urls import reverse

from interlude.domain.pharmacology import Dose, load_card, solve
from interlude.interfaces.staff.planning.curve import both_routes, predicted
from interlude.record.accounts.models import StaffMember
from interlude.record.patients.models import Patient
from tests.record.plans.support import version

WEIGHT = Decimal(70)


def ends(points: str) -> list[float]:
    return [float(pair.split(",")[1]) for pair in points.split()]


def test_an_infusion_is_a_line_inside_its_band() -> None:
    """Heights on a screen grow downwards: the upper edge has the smaller number."""
    curve = predicted(35_000, 40, WEIGHT, "iv")
    assert [line["name"] for line in curve["lines"]] == ["cp", "ce"]
    for line in curve["lines"]:
        middle, area = ends(line["points"]), ends(line["area"])
        upper, lower = area[: len(middle)], area[len(middle) :][::-1]
        assert all(u <= m <= low for u, m, low in zip(upper[5:], middle[5:], lower[5:], strict=True))
        assert min(np.array(lower[20:]) - np.array(upper[20:])) > 3
    assert (curve["lines"][0]["peak"], curve["lines"][0]["peak_min"]) == ("253", "40")


def test_what_is_borrowed_and_assumed_is_said_on_the_chart() -> None:
    said = " ".join(predicted(35_000, 40, WEIGHT, "iv")["said"])
    assert "weight to the power 0.75" in said
    assert load_card("simons2022").citation in said


def test_the_table_has_the_same_numbers_as_the_line() -> None:
    rows = {row["at"]: row["cells"] for row in predicted(35_000, 40, WEIGHT, "iv")["rows"]}
    curves = solve(load_card("kamp2020").individual(70), [Dose("iv", 0, 35, 40)], [10, 40, 80])
    for at, cp, ce in zip((10, 40, 80), curves.cp_ng_per_ml, curves.ce_ng_per_ml, strict=True):
        assert [cell["middle"] for cell in rows[at]] == [str(round(cp)), str(round(ce))]
        for cell, value in zip(rows[at], (cp, ce), strict=True):
            low, high = (int(end) for end in cell["span"].split("–"))
            assert low < value < high


def test_an_injection_has_a_range_and_no_line() -> None:
    curve = predicted(35_000, None, WEIGHT, "im")
    (line,) = curve["lines"]
    assert line["name"] == "im"
    assert "points" not in line
    assert line["area"]
    assert "Hornik 2018" in curve["sources"]
    low, high = (int(end) for end in curve["peak"].split("–"))
    assert low < high / 2


def test_both_routes_stand_on_one_axis_with_peak_and_exposure() -> None:
    both = both_routes(35_000, 40, WEIGHT)
    vein, muscle = both["rows_of_routes"]
    assert (vein["peak"], vein["at"]) == ("253", "40")
    assert "–" in muscle["peak"]
    assert "–" in muscle["exposure"]
    low, high = (int(end) for end in muscle["exposure"].split("–"))
    # 41 to 93 % of a dose that comes in sooner; the vein gives all of it.
    assert low < int(vein["exposure"]) < high * 1.3


def test_the_plan_page_shows_band_labels_and_both_routes(
    eligible: Patient, as_: Callable[[StaffMember], Client], lena: StaffMember
) -> None:
    address = reverse("staff:plan", args=[eligible.pk]) + f"?protocol={version('trd-iv').pk}"
    page = as_(lena).get(address).content.decode()
    for text in (
        "Pale area: nine of ten people.",
        "Borrowed: the spread between people",
        "Assumed: clearance grows",
        "Compare vein and muscle",
        "curve-area-im",
    ):
        assert text in page
