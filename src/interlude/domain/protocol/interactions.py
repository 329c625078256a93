"""Interaction check on a list of medicines. A medicine that is not recognised is said so, never passed over."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from interlude.domain.instruments.data import Model
from interlude.domain.protocol.schema import Role

Strength = Literal["avoid", "review", "note", "none"]


class Interaction(Model):
    """One class of medicines. `names`: class words and substances, in English and German, lower case."""

    code: str
    label: str
    names: tuple[str, ...]
    strength: Strength
    effect: str
    action: str
    never_stop_abruptly: bool = False
    source: str
    certainty: Literal["V", "C", "R+", "R", "P"]
    note: str = ""


@dataclass(frozen=True)
class InteractionResult:
    """A medicine of the list and what is known about it with ketamine."""

    medicine: str
    interaction: Interaction
    may_override: tuple[Role, ...]


@dataclass(frozen=True)
class InteractionCheck:
    """`not_recognised` must be looked at by a person: no entry is not the same as no interaction."""

    results: tuple[InteractionResult, ...]
    not_recognised: tuple[str, ...]

    @property
    def needs_review(self) -> bool:
        return bool(self.not_recognised) or any(
            result.interaction.strength in ("avoid", "review") for result in self.results
        )


def check_interactions(interactions: Iterable[Interaction], medicines: Iterable[str]) -> InteractionCheck:
    """Match each medicine text ("Lamotrigin 100 mg") against the names, by whole words, accents ignored."""
    rows = list(interactions)
    results: list[InteractionResult] = []
    unknown: list[str] = []
    for medicine in medicines:
        text = _plain(medicine)
        hits = [row for row in rows if any(_holds(text, _plain(name)) for name in row.names)]
        if not hits:
            unknown.append(medicine)
        results += [
            InteractionResult(medicine, row, () if row.strength in ("note", "none") else ("physician",)) for row in hits
        ]
    return InteractionCheck(tuple(results), tuple(unknown))


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def _holds(text: str, name: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text) is not None
