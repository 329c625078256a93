"""One panel of a chart: grid, shades, curves, what was observed, and names at the ends of the curves."""

from __future__ import annotations

from collections.abc import Sequence

from interlude.interfaces.cli.charts import svg
from interlude.interfaces.cli.charts.axes import spread, tick_text, value_ticks
from interlude.interfaces.cli.charts.parts import Mark, Panel
from interlude.interfaces.design.trend import Scale

LEFT = 64
ROW = 15.0
_SHADE = 0.2
_HEADROOM = 1.45
_ASIDE = 78
_TICK_ROOM = 52


def draw_panel(panel: Panel, x: Scale, top: float, *, events: Sequence[tuple[float, str]] = ()) -> list[str]:
    """The panel between `top` and `top` + its height."""
    # Words of events stand above what they name.
    room = _HEADROOM if any(words for _, words in events) else 1.0
    ticks = value_ticks(panel.highest * room, max(2, round(panel.height / _TICK_ROOM)))
    y = Scale(0.0, ticks[-1], top + panel.height, top)
    parts = [svg.text(x.from_px - 44, top - 12, panel.title, colour="ink", size=svg.TEXT, bold=True)]
    for tick in ticks:
        parts.append(svg.rule(x.from_px, y(tick), x.to_px, y(tick), "line" if tick == 0 else "grid"))
        parts.append(svg.text(x.from_px - 8, y(tick) + 4, tick_text(tick), anchor="end", size=svg.SMALL))
    parts += [svg.rule(x(at), top, x(at), top + panel.height, "line", dash="dotted") for at, _ in events]
    for band in panel.bands:
        there = [(x(t), y(v)) for t, v in zip(band.xs, band.high, strict=True)]
        back = [(x(t), y(v)) for t, v in zip(band.xs, band.low, strict=True)]
        parts.append(svg.area([*there, *reversed(back)], band.tone, opacity=_SHADE))
        # Edges tell two shades apart without colour.
        parts += [svg.curve(edge, band.tone, width=0.7, dash=band.dash) for edge in (there, back)]
    parts += _steps(panel, x, y)
    for level in panel.levels:
        parts.append(svg.rule(x.from_px, y(level.value), x.to_px, y(level.value), "ink2", dash="dashed"))
        parts.append(svg.haloed(x.to_px - 4, y(level.value) - 5, level.label, anchor="end"))
    for line in panel.lines:
        points = [(x(t), y(v)) for t, v in zip(line.xs, line.ys, strict=True)]
        parts.append(svg.curve(points, line.tone, width=line.width, dash=line.dash))
    parts += _names(panel, x, y, top)
    parts += _observed(panel.marks, x, y)
    parts += _event_words(events, x, top)
    return parts


def _names(panel: Panel, x: Scale, y: Scale, top: float) -> list[str]:
    """Names beside the ends of the curves, apart from one another, with a thread where they had to move."""
    named = [line for line in panel.lines if line.label and len(line.ys)]
    ends = [y(line.ys[-1]) for line in named]
    parts = []
    for line, end, place in zip(named, ends, spread(ends, ROW + 1, top + 4, top + panel.height - 2), strict=True):
        if abs(place - end) > 1.5:
            parts.append(svg.rule(x.to_px + 1, end, x.to_px + 13, place, "line"))
        parts.append(svg.text(x.to_px + 16, place + 4, line.label, colour=line.tone))
    return parts


def _observed(marks: Sequence[Mark], x: Scale, y: Scale) -> list[str]:
    """Observed values and ranges, each with its words beside it where the curves are few."""
    parts, words = [], []
    for mark in marks:
        at = x(mark.x)
        if mark.low is not None and mark.high is not None:
            parts.append(svg.rule(at, y(mark.low), at, y(mark.high), "ink", width=2))
            parts += [svg.rule(at - 6, y(edge), at + 6, y(edge), "ink", width=2) for edge in (mark.low, mark.high)]
        if mark.value is not None:
            parts.append(svg.dot(at, y(mark.value), 4.5, "ink"))
        if mark.label:
            height = y(next(edge for edge in (mark.value, mark.high, 0.0) if edge is not None))
            side, anchor = (1, "start") if at < (x.from_px + x.to_px) / 2 else (-1, "end")
            parts.append(svg.rule(at + 8 * side, height, at + _ASIDE * side, height, "ink2", dash="dotted"))
            words.append(svg.haloed(at + (_ASIDE + 6) * side, height + 4, mark.label, colour="ink", anchor=anchor))
    return parts + words


def _steps(panel: Panel, x: Scale, y: Scale) -> list[str]:
    parts = []
    if panel.steps is not None:
        for start, end, value in panel.steps.spans:
            # What was cut off by the axis is drawn up to it.
            left, right = max(x(start), x.from_px), min(x(end), x.to_px)
            if right <= left:
                continue
            parts.append(svg.box(left, y(value), right - left, y(0) - y(value), "fill"))
            parts.append(svg.rule(left, y(value), right, y(value), "accent", width=2))
    for spike in panel.spikes:
        if x.from_px <= x(spike.x) <= x.to_px:
            parts.append(svg.rule(x(spike.x), y(0), x(spike.x), y(0) - 26, "accent", width=3))
    placed = -1e9
    for spike in sorted(panel.spikes, key=lambda one: one.x):
        # A name that would run into the one before it is left out; the spike itself stands.
        if spike.label and x.from_px <= x(spike.x) <= x.to_px and x(spike.x) > placed:
            parts.append(svg.haloed(x(spike.x) + 4, y(0) - 16, spike.label))
            placed = x(spike.x) + svg.width_of(spike.label, svg.SMALL) + 12
    return parts


def _event_words(events: Sequence[tuple[float, str]], x: Scale, top: float) -> list[str]:
    """Words at the top of the panel, in the first row where they fit."""
    parts = []
    ends = [-1e9] * 3
    for at, words in sorted(events):
        if not words:
            continue
        left = x(at) + 4
        row = next((row for row, end in enumerate(ends) if left > end), len(ends) - 1)
        ends[row] = left + svg.width_of(words, svg.SMALL) + 8
        parts.append(svg.haloed(left, top + 11 + ROW * row, words))
    return parts
