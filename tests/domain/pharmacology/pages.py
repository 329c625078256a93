"""The generated parts of the two pharmacology pages: the model cards, and published levels against them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from interlude.domain.pharmacology import ModelCard, card_names, load_card
from interlude.domain.pharmacology.cards import SourcedValue, WeightExponent
from interlude.domain.pharmacology.literature import absent_models, bioavailabilities, interactions
from interlude.domain.pharmacology.observations import ObservationSet, Series, load_observations, observation_names
from interlude.domain.pharmacology.regimen import Dose, solve
from interlude.domain.pharmacology.validation import Comparison, compare_all, venous_bridge
from interlude.domain.refusals import Refused
from tests.domain.reference import _table as table

CARDS = tuple(card_names())
BRIDGED = ("kamp2020", "simons2022")
FEW_POINTS = 3
QUANTITIES = {
    "level": "level",
    "cmax": "peak",
    "auc": "area under the curve",
    "auc_ratio": "ratio of the areas under the curves",
    "steady_state": "steady level",
    "half_life": "half-life",
}


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


def validation_parts() -> dict[str, str]:
    """The parts of pharmacology-validation.md."""
    comparisons = compare_all()
    return {
        "predicted": _predicted(),
        "leiden": _leiden_points(),
        "bridge": _bridge(),
        "sets": "\n".join(_set_section(load_observations(name), comparisons) for name in observation_names()),
    }


def _predicted() -> str:
    head = ["Model", "40 min", "80 min", "110 min", "230 min", "5 mg over 30 min, end", "20 mg over 20 min, end"]
    body: list[tuple[object, ...]] = []
    for name in CARDS:
        card = load_card(name)
        label = (
            f"`{name}`" + (" (S)" if card.enantiomer == "S" else "") + (" (children)" if card.range.children else "")
        )
        try:
            model = card.individual(70)
        except Refused as refused:
            body.append((label, str(refused), *[""] * 5))
            continue
        late = solve(model, [Dose("iv", 0, 35, 40)], [40, 80, 110, 230]).cp_ng_per_ml
        five = solve(model, [Dose("iv", 0, 5, 30)], [30]).cp_ng_per_ml[0]
        twenty = solve(model, [Dose("iv", 0, 20, 20)], [20]).cp_ng_per_ml[0]
        body.append((label, *[f"{level:.0f}" for level in late], f"{five:.1f}", f"{twenty:.0f}"))
    return table(head, body)


def _leiden_points() -> str:
    data = load_observations("leiden2020_racemate")
    series = next(one for one in data.series if one.enantiomer == "total")
    doses = [Dose(d.route, d.start_min, d.amount_mg, d.duration_min) for d in data.doses]
    curves = [solve(load_card(name).individual(70), doses, series.at_min).cp_ng_per_ml for name in BRIDGED]
    body = [
        (
            f"{t:.0f}",
            f"{observed:.0f}",
            *[f"{curve[i]:.0f} ({(observed - curve[i]) / curve[i] * 100:+.0f} %)" for curve in curves],
            "" if kept else "left out",
        )
        for i, (t, observed, kept) in enumerate(zip(series.at_min, series.values, series.kept, strict=True))
    ]
    return table(["Minute", "Observed S + R, ng/mL", *[f"`{name}`" for name in BRIDGED], ""], body)


def _bridge() -> str:
    body = []
    for name in BRIDGED:
        bridge = venous_bridge(name)
        arterial = " / ".join(f"{level:.0f}" for level in bridge.arterial_ng_per_ml)
        delayed = " / ".join(f"{level:.0f}" for level in bridge.delayed_ng_per_ml)
        row = (f"`{name}`", arterial, f"{bridge.factor:.2f}", f"{bridge.delay_half_life_min:.1f} min", delayed)
        body.append(row)
    observed = venous_bridge(BRIDGED[0]).venous_observed_ng_per_ml
    for name in ("otto2021", "perezruixo2021"):
        levels = solve(load_card(name).individual(70), [Dose("iv", 0, 35, 40)], [40, 80, 110, 230]).cp_ng_per_ml
        body.append(
            (f"`{name}` (venous)", " / ".join(f"{v:.0f}" for v in levels), f"{levels[0] / observed:.2f}", "-", "-")
        )
    head = [
        "Model",
        "As it stands, ng/mL",
        f"To the observed {observed:.0f}",
        "Half-life of one delay that would explain it",
    ]
    return table([*head, "What the delayed level would then be"], body)


def _set_section(data: ObservationSet, comparisons: Sequence[Comparison]) -> str:
    people = "n not stated" if data.n is None else f"n = {data.n}"
    about = f"{data.citation}. People: {data.population}; {people}."
    where = f"Sampling site: {data.sampling_site}; matrix: {data.matrix}. Source: {data.source} ({data.certainty})."
    lines = [f"### {data.title}", "", about, where, "", *[f"- {note}" for note in data.notes], ""]
    for series in data.series:
        own = [c for c in comparisons if (c.observations, c.series) == (data.name, series.name)]
        lines += [f"**{series.name}**: {_observed(series)}", ""]
        if series.why_not:
            lines += [f"Not compared: {series.why_not}", ""]
        else:
            lines += [_comparison_table(series, own), *_refusals(own)]
    return "\n".join(lines)


def _observed(series: Series) -> str:
    if len(series.values) > FEW_POINTS:
        counted = sum(series.kept)
        rest = len(series.values) - counted
        left = f", {rest} more left out ({series.left_out_because})" if rest else ""
        return f"{counted} points{left} ({series.certainty})"
    spread = f" (SD {series.sd[0]:.4g})" if series.sd else ""
    limits = f" [{series.low[0]:g}-{series.high[0]:g}]" if series.low else ""
    value = f"{series.values[0]:.4g}" if series.values else ""
    unit = "" if series.unit == "1" else f" {series.unit}"
    return f"{f'{value}{spread}{limits}'.strip()}{unit}, {QUANTITIES[series.quantity]} ({series.certainty})"


def _comparison_table(series: Series, comparisons: Iterable[Comparison]) -> str:
    many = len(series.values) > FEW_POINTS
    head = ["Model", "Errors from - to, %" if many else "Predicted", "MDPE, %", "MDAPE, %", "To know"]
    return table(head, [_comparison_row(series, c, many) for c in comparisons if not c.refused])


def _comparison_row(series: Series, comparison: Comparison, many: bool) -> tuple[object, ...]:
    name, marks = f"`{comparison.model}`", "; ".join(comparison.marks)
    if not comparison.observed:
        level, low, high = comparison.predicted[0], series.low[0], series.high[0]
        place = "below the range" if level < low else "above the range" if level > high else "inside the range"
        return name, _level(level), place, "-", marks
    errors = comparison.errors_percent
    shown = f"{errors.min():+.0f} to {errors.max():+.0f}" if many else _level(comparison.predicted[0])
    return name, shown, f"{comparison.mdpe:+.1f}", f"{comparison.mdape:.1f}", marks


def _level(value: float) -> str:
    """Three digits, without powers of ten."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _refusals(comparisons: Iterable[Comparison]) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for one in comparisons:
        if one.refused:
            reasons.setdefault(one.refused, []).append(f"`{one.model}`")
    lines = [f"- No prediction by {', '.join(models)}: {reason}" for reason, models in reasons.items()]
    return [*lines, ""] if lines else []
