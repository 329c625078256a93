"""What is known beside the models: papers that cannot be used as models, bioavailabilities, and interactions.

Data for people to read. Nothing here changes a forecast or a dose. Certainty as on the cards; "r" is recalled.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class AbsentModel:
    """A paper whose model cannot be built from what is available: what is known, and what is missing."""

    name: str
    citation: str
    known: str
    missing: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Bioavailability:
    """Share of a dose that reaches the circulation (0 to 1), `value` and/or the interval `low` to `high`."""

    route: str
    who: str
    source: str
    certainty: str
    note: str
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Interaction:
    """A published influence on the kinetics, for a clinician to read; never applied by itself."""

    about: str
    effect: str
    source: str
    certainty: str


@cache
def absent_models() -> tuple[AbsentModel, ...]:
    """Papers without usable parameters, in the order of the file."""
    return tuple(AbsentModel(**one) for one in _read("cards_absent.toml")["models"])


@cache
def bioavailabilities() -> tuple[Bioavailability, ...]:
    """Published bioavailabilities by route."""
    return tuple(Bioavailability(**one) for one in _read("bioavailability.toml")["routes"])


@cache
def interactions() -> tuple[Interaction, ...]:
    """Published covariates and interactions that no card applies by itself."""
    return tuple(Interaction(**one) for one in _read("interactions.toml")["notes"])


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("interlude.domain.pharmacology").joinpath(name).read_text("utf-8"))
