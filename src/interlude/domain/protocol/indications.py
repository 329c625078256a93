"""What ketamine is offered for, with how much evidence, and which other therapies go with it."""

from __future__ import annotations

from typing import Literal

from interlude.domain.instruments.data import Datum, Model, Statement
from interlude.domain.protocol.schema import Grade

Offer = Literal[
    "yes", "with_conditions", "with_therapy_only", "specialist", "case_by_case", "separate_protocol",
    "no_default", "no", "research_only", "block", "treat_comorbid",
]  # fmt: skip

OPEN_OFFERS: frozenset[Offer] = frozenset(
    {"yes", "with_conditions", "with_therapy_only", "specialist", "case_by_case", "separate_protocol"}
)
"""Offers under which a plan may be built at all. The others end with the honest text."""


class Regimen(Model):
    """A published way of giving it, as published; not what the product proposes."""

    text: str
    source: str
    certainty: Literal["V", "C", "R+", "R", "P"]


class Indication(Model):
    """One row of the indication table. `honest_text`: what staff and patients are told, in plain words."""

    code: str
    name: str
    grade: Grade
    grade_note: str = ""
    offer: Offer
    offer_text: str
    honest_text: str
    regimens: tuple[Regimen, ...] = ()
    findings: tuple[Statement, ...] = ()
    protocols: tuple[str, ...] = ()
    complementary: tuple[str, ...] = ()
    route_to: str = ""
    """Another indication that this one is led to (dementia -> late-life depression)."""

    @property
    def may_plan(self) -> bool:
        return self.offer in OPEN_OFFERS


class TimingPreset(Model):
    """When a complementary therapy takes place, relative to the infusions."""

    code: str
    text: str
    sessions_min: Datum | None = None
    sessions_max: Datum | None = None
    after_infusion_min_h: Datum | None = None
    after_infusion_max_h: Datum | None = None
    every_days: Datum | None = None
    minutes: Datum | None = None
    same_day_allowed: bool = False


class Complementary(Model):
    """One therapy beside ketamine. `default_for`: indications for which the plan starts with it."""

    code: str
    name: str
    plain: str
    evidence_note: str
    evidence: tuple[Statement, ...]
    timing: tuple[TimingPreset, ...]
    default_for: tuple[str, ...] = ()
    offered_for: tuple[str, ...]
