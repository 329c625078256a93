"""Where ticks and labels go."""

from __future__ import annotations

import math
from collections.abc import Sequence

# Steps that read well on an axis of minutes.
_MINUTES = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440, 2880, 10080, 20160)


def value_ticks(highest: float, count: int = 5) -> list[float]:
    """Round values from 0 to the first one at or above `highest`."""
    # A chart of denormal numbers would have no steps.
    if not highest > 1e-290:
        return [0.0, 1.0]
    rough = highest / count
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(m * magnitude for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * magnitude >= rough * (1 - 1e-9))
    return [step * index for index in range(math.ceil(highest / step - 1e-9) + 1)]


def minute_ticks(start: float, end: float, most: int = 9) -> list[float]:
    """Round minutes from `start` to `end`."""
    span = end - start
    if span < 1:
        return [start, end]
    step: float = next((s for s in _MINUTES if span / s <= most), 0)
    if not step:
        step = value_ticks(span, most)[1]
    first = math.ceil(start / step - 1e-9)
    last = math.floor(end / step + 1e-9)
    return [step * index for index in range(first, last + 1)]


def tick_text(value: float) -> str:
    """A short number with thin-space groups."""
    if value and (abs(value) >= 1e7 or abs(value) < 1e-3):
        return f"{value:.3g}"
    return f"{value:,.6g}".replace(",", "\u2009") if abs(value) < 1e6 else f"{value:,.0f}".replace(",", "\u2009")


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions nearest to the wanted ones that are `gap` apart and lie from `low` to `high`, in the given order.

    Neighbours that touch form a block that is centred on what its members wanted. More labels than fit share the
    room evenly.
    """
    count = len(wanted)
    if count > 1 and (count - 1) * gap > high - low:
        gap = (high - low) / (count - 1)
    order = sorted(range(count), key=lambda index: wanted[index])
    blocks: list[list[int]] = []
    starts: list[float] = []
    for index in order:
        blocks.append([index])
        starts.append(min(max(wanted[index], low), high))
        while len(blocks) > 1 and starts[-1] < starts[-2] + gap * len(blocks[-2]) - 1e-9:
            last = blocks.pop()
            starts.pop()
            blocks[-1] += last
            middle = sum(wanted[one] - gap * place for place, one in enumerate(blocks[-1])) / len(blocks[-1])
            starts[-1] = min(max(middle, low), high - gap * (len(blocks[-1]) - 1))
    placed = [0.0] * count
    for block, start in zip(blocks, starts, strict=True):
        for place, index in enumerate(block):
            placed[index] = start + gap * place
    return placed
