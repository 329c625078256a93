"""Relapse curves: what was published, drawn as steps, and an extrapolation that says so."""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlude.domain.evidence import load_evidence, steps, weibull_through
from interlude.domain.evidence.curves import Curve, CurvePoint, curve_complaint
from interlude.domain.evidence.schema import EventsRow, TimeRow
from interlude.domain.refusals import Refused
from tests.domain.tables import rows

EVIDENCE = load_evidence()
CURVES = EVIDENCE.curves

POINTS = """
    curve              | day   | percent | certainty
    zarate-single      | 1     | 71      | R+
    zarate-single      | 7     | 35      | R+
    han-single         | 1     | 52.2    | V
    han-single         | 3     | 47.9    | V
    han-single         | 7     | 39.8    | V
    murrough-series    | 18    | 50      | V
    feder-series       | 27.5  | 50      | V
    mcinnes-clinics    | 28    | 80      | V
    mcinnes-clinics    | 56    | 60      | V
    ekstrand-ketamine  | 57    | 50      | V
    ekstrand-ect       | 61    | 50      | V
    wilkinson-cbt      | 56    | 75      | V
    wilkinson-cbt      | 84    | 50      | V
"""


@pytest.mark.parametrize("row", rows(POINTS), ids=lambda row: f"{row['curve']}-{row['day']}")
def test_the_published_points(row: dict[str, str]) -> None:
    points = {point.day: point for point in CURVES[row["curve"]].points}
    found = points[Decimal(row["day"])]
    assert (str(found.percent), found.certainty) == (row["percent"], row["certainty"])


@pytest.mark.parametrize("curve", list(CURVES.values()), ids=lambda curve: curve.code)
def test_steps_begin_with_everybody_and_never_rise(curve: Curve) -> None:
    drawn = steps(curve)
    assert all(one.day < two.day for one, two in pairwise(drawn))
    if curve.kind == "survival":
        assert (drawn[0].day, drawn[0].percent, drawn[0].at_risk) == (0, 100, curve.n)
        assert all(one.percent >= two.percent for one, two in pairwise(drawn))
    assert [step.percent for step in drawn][-len(curve.points) :] == [float(p.percent) for p in curve.points]


def test_curves_agree_with_the_rows_of_their_studies() -> None:
    for arm, code in (("treated", "anand-ketamine"), ("control", "anand-ect")):
        for month, point in zip((1, 3, 6), CURVES[code].points, strict=True):
            row = EVIDENCE.study("ANA23").row(f"relapse-{month}mo")
            assert isinstance(row, EventsRow)
            assert point.percent == 100 - getattr(row, arm).percent
    for study, row_code, code in (
        ("MUR13b", "relapse", "murrough-series"),
        ("FED21", "loss", "feder-series"),
        ("EKS22", "relapse-median", "ekstrand-ketamine"),
        ("EKS22", "relapse-median-ect", "ekstrand-ect"),
    ):
        row = EVIDENCE.study(study).row(row_code)
        assert isinstance(row, TimeRow)
        assert Decimal(50) == next(p.percent for p in CURVES[code].points if p.day == row.value)
    for code, study in (("zarate-single", "ZAR06"), ("han-single", "HAN16")):
        printed = {row.treated.percent for row in EVIDENCE.study(study).rows if isinstance(row, EventsRow)}
        assert {point.percent for point in CURVES[code].points} <= printed


def test_the_weibull_curve_of_the_clinics() -> None:
    """Shape 1.19, scale 98 days, median about 72 days: computed, an extrapolation."""
    found = weibull_through(*CURVES["mcinnes-clinics"].points)
    assert (round(found.shape, 2), round(found.scale_days), round(found.median_days)) == (1.19, 98, 72)
    assert found.percent(28) == pytest.approx(80)
    assert found.percent(56) == pytest.approx(60)
    assert found.percent(0) == 100


@given(st.floats(0.3, 4), st.floats(5, 400), st.floats(1, 60), st.floats(1.1, 5))
def test_a_weibull_curve_is_found_again_from_two_of_its_points(
    shape: float, scale: float, t1: float, ratio: float
) -> None:
    days = (round(Decimal(t1), 3), round(Decimal(t1 * ratio), 3))
    shares = [100 * math.exp(-((float(day) / scale) ** shape)) for day in days]
    if days[0] == days[1] or not 0.1 < shares[1] < shares[0] - 0.1 < 99.8:
        return
    one, two = (
        CurvePoint(at=day, unit="d", percent=round(Decimal(share), 12), certainty="V")
        for day, share in zip(days, shares, strict=True)
    )
    found = weibull_through(one, two)
    assert found.shape == pytest.approx(shape, rel=1e-5)
    assert found.scale_days == pytest.approx(scale, rel=1e-4)
    assert found.percent(found.median_days) == pytest.approx(50)


def test_curves_that_cannot_be_are_refused() -> None:
    curve = CURVES["mcinnes-clinics"]
    assert (
        curve_complaint(curve.model_copy(update={"points": curve.points[::-1]}))
        == "its points are not in the order of time"
    )
    risen = curve.points[1].model_copy(update={"percent": Decimal(90)})
    assert (
        curve_complaint(curve.model_copy(update={"points": (curve.points[0], risen)})) == "the share still well rises"
    )
    assert curve_complaint(curve.model_copy(update={"points": ()})) == "it has no points"
    with pytest.raises(Refused, match="two falling points"):
        weibull_through(curve.points[1], curve.points[0])
