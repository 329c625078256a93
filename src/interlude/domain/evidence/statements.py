"""Words around the numbers: statements checked against their sources, how it works, and what to tell patients."""

from __future__ import annotations

from typing import Literal

from interlude.domain.evidence.schema import Comparator, StudyCertainty
from interlude.domain.instruments.data import Model

Verdict = Literal["supported", "partly", "not_supported"]


class Claim(Model):
    """A statement of common clinic texts. `cited`: the paper that such texts name for it, if any."""

    code: str
    claim: str
    verdict: Verdict
    why: str
    cited: str = ""
    studies: tuple[str, ...] = ()
    protocol_sources: tuple[str, ...] = ()
    """Sources of the protocol data that it rests on, such as labels."""
    certainty: StudyCertainty


class ClaimFile(Model):
    statements: tuple[Claim, ...]


class MechanismPart(Model):
    """One step of how it may work. `unknown`: what is not known about it, in plain words."""

    code: str
    title: str
    plain: str
    unknown: str
    studies: tuple[str, ...] = ()
    certainty: StudyCertainty


class MechanismFile(Model):
    parts: tuple[MechanismPart, ...]


class Question(Model):
    """One pooled figure that stands in a summary; the same words as on the command line."""

    outcome: str
    comparator: Comparator | Literal["any"] | None = None
    measure: str | None = None
    any_definition: bool = False


class Summary(Model):
    """The fixed words of a plain summary. The numbers are put in from the study rows, never typed."""

    indication: str
    about: str
    questions: tuple[Question, ...] = ()
    curve: str = ""
    also: tuple[str, ...] = ()
    """Single results that are told, as "study/row"."""
    unknown: tuple[str, ...]
    bottom_line: str


class SummaryFile(Model):
    summaries: tuple[Summary, ...]
