"""Model cards: a published parameter set with unit, source and certainty of every number, kept as a data file.

A further model is one more TOML file in `cards/`; a further effect one more in `effects/`. Certainty: P read in
the paper, R in a public repository, S in a secondary source, "assumed" where nobody published it.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from interlude.domain.pharmacology.mammillary import Mammillary
from interlude.domain.refusals import N_, Refused

MINUTES_PER_HOUR = 60.0


@dataclass(frozen=True, slots=True)
class SourcedValue:
    """A published number with its unit, where it was read and how sure that is; `low`/`high` is its interval."""

    value: float
    unit: str
    source: str
    certainty: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class WeightExponent:
    """Power of (weight / reference weight); the choices that published software makes."""

    default: float
    choices: tuple[float, ...]
    source: str
    certainty: str


@dataclass(frozen=True)
class ModelCard:
    """A disposition model of one substance; `parameters` are per reference weight."""

    name: str
    title: str
    citation: str
    drug: str
    enantiomer: str
    s_fraction: float
    population: str
    sampling_site: str
    matrix: str
    routes: tuple[str, ...]
    notes: tuple[str, ...]
    reference_weight: SourcedValue
    volume_exponent: WeightExponent
    clearance_exponent: WeightExponent
    parameters: dict[str, SourcedValue]

    def individual(self, weight_kg: float, *, clearance_exponent: float | None = None) -> Mammillary:
        """The absolute model of a person of `weight_kg` (kg).

        Volumes scale with (weight/70), clearances with (weight/70)^`clearance_exponent` (the card's default
        where not given). Refused for a weight that is no positive number or an exponent the card doesn't list.
        """
        if not (math.isfinite(weight_kg) and weight_kg > 0):
            raise Refused(N_("The weight must be more than 0 kg."), field="weight_kg")
        exponent = self.clearance_exponent.default if clearance_exponent is None else clearance_exponent
        if exponent not in self.clearance_exponent.choices:
            raise Refused(
                N_("{model} offers the weight exponents {choices}."),
                field="clearance_exponent",
                model=self.name,
                choices=", ".join(str(c) for c in self.clearance_exponent.choices),
            )
        ratio = weight_kg / self.reference_weight.value
        volume, clearance = ratio**self.volume_exponent.default, ratio**exponent / MINUTES_PER_HOUR
        p = {name: v.value for name, v in self.parameters.items()}
        v1_l = p["v1_l"] * volume
        rates: dict[str, float] = {"k10_per_min": p["cl_l_per_h"] * clearance / v1_l}
        for n in (2, 3):
            if f"q{n}_l_per_h" in p:
                flow = p[f"q{n}_l_per_h"] * clearance
                rates[f"k1{n}_per_min"] = flow / v1_l
                rates[f"k{n}1_per_min"] = flow / (p[f"v{n}_l"] * volume)
        if "ke0_half_life_min" in p:
            rates["ke0_per_min"] = math.log(2) / p["ke0_half_life_min"]
        return Mammillary(v1_l=v1_l, **rates, s_fraction=self.s_fraction)


@dataclass(frozen=True)
class Effect:
    """Published concentration at half effect, with the substance that it refers to."""

    name: str
    title: str
    citation: str
    enantiomer: str
    population: str
    notes: tuple[str, ...]
    c50: SourcedValue


def _folder(name: str) -> Traversable:
    return files("interlude.domain.pharmacology").joinpath(name)


@cache
def card_names() -> tuple[str, ...]:
    """Names of all model cards, sorted."""
    return tuple(sorted(f.name[:-5] for f in _folder("cards").iterdir() if f.name.endswith(".toml")))


@cache
def load_card(name: str) -> ModelCard:
    """The card of this name; `Refused` lists the names that exist."""
    if name not in card_names():
        raise Refused(
            N_("There is no model {model}. Use one of: {names}."),
            field="model",
            model=repr(name),
            names=", ".join(card_names()),
        )
    data = tomllib.loads(_folder("cards").joinpath(f"{name}.toml").read_text("utf-8"))
    exponents = data.pop("weight_exponents")
    return ModelCard(
        reference_weight=_sourced(data.pop("reference_weight")),
        volume_exponent=_exponent(exponents["volume"]),
        clearance_exponent=_exponent(exponents["clearance"]),
        parameters={key: _sourced(v) for key, v in data.pop("parameters").items()},
        routes=tuple(data.pop("routes")),
        notes=tuple(data.pop("notes")),
        **data,
    )


@cache
def load_effect(name: str = "olofsen2022") -> Effect:
    """The published effect of this name."""
    data = tomllib.loads(_folder("effects").joinpath(f"{name}.toml").read_text("utf-8"))
    return Effect(c50=_sourced(data.pop("c50")), notes=tuple(data.pop("notes")), **data)


def _sourced(data: dict[str, Any]) -> SourcedValue:
    return SourcedValue(**data)


def _exponent(data: dict[str, Any]) -> WeightExponent:
    return WeightExponent(**{**data, "choices": tuple(data["choices"])})
