"""The generated parts of the page that sets published levels against every model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from interlude.domain.pharmacology import card_names, load_card
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
