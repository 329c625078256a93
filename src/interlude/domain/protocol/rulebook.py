"""The rules that all protocols share, as one thing to be read and approved: who may be treated, with which medicines,
and how long an answer may be relied on."""

from __future__ import annotations

from interlude.domain.instruments.data import Model
from interlude.domain.protocol.eligibility import Rule
from interlude.domain.protocol.facts import Validity
from interlude.domain.protocol.interactions import Interaction
from interlude.domain.protocol.library import Library
from interlude.domain.protocol.trials import TrialRules


class Rulebook(Model):
    """Its identity is the hash of its canonical JSON, as with a protocol."""

    rules: tuple[Rule, ...]
    trials: TrialRules
    interactions: tuple[Interaction, ...]
    validities: tuple[Validity, ...]


def rulebook(library: Library) -> Rulebook:
    """The rules of the files as shipped."""
    return Rulebook(
        rules=library.rule_set.rules,
        trials=library.rule_set.trials,
        interactions=library.interactions,
        validities=library.catalogue.validities,
    )
