"""Things that happen during a session: seeded clinical events and artefacts, each a bump in time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from numpy.random import Generator

from interlude.domain.refusals import N_, Refused

EventKind = Literal["hypertension", "tachycardia", "desaturation", "slow_breathing", "probe_off", "motion"]
EVENT_KINDS: tuple[EventKind, ...] = (
    "hypertension",
    "tachycardia",
    "desaturation",
    "slow_breathing",
    "probe_off",
    "motion",
)
ARTEFACTS: frozenset[EventKind] = frozenset({"probe_off", "motion"})

# Size at full strength: systolic mmHg, beats per min, SpO2 %, breaths per min. Choices of this simulator, so
# that the product's rules have something to find.
_SIZE: dict[EventKind, tuple[float, float]] = {
    "hypertension": (38.0, 60.0),
    "tachycardia": (30.0, 50.0),
    "desaturation": (6.0, 10.0),
    "slow_breathing": (4.0, 7.0),
    "probe_off": (1.0, 1.0),
    "motion": (12.0, 25.0),
}
_MINUTES: dict[EventKind, tuple[float, float]] = {
    "hypertension": (10.0, 16.0),
    "tachycardia": (6.0, 12.0),
    "desaturation": (2.0, 5.0),
    "slow_breathing": (3.0, 6.0),
    "probe_off": (0.5, 2.0),
    "motion": (0.3, 1.0),
}


@dataclass(frozen=True, slots=True)
class Event:
    """An event of `size` (unit of its kind) between `start_min` and `start_min + duration_min`."""

    kind: EventKind
    start_min: float
    duration_min: float
    size: float

    def __post_init__(self) -> None:
        if self.kind not in EVENT_KINDS:
            raise Refused(N_("There is no event {kind}."), field="kind", kind=self.kind)
        if not (self.start_min >= 0 and self.duration_min > 0 and self.size >= 0):
            raise Refused(N_("An event needs a start of 0 or later, a duration and a size."), field="start_min")

    def strength(self, minute: float) -> float:
        """Size at this minute: rises and falls smoothly for clinical events, on or off for artefacts."""
        share = (minute - self.start_min) / self.duration_min
        if not 0.0 <= share < 1.0:
            return 0.0
        if self.kind in ARTEFACTS:
            return self.size
        # Up during the first fifth, down during the last fifth.
        edge = min(share, 1.0 - share) / 0.2
        return self.size * (1.0 if edge >= 1.0 else 0.5 - 0.5 * math.cos(math.pi * edge))


@dataclass(frozen=True, slots=True)
class Scenario:
    """All events of one session."""

    events: tuple[Event, ...] = ()

    def strength(self, kind: EventKind, minute: float) -> float:
        """The strongest event of this kind at this minute."""
        return max((e.strength(minute) for e in self.events if e.kind == kind), default=0.0)


def draw_scenario(
    rng: Generator, kinds: Sequence[EventKind], *, from_min: float = 15.0, to_min: float = 50.0
) -> Scenario:
    """One event of each listed kind (a kind may be listed twice) at a random minute of the window."""
    events = []
    for kind in kinds:
        start = float(rng.uniform(from_min, to_min))
        duration, size = float(rng.uniform(*_MINUTES[kind])), float(rng.uniform(*_SIZE[kind]))
        events.append(Event(kind, start, duration, size))
    return Scenario(tuple(sorted(events, key=lambda e: (e.start_min, e.kind))))
