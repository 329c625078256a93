"""The predicted concentration of one planned session, as numbers for an SVG. A forecast of the typical patient."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from interlude.domain.pharmacology import concentrations, load_card
from interlude.interfaces.design import formats
from interlude.interfaces.design.trend import Scale

CARD = "kamp2020"
WIDTH, HEIGHT = 560, 250
LEFT, RIGHT, TOP, BOTTOM = 44, 84, 30, 36
STEP_MIN = 1.0
SHOWN_AFTER_MIN = 80


def predicted(dose_ug: int, minutes: int | None, weight_kg: Decimal, route: str) -> dict[str, Any] | None:
    """Cp and Ce of the planned session in ng/mL over time; None where no model is published for the route."""
    card = load_card(CARD)
    if route not in card.routes or not minutes:
        return None
    model = card.individual(float(weight_kg))
    rate_mg_per_h = dose_ug / 1000 * 60 / minutes
    times = np.arange(0, minutes + SHOWN_AFTER_MIN + STEP_MIN, STEP_MIN)
    curves = concentrations(model, [(0.0, float(minutes), rate_mg_per_h)], times)
    return _geometry(times, {"cp": curves.cp_ng_per_ml, "ce": curves.ce_ng_per_ml}, minutes) | {
        "model": card.title,
        "citation": card.citation,
        "notes": card.notes,
    }


def _geometry(times: Any, lines: dict[str, Any], minutes: int) -> dict[str, Any]:
    highest = max(float(values.max()) for values in lines.values())
    step = next((one for one in (25, 50, 100, 200, 500, 1000) if highest / one <= 5), 2000)
    top = step * (int(highest / step) + 1)
    x = Scale(0, float(times[-1]), LEFT, WIDTH - RIGHT)
    y = Scale(0, float(top), HEIGHT - BOTTOM, TOP)
    drawn: list[dict[str, Any]] = []
    for name, values in lines.items():
        peak = int(values.argmax())
        drawn.append(
            {
                "name": name,
                "points": " ".join(f"{x(float(t))},{y(float(v))}" for t, v in zip(times, values, strict=True)),
                "peak": formats.clinic_number(round(float(values[peak]))),
                "peak_min": formats.clinic_number(round(float(times[peak]))),
                "end_x": x(float(times[-1])) + 8,
                "end_y": y(float(values[-1])),
                "peak_x": x(float(times[peak])),
                "peak_y": y(float(values[peak])),
            }
        )
    # Labels at the right end keep 16 px apart, so that two lines that end close together can be told apart.
    drawn[0]["end_y"], drawn[1]["end_y"] = _apart(drawn[0]["end_y"], drawn[1]["end_y"])
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
        "rows": [
            {"at": int(at), **{name: formats.clinic_number(round(float(v[int(at)]))) for name, v in lines.items()}}
            for at in range(0, int(times[-1]) + 1, 10)
        ],
    }


def _apart(first: float, second: float, least: float = 16.0) -> tuple[float, float]:
    if abs(first - second) >= least:
        return first, second
    middle = (first + second) / 2
    low, high = middle + least / 2, middle - least / 2
    return (low, high) if first >= second else (high, low)
