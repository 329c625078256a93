"""The chart of a case: levels with their bands, amounts where asked for, and what is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from interlude.domain.pharmacology.case import Case
from interlude.domain.pharmacology.case.doses import AMOUNTS
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.regimen import Dose
from interlude.interfaces.cli.charts.axes import tick_text
from interlude.interfaces.cli.charts.parts import Band, Chart, Dash, Key, Line, Panel, Spike, Steps, Tone

if TYPE_CHECKING:
    from interlude.domain.pharmacology.population import Population

MOST_DOSES_NAMED = 3
MOST_BENDS = 60
STYLES: dict[str, tuple[Tone, Dash]] = {
    "Cp": ("accent", "solid"),
    "Ce": ("effect", "long"),
    "Ce_s": ("effect", "dashed"),
    "Cp_norketamine": ("third", "dashdot"),
    "Cp_hydroxynorketamine": ("fourth", "dotted"),
}
NAMES = {
    "Cp": "Cp, plasma",
    "Ce": "Ce, effect site",
    "Ce_s": "Ce, S-ketamine",
    "Cp_norketamine": "Norketamine",
    "Cp_hydroxynorketamine": "Hydroxynorketamine",
}
# Where a curve bends most after a change, as shares of the horizon.
_EARLY = np.geomspace(1 / 8000, 1 / 80, 12)
_CYCLE: tuple[tuple[Tone, Dash], ...] = tuple(
    (tone, dash) for dash in ("solid", "dashed", "dotted") for tone in ("accent", "effect", "third", "fourth", "quiet")
)


def chart_of(case: Case, population: Population | None = None, *, title: str = "") -> Chart:
    """The chart; `population` must hold the case's bands at `case.grid_min`."""
    times = case.grid_min
    fine = _fine(times, case.doses)
    curves = case.curves(fine)
    levels = [output for output in case.outputs if output != AMOUNTS]
    panels = []
    if levels:
        lines = [
            Line(NAMES[output], fine.tolist(), case.level(curves, output).tolist(), *STYLES[output])
            for output in levels
        ]
        bands = [] if population is None else _bands(population, levels)
        panels.append(Panel("Concentration, ng/mL", lines, bands))
    if AMOUNTS in case.outputs:
        named = zip(curves.model.compartments, curves.amounts_mg, strict=True)
        lines = [
            Line(name.replace("_", " "), fine.tolist(), amounts.tolist(), *_CYCLE[place % len(_CYCLE)])
            for place, (name, amounts) in enumerate(named)
        ]
        panels.append(Panel("Amount, mg", lines))
    panels.append(given(case.doses))
    card = case.about.card
    return Chart(
        title or (card.title if card else "A model of the case's own"),
        _subtitle(case),
        panels,
        _description(case, levels),
        float(times[-1]),
        keys=() if population is None else band_keys(population, levels),
        notes=[*([case.schedule.label] if case.schedule else []), *_equivalents(case), *case.labels],
        source=card.citation if card else "",
    )


def _fine(times: Floats, doses: Sequence[Dose]) -> Floats:
    """The times with every change of rate, and closer ones just after it, where a curve bends most."""
    last = float(times[-1])
    changes = sorted({edge for dose in doses for edge in (dose.start_min, dose.end_min) if edge < last})
    after = np.concatenate([[0.0], last * _EARLY])
    extra = [change + after for change in changes[:MOST_BENDS]]
    fine = np.union1d(times, np.concatenate(extra)) if extra else times
    return np.asarray(fine[fine <= last])


def given(doses: Sequence[Dose], height: int = 96) -> Panel:
    """Intravenous rates as steps (mg/h); everything given at once, or by another route, as a named spike."""
    infusions = [dose for dose in doses if dose.route == "iv" and dose.end_min > dose.start_min]
    edges = sorted({edge for dose in infusions for edge in (dose.start_min, dose.end_min)})
    spans = []
    for start, end in pairwise(edges):
        running = [dose for dose in infusions if dose.start_min <= start and dose.end_min >= end]
        rate = sum(dose.amount_mg / dose.duration_min * 60.0 for dose in running)
        if rate > 0:
            spans.append((start, end, rate))
    others = [dose for dose in doses if dose not in infusions]
    spikes = [Spike(dose.start_min, _dose_words(dose)) for dose in others]
    title = "Infusion, mg/h" if infusions or not others else "Given"
    return Panel(title, steps=Steps(spans), spikes=spikes, height=height)


def _bands(population: Population, outputs: Iterable[str]) -> list[Band]:
    """From the lowest to the highest percentile of each output."""
    bands = []
    for output in outputs:
        found = population.bands[output]
        if len(found) > 1:
            low, high = found[min(found)], found[max(found)]
            bands.append(Band(population.times_min.tolist(), low.tolist(), high.tolist(), *STYLES[output]))
    return bands


def band_keys(population: Population, outputs: Iterable[str]) -> list[Key]:
    """What the lines and the shades are."""
    keys = [Key("a typical person")]
    for output in outputs:
        wanted = sorted(population.bands[output])
        if len(wanted) > 1:
            people = tick_text(population.n)
            text = f"{NAMES[output]}: {wanted[0]:g} to {wanted[-1]:g} % of {people} people"
            keys.append(Key(text, *STYLES[output], shade=True))
    return keys


def _equivalents(case: Case) -> list[str]:
    """Metabolites whose levels are given as something else."""
    card = case.about.card
    if card is None or card.structure is None:
        return []
    units: dict[str, list[str]] = {}
    for output in case.outputs:
        if output in card.structure.equivalents:
            units.setdefault(card.structure.equivalents[output], []).append(NAMES[output])
    return [f"{' and '.join(names)} in {unit}" for unit, names in units.items()]


def _dose_words(dose: Dose) -> str:
    over = f" over {tick_text(dose.duration_min)} min" if dose.duration_min else ""
    return f"{dose.amount_mg:.4g} mg {dose.route}{over}"


def _subtitle(case: Case) -> str:
    person = case.about.person
    parts = []
    if person.weight_kg is not None:
        parts.append(f"{tick_text(person.weight_kg)} kg")
    if person.age_years is not None:
        parts.append(f"{tick_text(person.age_years)} years")
    if case.target is not None:
        kind = "plasma" if case.target.of == "Cp" else "effect site"
        wanted = ", then ".join(tick_text(level) for _, _, level in case.target.steps[:MOST_DOSES_NAMED])
        parts.append(f"advisory rates for a target of {wanted} ng/mL ({kind})")
    elif 0 < len(case.doses) <= MOST_DOSES_NAMED:
        parts += [f"{_dose_words(dose)} from minute {tick_text(dose.start_min)}" for dose in case.doses]
    elif case.doses:
        parts.append(f"{len(case.doses)} doses, {sum(d.amount_mg for d in case.doses):.4g} mg in all")
    card = case.about.card
    if card is not None:
        parts.append(f"blood: {card.sampling_site}")
    return "; ".join(parts)


def _description(case: Case, levels: Iterable[str]) -> str:
    """The curves in words, for who cannot see them."""
    curves = case.curves(case.grid_min)
    said = []
    for output in levels:
        values = case.level(curves, output)
        at = case.grid_min[int(np.argmax(values))]
        said.append(f"{NAMES[output]}: highest {values.max():.3g} ng/mL at {at:.3g} min")
    return ". ".join([*said, f"Time from 0 to {case.grid_min[-1]:.6g} minutes"]) + "."
