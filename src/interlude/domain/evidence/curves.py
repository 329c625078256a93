"""How long it lasts: shares still well over time, as steps for drawing, and a Weibull curve through two points."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from pydantic import Field

from interlude.domain.evidence.schema import HOURS, Printed, StudyCertainty, TimeUnit
from interlude.domain.instruments.data import Exact, Model
from interlude.domain.refusals import N_, Refused


class CurvePoint(Model):
    """Share (per cent) still well at a time after the start; `at_risk`: people still followed, if known."""

    at: Exact = Field(ge=0)
    unit: TimeUnit
    percent: Printed = Field(ge=0, le=100)
    at_risk: int | None = None
    certainty: StudyCertainty
    note: str = ""

    @property
    def day(self) -> Decimal:
        return self.at * HOURS[self.unit] / 24


class Curve(Model):
    """One group of one study. `of`: whose share it is. `kind` "survival" never rises and begins at 100."""

    code: str
    study: str
    label: str
    of: Literal["responders", "remitters", "everybody"]
    kind: Literal["survival", "response"]
    start: str
    treatment_went_on: bool = False
    group: Literal["ketamine", "comparison"] = "ketamine"
    n: int | None = None
    source: str
    note: str = ""
    points: tuple[CurvePoint, ...]


class CurveFile(Model):
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """From `day` on the share is `percent`; `certainty` "" for the beginning, which is so by definition."""

    day: float
    percent: float
    at_risk: int | None
    certainty: str


@dataclass(frozen=True, slots=True)
class Weibull:
    """S(t) = exp(-(t / scale)^shape), t and scale in days. An extrapolation, never a measurement."""

    shape: float
    scale_days: float

    def percent(self, day: float) -> float:
        return 100 * math.exp(-((day / self.scale_days) ** self.shape)) if day > 0 else 100.0

    @property
    def median_days(self) -> float:
        return float(self.scale_days * math.log(2) ** (1 / self.shape))


def curve_complaint(curve: Curve) -> str:
    """Why a curve cannot be, "" if it can."""
    if any(one.day >= two.day for one, two in pairwise(curve.points)):
        return "its points are not in the order of time"
    if curve.kind == "survival" and any(one.percent < two.percent for one, two in pairwise(curve.points)):
        return "the share still well rises"
    if not curve.points:
        return "it has no points"
    return ""


def steps(curve: Curve) -> tuple[Step, ...]:
    """The curve as steps for drawing; a survival curve begins with everybody on day 0.

    Between published points nothing is known: the step is drawn at the published point, not before.
    """
    begin = [Step(0.0, 100.0, curve.n, "")] if curve.kind == "survival" and curve.points[0].day > 0 else []
    return (*begin, *(Step(float(p.day), float(p.percent), p.at_risk, p.certainty) for p in curve.points))


def weibull_through(first: CurvePoint, second: CurvePoint) -> Weibull:
    """The Weibull curve through two points: shape = ln(ln S2 / ln S1) / ln(t2 / t1), scale = t1 (-ln S1)^(-1/shape)."""
    t1, t2 = float(first.day), float(second.day)
    s1, s2 = float(first.percent) / 100, float(second.percent) / 100
    if not (0 < t1 < t2 and 1 > s1 > s2 > 0):
        raise Refused(N_("A Weibull curve needs two falling points after the start."))
    shape = math.log(math.log(s2) / math.log(s1)) / math.log(t2 / t1)
    return Weibull(shape, t1 * (-math.log(s1)) ** (-1 / shape))
