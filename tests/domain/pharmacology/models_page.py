"""The generated parts of the page that lists the model cards."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from interlude.domain.pharmacology import ModelCard, card_names, load_card
from interlude.domain.pharmacology.cards import SourcedValue, WeightExponent
from interlude.domain.pharmacology.literature import absent_models, bioavailabilities, interactions
from tests.domain.reference import _table as table

CARDS = tuple(card_names())


def model_parts() -> dict[str, str]:
    """The parts of pharmacology-models.md."""
    cards = [load_card(name) for name in CARDS]
    return {
        "overview": table(
            ["Card", "Drug", "Enantiomer", "Population", "Sampling site", "Matrix", "Certainty", "Routes"],
            [
                (
                    f"`{card.name}`",
                    card.drug,
                    card.enantiomer,
                    card.population,
                    card.sampling_site,
                    card.matrix,
                    _certainties(card),
                    ", ".join(card.routes),
                )
                for card in cards
            ],
        ),
        "range": table(
            ["Card", "Made from", "Ages", "Weights", "Others are", "Source", "Certainty"],
            [_range_row(card) for card in cards],
        ),
        "scaling": table(
            ["Card", "Volumes with weight to the", "Clearances with weight to the", "Not scaled", "Covariates"],
            [_scaling_row(card) for card in cards],
        ),
        "variability": table(["Card", "Between people", "Source", "Certainty"], [_variability_row(c) for c in cards]),
        "refused": table(
            ["Asked for", "Of", "Refused because"],
            _refused_rows(cards),
        ),
        "cards": "\n".join(_card_section(card) for card in cards),
        "absent": table(
            ["Paper", "Citation", "Known", "Missing", "Certainty"],
            [(one.name, one.citation, one.known, one.missing, one.certainty) for one in absent_models()],
        ),
        "bioavailability": table(
            ["Route", "Who or what", "Share", "Source", "Certainty", "Note"],
            [
                (one.route, one.who, _span(one.value, one.low, one.high), one.source, one.certainty, one.note)
                for one in bioavailabilities()
            ],
        ),
        "interactions": table(
            ["About", "Effect", "Source", "Certainty"],
            [(one.about, one.effect, one.source, one.certainty) for one in interactions()],
        ),
    }


def _certainties(card: ModelCard) -> str:
    own = dict.fromkeys(value.certainty for name, value in card.parameters.items() if not name.startswith("ke0"))
    ke0 = card.parameters.get("ke0_half_life_min")
    return ", ".join(own) + (f"; effect site borrowed ({ke0.certainty})" if ke0 else "; no effect site")


def _refused_rows(cards: Sequence[ModelCard]) -> list[tuple[str, str, str]]:
    """One row per route or output and reason, with all cards that give it."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for card in cards:
        for name, reason in card.refused.items():
            by_reason.setdefault((name, reason), []).append(f"`{card.name}`")
    found = sorted(by_reason.items(), key=lambda item: (item[0][0], -len(item[1])))
    return [(f"`{name}`", ", ".join(names), reason) for (name, reason), names in found]


def _span(value: float | None, low: float | None, high: float | None) -> str:
    middle = "" if value is None else f"{value:g}"
    return middle if low is None else f"{middle} [{low:g}-{high:g}]".strip()


def _range_row(card: ModelCard) -> tuple[object, ...]:
    valid = card.range
    ages = _limits(valid.age_min_years, valid.age_max_years, "years")
    weights = _limits(valid.weight_min_kg, valid.weight_max_kg, "kg")
    others = "refused" if valid.hard else "children refused; the range is information"
    return (
        f"`{card.name}`",
        "children" if valid.children else "adults",
        ages,
        weights,
        others,
        valid.source,
        valid.certainty,
    )


def _limits(low: float | None, high: float | None, unit: str) -> str:
    return "not known" if low is None or high is None else f"{low:g}-{high:g} {unit}"


def _scaling_row(card: ModelCard) -> tuple[object, ...]:
    per_kg = any(value.unit == "L/kg" for value in card.parameters.values())
    none = "1 (volume per kg)" if per_kg else "0 (no effect of weight)"
    rates = "rate constants, no effect" if per_kg else "0 (no effect of weight)"
    effects = "; ".join(
        f"`{c.parameter}` x {c.factor:g} ({c.covariate}, {c.certainty})"
        if c.factor is not None
        else f"`{c.parameter}` {c.slope:g} {c.unit} above {c.above:g} ({c.covariate}, {c.certainty})"
        for c in card.covariates
    )
    return (
        f"`{card.name}`",
        _exponent(card.volume_exponent, none),
        _exponent(card.clearance_exponent, rates),
        ", ".join(f"`{name}`" for name in card.unscaled),
        effects,
    )


def _exponent(exponent: WeightExponent | None, without: str) -> str:
    if exponent is None:
        return without
    default = "must be chosen" if exponent.default is None else f"{exponent.default:g}"
    others = [f"{c:g}" for c in exponent.choices if c != exponent.default]
    choice = f", can be {' or '.join(others)}" if others else ""
    source = exponent.source.removeprefix("Assumed: ")
    return f"{default}{choice} ({exponent.certainty}: {source})"


def _variability_row(card: ModelCard) -> tuple[object, ...]:
    found = card.variability
    if found is None:
        return f"`{card.name}`", "none", card.no_variability, "-"
    spread = np.sqrt(np.diag(found.covariance))
    eta = list(zip(found.names, spread, found.scales, strict=True))
    parts = [f"`{n}` {s:.3g}" + ("" if k == "log" else f" ({k})") for n, s, k in eta if n not in found.uncertain]
    text = f"{'**borrowed**: ' if found.borrowed else ''}{', '.join(parts)}"
    for n, s, _ in eta:
        if n in found.uncertain:
            text += f"; uncertainty of the typical `{n}` {s:.3g} ({found.uncertain[n]})"
    return f"`{card.name}`", text, " ".join((f"{found.source}.", *found.notes)), found.certainty


def _card_section(card: ModelCard) -> str:
    lines = [
        f"### {card.title}",
        "",
        f"`{card.name}`, also {', '.join(f'`{a}`' for a in card.aliases)}. {card.citation}.",
    ]
    lines += [
        "",
        "; ".join((f"People: {card.population}", f"sampling site: {card.sampling_site}", f"matrix: {card.matrix}")),
    ]
    if card.structure is not None:
        equivalents = "; ".join(f"`{name}` in {unit}" for name, unit in card.structure.equivalents.items())
        lines += ["", f"Compartments: {', '.join(card.structure.compartments)}. {equivalents}".strip()]
    lines += [
        "",
        table(["Parameter", "Value", "Unit", "Certainty", "Source"], map(_parameter_row, card.parameters.items())),
    ]
    for residual_name, residual in card.residual.items():
        extra = f" and {residual.additive_sd:g} {residual.unit}" if residual.additive_sd else ""
        said = f"{residual.proportional_sd * 100:.4g} %{extra}"
        lines.append(f"- Residual error of `{residual_name}`: {said} ({residual.certainty}: {residual.source})")
    lines += [f"- {note}" for note in card.notes]
    lines += [f"- **Disagreement.** {text}" for text in card.disagreements]
    return "\n".join(lines) + "\n"


def _parameter_row(item: tuple[str, SourcedValue]) -> tuple[object, ...]:
    name, value = item
    return f"`{name}`", _span(value.value, value.low, value.high), value.unit, value.certainty, value.source
