"""From a card and a person to an absolute model: covariates, scaling, and the choice of the exact solution.

The same lines serve one person (numbers) and a population (arrays over people).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from interlude.domain.pharmacology.batches import Batch, ChainBatch, MammillaryBatch
from interlude.domain.pharmacology.chain import Chain
from interlude.domain.pharmacology.mammillary import Mammillary
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.person import Person
from interlude.domain.pharmacology.routes import CENTRAL, Route, RouteInput
from interlude.domain.pharmacology.structure import OUT
from interlude.domain.refusals import N_, Refused

if TYPE_CHECKING:
    from interlude.domain.pharmacology.cards import ModelCard, WeightExponent

MINUTES_PER_HOUR = 60.0
ADULT_FROM_YEARS = 18.0
SETTINGS = (
    "clearance_exponent",
    "volume_exponent",
    "outside_population",
    "ka_per_min",
    "bioavailability",
    "ke0_per_min",
)

_MISSING = N_("This value is missing.")
_CHOICES = N_("{model} offers the weight exponents {choices}.")
_NO_EXPONENT = N_(
    "{model} was published without its weight exponent, so it holds at {weight_kg} kg only. Choose one of {choices}."
)
_UNKNOWN = N_("{model} has no {name}. Allowed here: {allowed}.")
_NOT_NUMBER = N_("This must be a finite number of more than 0.")
_FLAG = N_("This must be true or false.")
_ADULT = N_("{model} was made from adults: it is not for an age below 18 years.")
_CHILD = N_("{model} was made from children: it is not for adults. Say the age if this is a child.")
_LIMIT = N_("{model} holds from {low} to {high} {unit}.")
_NO_VARIABILITY = N_("{model} has no published variability between people: {reason}")
_DEPOT = N_("{model} has its own ways of absorption: a depot cannot be added.")

# Units of parameters: (kind, factor to L, L/min, 1/min and min, scaled by weight, per kg).
_UNITS = {
    "L/70 kg": ("volume", 1.0, True, False),
    "L/kg": ("volume", 1.0, False, True),
    "L": ("volume", 1.0, False, False),
    "L/h/70 kg": ("clearance", 1 / MINUTES_PER_HOUR, True, False),
    "L/min/70 kg": ("clearance", 1.0, True, False),
    "L/h": ("clearance", 1 / MINUTES_PER_HOUR, False, False),
    "L/min": ("clearance", 1.0, False, False),
    "1/min": ("rate", 1.0, False, False),
    "1/h": ("rate", 1 / MINUTES_PER_HOUR, False, False),
    "min": ("time", 1.0, False, False),
    "h": ("time", MINUTES_PER_HOUR, False, False),
    "1": ("fraction", 1.0, False, False),
}

OneModel: TypeAlias = Mammillary | Chain


def one(card: ModelCard, person: Person, overrides: Mapping[str, Any]) -> OneModel:
    """See `ModelCard.individual`."""
    values = _values(card, person, overrides, {})
    if card.structure is not None:
        return Chain(**_chain_fields(card, values))
    fields = _mammillary_fields(values)
    return Mammillary(**fields, s_fraction=card.s_fraction, refused=card.refused, **_depot(overrides))


def many(card: ModelCard, person: Person, etas: Floats, overrides: Mapping[str, Any]) -> Batch:
    """See `ModelCard.individuals`."""
    if card.variability is None:
        reason = card.no_variability or "nothing that we have seen states it."
        raise Refused(_NO_VARIABILITY, field="model", model=card.name, reason=reason)
    values = _values(card, person, overrides, dict(zip(card.variability.names, etas.T, strict=True)))
    count = len(etas)
    if card.structure is not None:
        fields = _chain_fields(card, values)
        fields["matrix"] = np.broadcast_to(fields["matrix"], (count, *fields["matrix"].shape[-2:]))
        return ChainBatch(**fields)
    rates = _mammillary_fields(values)
    ke0 = rates.pop("ke0_per_min", None)
    full: dict[str, Any] = {
        name: np.broadcast_to(np.asarray(rates.get(name, 0.0), dtype=np.float64), (count,))
        for name in ("v1_l", "k10_per_min", "k12_per_min", "k21_per_min", "k13_per_min", "k31_per_min")
    }
    ke0_per_min = None if ke0 is None else np.broadcast_to(np.asarray(ke0, dtype=np.float64), (count,))
    return MammillaryBatch(**full, ke0_per_min=ke0_per_min, s_fraction=card.s_fraction, **_depot(overrides))


def _values(
    card: ModelCard, person: Person, overrides: Mapping[str, Any], etas: Mapping[str, Floats]
) -> dict[str, Any]:
    """Parameters in L, L/min, 1/min and min by their names without unit, with "ke0" (1/min) where there is one."""
    overrides = {name: value for name, value in overrides.items() if value is not None}
    _check_overrides(card, overrides)
    if not overrides.get("outside_population"):
        _check_population(card, person)
    values: dict[str, Any] = {}
    for name, parameter in card.parameters.items():
        kind, factor, scaled, per_kg = _UNITS[parameter.unit]
        value: Any = float(overrides.get(name, parameter.value))
        if kind == "fraction":
            # A fraction varies on the logit scale first; a covariate then acts on it. What was published as at
            # most the whole stays so; some apparent shares were published above it.
            value = _with_covariates(card, person, name, _varied(card, name, value, etas))
            values[name] = np.minimum(value, 1.0)[()] if parameter.value <= 1.0 else value
            continue
        value = _with_covariates(card, person, name, value) * factor
        if per_kg or (scaled and name not in card.unscaled):
            value = value * _scale(card, person, kind, per_kg, overrides)
        values[name] = _varied(card, name, value, etas)
    if "ke0_per_min" in overrides:
        values["ke0_per_min"] = float(overrides["ke0_per_min"])
    elif "ke0_half_life_min" in values:
        values["ke0_per_min"] = math.log(2) / values["ke0_half_life_min"]
    return values


def _varied(card: ModelCard, name: str, value: Any, etas: Mapping[str, Floats]) -> Any:
    """`value` on its scale of variability moved by its eta, if it has one."""
    if name not in etas:
        return value
    assert card.variability is not None
    if card.variability.scales[card.variability.names.index(name)] == "logit":
        return 1.0 / (1.0 + (1.0 / value - 1.0) * np.exp(-etas[name]))
    return value * np.exp(etas[name])


def _with_covariates(card: ModelCard, person: Person, name: str, value: Any) -> Any:
    for effect in card.covariates:
        if effect.parameter != name:
            continue
        trait = getattr(person, effect.covariate)
        if effect.factor is not None:
            value *= effect.factor if trait else 1.0
        elif trait is not None and effect.above is not None and effect.slope is not None:
            value += effect.slope * max(0.0, trait - effect.above)
    return value


def _scale(card: ModelCard, person: Person, kind: str, per_kg: bool, overrides: Mapping[str, Any]) -> float:
    if person.weight_kg is None:
        raise Refused(_MISSING, field="weight_kg")
    if per_kg:
        return person.weight_kg
    assert card.reference_weight is not None
    ratio = person.weight_kg / card.reference_weight.value
    field = f"{kind}_exponent"
    published: WeightExponent | None = getattr(card, field)
    choices = () if published is None else published.choices
    exponent = overrides.get(field, None if published is None else published.default)
    if exponent is None:
        if ratio == 1.0:
            return 1.0
        raise Refused(
            _NO_EXPONENT,
            field=field,
            model=card.name,
            weight_kg=f"{card.reference_weight.value:g}",
            choices=", ".join(str(c) for c in choices),
        )
    if exponent not in choices:
        raise Refused(_CHOICES, field=field, model=card.name, choices=", ".join(str(c) for c in choices))
    return float(ratio**exponent)


def _check_overrides(card: ModelCard, overrides: Mapping[str, Any]) -> None:
    allowed = (*SETTINGS, *card.parameters)
    for name, value in overrides.items():
        if name not in allowed:
            raise Refused(_UNKNOWN, field=name, model=card.name, name=name, allowed=", ".join(allowed))
        if name == "outside_population":
            if not isinstance(value, bool):
                raise Refused(_FLAG, field=name)
        elif isinstance(value, bool) or not isinstance(value, int | float) or not (math.isfinite(value) and value > 0):
            raise Refused(_NOT_NUMBER, field=name)
    if card.structure is not None and ("ka_per_min" in overrides or "bioavailability" in overrides):
        raise Refused(_DEPOT, field="ka_per_min" if "ka_per_min" in overrides else "bioavailability", model=card.name)


def _check_population(card: ModelCard, person: Person) -> None:
    """A set is refused for whom it was not made for; what isn't known about a person isn't held against it."""
    valid, age, weight = card.range, person.age_years, person.weight_kg
    if valid.children:
        reference = card.reference_weight.value if card.reference_weight is not None else math.inf
        if age is not None and age >= ADULT_FROM_YEARS and (valid.age_max_years or 0.0) < age:
            raise Refused(_CHILD, field="age_years", model=card.name)
        if age is None and weight is not None and weight > reference:
            raise Refused(_CHILD, field="weight_kg", model=card.name)
    elif age is not None and age < ADULT_FROM_YEARS:
        raise Refused(_ADULT, field="age_years", model=card.name)
    if valid.hard:
        _within(card, "age_years", age, valid.age_min_years, valid.age_max_years, "years")
        _within(card, "weight_kg", weight, valid.weight_min_kg, valid.weight_max_kg, "kg")


def _within(card: ModelCard, field: str, value: float | None, low: float | None, high: float | None, unit: str) -> None:
    if value is None or (low or 0.0) <= value <= (math.inf if high is None else high):
        return
    raise Refused(_LIMIT, field=field, model=card.name, low=f"{low or 0:g}", high=f"{high:g}", unit=unit)


def _depot(overrides: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: overrides.get(name) for name in ("ka_per_min", "bioavailability")}
    return {name: float(value) for name, value in given.items() if value is not None}


def _mammillary_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """v1_l, k10 and the pairs (1/min) from clearances and volumes, or from published rate constants."""
    by_kind = {_short(name): value for name, value in values.items()}
    v1_l = by_kind["v1"]
    fields: dict[str, Any] = {"v1_l": v1_l}
    if "k10" in by_kind:
        fields |= {f"{name}_per_min": by_kind[name] for name in ("k10", "k12", "k21", "k13", "k31") if name in by_kind}
    else:
        fields["k10_per_min"] = by_kind["cl"] / v1_l
        for n in (2, 3):
            if f"q{n}" in by_kind:
                fields[f"k1{n}_per_min"] = by_kind[f"q{n}"] / v1_l
                fields[f"k{n}1_per_min"] = by_kind[f"q{n}"] / by_kind[f"v{n}"]
    if "ke0_per_min" in values:
        fields["ke0_per_min"] = values["ke0_per_min"]
    return fields


def _short(name: str) -> str:
    return name.split("_", 1)[0] if name.split("_", 1)[0] in _MAMMILLARY_NAMES else name


_MAMMILLARY_NAMES = ("v1", "v2", "v3", "cl", "q2", "q3", "k10", "k12", "k21", "k13", "k31")


def _chain_fields(card: ModelCard, values: Mapping[str, Any]) -> dict[str, Any]:
    assert card.structure is not None
    structure = card.structure
    place = {name: index for index, name in enumerate(structure.compartments)}
    shape = np.broadcast_shapes(*[np.shape(value) for value in values.values()])
    matrix = np.zeros((*shape, len(place), len(place)))
    for flow in structure.flows:
        kind = _UNITS[card.parameters[flow.by].unit][0]
        rate = values[flow.by]
        if kind == "clearance":
            rate = rate / values[structure.volumes[flow.source]]
        elif kind == "time":
            rate = (flow.steps or 1) / rate
        matrix[..., place[flow.source], place[flow.source]] -= rate
        if flow.target != OUT:
            arrives = rate * (values[flow.share] if flow.share else 1.0)
            matrix[..., place[flow.target], place[flow.source]] += arrives
    return {
        "compartments": structure.compartments,
        "matrix": matrix,
        "sampled": structure.outputs,
        "volumes_l": {out: values[structure.volumes[at]] for out, at in structure.outputs.items()},
        "routes": {name: _route(card, name, values) for name in card.ways_in},
        "refused": card.refused,
        "ke0_per_min": values.get("ke0_per_min"),
        "s_fraction": card.s_fraction,
    }


def _route(card: ModelCard, name: str, values: Mapping[str, Any]) -> Route:
    way = card.ways_in[name]
    inputs = []
    for one_way in way.inputs or ():
        share: Any = 1.0
        mucosal = 0
        for factor in one_way.share:
            left, parameter = factor.startswith("1-"), factor.removeprefix("1-")
            if parameter == way.spray_fraction:
                mucosal = -1 if left else 1
            else:
                share = share * (1.0 - values[parameter] if left else values[parameter])
        over = 0.0 if one_way.over is None else values[one_way.over]
        inputs.append(RouteInput(one_way.into, share, over, mucosal))
    fraction = None if way.spray_fraction is None else values[way.spray_fraction]
    later = 1.0 if way.later_spray_factor is None else values[way.later_spray_factor]
    return Route(tuple(inputs) or (RouteInput(CENTRAL),), fraction, later, way.spray_mg, way.window_min)
