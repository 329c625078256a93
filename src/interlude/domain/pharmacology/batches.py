"""Models of many people at once: the same structure, numbers that differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from interlude.domain.pharmacology.chain import Chain
from interlude.domain.pharmacology.mammillary import Mammillary
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.routes import Route, RouteInput


@dataclass(frozen=True, eq=False)
class MammillaryBatch:
    """Mammillary models of many people: arrays (people,) in L and 1/min; zeros are an absent pair; no ke0 is None."""

    v1_l: Floats
    k10_per_min: Floats
    k12_per_min: Floats
    k21_per_min: Floats
    k13_per_min: Floats
    k31_per_min: Floats
    ke0_per_min: Floats | None
    s_fraction: float | None
    ka_per_min: float | None = None
    bioavailability: float = 1.0

    def __len__(self) -> int:
        return len(self.v1_l)

    def person(self, index: int) -> Mammillary:
        """The model of one of them."""
        names = ("v1_l", "k10_per_min", "k12_per_min", "k21_per_min", "k13_per_min", "k31_per_min")
        ke0 = None if self.ke0_per_min is None else float(self.ke0_per_min[index])
        rates: dict[str, Any] = {name: float(getattr(self, name)[index]) for name in names}
        return Mammillary(
            **rates,
            ke0_per_min=ke0,
            s_fraction=self.s_fraction,
            ka_per_min=self.ka_per_min,
            bioavailability=self.bioavailability,
        )


@dataclass(frozen=True, eq=False)
class ChainBatch:
    """General linear models of many people; fields as in `Chain` with a leading axis of people where they differ."""

    compartments: tuple[str, ...]
    matrix: Floats
    sampled: Mapping[str, str]
    volumes_l: Mapping[str, Any]
    routes: Mapping[str, Route]
    refused: Mapping[str, str]
    ke0_per_min: Any
    s_fraction: float | None

    def __len__(self) -> int:
        return len(self.matrix)

    def route(self, name: str) -> Route:
        return self.person(0).route(name) if name not in self.routes else self.routes[name]

    def person(self, index: int) -> Chain:
        """The model of one of them."""

        def own(value: Any) -> Any:
            return float(value[index]) if isinstance(value, np.ndarray) and value.ndim else value

        routes = {
            name: Route(
                tuple(RouteInput(w.into, own(w.share), own(w.over_min), w.mucosal) for w in route.inputs),
                own(route.spray_fraction),
                own(route.later_factor),
                route.spray_mg,
                route.window_min,
            )
            for name, route in self.routes.items()
        }
        return Chain(
            self.compartments,
            self.matrix[index],
            self.sampled,
            {name: own(volume) for name, volume in self.volumes_l.items()},
            routes,
            self.refused,
            own(self.ke0_per_min),
            self.s_fraction,
        )


Batch: TypeAlias = "MammillaryBatch | ChainBatch"
