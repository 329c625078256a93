"""Forest plots as rows of a table: the picture stands in one column, so that it is read at any width.

Positions are per cent of the picture's width; nothing here computes a result, it places what `pool` found.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.evidence import MEASURES, Forest, ForestRow, Pooled, forest, staff_text
from interlude.domain.evidence.forest import Tick
from interlude.domain.evidence.pools import PooledStudy
from interlude.domain.evidence.sentences import drug, figure, versus
from interlude.interfaces.design.sentences import figure_text, text_of
from interlude.interfaces.staff.evidence.asking import SHARE, Answer, Answers
from interlude.interfaces.staff.evidence.words import label, mark, name_of, result_text, said, study_ref

INSET, WIDTH = 2.0, 96.0
"""The plot leaves this much (per cent) free on the left, and is this wide, so that no mark is cut."""
SMALLEST_PX, LARGEST_PX = 5.0, 16.0
TICK_GAP = 8.5
"""Labels of the axis stand at least this far apart (per cent)."""
FEWEST_TICKS = 4
NEAR_EDGE = 0.02
FINER = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0)
_ELSEWHERE = "is not in it."
NAMES = {
    "random": gettext_lazy("Random effects"),
    "fixed": gettext_lazy("Fixed effect"),
    "prediction": gettext_lazy("Prediction interval"),
}
KINDS = {
    "hartung_knapp": gettext_lazy("Hartung-Knapp interval"),
    "normal": gettext_lazy("normal interval, the wider one here"),
}


def answer_view(answer: Answer, store: Answers, *, is_chosen: bool = False) -> dict[str, Any]:
    """One outcome: its figures, why they stand apart, what is left out, and what can be chosen."""
    evidence = store.evidence
    return {
        "code": answer.outcome.code,
        "title": _(answer.outcome.label),
        "figures": [figure_view(one, store) for one in answer.figures],
        "refusals": [said(one) for one in answer.refusals],
        "left_out": [
            {
                "study": study_ref(one.study),
                "text": result_text(one.study, one.row, evidence),
                "reason": said(one.reason),
                "mark": mark(one.row.certainty),
            }
            for one in answer.left_out
        ],
        "filters": _filters(answer, store),
        "is_chosen": is_chosen,
    }


def figure_view(pooled: Pooled, store: Answers) -> dict[str, Any]:
    """One forest with its sentences."""
    shape = forest(pooled)
    sentences = [one for one in staff_text(pooled, store.evidence) if _ELSEWHERE not in one.template]
    who, size, *rest = [said(one) for one in sentences]
    versus_text = text_of(versus(pooled, store.evidence))
    return {
        "title": _title(pooled, versus_text, store),
        "is_pooled": pooled.synthesis is not None,
        "is_share": pooled.measure.code == SHARE,
        "who": who,
        "size": size,
        "sentences": [*rest, *(f"{one.study.code}: {_(note)}" for one in pooled.studies for note in one.study.notes)],
        "measure": _(pooled.measure.label),
        "rows": _rows(pooled, shape, store),
        "null": None if shape.null_x is None else place(shape.null_x),
        "pooled_at": place(next((row.x for row in shape.rows if row.kind == "random"), 0.0)),
        "ticks": _ticks(shape, pooled),
        "sides": _sides(shape, pooled, versus_text),
        "drug": text_of(drug(pooled)),
        "versus": versus_text,
        "has_counts": any(one.treated for one in pooled.studies),
    }


def place(x: float) -> str:
    """A position from 0 to 1 as per cent of the picture."""
    return f"{INSET + WIDTH * x:.2f}%"


def interval_text(value: float, low: float | None, high: float | None, measure: str) -> str:
    """An estimate with its interval, as a table writes it."""
    middle = figure_text(figure(value, measure))
    if low is None or high is None:
        return middle
    ends = {"low": figure_text(figure(low, measure)), "high": figure_text(figure(high, measure))}
    return _("{value} ({low} to {high})").format(value=middle, **ends)


def _title(pooled: Pooled, versus_text: str, store: Answers) -> str:
    if pooled.measure.code != SHARE:
        return _("Against {versus}").format(versus=versus_text)
    known = store.evidence.vocabulary.definitions
    names = [_(known[code].label) for code in pooled.definitions if code]
    alone = _("The ketamine group alone")
    return f"{alone}: {'; '.join(names)}" if names else alone


def _rows(pooled: Pooled, shape: Forest, store: Answers) -> list[dict[str, Any]]:
    lines = iter(pooled.studies)
    published = iter(pooled.published)
    rows = []
    for row in shape.rows:
        drawn = _drawn(row)
        if row.kind == "study":
            rows.append(drawn | _study_cells(next(lines), row, pooled, store))
        elif row.kind == "published":
            one = next(published)
            text = interval_text(one.value, one.low, one.high, pooled.measure.code)
            cells = {"name": name_of(one.study), "study": study_ref(one.study), "year": one.study.year}
            rows.append(drawn | cells | {"effect": text, "has_interval": one.low is not None})
        else:
            rows.append(drawn | {"name": NAMES[row.kind], "effect": _summary_text(row.kind, pooled)})
    return rows


def _study_cells(line: PooledStudy, row: ForestRow, pooled: Pooled, store: Answers) -> dict[str, Any]:
    return {
        "name": name_of(line.study),
        "study": study_ref(line.study),
        "year": line.study.year,
        "comparator": label(line.comparator, store.evidence),
        "treated": row.treated,
        "control": row.control,
        "effect": interval_text(line.value, line.low, line.high, pooled.measure.code),
        "weight": figure_text(row.weight),
        "mark": mark(line.row.certainty),
        "is_corrected": line.row.correction is not None,
    }


def _summary_text(kind: str, pooled: Pooled) -> str:
    code = pooled.measure.code
    if kind == "fixed" and pooled.fixed is not None:
        return interval_text(*pooled.fixed, code)
    if kind == "prediction" and pooled.prediction is not None:
        ends = (pooled.prediction.low, pooled.prediction.high)
        low, high = (figure_text(figure(one, code)) for one in ends)
        return _("{low} to {high}").format(low=low, high=high)
    return interval_text(pooled.estimate, pooled.interval.low, pooled.interval.high, code)


def _drawn(row: ForestRow) -> dict[str, Any]:
    """Where the marks of one row lie; the side of a square follows its weight."""
    side = max(SMALLEST_PX, LARGEST_PX * row.size)
    width = WIDTH * (row.x_high - row.x_low)
    return {
        "kind": row.kind,
        "x": place(row.x),
        "low": place(row.x_low),
        "high": place(row.x_high),
        "width": f"{width:.2f}%",
        "middle": f"{100 * (row.x - row.x_low) / (row.x_high - row.x_low):.1f}" if width > 0 else "50",
        "cut_low": row.cut_low,
        "cut_high": row.cut_high,
        "side": f"{side:.1f}",
        "half": f"{-side / 2:.1f}",
        "has_interval": row.x_high > row.x_low,
    }


def _ticks(shape: Forest, pooled: Pooled) -> list[dict[str, str]]:
    """The ticks of the axis that have room for their number; "no difference" always has."""
    ticks = shape.ticks if len(shape.ticks) >= FEWEST_TICKS else _finer(shape, pooled)
    kept = [one for one in ticks if shape.null_x is not None and abs(one.x - shape.null_x) < 1e-6]
    for tick in ticks:
        if all(WIDTH * abs(tick.x - one.x) >= TICK_GAP for one in kept):
            kept.append(tick)
    percent = "\N{NO-BREAK SPACE}%" if shape.axis in (SHARE, "risk_difference") else ""
    return [
        {"x": place(one.x), "text": figure_text(one.text) + percent, "anchor": _anchor(one.x)}
        for one in sorted(kept, key=lambda one: one.x)
    ]


def _anchor(x: float) -> str:
    """A number at an edge of the picture stands inside of it."""
    return "start" if x < NEAR_EDGE else "end" if x > 1 - NEAR_EDGE else "middle"


def _finer(shape: Forest, pooled: Pooled) -> Sequence[Tick]:
    """More ticks for a ratio axis of less than one decade, placed by the ends of a row that lie inside of it."""
    if not pooled.measure.log_axis:
        return shape.ticks
    for row, line in zip(shape.rows, pooled.studies, strict=False):
        if row.x_high > row.x_low and not row.cut_low and not row.cut_high:
            slope = (row.x_high - row.x_low) / (math.log(line.high) - math.log(line.low))
            spots = ((value, row.x_low + slope * (math.log(value) - math.log(line.low))) for value in FINER)
            return [Tick(x, f"{value:g}") for value, x in spots if 0 <= x <= 1]
    return shape.ticks


def _sides(shape: Forest, pooled: Pooled, versus_text: str) -> Mapping[str, str] | None:
    """What the left and the right of "no difference" mean."""
    if shape.left_is_better is None or shape.null_x is None:
        return None
    # Against usual care it is a therapy beside the drug that is studied: both groups had ketamine.
    studied = _("the treatment studied") if "usual_care" in pooled.comparators else text_of(drug(pooled))
    first = _("Better with {what}").format(what=studied)
    second = _("Better with {what}").format(what=versus_text)
    left, right = (first, second) if shape.left_is_better else (second, first)
    return {"left": left, "right": right}


def _filters(answer: Answer, store: Answers) -> list[dict[str, Any]]:
    """Selects for what a reader may put together; a list of one is not offered."""
    words, choice = store.evidence.vocabulary, answer.choice
    apart, mixed = ("", _("Each by itself")), ("any", _("All together, mixed"))
    comparators = [(code, _(words.comparators[code].label)) for code in answer.comparators]
    definitions = [(code, _(words.definitions[code].label)) for code in answer.definitions]
    measures = [(code, _(MEASURES[code].label)) for code in answer.measures]
    methods = [("REML", _("Restricted likelihood (REML)")), ("DL", _("DerSimonian-Laird"))]
    found = []
    if len(comparators) > 1:
        found.append(_select("comparator", _("Compared with"), [apart, *comparators, mixed], choice.comparator))
    if len(definitions) > 1:
        found.append(_select("definition", _("Definition"), [apart, *definitions, mixed], choice.definition))
    if len(measures) > 1:
        chosen = [("", _("The one that fits most studies")), *measures]
        found.append(_select("measure", _("Measure"), chosen, choice.measure))
    if found or any(one.synthesis for one in answer.figures):
        found.append(_select("spread", _("Spread between studies"), methods, choice.method))
    return found


def _select(name: str, title: str, options: Sequence[tuple[str, str]], chosen: str | None) -> dict[str, Any]:
    rows = [{"value": value, "label": text, "is_chosen": value == (chosen or "")} for value, text in options]
    return {"name": name, "title": title, "options": rows}
