"""The patient and the model of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from interlude.domain.pharmacology.assemble import SETTINGS
from interlude.domain.pharmacology.cards import ModelCard, load_card
from interlude.domain.pharmacology.case.fields import EXTREME, flag, moved, number, object_of, text
from interlude.domain.pharmacology.mammillary import Mammillary
from interlude.domain.pharmacology.person import Person
from interlude.domain.pharmacology.solution import Model
from interlude.domain.refusals import N_, Refused

_PATIENT_KEYS = ("weight_kg", "age_years", "asian", "japanese")
_REQUIRED = ("v1_l", "k10_per_min")
_EXPLICIT_KEYS = (
    *_REQUIRED,
    "k12_per_min",
    "k21_per_min",
    "k13_per_min",
    "k31_per_min",
    "ke0_per_min",
    "ka_per_min",
    "bioavailability",
    "s_fraction",
)
_MODEL_KIND = N_("This must be the name of a model or an object with a name, or with a volume and rates.")
_DEPOT = N_("This value is missing. A bioavailability needs the absorption rate of its depot.")


@dataclass(frozen=True)
class CaseModel:
    """The absolute model of one person; `card` and `overrides` where it comes from a card."""

    model: Model
    person: Person
    card: ModelCard | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)


def read_model(case: Mapping[str, Any]) -> CaseModel:
    """The model of the case for its patient; a refusal names `model...` or `patient...`."""
    person = _person(case.get("patient", {}))
    named = case["model"]
    if isinstance(named, str):
        return _published(load_card(named), person, {})
    if not isinstance(named, Mapping):
        raise Refused(_MODEL_KIND, field="model")
    if "name" not in named:
        return CaseModel(_explicit(named), person)
    try:
        card = load_card(text(named["name"], "model.name"))
    except Refused as refused:
        raise moved(refused, "model.name") from refused
    object_of(named, "model", ("name", *SETTINGS, *card.parameters))
    overrides: dict[str, Any] = {
        name: flag(value, f"model.{name}")
        if name == "outside_population"
        else number(value, f"model.{name}", positive=not name.endswith("_exponent"))
        for name, value in named.items()
        if name != "name"
    }
    _need_depot(overrides)
    return _published(card, person, overrides)


def _person(value: object) -> Person:
    given = object_of(value, "patient", _PATIENT_KEYS)
    traits: dict[str, Any] = {}
    for name in given:
        where = f"patient.{name}"
        if name in ("asian", "japanese"):
            traits[name] = flag(given[name], where)
        else:
            traits[name] = number(given[name], where, positive=name == "weight_kg")
    return Person(**traits)


def _explicit(named: Mapping[str, Any]) -> Mammillary:
    object_of(named, "model", _EXPLICIT_KEYS, required=_REQUIRED)
    values: dict[str, Any] = {key: number(value, f"model.{key}") for key, value in named.items()}
    _need_depot(values)
    try:
        model = Mammillary(**values)
        _ = model.modes
    except Refused as refused:
        raise moved(refused, "model" if refused.field in ("", "model") else f"model.{refused.field}") from refused
    return model


def _need_depot(values: Mapping[str, Any]) -> None:
    if "bioavailability" in values and "ka_per_min" not in values:
        raise Refused(_DEPOT, field="model.ka_per_min")


def _published(card: ModelCard, person: Person, overrides: Mapping[str, Any]) -> CaseModel:
    # What is too extreme is the weight, unless parameters were changed too.
    suspect = "model" if overrides or person.weight_kg is None else "patient.weight_kg"
    try:
        with np.errstate(all="ignore"):
            model = card.individual(person, **overrides)
            model.at_rest()
            _check_solvable(model)
    except (OverflowError, ZeroDivisionError, np.linalg.LinAlgError) as error:
        raise Refused(EXTREME, field=suspect) from error
    except Refused as refused:
        if refused.field in ("weight_kg", "age_years"):
            raise moved(refused, f"patient.{refused.field}") from refused
        if refused.field in (*SETTINGS, *card.parameters):
            raise moved(refused, f"model.{refused.field}") from refused
        raise Refused(EXTREME, field=suspect) from refused
    return CaseModel(model, person, card, overrides)


def _check_solvable(model: Model) -> None:
    """A general chain finds out only when it is solved that its rates are beyond computing."""
    after = model.evolve(model.dosed(model.at_rest(), model.compartments[0], 1.0), {}, np.array([1.0]))
    if not bool(np.isfinite(after).all()):
        raise OverflowError
