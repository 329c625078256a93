"""The closed lists that studies choose from: outcomes, definitions, instruments, comparators, risks, readings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from interlude.domain.instruments.data import Model


class Term(Model):
    """`label` stands in tables, `plain` in sentences."""

    code: str
    label: str
    plain: str = ""


class Outcome(Term):
    """`plain` finishes "With ketamine 5 of 10 people ..." (shares) or names what is measured (scores).

    `good`: having it is wanted. `family` groups the time points of one outcome.
    """

    good: bool = True
    family: str


class Instrument(Term):
    lower_is_better: bool = True


class VocabularyFile(Model):
    outcomes: tuple[Outcome, ...]
    definitions: tuple[Term, ...]
    instruments: tuple[Instrument, ...]
    comparators: tuple[Term, ...]
    designs: tuple[Term, ...]
    risks: tuple[Term, ...]
    readings: tuple[Term, ...]


@dataclass(frozen=True)
class Vocabulary:
    """Each list by code, in file order."""

    outcomes: Mapping[str, Outcome]
    definitions: Mapping[str, Term]
    instruments: Mapping[str, Instrument]
    comparators: Mapping[str, Term]
    designs: Mapping[str, Term]
    risks: Mapping[str, Term]
    readings: Mapping[str, Term]


def vocabulary_of(file: VocabularyFile) -> Vocabulary:
    return Vocabulary(
        outcomes={one.code: one for one in file.outcomes},
        definitions={one.code: one for one in file.definitions},
        instruments={one.code: one for one in file.instruments},
        comparators={one.code: one for one in file.comparators},
        designs={one.code: one for one in file.designs},
        risks={one.code: one for one in file.risks},
        readings={one.code: one for one in file.readings},
    )
