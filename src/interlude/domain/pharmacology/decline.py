"""What happens when the pump stops: the "if stopped now" curve and the time until a level has fallen.

The context-sensitive half-time is asked for in two ways: after a constant rate, which is what a plain pump does and
what the published figures of 1.7 min (Domino) and 8.7 min (Kamp) after 40 min belong to; and after a constant plasma
level, the definition of Hughes and others (Anesthesiology 1992;76:334), which gives 2.3 and 13.4 min. After a constant
rate the periphery is emptier, so the level falls faster; the two meet at steady state.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from interlude.domain.pharmacology.mammillary import Mammillary
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.solution import (
    NG_PER_ML_IN_MG_PER_L,
    Concentrations,
    Model,
    State,
    advance,
    at_rest,
    forecast,
    state_from_amounts,
)
from interlude.domain.refusals import N_, Refused

_GRID = np.concatenate([[0.0], np.geomspace(1e-4, 1.0, 400)])
_LONGEST_MIN = 10_000_000.0

_HELD = N_('Say what was held: "rate" or "plasma".')
_OF = N_('The level is one of: "cp", "ce".')
_DURATION = N_("The infusion must have lasted a finite time of more than 0 minutes.")
_MAMMILLARY = N_("A held plasma level is computed for mammillary models only. Use a constant rate here.")


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


def context_sensitive_times_min(
    model: Model,
    infused_min: ArrayLike,
    *,
    held: Literal["rate", "plasma"] = "rate",
    fall: float = 0.5,
    of: Literal["cp", "ce"] = "cp",
) -> Floats:
    """Minutes (n,) until the level has fallen by `fall` after infusions of `infused_min` (n,) minutes from rest.

    `held` "rate": the rate was constant; "plasma": Cp stood at one level (a bolus and a falling rate).
    fall 0.5 is the context-sensitive half-time, another value a decrement time. inf where nothing eliminates.
    The dose does not matter: the model is linear. `Refused` by field: infused_min, held, fall, of.
    """
    if held not in ("rate", "plasma"):
        raise Refused(_HELD, field="held")
    if of not in ("cp", "ce"):
        raise Refused(_OF, field="of")
    durations = np.asarray(infused_min, dtype=np.float64).reshape(-1)
    if not (bool(np.isfinite(durations).all()) and bool((durations > 0).all())):
        raise Refused(_DURATION, field="infused_min")
    rest = at_rest(model)
    times = []
    for duration in durations.tolist():
        state = held_at_plasma_level(model, duration) if held == "plasma" else advance(rest, 1.0, duration)
        minutes = decrement_time_min(state, fall=fall, of=of)
        times.append(math.inf if minutes is None else minutes)
    return np.array(times)


def held_at_plasma_level(model: Model, minutes: float, level_ng_per_ml: float = 100.0) -> State:
    """The state after `minutes` during which Cp stood at `level_ng_per_ml` (target-controlled, ideal).

    Aj = k1j V1 C (1 - exp(-kj1 t)) / kj1 and Ce = C (1 - exp(-ke0 t)). Refused for a model that is not mammillary.
    """
    if not isinstance(model, Mammillary):
        raise Refused(_MAMMILLARY, field="model")
    central = level_ng_per_ml / NG_PER_ML_IN_MG_PER_L * model.v1_l
    periphery = [out * central * -math.expm1(-back * minutes) / back for out, back in model.pairs]
    empty = [0.0] * (len(model.compartments) - 1 - len(periphery))
    ke0 = model.ke0_per_min
    site = 0.0 if ke0 is None else -level_ng_per_ml * math.expm1(-ke0 * minutes)
    return state_from_amounts(model, minutes, [central, *periphery, *empty], site)
