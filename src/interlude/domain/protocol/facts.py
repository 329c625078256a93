"""The chart's facts as the rules see them: one catalogue of codes, and dated values with their source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Literal

from interlude.domain.instruments.data import Datum, Exact, Model, Unit
from interlude.domain.refusals import N_, Refused

Value = bool | Decimal | int | str | date
Stage = Literal["plan", "session"]


class Validity(Model):
    """How long an answer may be relied on; `days` absent means it does not expire."""

    code: str
    days: Datum | None = None


class Choice(Model):
    code: str
    label: str


class FactDefinition(Model):
    """One entry of the catalogue. `valid` and `valid_session` name a `Validity`: at planning and on the day.

    `yes_lasts`: a yes once given still counts when it is out of date (a lasting condition), a no does not.
    `patient_question`: how the patient is asked; empty where only a clinician can answer.
    """

    code: str
    kind: Literal["yes_no", "number", "choice", "date", "text"]
    label: str
    question: str
    patient_question: str = ""
    unit: Unit = ""
    minimum: Exact | None = None
    maximum: Exact | None = None
    choices: tuple[Choice, ...] = ()
    valid: str
    valid_session: str
    asked: Literal["consultation", "portal", "vitals", "laboratory", "session", "computed"]
    yes_lasts: bool = False


@dataclass(frozen=True)
class Fact:
    """One dated value. `value` fits the kind: bool, Decimal or int, choice code, date, text.

    `observed_at` is aware; `source` says where it comes from ("consultation", "referral letter p. 2").
    """

    code: str
    value: Value
    observed_at: datetime
    unit: str = ""
    source: str = ""


@dataclass(frozen=True)
class KnownFact:
    """The newest usable fact of a code on a day, or why there is none."""

    code: str
    state: Literal["known", "out_of_date", "missing"]
    value: Value | None = None
    unit: str = ""
    observed_on: date | None = None
    age_days: int | None = None
    source: str = ""


class Catalogue(Model):
    """All fact codes and validity classes."""

    validities: tuple[Validity, ...]
    facts: tuple[FactDefinition, ...]

    def get(self, code: str) -> FactDefinition:
        """Raises `Refused` for an unknown code."""
        for definition in self.facts:
            if definition.code == code:
                return definition
        raise Refused(N_("There is no fact called {code}."), field=code, code=code)

    def valid_days(self, definition: FactDefinition, stage: Stage) -> Decimal | None:
        name = definition.valid_session if stage == "session" else definition.valid
        days = next(v for v in self.validities if v.code == name).days
        return None if days is None else days.value


def check_fact(catalogue: Catalogue, fact: Fact, *, at: datetime) -> None:
    """Raises `Refused` (field: the code) for a wrong kind, unit or range, or a fact from the future."""
    definition = catalogue.get(fact.code)
    if not _kind_fits(definition, fact.value):
        raise Refused(N_("This answer does not fit the question."), field=fact.code)
    if fact.unit and fact.unit != definition.unit:
        raise Refused(
            N_("Give this value in {unit}, not in {given}."),
            field=fact.code,
            unit=definition.unit,
            given=fact.unit,
        )
    if not _in_range(definition, fact.value):
        raise Refused(
            N_("{value} is outside the possible range {minimum} to {maximum} {unit}."),
            field=fact.code,
            value=fact.value,
            minimum=definition.minimum,
            maximum=definition.maximum,
            unit=definition.unit,
        )
    if fact.observed_at > at or (isinstance(fact.value, date) and fact.value > at.date()):
        raise Refused(N_("This date is in the future."), field=fact.code)


def _kind_fits(definition: FactDefinition, value: Value) -> bool:
    match definition.kind:
        case "yes_no":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, Decimal | int) and not isinstance(value, bool)
        case "choice":
            return value in [choice.code for choice in definition.choices]
        case "date":
            return isinstance(value, date) and not isinstance(value, datetime)
        case _:
            return isinstance(value, str)


def _in_range(definition: FactDefinition, value: Value) -> bool:
    if definition.kind != "number" or not isinstance(value, Decimal | int):
        return True
    low, high = definition.minimum, definition.maximum
    return (low is None or value >= low) and (high is None or value <= high)


def newest(facts: Iterable[Fact], on: date, zone: tzinfo = UTC) -> dict[str, Fact]:
    """The newest fact of each code observed on or before that day in that zone; of equals, the last given."""
    latest: dict[str, Fact] = {}
    for fact in facts:
        if fact.observed_at.astimezone(zone).date() > on:
            continue
        held = latest.get(fact.code)
        if held is None or fact.observed_at >= held.observed_at:
            latest[fact.code] = fact
    return latest


def known(
    catalogue: Catalogue, latest: Mapping[str, Fact], code: str, on: date, stage: Stage, zone: tzinfo = UTC
) -> KnownFact:
    """What may be relied on for that code today. A value of the wrong kind or range counts as missing."""
    definition = catalogue.get(code)
    fact = latest.get(code)
    if fact is None or not _kind_fits(definition, fact.value) or not _in_range(definition, fact.value):
        return KnownFact(code=code, state="missing", unit=definition.unit)
    if fact.unit and fact.unit != definition.unit:
        return KnownFact(code=code, state="missing", unit=definition.unit)
    observed_on = fact.observed_at.astimezone(zone).date()
    age_days = (on - observed_on).days
    limit = catalogue.valid_days(definition, stage)
    fresh = limit is None or age_days <= limit or (definition.yes_lasts and fact.value is True)
    return KnownFact(
        code=code,
        state="known" if fresh else "out_of_date",
        value=fact.value,
        unit=definition.unit,
        observed_on=observed_on,
        age_days=age_days,
        source=fact.source,
    )
