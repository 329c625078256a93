"""What must be said beside every result and on every chart: what is borrowed, assumed, chosen or out of range."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from interlude.domain.pharmacology.cards import ModelCard
from interlude.domain.pharmacology.case.doses import EFFECT_SITE
from interlude.domain.pharmacology.case.people import CaseModel


def labels_of(about: CaseModel, outputs: Iterable[str], *, population: bool = False) -> list[str]:
    """One sentence each. An explicit model has none: whoever wrote it knows it."""
    card, overrides = about.card, about.overrides
    if card is None:
        return []
    said = [_drug(card)] if card.drug == "esketamine" else []
    if overrides.get("outside_population"):
        said.append(f"Used outside its population: {card.range.source}")
    said += _exponents(about, card)
    if any(output in EFFECT_SITE for output in outputs):
        said += _effect_site(about, card)
    if "ka_per_min" in overrides:
        share = overrides.get("bioavailability", 1.0)
        said.append(
            f"Assumed: one first-order depot, ka {overrides['ka_per_min']:g} /min, bioavailability {share:g}; "
            f"no absorption was published with {card.name}"
        )
    said += _changed(about, card)
    variability = card.variability
    if variability is not None and (population or variability.borrowed):
        said.append(f"Variability between people. {variability.source}")
        said += variability.notes if population else ()
    return said


def _drug(card: ModelCard) -> str:
    return f"{card.name} is a model of S-ketamine: amounts and levels are of S-ketamine"


def _exponents(about: CaseModel, card: ModelCard) -> list[str]:
    """Assumed weight exponents, said also at the reference weight, where they change nothing."""
    said = []
    for name in ("volume_exponent", "clearance_exponent"):
        exponent = getattr(card, name)
        if exponent is None or exponent.certainty != "assumed":
            continue
        value: Any = about.overrides.get(name, exponent.default)
        chosen = "" if value is None else f" {value:g}"
        said.append(f"{name.replace('_', ' ').capitalize()}{chosen}. {exponent.source}")
    return said


def _effect_site(about: CaseModel, card: ModelCard) -> list[str]:
    if "ke0_per_min" in about.overrides:
        return [f"Effect site: ke0 {about.overrides['ke0_per_min']:g} /min, given in the case"]
    half_life = card.parameters.get("ke0_half_life_min")
    return [] if half_life is None else [f"Effect site, half-life {half_life.value:g} min. {half_life.source}"]


def _changed(about: CaseModel, card: ModelCard) -> list[str]:
    return [
        f"Changed: {name} {value:g} {card.parameters[name].unit}, published {card.parameters[name].value:g}"
        for name, value in about.overrides.items()
        if name in card.parameters
    ]
