"""The predicted concentration of one planned session, as numbers for an SVG.

The line is the typical person of this weight, the pale area nine of ten people. What is borrowed or assumed in it is
said on the chart. An injection has no line: only a range of scenarios, because nobody verified its absorption.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from interlude.domain.pharmacology import Dose, Mammillary, load_card, solve
from interlude.domain.pharmacology.individual.routes import RouteComparison, compare_routes
from interlude.domain.pharmacology.population import simulate_population
from interlude.interfaces.design import formats
from interlude.interfaces.design.trend import Scale
from interlude.interfaces.staff.model_labels import assumed, borrowed

CARD = "kamp2020"
WIDTH, HEIGHT = 560, 250
LEFT, RIGHT, TOP, BOTTOM = 44, 84, 30, 36
STEP_MIN = 1.0
SHOWN_AFTER_MIN = 80
# The first bands show within the page's time; more people would move the edges by less than a line's width.
PEOPLE, SEED = 2000, 1
NINE_OF_TEN = (5, 95)
LABEL_GAP_PX = 16.0
TABLE_STEP_MIN = 10
PER_HOUR = 60


@dataclass(frozen=True)
class Line:
    """One curve (t,) in ng/mL, or None where there is only a range; `low`/`high` bound the pale area."""

    name: str
    middle: Any
    low: Any = None
    high: Any = None


def predicted(dose_ug: int, minutes: int | None, weight_kg: Decimal, route: str) -> dict[str, Any]:
    """Cp and Ce of the planned session in ng/mL over time; for an injection the range of scenarios of Cp."""
    dose_mg = dose_ug / 1000
    if route == "iv" and minutes:
        return _infusion(dose_mg, minutes, float(weight_kg))
    return _injection(dose_mg, float(weight_kg))


def both_routes(dose_ug: int, minutes: int, weight_kg: Decimal) -> dict[str, Any]:
    """The same dose into a vein over `minutes` and into a muscle at once, on one axis, with Cmax and AUC."""
    dose_mg = dose_ug / 1000
    times = _times(minutes)
    found = _compared(dose_mg, minutes, float(weight_kg), len(times))
    lines = [Line("cp", found.iv_ng_per_ml), Line("im", None, found.im_low_ng_per_ml, found.im_high_ng_per_ml)]
    number = _rounded
    return _geometry(times, lines, minutes) | {
        "kind": "both",
        "dose_mg": dose_mg,
        "rows_of_routes": [
            {
                "route": _("Vein, over {n} min").format(n=minutes),
                "peak": number(found.iv.cmax_ng_per_ml),
                "at": number(found.iv.tmax_min),
                "exposure": number(found.iv.auc_ng_min_per_ml / PER_HOUR),
            },
            {
                "route": _("Muscle, at once"),
                "peak": _span(found.im_cmax_ng_per_ml),
                "at": _span((found.facts.tmax_min[0].value, found.facts.tmax_min[1].value)),
                "exposure": _span((found.im_auc_ng_min_per_ml[0] / PER_HOUR, found.im_auc_ng_min_per_ml[1] / PER_HOUR)),
            },
        ],
        "until_min": int(times[-1]),
        "sources": _im_sources(found),
    }


def _infusion(dose_mg: float, minutes: int, weight_kg: float) -> dict[str, Any]:
    card = load_card(CARD)
    times = _times(minutes)
    typical = solve(card.individual(weight_kg), [Dose("iv", 0.0, dose_mg, float(minutes))], times)
    bands = _bands(dose_mg, minutes, weight_kg, len(times))
    lines = [
        Line("cp", typical.cp_ng_per_ml, *bands["Cp"]),
        Line("ce", typical.ce_ng_per_ml, *bands["Ce"]),
    ]
    return _geometry(times, lines, minutes) | {
        "kind": "iv",
        "citation": card.citation,
        "said": [*assumed(card), *borrowed(card)],
    }


def _injection(dose_mg: float, weight_kg: float) -> dict[str, Any]:
    times = _times(0)
    found = _compared(dose_mg, 0, weight_kg, len(times))
    lines = [Line("im", None, found.im_low_ng_per_ml, found.im_high_ng_per_ml)]
    return _geometry(times, lines, 0) | {
        "kind": "im",
        "citation": load_card(CARD).citation,
        "peak": _span(found.im_cmax_ng_per_ml),
        "sources": _im_sources(found),
    }


def _im_sources(found: RouteComparison) -> str:
    """Where the corners of the injection's range come from."""
    shares, peaks = found.facts.bioavailability, found.facts.tmax_min
    return _(
        "Range of scenarios: {low} to {high} of the dose reaches the blood ({low_source}; {high_source}), "
        "highest after {early} to {late} minutes."
    ).format(
        low=_percent(shares[0].value),
        high=_percent(shares[1].value),
        low_source=shares[0].source,
        high_source=shares[1].source,
        early=_rounded(peaks[0].value),
        late=_rounded(peaks[1].value),
    )


def _percent(share: float) -> str:
    return f"{formats.clinic_number(round(share * 100))} %"


def _times(minutes: int) -> Any:
    return np.arange(0.0, minutes + SHOWN_AFTER_MIN + STEP_MIN / 2, STEP_MIN)


@lru_cache(maxsize=128)
def _bands(dose_mg: float, minutes: int, weight_kg: float, count: int) -> dict[str, tuple[Any, Any]]:
    """Edges of the pale areas; the same plan is looked at many times."""
    people = simulate_population(
        load_card(CARD),
        [Dose("iv", 0.0, dose_mg, float(minutes))],
        np.arange(count) * STEP_MIN,
        n=PEOPLE,
        seed=SEED,
        person=weight_kg,
        percentiles=NINE_OF_TEN,
        engine="numpy",
    )
    return {name: (band[NINE_OF_TEN[0]], band[NINE_OF_TEN[1]]) for name, band in people.bands.items()}


@lru_cache(maxsize=128)
def _compared(dose_mg: float, minutes: int, weight_kg: float, count: int) -> RouteComparison:
    model = load_card(CARD).individual(weight_kg)
    assert isinstance(model, Mammillary)
    infusion = [Dose("iv", 0.0, dose_mg, float(minutes))]
    return compare_routes(model, infusion, [Dose("im", 0.0, dose_mg)], np.arange(count) * STEP_MIN)


def _geometry(times: Any, lines: list[Line], minutes: int) -> dict[str, Any]:
    highest = max(float(edge.max()) for line in lines for edge in (line.middle, line.high) if edge is not None)
    step = next((one for one in (25, 50, 100, 200, 500, 1000) if highest / one <= 5), 2000)
    top = step * (int(highest / step) + 1)
    x = Scale(0, float(times[-1]), LEFT, WIDTH - RIGHT)
    y = Scale(0, float(top), HEIGHT - BOTTOM, TOP)

    def points(values: Any, order: int = 1) -> str:
        both = list(zip(times, values, strict=True))[::order]
        return " ".join(f"{x(float(t))},{y(float(v))}" for t, v in both)

    drawn: list[dict[str, Any]] = []
    for line in lines:
        shape: dict[str, Any] = {"name": line.name, "end_x": x(float(times[-1])) + 8}
        if line.low is not None:
            shape["area"] = points(line.high) + " " + points(line.low, -1)
        end = line.middle if line.middle is not None else (line.low + line.high) / 2
        shape["end_y"] = y(float(end[-1]))
        if line.middle is not None:
            peak = int(line.middle.argmax())
            shape |= {
                "points": points(line.middle),
                "peak": _rounded(line.middle[peak]),
                "peak_min": _rounded(times[peak]),
            }
        drawn.append(shape)
    # Labels at the right end keep their distance, so that two lines that end close together can be told apart.
    for upper, lower in pairwise(drawn):
        upper["end_y"], lower["end_y"] = _apart(upper["end_y"], lower["end_y"])
    tick_min = 20 if times[-1] <= 160 else 60
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "top": TOP,
        "bottom": HEIGHT - BOTTOM,
        "plot_height": HEIGHT - BOTTOM - TOP,
        "end_x": x(float(minutes)),
        "infusion_width": x(float(minutes)) - LEFT,
        "minutes": minutes,
        "lines": drawn,
        "x_ticks": [{"x": x(float(at)), "text": str(at)} for at in range(0, int(times[-1]) + 1, tick_min)],
        "y_ticks": [{"y": y(float(at)), "text": formats.clinic_number(at)} for at in range(0, top + 1, step)],
        "rows": _rows(times, lines),
    }


def _rows(times: Any, lines: list[Line]) -> list[dict[str, Any]]:
    """The table beside the chart: every curve, and its range where it has one."""
    rows = []
    for at in range(0, int(times[-1]) + 1, TABLE_STEP_MIN):
        cells = []
        for line in lines:
            span = "" if line.low is None else _span((line.low[at], line.high[at]))
            cells.append({"middle": "" if line.middle is None else _rounded(line.middle[at]), "span": span})
        rows.append({"at": at, "cells": cells})
    return rows


def _rounded(value: Any) -> str:
    return formats.clinic_number(round(float(value)))


def _span(ends: tuple[Any, Any]) -> str:
    return f"{_rounded(ends[0])}–{_rounded(ends[1])}"


def _apart(first: float, second: float, least: float = LABEL_GAP_PX) -> tuple[float, float]:
    if abs(first - second) >= least:
        return first, second
    middle = (first + second) / 2
    low, high = middle + least / 2, middle - least / 2
    return (low, high) if first >= second else (high, low)
