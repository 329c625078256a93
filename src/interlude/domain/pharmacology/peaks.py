"""How much more may be given so that a free course stays at or below a level, and when an effect site peaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.solution import Segment, State, forecast

_ZOOMS = 4
_LONGEST_MIN = 1e6

Curve = Callable[[Floats], Floats]


def effect_curve(state: State, segments: Sequence[Segment] = ()) -> Curve:
    """Ce (ng/mL) at minutes after `state`; segments are given from the state's own time."""
    shifted = [(state.at_min + a, state.at_min + b, rate) for a, b, rate in segments]
    return lambda spans: forecast(state, shifted, state.at_min + spans).ce_ng_per_ml


def search_spans(unit: Curve, shortest_min: float) -> Floats:
    """Minutes, evenly spread by their logarithm, from `shortest_min` to where the unit response has faded."""
    longest = 240.0
    while longest < _LONGEST_MIN:
        grid = np.geomspace(shortest_min, longest, 160)
        response = unit(grid)
        if response[-1] < 0.02 * response.max():
            break
        longest *= 4
    return grid


def largest_input(free: Curve, unit: Curve, level: float, spans: Floats) -> tuple[float, float]:
    """(largest input that keeps `free` + input * `unit` at or below `level`, minutes of the closest touch)."""
    grid = spans
    for zoom in range(_ZOOMS):
        room, response = level - free(grid), unit(grid)
        if (room <= 0).any():
            return 0.0, float(grid[int(np.argmin(room))])
        with np.errstate(divide="ignore", over="ignore"):
            ratio = np.where(response > 0, room / response, np.inf)
        best = int(np.argmin(ratio))
        if zoom < _ZOOMS - 1:
            grid = np.linspace(grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)], 33)
    return float(ratio[best]), float(grid[best])


def peak_after_min(state: State, spans: Floats) -> float:
    """Minutes until Ce is highest with nothing more given: the crossing Cp = Ce next to the highest grid point."""

    def rising(minutes: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        curves = forecast(state, (), state.at_min + minutes)
        return np.asarray(curves.cp_ng_per_ml > curves.ce_ng_per_ml)

    best = int(np.argmax(effect_curve(state)(spans)))
    low, high = float(spans[max(best - 1, 0)]), float(spans[min(best + 1, len(spans) - 1)])
    for _ in range(6):
        grid = np.linspace(low, high, 257)
        up = np.flatnonzero(rising(grid))
        at = int(up[-1]) if len(up) else 0
        low, high = float(grid[at]), float(grid[min(at + 1, 256)])
    return (low + high) / 2
