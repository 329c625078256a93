"""`interlude models`: every model in one table."""

from __future__ import annotations

import argparse
import json
from typing import Any

from interlude.domain.pharmacology.cards import ModelCard, card_names, load_card
from interlude.interfaces.cli.modelling.tables import table

NOT_STATED = "not stated"


def run(options: argparse.Namespace) -> int:
    cards = [load_card(name) for name in card_names()]
    if options.json:
        print(json.dumps([row(card) for card in cards], ensure_ascii=False, indent=2))
        return 0
    head = ("Model", "Substance", "For", "Blood", "Effect", "Metabolites", "Band", "Routes")
    print(table(head, [_cells(card) for card in cards]))
    print("\nA model is a published parameter set. Its numbers and sources: interlude models show NAME")
    return 0


def row(card: ModelCard) -> dict[str, Any]:
    """What the table says, for programs."""
    return {
        "name": card.name,
        "aliases": list(card.aliases),
        "title": card.title,
        "citation": card.citation,
        "drug": card.drug,
        "enantiomer": card.enantiomer,
        "made_from": "children" if card.range.children else "adults",
        "population": card.population,
        "sampling_site": card.sampling_site,
        "matrix": card.matrix,
        "outputs": outputs(card),
        "effect_site": effect_site(card),
        "variability": band(card),
        "routes": list(card.routes),
    }


def outputs(card: ModelCard) -> list[str]:
    """Levels that the model has of its own."""
    own = ["Cp"] if card.structure is None else list(card.structure.outputs)
    return own + (["Ce", "Ce_s"] if "ke0_half_life_min" in card.parameters else [])


def effect_site(card: ModelCard) -> str:
    half_life = card.parameters.get("ke0_half_life_min")
    if half_life is None:
        return "none"
    return "borrowed" if half_life.source.startswith("Borrowed") else "own"


def band(card: ModelCard) -> str:
    if card.variability is None:
        return "none"
    return "borrowed" if card.variability.borrowed else "own"


def site(card: ModelCard) -> str:
    return NOT_STATED if card.sampling_site.startswith(NOT_STATED) else card.sampling_site.split(" ")[0]


def _cells(card: ModelCard) -> tuple[str, ...]:
    metabolites = [name.removeprefix("Cp_") for name in outputs(card) if name.startswith("Cp_")]
    return (
        card.name,
        "S-ketamine" if card.enantiomer == "S" else card.drug,
        "children" if card.range.children else "adults",
        site(card),
        effect_site(card),
        ", ".join(metabolites) or "-",
        band(card),
        ", ".join(card.routes),
    )
