"""How a model card describes compartments, flows and ways in, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OUT = "out"


@dataclass(frozen=True, slots=True)
class Flow:
    """What leaves `source` for `target` ("out": the body), by a parameter.

    A clearance is divided by the volume of `source`; a mean transit time gives `steps` / time; a rate stands as it
    is. `share` names the parameter that says how much arrives; the rest is lost.
    """

    source: str
    target: str
    by: str
    share: str | None = None
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class Structure:
    """Compartments of a general linear model; volumes by compartment, outputs by name."""

    compartments: tuple[str, ...]
    volumes: Mapping[str, str]
    flows: tuple[Flow, ...]
    outputs: Mapping[str, str]
    equivalents: Mapping[str, str]

    @classmethod
    def read(cls, data: dict[str, Any]) -> Structure:
        """From the table [structure] of a card."""
        flows = tuple(
            Flow(one["from"], one["to"], one["by"], one.get("share"), one.get("steps")) for one in data["flows"]
        )
        return cls(tuple(data["compartments"]), data["volumes"], flows, data["outputs"], data.get("equivalents", {}))


@dataclass(frozen=True, slots=True)
class InputCard:
    """One way in of a route; `share` is a product of fractions ("1-x" is what x leaves), `over` a duration."""

    into: str
    share: tuple[str, ...] = ()
    over: str | None = None


@dataclass(frozen=True, slots=True)
class RouteCard:
    """A route of a card; spray keys only for a nose."""

    inputs: tuple[InputCard, ...]
    spray_fraction: str | None = None
    later_spray_factor: str | None = None
    spray_mg: float | None = None
    window_min: float = 0.0
    source: str = ""
    certainty: str = ""


def read_routes(data: dict[str, Any]) -> dict[str, RouteCard]:
    """From the tables [routes.NAME] of a card."""
    return {
        name: RouteCard(
            tuple(
                InputCard(one["into"], tuple(one.get("share", ())), one.get("over")) for one in route.get("inputs", ())
            ),
            **{key: value for key, value in route.items() if key != "inputs"},
        )
        for name, route in data.items()
    }
