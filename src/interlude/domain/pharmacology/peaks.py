"""How much more may be given so that an effect site stays at or below a level, and when it peaks.

A free course is linear in the state, so its values at fixed times are one product of a table with the state. The
table is made once for a model: times spread by their logarithm, and finer ones around each of them when asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.solution import NG_PER_ML_IN_MG_PER_L, Model, Segment, State, forecast

_COARSE, _FINE = 160, 33
_CLOSING, _AGREE = 12, 1e-9
_NEAR = np.linspace(-1.0, 1.0, 9)
_LONGEST_MIN = 1e6
# Where the response to the input has faded to this share of its peak, nothing later can be the closest touch.
_FADED = 0.02

Curve = Callable[[Floats], Floats]


def effect_curve(state: State, segments: Sequence[Segment] = ()) -> Curve:
    """Ce (ng/mL) at minutes after `state`; segments are given from the state's own time."""
    shifted = [(state.at_min + a, state.at_min + b, rate) for a, b, rate in segments]
    return lambda spans: forecast(state, shifted, state.at_min + spans).ce_ng_per_ml


@dataclass(frozen=True, eq=False)
class _Table:
    """At `spans` (t,): `readings` (t, n) with free Ce = readings @ held, and the `response` (t,) to one unit."""

    spans: Floats
    readings: Floats
    response: Floats

    def ratio(self, held: Floats, level: float) -> Floats | None:
        """(level - free Ce) / response (t,); None where the free course passes the level by itself."""
        room = level - self.readings @ held
        if bool((room <= 0).any()):
            return None
        with np.errstate(divide="ignore", over="ignore"):
            return np.asarray(np.where(self.response > 0, room / self.response, np.inf))


class Room:
    """For one model and one kind of input (`unit`: the Ce that one unit of it brings): how much of it has room."""

    def __init__(self, model: Model, unit: Curve, shortest_min: float) -> None:
        self._model, self._unit = model, unit
        self._coarse = self._table(_search_spans(unit, shortest_min))
        self._closer: dict[int, _Table] = {}

    @property
    def spans(self) -> Floats:
        """Minutes, evenly spread by their logarithm, to where the unit's response has faded."""
        return self._coarse.spans

    def largest(self, state: State, level: float) -> float:
        """The largest input now after which Ce, with nothing more given, never exceeds `level` (ng/mL).

        min over t > 0 of (level - Ce0(t)) / Eu(t), or 0 where the free course Ce0 passes the level anyway.
        """
        ratio = self._coarse.ratio(state.held, level)
        if ratio is None:
            return 0.0
        best = int(np.argmin(ratio))
        if best not in self._closer:
            low, high = self.spans[max(best - 1, 0)], self.spans[min(best + 1, _COARSE - 1)]
            self._closer[best] = self._table(np.linspace(low, high, _FINE))
        closer = self._closer[best]
        ratio = closer.ratio(state.held, level)
        if ratio is None:
            return 0.0
        return self._closest(state, level, _lowest_at(closer.spans, ratio), float(closer.spans[1] - closer.spans[0]))

    def _closest(self, state: State, level: float, minutes: float, width: float) -> float:
        """The least ratio near `minutes`, closed in on until its neighbours differ by less than a billionth."""
        free = effect_curve(state)
        least = np.inf
        for _ in range(_CLOSING):
            grid = minutes + width * _NEAR
            grid = grid[grid > 0]
            room, response = level - free(grid), self._unit(grid)
            if bool((room <= 0).any()):
                return 0.0
            with np.errstate(divide="ignore", over="ignore"):
                ratio = np.where(response > 0, room / response, np.inf)
            best = int(np.argmin(ratio))
            least = min(least, float(ratio[best]))
            beside = ratio[max(best - 1, 0) : best + 2].max()
            if beside - least <= _AGREE * least:
                break
            # In the middle the guess was good, so a large step closer; at an edge it was not, so out again.
            width *= 1 / 32 if grid[best] == minutes else 4.0 if best in (0, len(grid) - 1) else 1 / 4
            minutes = float(grid[best])
        return least

    def _table(self, spans: Floats) -> _Table:
        basis = np.eye(len(self._model.at_rest()))
        columns = [self._model.evolve(one, {}, spans)[-1] * NG_PER_ML_IN_MG_PER_L for one in basis]
        return _Table(spans, np.stack(columns, axis=1), self._unit(spans))


def peak_after_min(state: State, spans: Floats) -> float:
    """Minutes until Ce is highest with nothing more given: the crossing Cp = Ce next to the highest of `spans`."""

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


def _search_spans(unit: Curve, shortest_min: float) -> Floats:
    longest = 240.0
    while True:
        grid = np.geomspace(shortest_min, longest, _COARSE)
        response = unit(grid)
        if longest >= _LONGEST_MIN or response[-1] < _FADED * response.max():
            return np.asarray(grid)
        longest *= 4


def _lowest_at(spans: Floats, values: Floats) -> float:
    """Where the polynomial through the five values around the lowest is lowest."""
    first = int(np.clip(int(np.argmin(values)) - 2, 0, len(values) - 5))
    near = values[first : first + 5]
    if not bool(np.isfinite(near).all()):
        return float(spans[int(np.argmin(values))])
    x = np.arange(-2.0, 3.0)
    curve = np.polynomial.Polynomial(np.linalg.solve(np.vander(x, increasing=True), near / near.max()))
    fine = np.linspace(-2.0, 2.0, 1601)
    return float(spans[first + 2] + fine[int(np.argmin(curve(fine)))] * (spans[1] - spans[0]))
