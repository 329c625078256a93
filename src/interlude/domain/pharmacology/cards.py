"""Model cards: a published parameter set with unit, source and certainty of every number, kept as a data file.

A further model is one more TOML file in `cards/`. Certainty: P read in the paper, R in a public repository, S in a
secondary source, D computed here, "assumed" where nobody published it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interlude.domain.pharmacology.assemble import OneModel, many, one
from interlude.domain.pharmacology.batches import Batch
from interlude.domain.pharmacology.person import Person
from interlude.domain.pharmacology.structure import RouteCard, Structure, read_routes
from interlude.domain.pharmacology.variability import Variability, read_variability
from interlude.domain.refusals import N_, Refused


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
    """Power of (weight / reference weight); `default` None where nobody published one, so that it must be chosen."""

    choices: tuple[float, ...]
    source: str
    certainty: str
    default: float | None = None


@dataclass(frozen=True, slots=True)
class ValidRange:
    """Whom the set was made from. A `hard` limit refuses others; children's sets always refuse adults."""

    children: bool
    source: str
    certainty: str
    hard: bool = False
    age_min_years: float | None = None
    age_max_years: float | None = None
    weight_min_kg: float | None = None
    weight_max_kg: float | None = None


@dataclass(frozen=True, slots=True)
class Covariate:
    """A published effect of a person's trait on one parameter: `slope` per unit above a limit, or a `factor`."""

    parameter: str
    covariate: str
    source: str
    certainty: str
    unit: str = ""
    factor: float | None = None
    above: float | None = None
    slope: float | None = None


@dataclass(frozen=True, slots=True)
class Residual:
    """Residual error of one output: SD = proportional_sd x level, plus additive_sd (`unit`)."""

    source: str
    certainty: str
    proportional_sd: float = 0.0
    additive_sd: float = 0.0
    unit: str = ""


@dataclass(frozen=True)
class ModelCard:
    """A disposition model of one substance with everything that must be known to use it."""

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
    parameters: dict[str, SourcedValue]
    range: ValidRange
    aliases: tuple[str, ...] = ()
    disagreements: tuple[str, ...] = ()
    reference_weight: SourcedValue | None = None
    volume_exponent: WeightExponent | None = None
    clearance_exponent: WeightExponent | None = None
    unscaled: tuple[str, ...] = ()
    covariates: tuple[Covariate, ...] = ()
    structure: Structure | None = None
    ways_in: Mapping[str, RouteCard] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    variability: Variability | None = None
    no_variability: str = ""
    residual: Mapping[str, Residual] = field(default_factory=dict)

    def individual(self, person: Person | float | None = None, **overrides: float | bool | None) -> OneModel:
        """The absolute model of a person (a number is a weight in kg): `Mammillary` or `Chain`.

        Overrides: `clearance_exponent`, `volume_exponent` (one of the card's choices), `outside_population` (True:
        use the set for somebody it was not made for), `ka_per_min`, `bioavailability` (an assumed first-order
        depot of a mammillary set), `ke0_per_min`, or any parameter of the card by its name, in the card's unit.
        `Refused` names the field: a covariate that is missing, a person outside the population, an unknown name.
        """
        return one(self, _person(person), overrides)

    def individuals(
        self, person: Person | float | None, etas: NDArray[np.float64], **overrides: float | bool | None
    ) -> Batch:
        """Models of many people at once who share covariates and differ by `etas` (people, k).

        The columns are `variability.names`; see `individual` for the rest. `Refused` where no variability is known.
        """
        return many(self, _person(person), etas, overrides)

    @property
    def labels(self) -> tuple[str, ...]:
        """What every chart of this card must say: what is borrowed and what is assumed."""
        said = []
        if self.clearance_exponent is not None and self.clearance_exponent.certainty == "assumed":
            said.append(self.clearance_exponent.source)
        if self.variability is not None and self.variability.borrowed:
            said.append(self.variability.source)
        return tuple(said)


def _person(person: Person | float | None) -> Person:
    return person if isinstance(person, Person) else Person(weight_kg=person)


def folder(name: str) -> Traversable:
    """A folder of this package's data."""
    return files("interlude.domain.pharmacology").joinpath(name)


@cache
def card_names() -> tuple[str, ...]:
    """Names of all model cards, sorted."""
    return tuple(sorted(f.name[:-5] for f in folder("cards").iterdir() if f.name.endswith(".toml")))


@cache
def _aliases() -> dict[str, str]:
    return {alias: name for name in card_names() for alias in _data(name).get("aliases", ())}


@cache
def load_card(name: str) -> ModelCard:
    """The card of this name or alias; `Refused` lists the names that exist."""
    if name not in card_names():
        if name not in _aliases():
            raise Refused(
                N_("There is no model {model}. Use one of: {names}."),
                field="model",
                model=repr(name),
                names=", ".join(card_names()),
            )
        name = _aliases()[name]
    return _read(_data(name))


def _data(name: str) -> dict[str, Any]:
    return tomllib.loads(folder("cards").joinpath(f"{name}.toml").read_text("utf-8"))


def _read(data: dict[str, Any]) -> ModelCard:
    parameters = {key: SourcedValue(**value) for key, value in data.pop("parameters").items()}
    exponents = {kind: _exponent(value) for kind, value in data.pop("weight_exponents", {}).items()}
    reference = data.pop("reference_weight", None)
    structure = data.pop("structure", None)
    ways_in = read_routes(data.pop("routes"))
    lists: dict[str, Any] = {key: tuple(data.pop(key, ())) for key in ("notes", "aliases", "disagreements", "unscaled")}
    return ModelCard(
        parameters=parameters,
        reference_weight=None if reference is None else SourcedValue(**reference),
        volume_exponent=exponents.get("volume"),
        clearance_exponent=exponents.get("clearance"),
        range=ValidRange(**data.pop("range")),
        covariates=tuple(Covariate(**one) for one in data.pop("covariates", ())),
        structure=None if structure is None else Structure.read(structure),
        routes=tuple(ways_in),
        ways_in=ways_in,
        variability=read_variability(data.pop("variability", None)),
        residual={name: Residual(**one) for name, one in data.pop("residual", {}).items()},
        **lists,
        **data,
    )


def _exponent(data: dict[str, Any]) -> WeightExponent:
    return WeightExponent(**{**data, "choices": tuple(data["choices"])})
