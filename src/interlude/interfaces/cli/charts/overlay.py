"""The chart of a comparison: one regimen by several models, with what was observed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from interlude.domain.pharmacology.cards import ModelCard, load_card
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.regimen import Dose
from interlude.interfaces.cli.charts.axes import tick_text
from interlude.interfaces.cli.charts.parts import Chart, Dash, Key, Line, Mark, Panel, Tone
from interlude.interfaces.cli.modelling.compare import Comparison
from interlude.interfaces.cli.modelling.listing import NOT_STATED, site

LEAST_MIN = 120.0
STYLES: dict[str, tuple[Tone, Dash]] = {
    "arterial": ("accent", "solid"),
    "venous": ("effect", "dashed"),
    NOT_STATED: ("quiet", "dotted"),
}


def times_of(dose: Dose) -> Floats:
    """Times for the chart, with the end of the dose, and closer ones after each change."""
    last = max(LEAST_MIN, 3.0 * dose.end_min)
    after = np.geomspace(last / 4000, last / 60, 12)
    return np.asarray(
        np.unique(np.concatenate([np.linspace(0.0, last, 241), after, [dose.end_min], dose.end_min + after]))
    )


def chart_of(found: Comparison, *, marks: Sequence[Mark] = (), source: str = "", title: str = "") -> Chart:
    """Curves marked by where blood was drawn; the number after a name is its level as the dose ends, or its peak."""
    dose = found.dose
    cards = [load_card(name) for name in found.curves]
    lines = []
    for card in cards:
        times, cp = found.curves[card.name].times_min, found.cp(card.name)
        ends = float(cp[np.searchsorted(times, dose.end_min)]) if dose.duration_min else float(cp.max())
        lines.append(Line(f"{card.name} ({ends:.0f})", times.tolist(), cp.tolist(), *STYLES[site(card)]))
    sites = [name for name in STYLES if any(site(card) == name for card in cards)]
    names = {NOT_STATED: "model, blood not stated"}
    kg = found.person.weight_kg
    over = f" over {tick_text(dose.duration_min)} min" if dose.duration_min else " at once"
    subtitle = f"{tick_text(dose.amount_mg)} mg {dose.route}{over}, {kg:g} kg. In brackets: the level "
    return Chart(
        title or "One dose by every model",
        subtitle + ("as the dose ends" if dose.duration_min else "at its highest"),
        [Panel("Plasma concentration, ng/mL", lines, marks=marks, height=400)],
        ", ".join(line.label for line in lines) + " ng/mL.",
        float(next(iter(found.curves.values())).times_min[-1]),
        keys=[Key(names.get(name, f"model of {name} blood"), *STYLES[name]) for name in sites],
        notes=notes(cards),
        source=source or "; ".join(card.citation for card in cards),
    )


def notes(cards: Sequence[ModelCard]) -> list[str]:
    """What is assumed or borrowed in these models."""
    s_models = [card.name for card in cards if card.enantiomer == "S"]
    said = [f"Models of S-ketamine, read here with the whole dose: {', '.join(s_models)}."] if s_models else []
    said += [f"{card.name}: {label}." for card in cards for label in card.labels]
    said += [f"{card.name} was made from children." for card in cards if card.range.children]
    return said
