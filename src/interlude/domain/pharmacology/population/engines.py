"""Which machinery computes: NumPy alone, or compiled kernels where the extra `fast` is installed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.pharmacology.population.coefficients import Block
from interlude.domain.pharmacology.population.kernels import BlockState, curves_leg, tally_leg
from interlude.domain.pharmacology.population.modes import BatchModes, batch_modes
from interlude.domain.pharmacology.population.plan import CentralInput, Leg
from interlude.domain.pharmacology.population.tally import LegTally, Trackers
from interlude.domain.refusals import N_, Refused

ENGINES = ("auto", "numba", "numpy")

_UNKNOWN = N_("There is no engine of this name. Allowed are: {allowed}.")
_MISSING = N_("The compiled engine is not installed: install the extra fast, or use the engine numpy.")


def engine_name(engine: str) -> str:
    """ "numpy" or "numba"; refused where it isn't installed or isn't known."""
    if engine not in ENGINES:
        raise Refused(_UNKNOWN, field="engine", allowed=", ".join(ENGINES))
    if engine == "numpy":
        return engine
    if find_spec("numba") is not None:
        return "numba"
    if engine == "numba":
        raise Refused(_MISSING, field="engine")
    return "numpy"


@dataclass(frozen=True, slots=True)
class Engine:
    """What takes a block over a leg, counting (`tally_leg`) or writing (`curves_leg`), and the modes before that."""

    name: str
    modes: Callable[[Floats, Floats, Floats, Floats, Floats], BatchModes]
    tally_leg: Callable[[Leg, CentralInput, Block, BlockState, LegTally, Trackers], None]
    curves_leg: Callable[[Leg, CentralInput, Block, BlockState, Floats, Floats], None]


@cache
def load_engine(name: str) -> Engine:
    """The engine "numpy" or "numba"."""
    if name == "numpy":
        return Engine(name, batch_modes, tally_leg, curves_leg)
    from interlude.domain.pharmacology.population import fast, fast_curves
    from interlude.domain.pharmacology.population.fast_modes import fast_modes

    return Engine(name, fast_modes, fast.tally_leg, fast_curves.curves_leg)
