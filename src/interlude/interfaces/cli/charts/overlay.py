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

LEAST_MIN, AFTER_BOLUS_MIN = 120.0, 60.0
MIXED_MIN, READ_AFTER_MIN = 2.0, 10.0
STYLES: dict[str, tuple[Tone, Dash]] = {
    "arterial": ("accent", "solid"),
    "venous": ("effect", "dashed"),
    NOT_STATED: ("quiet", "dotted"),
}


_KEYS = {NOT_STATED: "model, blood not stated"}


def times_of(dose: Dose) -> Floats:
    """Times for the chart, with the end of the dose, and closer ones after each change."""
    last = AFTER_BOLUS_MIN if dose.route == "iv" and not dose.duration_min else max(LEAST_MIN, 3.0 * dose.end_min)
    after = last * np.geomspace(1 / 4000, 1 / 60, 12)
    return np.asarray(
        np.unique(np.concatenate([np.linspace(0.0, last, 241), after, [dose.end_min], dose.end_min + after]))
    )


def chart_of(found: Comparison, *, marks: Sequence[Mark] = (), source: str = "", title: str = "") -> Chart:
    """Curves marked by where blood was drawn; the number after a name is its level at the time that the subtitle says.

    After an intravenous bolus the curves begin at `MIXED_MIN`: before, they differ only in how small a space they
    think the dose is mixed into.
    """
    dose = found.dose
    at_once = dose.route == "iv" and not dose.duration_min
    cards = [load_card(name) for name in found.curves]
    lines = []
    for card in cards:
        times, cp = found.curves[card.name].times_min, found.cp(card.name)
        if at_once:
            level = float(np.interp(READ_AFTER_MIN, times, cp))
            times, cp = times[times >= MIXED_MIN], cp[times >= MIXED_MIN]
        else:
            level = float(cp[np.searchsorted(times, dose.end_min)]) if dose.duration_min else float(cp.max())
        lines.append(Line(f"{card.name} ({level:.0f})", times.tolist(), cp.tolist(), *STYLES[site(card)]))
    sites = [name for name in STYLES if any(site(card) == name for card in cards)]
    return Chart(
        title or "One dose by every model",
        _subtitle(found, at_once=at_once),
        [Panel("Plasma concentration, ng/mL", lines, marks=marks, height=400)],
        ", ".join(line.label for line in lines) + " ng/mL.",
        float(next(iter(found.curves.values())).times_min[-1]),
        keys=[Key(_KEYS.get(name, f"model of {name} blood"), *STYLES[name]) for name in sites],
        notes=notes(cards),
        source=source or "; ".join(card.citation for card in cards),
    )


def _subtitle(found: Comparison, *, at_once: bool) -> str:
    dose = found.dose
    over = f"over {tick_text(dose.duration_min)} min" if dose.duration_min else "at once"
    read = "as the dose ends" if dose.duration_min else "at its highest"
    if at_once:
        read = f"at {READ_AFTER_MIN:g} min; curves from {MIXED_MIN:g} min on"
    return f"{dose.amount_mg:.4g} mg {dose.route} {over}, {found.person.weight_kg:g} kg. In brackets: the level {read}"


def notes(cards: Sequence[ModelCard]) -> list[str]:
    """What is assumed or borrowed in these models."""
    s_models = [card.name for card in cards if card.enantiomer == "S"]
    said = [f"Models of S-ketamine, read here with the whole dose: {', '.join(s_models)}."] if s_models else []
    said += [f"{card.name}: {label}." for card in cards for label in card.labels]
    said += [f"{card.name} was made from children." for card in cards if card.range.children]
    return said
