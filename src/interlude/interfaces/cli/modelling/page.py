"""`interlude models show NAME`: everything that must be known to use a model."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from interlude.domain.pharmacology.cards import ModelCard, SourcedValue, WeightExponent, load_card
from interlude.domain.pharmacology.variability import Variability
from interlude.interfaces.cli.modelling.tables import bullets, paragraph, table


def run(options: argparse.Namespace) -> int:
    card = load_card(options.name)
    print(json.dumps(as_data(card), ensure_ascii=False, indent=2) if options.json else "\n".join(_text(card)))
    return 0


def as_data(card: ModelCard) -> Any:
    """The card as plain data."""
    return _plain({field.name: getattr(card, field.name) for field in dataclasses.fields(card)})


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _text(card: ModelCard) -> Iterator[str]:
    yield card.title
    yield f"  {card.citation}"
    facts = {
        "Name": ", ".join((card.name, *card.aliases)),
        "Substance": f"{card.drug} ({card.enantiomer}; share of S-ketamine {card.s_fraction:g})",
        "Population": card.population,
        "Blood": f"{card.sampling_site}; {card.matrix}",
        "Made for": _range(card),
        "Weight": _weight(card),
    }
    for name, words in facts.items():
        yield paragraph(words, first=f"  {name + ':':<12}", indent=" " * 14)
    yield "\nParameters"
    rows = [(name, _value(one), one.unit, one.certainty, one.source) for name, one in card.parameters.items()]
    yield table(("  Name", "Value", "Unit", "Certainty", "Source"), [(f"  {r[0]}", *r[1:]) for r in rows])
    if card.covariates:
        yield "\nCovariates"
        yield bullets(_covariates(card))
    yield "\nVariability between people"
    yield bullets(_variability(card))
    if card.residual:
        yield bullets(f"Residual error of {name}: {_residual(one)}" for name, one in card.residual.items())
    yield f"\nRoutes: {', '.join(card.routes)}"
    if card.refused:
        yield "\nRefused"
        yield bullets(f"{name}: {reason}" for name, reason in card.refused.items())
    if card.notes:
        yield "\nNotes"
        yield bullets(card.notes)
    if card.disagreements:
        yield "\nDisagreements"
        yield bullets(card.disagreements)
    yield "\nCertainty: P read in the paper, R in a public repository, S in a secondary source, D computed here."


def _value(one: SourcedValue) -> str:
    return f"{one.value:g}" + (f" [{one.low:g}-{one.high:g}]" if one.low is not None and one.high is not None else "")


def _range(card: ModelCard) -> str:
    valid = card.range
    parts = ["children" if valid.children else "adults"]
    for low, high, unit in (
        (valid.age_min_years, valid.age_max_years, "years"),
        (valid.weight_min_kg, valid.weight_max_kg, "kg"),
    ):
        if low is not None or high is not None:
            parts.append(f"{low or 0:g} to {'any' if high is None else format(high, 'g')} {unit}")
    limit = "others are refused" if valid.hard else "information, not a limit"
    return f"{', '.join(parts)} ({limit}). {valid.source} ({valid.certainty})"


def _weight(card: ModelCard) -> str:
    per_kg = any(one.unit == "L/kg" for one in card.parameters.values())
    if card.reference_weight is None:
        return "volumes per kg" if per_kg else "has no effect"
    parts = [f"reference {card.reference_weight.value:g} kg"]
    for what, exponent in (("volumes", card.volume_exponent), ("clearances", card.clearance_exponent)):
        if exponent is not None:
            parts.append(f"{what} {_exponent(exponent)}")
    if card.unscaled:
        parts.append(f"not scaled: {', '.join(card.unscaled)}")
    return "; ".join(parts)


def _exponent(one: WeightExponent) -> str:
    others = [format(choice, "g") for choice in one.choices if choice != one.default]
    default = "to be chosen" if one.default is None else f"to the power {one.default:g}"
    also = f", or {' or '.join(others)}" if others else ""
    source = one.source if one.source.startswith("Assumed") else f"{one.certainty}: {one.source}"
    return f"{default}{also} ({source})"


def _covariates(card: ModelCard) -> Iterator[str]:
    for one in card.covariates:
        if one.factor is not None:
            effect = f"{one.parameter} x {one.factor:g} when {one.covariate}"
        else:
            effect = f"{one.parameter} {one.slope:+g} {one.unit} of {one.covariate} above {one.above:g}"
        yield f"{effect}. {one.source} ({one.certainty})"


def _variability(card: ModelCard) -> Iterator[str]:
    known = card.variability
    if known is None:
        yield card.no_variability or "None was published."
        return
    yield f"{known.source} ({known.certainty})"
    for place, name in enumerate(known.names):
        yield _spread(known, place, name)
    count = len(known.names)
    for i in range(count):
        for j in range(i + 1, count):
            if known.covariance[i, j]:
                yield f"covariance of {known.names[i]} and {known.names[j]}: {known.covariance[i, j]:g}"
    yield from known.notes


def _spread(known: Variability, place: int, name: str) -> str:
    sd = math.sqrt(known.covariance[place, place])
    if name in known.uncertain:
        return f"{name}: SD {sd:.3g} of the logarithm, how well the typical value is known. {known.uncertain[name]}"
    if known.scales[place] == "logit":
        return f"{name}: SD {sd:.3g} of the logit"
    cv = 100 * math.sqrt(math.expm1(sd * sd))
    return f"{name}: SD {sd:.3g} of the logarithm (CV {cv:.1f} %)"


def _residual(one: Any) -> str:
    parts = [f"{100 * one.proportional_sd:g} % of the level"] if one.proportional_sd else []
    if one.additive_sd:
        parts.append(f"{one.additive_sd:g} {one.unit}")
    return f"{' and '.join(parts)}. {one.source} ({one.certainty})"
