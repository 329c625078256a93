"""From a chart to its SVG text: title, legend, panels over one time axis, notes and source."""

from __future__ import annotations

from collections.abc import Sequence

from interlude.interfaces.cli.charts import svg
from interlude.interfaces.cli.charts.axes import minute_ticks, tick_text
from interlude.interfaces.cli.charts.panel import LEFT, draw_panel
from interlude.interfaces.cli.charts.parts import Chart, Key
from interlude.interfaces.design.trend import Scale

WIDTH = 820
MARGIN = 20
LABEL_GAP = 16
BETWEEN = 34
AXIS = 44
ROW = 16.0
LEAST_RIGHT = 40


def draw(chart: Chart) -> str:
    """The chart as SVG text; equal charts give equal text."""
    right = WIDTH - max(LEAST_RIGHT, _widest_label(chart) + LABEL_GAP + MARGIN)
    x = Scale(chart.start_min, chart.end_min, LEFT, right)
    parts = [svg.text(MARGIN, 30, chart.title, colour="ink", size=svg.TITLE, bold=True)]
    y = 30.0
    for line in svg.wrapped(chart.subtitle, WIDTH - 2 * MARGIN, svg.TEXT):
        y += 18
        parts.append(svg.text(MARGIN, y, line))
    keys, y = _keys(chart.keys, y)
    parts += keys
    y += 34
    for index, panel in enumerate(chart.panels):
        parts += draw_panel(panel, x, y, events=_events(chart, index))
        y += panel.height + BETWEEN
    y -= BETWEEN
    parts += _minutes(chart, x, y)
    y += AXIS
    for line in _below(chart):
        y += ROW
        parts.append(svg.text(MARGIN, y, line, size=svg.SMALL))
    return svg.document(WIDTH, y + 18, chart.title, chart.description, parts)


def _widest_label(chart: Chart) -> float:
    """Room for the names at the ends of the curves."""
    names = [line.label for panel in chart.panels for line in panel.lines]
    return max((svg.width_of(name) for name in names), default=0.0)


def _events(chart: Chart, index: int) -> list[tuple[float, str]]:
    """The words of an event stand in the last panel only."""
    last = index == len(chart.panels) - 1
    return [(at, words if last else "") for at, words in chart.events]


def _keys(keys: Sequence[Key], y: float) -> tuple[list[str], float]:
    """The legend in rows, and where it ends."""
    parts: list[str] = []
    x = float(MARGIN)
    if keys:
        y += 24
    for key in keys:
        wide = 34 + svg.width_of(key.text) + 18
        if x > MARGIN and x + wide > WIDTH - MARGIN:
            x, y = float(MARGIN), y + 20
        if key.shade:
            parts.append(svg.box(x, y - 10, 26, 12, key.tone, opacity=0.2))
            parts += [svg.rule(x, edge, x + 26, edge, key.tone, width=0.7, dash=key.dash) for edge in (y - 10, y + 2)]
        else:
            parts.append(svg.rule(x, y - 4, x + 26, y - 4, key.tone, width=2, dash=key.dash))
        parts.append(svg.text(x + 33, y, key.text))
        x += wide
    return parts, y


def _minutes(chart: Chart, x: Scale, y: float) -> list[str]:
    parts = []
    for minute in minute_ticks(chart.start_min, chart.end_min):
        parts.append(svg.rule(x(minute), y, x(minute), y + 5, "line"))
        parts.append(svg.text(x(minute), y + 19, tick_text(minute), anchor="middle", size=svg.SMALL))
    parts.append(svg.text(x.to_px, y + 36, "Time, minutes", anchor="end", size=svg.SMALL))
    return parts


def _below(chart: Chart) -> list[str]:
    width = WIDTH - 2 * MARGIN
    lines = [line for note in chart.notes for line in svg.wrapped(note, width)]
    return lines + (svg.wrapped(f"Source: {chart.source}", width) if chart.source else [])
