"""How long it lasts: the published shares as steps. Positions are per cent of the picture, as in the forests."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interlude.domain.evidence import Curve, Step, steps
from interlude.interfaces.design import formats
from interlude.interfaces.staff.evidence.asking import Answers
from interlude.interfaces.staff.evidence.words import mark, study_ref

LEFT, WIDTH = 11.0, 84.0
TOP, HEIGHT = 8.0, 80.0
SHARES = (0, 25, 50, 75, 100)
DAY_STEPS = (1, 2, 7, 14, 28, 30, 60, 91, 182)
MOST_TICKS = 6


def figures(store: Answers) -> list[dict[str, Any]]:
    """One picture for each study: its groups on one axis."""
    by_study: dict[str, list[Curve]] = {}
    for curve in store.evidence.curves.values():
        by_study.setdefault(curve.study, []).append(curve)
    return [_figure(curves, store) for curves in by_study.values()]


def _figure(curves: list[Curve], store: Answers) -> dict[str, Any]:
    last = max(step.day for curve in curves for step in steps(curve))
    first = curves[0]
    return {
        "study": study_ref(store.evidence.studies[first.study]),
        "title": _(first.label),
        "of": _of(first),
        "start": _("Counted from {start}.").format(start=_(first.start)),
        "went_on": first.treatment_went_on,
        "lines": [_line(curve, last) for curve in curves],
        "ticks": [{"x": _x(day, last), "text": formats.clinic_number(day)} for day in _days(last)],
        "shares": [{"y": _y(share), "text": str(share)} for share in SHARES],
        "bottom": _y(0),
        "left": f"{LEFT:.2f}%",
        "right": f"{LEFT + WIDTH:.2f}%",
        "notes": [curve.note for curve in curves if curve.note],
        "summary": " ".join(_summary(curve) for curve in curves),
    }


def _of(curve: Curve) -> str:
    words = {
        "responders": _("Share of those who had responded, still well"),
        "remitters": _("Share of those who were free of symptoms, still so"),
        "everybody": _("Share of everybody treated who had responded"),
    }
    return words[curve.of]


def _line(curve: Curve, last: float) -> dict[str, Any]:
    shown = steps(curve)
    return {
        "label": _(curve.label),
        "group": curve.group,
        "n": curve.n,
        "flats": [
            {"y": _y(one.percent), "x1": _x(one.day, last), "x2": _x(two.day, last)} for one, two in pairwise(shown)
        ],
        "drops": [
            {"x": _x(two.day, last), "y1": _y(one.percent), "y2": _y(two.percent)} for one, two in pairwise(shown)
        ],
        "points": [_point(step, last, curve.group) for step in shown if step.certainty],
        "rows": [
            {
                "day": formats.clinic_number(round(step.day, 1)),
                "percent": formats.clinic_number(round(step.percent, 1)),
                "at_risk": step.at_risk,
                "mark": mark(step.certainty) if step.certainty else None,
            }
            for step in shown
        ],
    }


def _point(step: Step, last: float, group: str) -> dict[str, Any]:
    near_end = step.day > 0.9 * last
    return {
        "x": _x(step.day, last),
        "y": _y(step.percent),
        "text": f"{formats.clinic_number(round(step.percent, 1))} %",
        "anchor": "end" if near_end else "start",
        "dx": -7 if near_end else 7,
        "dy": 17 if near_end or group == "comparison" else -8,
        "is_recalled": step.certainty.startswith("R"),
    }


def _summary(curve: Curve) -> str:
    """The curve in words."""
    parts = [
        _("{percent} % on day {day}").format(
            percent=formats.clinic_number(round(step.percent, 1)), day=formats.clinic_number(round(step.day))
        )
        for step in steps(curve)
        if step.certainty
    ]
    people = ngettext("{n} person", "{n} people", curve.n).format(n=curve.n) if curve.n else _("number not read")
    return f"{_(curve.label)} ({people}): {', '.join(parts)}."


def _days(last: float) -> Iterable[int]:
    step = next((one for one in DAY_STEPS if last / one <= MOST_TICKS), DAY_STEPS[-1])
    return range(0, int(last) + 1, step)


def _x(day: float, last: float) -> str:
    return f"{LEFT + WIDTH * day / last:.2f}%"


def _y(percent: float) -> str:
    return f"{TOP + HEIGHT * (100 - percent) / 100:.2f}%"
