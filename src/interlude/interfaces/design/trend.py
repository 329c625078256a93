"""Geometry of the printed trend: a score by date with bands and infusion marks, as numbers for an SVG.

Time runs proportionally on x; a missing score breaks the line and is shown as missing, never bridged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interlude.interfaces.design import formats

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 130, 26, 36


@dataclass(frozen=True)
class Scale:
    """Linear map of values to pixels."""

    low: float
    high: float
    from_px: float
    to_px: float

    def __call__(self, value: float) -> float:
        span = (self.high - self.low) or 1.0
        return round(self.from_px + (value - self.low) / span * (self.to_px - self.from_px), 1)


def _day(value: date | datetime | str) -> date:
    if isinstance(value, datetime):
        return value.date()
    return date.fromisoformat(value[:10]) if isinstance(value, str) else value


def geometry(data: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the template draws.

    `data`: label; points [{on, value or None}]; range [low, high]; optional infusions [date];
    optional bands [{from, to, label}]; optional unit.
    """
    points = sorted(((_day(p["on"]), p["value"]) for p in data.get("points", [])), key=lambda pair: pair[0])
    infusions = sorted(_day(on) for on in data.get("infusions", []))
    days = [on for on, _value in points] + infusions
    measured = [(on, float(value)) for on, value in points if value is not None]
    low, high = (float(limit) for limit in data["range"])
    first, last = (min(days), max(days)) if days else (date(2000, 1, 1), date(2000, 1, 2))
    if first == last:
        first, last = first - timedelta(days=1), last + timedelta(days=1)
    x = Scale(first.toordinal(), last.toordinal(), LEFT + 14, WIDTH - RIGHT - 14)
    y = Scale(low, high, HEIGHT - BOTTOM, TOP)
    shown = [
        {"x": x(on.toordinal()), "y": y(value), "value": formats.clinic_number(value), "on": on}
        for on, value in measured
    ]
    return {
        "label": data["label"],
        "unit": data.get("unit", ""),
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "plot_width": WIDTH - RIGHT - LEFT,
        "top": TOP,
        "bottom": HEIGHT - BOTTOM,
        "points": shown,
        "missing": [x(on.toordinal()) for on, value in points if value is None],
        "lines": [
            " ".join(f"{x(on.toordinal())},{y(value)}" for on, value in run) for run in _runs(points) if len(run) > 1
        ],
        "infusions": [{"x": x(on.toordinal()), "on": on} for on in infusions],
        "bands": _bands(data.get("bands", []), y),
        "x_ticks": [{"x": x(on.toordinal()), "text": _short(on)} for on in _tick_days(first, last)],
        "y_ticks": [{"y": y(value), "text": formats.clinic_number(value)} for value in _steps(low, high)],
        "rows": [{"on": on, "value": None if value is None else formats.clinic_number(value)} for on, value in points],
        "latest": shown[-1] if shown else None,
        "previous": shown[-2] if len(shown) > 1 else None,
        "infusion_count": len(infusions),
    }


def _runs(points: Sequence[tuple[date, Any]]) -> list[list[tuple[date, float]]]:
    """Neighbouring measured points; a missing one ends a run."""
    runs: list[list[tuple[date, float]]] = [[]]
    for on, value in points:
        if value is None:
            runs.append([])
        else:
            runs[-1].append((on, float(value)))
    return runs


def _bands(bands: Sequence[Mapping[str, Any]], y: Scale) -> list[dict[str, Any]]:
    shown = []
    for index, band in enumerate(bands):
        top, bottom = y(float(band["to"])), y(float(band["from"]))
        shown.append(
            {
                "y": top,
                "height": round(bottom - top, 1),
                "middle": (top + bottom) / 2 + 4,
                "label": band["label"],
                "shaded": index % 2 == 0,
            }
        )
    return shown


def _tick_days(first: date, last: date) -> list[date]:
    """Dates one, two, four ... weeks apart, at most seven of them."""
    step = 1
    while (last - first).days / step > 6:
        step = 7 if step == 1 else step * 2
    return [first + timedelta(days=offset) for offset in range(0, (last - first).days + 1, step)]


def _short(on: date) -> str:
    return f"{on.day:02d}-{formats.month_names()[on.month - 1]}"


def _steps(low: float, high: float) -> list[float]:
    step = next((s for s in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500) if (high - low) / s <= 6), (high - low) / 5)
    count = int((high - low) // step)
    return [low + step * index for index in range(count + 1)]


def summary(shape: Mapping[str, Any]) -> str:
    """The trend in one sentence, for the picture's text alternative and the caption."""
    latest, previous = shape["latest"], shape["previous"]
    if latest is None:
        return _("{label}: not measured yet.").format(label=shape["label"])
    parts = [
        _("{label} {value} on {date}").format(
            label=shape["label"], value=latest["value"], date=formats.clinic_date(latest["on"])
        )
    ]
    if previous is not None:
        parts.append(_("{value} on {date}").format(value=previous["value"], date=formats.clinic_date(previous["on"])))
    text = _(", before that ").join(parts)
    count = shape["infusion_count"]
    marks = ngettext("{count} infusion marked", "{count} infusions marked", count).format(count=count)
    return f"{text}. {marks}." if count else f"{text}."
