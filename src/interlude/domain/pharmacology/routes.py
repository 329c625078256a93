"""How a dose comes into a model: where to, how much of it, and over which time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CENTRAL = "central"
DEPOT = "depot"
ROUTES = ("iv", "im", "sc", "nasal", "oral", "sublingual")


@dataclass(frozen=True)
class RouteInput:
    """One way in: a `share` of the dose goes `into` a compartment, at once or evenly over `over_min`.

    `mucosal` +1 multiplies the share by the route's spray fraction, -1 by what that fraction leaves over.
    Numbers are floats, or arrays (people,) in a population.
    """

    into: str
    share: Any = 1.0
    over_min: Any = 0.0
    mucosal: int = 0


@dataclass(frozen=True)
class Route:
    """All ways in of one route. A spray after the first of a session is taken up less by `later_factor`."""

    inputs: tuple[RouteInput, ...]
    spray_fraction: Any = None
    later_factor: float = 1.0
    spray_mg: float | None = None
    window_min: float = 0.0
