"""What a chart is made of, in the units of its data. Times in minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Tone = Literal["accent", "effect", "third", "fourth", "quiet", "ink"]
Dash = Literal["solid", "dashed", "dotted", "long", "dashdot"]


@dataclass(frozen=True)
class Line:
    """A curve with its name at its end; a thin one is read as background."""

    label: str
    xs: Sequence[float]
    ys: Sequence[float]
    tone: Tone = "accent"
    dash: Dash = "solid"
    width: float = 2.0


@dataclass(frozen=True)
class Band:
    """A shaded area between two thin curves; what it is stands in a `Key`."""

    xs: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    tone: Tone = "accent"
    dash: Dash = "solid"


@dataclass(frozen=True)
class Mark:
    """Something observed: a value, a range, or both; its words stand beside it."""

    x: float
    label: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Level:
    """A horizontal line with its name."""

    value: float
    label: str


@dataclass(frozen=True)
class Steps:
    """Constant values over time: (start, end, value)."""

    spans: Sequence[tuple[float, float, float]]


@dataclass(frozen=True)
class Spike:
    """Something given at once."""

    x: float
    label: str


@dataclass(frozen=True)
class Key:
    """One entry of the legend: a line of this kind, or a shade."""

    text: str
    tone: Tone = "ink"
    dash: Dash = "solid"
    shade: bool = False


@dataclass(frozen=True)
class Panel:
    """One scale of values; `title` names it with its unit."""

    title: str
    lines: Sequence[Line] = ()
    bands: Sequence[Band] = ()
    marks: Sequence[Mark] = ()
    levels: Sequence[Level] = ()
    steps: Steps | None = None
    spikes: Sequence[Spike] = ()
    height: int = 260

    @property
    def highest(self) -> float:
        values = [max(line.ys, default=0.0) for line in self.lines]
        values += [max(band.high, default=0.0) for band in self.bands]
        values += [edge for mark in self.marks for edge in (mark.value, mark.high) if edge is not None]
        values += [level.value for level in self.levels]
        values += [value for _, _, value in (self.steps.spans if self.steps else ())]
        return max(values, default=0.0)


@dataclass(frozen=True)
class Chart:
    """Panels over one time axis. `events` are (minute, words); `notes` are said below, `source` last."""

    title: str
    subtitle: str
    panels: Sequence[Panel]
    description: str
    end_min: float
    keys: Sequence[Key] = ()
    events: Sequence[tuple[float, str]] = ()
    notes: Sequence[str] = ()
    source: str = ""
    start_min: float = 0.0
