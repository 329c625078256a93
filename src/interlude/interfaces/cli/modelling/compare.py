"""`interlude models compare`: one regimen by every model that may be used for a person."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from interlude.domain.pharmacology.cards import card_names, load_card
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.person import Person
from interlude.domain.pharmacology.regimen import Dose, solve
from interlude.domain.pharmacology.solution import Concentrations
from interlude.domain.refusals import N_, Refused
from interlude.interfaces.cli.modelling.listing import site
from interlude.interfaces.cli.modelling.tables import paragraph, table

USUAL_MINUTES = 40.0
TIMES_MIN = (10.0, 20.0, 40.0, 80.0, 110.0, 230.0)
_CHILDREN = N_("Made from children; name it and give --outside-population, or say the age of a child.")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Curves of one regimen by card, and why the other cards are left out."""

    person: Person
    dose: Dose
    curves: dict[str, Concentrations]
    refused: dict[str, str]

    def cp(self, name: str) -> Floats:
        return self.curves[name].cp_ng_per_ml


def run(options: argparse.Namespace) -> int:
    target = None
    if options.plot is not None:
        from interlude.interfaces.cli.charts.files import check_path

        target = check_path(options.plot)
    person, dose = _asked(options)
    named = _named(options.models)
    found = compare(person, dose, TIMES_MIN, named=named, outside_population=options.outside_population)
    if not found.curves:
        name, reason = next(iter(found.refused.items()))
        raise Refused(N_("No model can be used here. {name}: {reason}"), field="--models", name=name, reason=reason)
    print(json.dumps(_data(found), indent=2) if options.json else _text(found, options))
    if target is not None:
        from interlude.interfaces.cli.charts.files import write
        from interlude.interfaces.cli.charts.overlay import chart_of, times_of

        times = times_of(dose)
        found = compare(person, dose, times, named=named, outside_population=options.outside_population)
        write(chart_of(found), target)
    return 0


def compare(
    person: Person,
    dose: Dose,
    times_min: ArrayLike,
    *,
    named: Sequence[str] | None = None,
    outside_population: bool = False,
) -> Comparison:
    """Curves at `times_min` by every card (or the named ones) that may be used for this person and route.

    Of an unknown age the person counts as an adult, whatever the weight. `outside_population` lets the named cards
    be used for anybody. A card that cannot be used is in `refused` with its reason.
    """
    found = Comparison(person, dose, {}, {})
    for name in named if named is not None else card_names():
        card = load_card(name)
        lenient = outside_population and named is not None
        try:
            if card.range.children and person.age_years is None and not lenient:
                raise Refused(_CHILDREN, field="age_years")
            model = card.individual(person, outside_population=lenient)
            found.curves[card.name] = solve(model, [dose], times_min)
        except Refused as refused:
            found.refused[card.name] = str(refused)
    return found


def _asked(options: argparse.Namespace) -> tuple[Person, Dose]:
    """The person and the dose; a refusal names the option."""
    names = {
        "weight_kg": "--weight",
        "age_years": "--age",
        "amount_mg": "--dose-mg-per-kg",
        "duration_min": "--minutes",
        "route": "--route",
    }
    try:
        person = Person(options.weight, options.age)
        # An infusion is what a vein usually gets; by other routes a dose is given at once.
        minutes = options.minutes if options.minutes is not None else USUAL_MINUTES if options.route == "iv" else 0.0
        return person, Dose(options.route, 0.0, options.dose_mg_per_kg * options.weight, minutes)
    except Refused as refused:
        raise Refused(refused.template, field=names.get(refused.field, refused.field), **refused.params) from refused


def _named(text: str | None) -> list[str] | None:
    """Names of an option like "kamp,simons2022", as the cards are called."""
    if text is None:
        return None
    try:
        return list(dict.fromkeys(load_card(name.strip()).name for name in text.split(",")))
    except Refused as refused:
        raise Refused(refused.template, field="--models", **refused.params) from refused


def _data(found: Comparison) -> dict[str, Any]:
    return {
        "times_min": list(TIMES_MIN),
        "unit": "ng/mL",
        "models": {
            name: {"drug": load_card(name).drug, "sampling_site": site(load_card(name)), "Cp": found.cp(name).tolist()}
            for name in found.curves
        },
        "refused": found.refused,
    }


def _text(found: Comparison, options: argparse.Namespace) -> str:
    dose = found.dose
    how = f"over {dose.duration_min:g} min" if dose.duration_min else "at once"
    said = f"{options.dose_mg_per_kg:g} mg/kg ({dose.amount_mg:g} mg) {dose.route} {how}, {options.weight:g} kg"
    head = ("Model", "Blood", "Substance", *(f"{minute:g} min" for minute in TIMES_MIN))
    rows = []
    for name in found.curves:
        card = load_card(name)
        drug = "S-ketamine" if card.enantiomer == "S" else card.drug
        rows.append((name, site(card), drug, *(f"{level:.0f}" for level in found.cp(name))))
    parts = [f"Plasma, ng/mL: {said}", table(head, rows, right=range(3, 3 + len(TIMES_MIN)))]
    if any(load_card(name).enantiomer == "S" for name in found.curves):
        parts.append("Models of S-ketamine read the whole dose as S-ketamine.")
    return "\n".join([*parts, *_left_out(found)])


def _left_out(found: Comparison) -> list[str]:
    """Cards with the same reason share a line."""
    reasons: dict[str, list[str]] = {}
    for name, reason in found.refused.items():
        reasons.setdefault(reason.removeprefix(f"{name} ").rstrip("."), []).append(name)
    return [
        paragraph(f"{', '.join(names)}: {reason}.", first="Left out: ", indent="  ")
        for reason, names in reasons.items()
    ]
