"""The baseline work-up: what is needed for this patient, and by what it is satisfied, with the date of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal, Self

from pydantic import model_validator

from interlude.domain.instruments.data import Certainty, Model, read_toml
from interlude.domain.protocol.facts import Catalogue, KnownFact
from interlude.domain.protocol.library import ProtocolFileError, load_library
from interlude.domain.protocol.lines import line_with
from interlude.domain.protocol.logic import compare
from interlude.domain.protocol.schema import Comparison

_FILE = "workup.toml"
WorkupState = Literal["done", "too_old", "open", "unknown", "not_needed"]
ListName = Literal["trials", "medicines", "allergies", "scales"]


class WorkupBy(Model):
    """Where the chart holds an item: a part of the consultation, facts that are all in date, or a list."""

    part: str = ""
    facts: tuple[str, ...] = ()
    list: ListName | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(bool(one) for one in (self.part, self.facts, self.list)) != 1:
            raise ValueError("a work-up item is held in exactly one place")
        return self


class WorkupItem(Model):
    """`needed_if`: needed when one of these holds; empty means always. `valid` names a validity of the catalogue."""

    code: str
    label: str
    by: WorkupBy | None = None
    valid: str
    needed_if: tuple[Comparison, ...] = ()
    source: str
    certainty: Certainty

    @property
    def fact_codes(self) -> tuple[str, ...]:
        return (self.by.facts if self.by else ()) + tuple(one.fact for one in self.needed_if)


class WorkupTable(Model):
    items: tuple[WorkupItem, ...]


@dataclass(frozen=True)
class WorkupResult:
    """One item for one patient. `done_on`: the newest day that counts, or that is too old; `because`: the facts
    that make it needed; `missing`: those that have to be answered to know."""

    item: WorkupItem
    state: WorkupState
    done_on: date | None = None
    because: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def parse_workup(text: str, file: str = _FILE) -> tuple[WorkupItem, ...]:
    """The items of a file. `ProtocolFileError` names the line of a source, fact or validity that does not exist."""
    items = WorkupTable.model_validate(read_toml(text)).items
    library = load_library()
    validities = {one.code for one in library.catalogue.validities}
    facts = {one.code for one in library.catalogue.facts} | {"height_cm"}
    for item in items:
        line = line_with(text, f'code = "{item.code}"')
        if item.source not in library.sources:
            raise ProtocolFileError(file, line, f"{item.code}: missing source {item.source!r}")
        if item.valid not in validities:
            raise ProtocolFileError(file, line, f"{item.code}: there is no validity called {item.valid}")
        if unknown := [code for code in item.fact_codes if code not in facts]:
            raise ProtocolFileError(file, line, f"{item.code}: there is no fact called {unknown[0]}")
    return items


@cache
def workup_items() -> tuple[WorkupItem, ...]:
    return parse_workup((files("interlude.domain.protocol") / _FILE).read_text("utf-8"))


def workup(
    items: Sequence[WorkupItem],
    facts: Mapping[str, KnownFact],
    done_on: Mapping[str, Iterable[date]],
    on: date,
    *,
    catalogue: Catalogue,
) -> list[WorkupResult]:
    """Each item on a local day, in file order. `facts`: every fact the items name, as known on that day;
    `done_on`: the days of results, parts and lists by the item's code.

    An item that may be needed stays `unknown` until it is known; a result in date is `done` in any case.
    """
    return [_result(item, facts, tuple(done_on.get(item.code, ())), on, catalogue) for item in items]


def _result(
    item: WorkupItem, facts: Mapping[str, KnownFact], days: tuple[date, ...], on: date, catalogue: Catalogue
) -> WorkupResult:
    if item.by is not None and item.by.facts:
        held = [facts[code] for code in item.by.facts]
        observed = [fact.observed_on for fact in held if fact.state == "known" and fact.observed_on is not None]
        if len(observed) == len(held):
            days = (*days, min(observed))
    days = tuple(day for day in days if day <= on)
    newest = max(days, default=None)
    limit = next(one for one in catalogue.validities if one.code == item.valid).days
    in_date = newest is not None and (limit is None or (on - newest).days <= limit.value)
    truths = [(one.fact, compare(one, facts, on)) for one in item.needed_if]
    because = tuple(fact for fact, truth in truths if truth)
    missing = tuple(dict.fromkeys(fact for fact, truth in truths if truth is None))
    if in_date:
        return WorkupResult(item, "done", newest, because)
    if item.needed_if and not because:
        state: WorkupState = "unknown" if missing else "not_needed"
        return WorkupResult(item, state, newest, (), missing)
    return WorkupResult(item, "too_old" if newest is not None else "open", newest, because)
