"""What happens when the pump stops: the "if stopped now" curve and the time until a level has fallen."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.pharmacology.solution import Concentrations, State, forecast
from interlude.domain.refusals import N_, Refused

_GRID = np.concatenate([[0.0], np.geomspace(1e-4, 1.0, 400)])
_LONGEST_MIN = 10_000_000.0


def if_stopped(state: State, times_min: ArrayLike) -> Concentrations:
    """Curves at `times_min` when nothing more is given from the state's time on."""
    return forecast(state, (), times_min)


def decrement_time_min(state: State, *, fall: float = 0.5, of: Literal["cp", "ce"] = "cp") -> float | None:
    """Minutes after stopping at `state` until the level has fallen by `fall` and stays below.

    fall 0.5 of Cp is the context-sensitive half-time. The effect site may first rise: the last crossing counts.
    `None` when there is nothing to fall, or when it takes more than 10 million minutes (no elimination).
    """
    if not 0 < fall < 1:
        raise Refused(N_("The fall must lie between 0 and 1."), field="fall")
    start = state.cp_ng_per_ml if of == "cp" else state.ce_ng_per_ml
    if start <= 0:
        return None
    target = start * (1 - fall)

    def levels(minutes: Floats) -> Floats:
        curves = if_stopped(state, state.at_min + minutes)
        return curves.cp_ng_per_ml if of == "cp" else curves.ce_ng_per_ml

    span = 60.0
    while levels(span * _GRID)[-1] > target / 2:
        span *= 4
        if span > _LONGEST_MIN:
            return None
    grid = span * _GRID
    above = np.flatnonzero(levels(grid) > target)
    last = int(above[-1])
    low, high = float(grid[last]), float(grid[last + 1])
    for _ in range(3):
        # Each pass narrows the crossing by a factor of 4096.
        fine = np.linspace(low, high, 4097)
        last = int(np.flatnonzero(levels(fine) > target)[-1])
        low, high = float(fine[last]), float(fine[min(last + 1, len(fine) - 1)])
    return (low + high) / 2
