"""What an instrument file may say: items, wording, scoring, bands, licence and source."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from interlude.domain.instruments.data import Datum, Model

TextStatus = Literal["verbatim", "own_words", "site_supplied", "absent"]
"""verbatim: published wording, free to bundle. own_words: our own words, in the file or, for labels, through
the message catalogue. site_supplied: a clinic that may use the wording loads it as a text pack. absent: no
wording in this language."""

Tier = Literal["look", "low", "moderate", "high"]
"""Suicide-risk tiers, least to most urgent."""


class Option(Model):
    """One answer. `label` is our own short English (a message id), `texts` the published wording by language."""

    value: int
    label: str = ""
    texts: dict[str, str] = {}


class Item(Model):
    """One question. `label` is our own short topic in English (a message id), never the licensed wording."""

    code: str
    label: str
    minimum: int
    maximum: int
    option_set: str = ""
    scored: bool = True
    asked_if: str = ""
    """Code of a yes/no item that must be answered yes before this one is asked."""
    texts: dict[str, str] = {}
    loinc: str = ""


class Band(Model):
    code: str
    label: str
    minimum: int
    maximum: int


class Subscale(Model):
    code: str
    label: str
    items: tuple[str, ...]


class Cut(Model):
    """A published cut-off. `only_for` restricts it to one sex where the source does."""

    code: str
    label: str
    at_least: Datum
    only_for: Literal["", "female", "male"] = ""


class ClusterRule(Model):
    """Provisional diagnosis: in each subscale at least `needs` items scored `item_at_least` or more."""

    code: str
    label: str
    item_at_least: int
    needs: dict[str, int]
    source: str


class TierStep(Model):
    at_least: int
    tier: Tier


class FlagRule(Model):
    """An item that raises a flag by itself, whatever the total. The highest step reached counts."""

    code: str
    item: str
    steps: tuple[TierStep, ...]
    text: str


class TriageStep(Model):
    """The first step with any of its items answered yes decides the tier."""

    tier: Tier
    any_of: tuple[str, ...]
    text: str


class Triage(Model):
    """Tier by yes/no items, most urgent first; `none_text` applies when every asked item is no."""

    steps: tuple[TriageStep, ...]
    none_text: str
    source: str


class Scoring(Model):
    method: Literal["sum", "triage"]
    factor: int = 1
    minimum: int
    maximum: int
    better: Literal["lower", "higher"] = "lower"
    unit: str = "points"


class Licence(Model):
    """Class 1: text may be bundled. 2: terms unclear or non-commercial, text supplied by the site.
    3: fee or refusal, score entry only."""

    level: Literal[1, 2, 3]
    note: str
    permission: str
    certainty: Literal["V", "R+", "R"]


class Change(Model):
    """How much change counts. Absent where no source was found."""

    response_percent: Datum | None = None
    remission_at_most: Datum | None = None
    mid: Datum | None = None


class Instrument(Model):
    """One questionnaire or clinician scale; one file of the library."""

    code: str
    name: str
    version: str
    answered_by: Literal["patient", "clinician"]
    recall: str
    source: str
    licence: Licence
    texts: dict[str, TextStatus]
    intro: dict[str, str] = {}
    loinc_panel: str = ""
    loinc_total: str = ""
    option_sets: dict[str, tuple[Option, ...]] = {}
    items: tuple[Item, ...]
    subscales: tuple[Subscale, ...] = ()
    scoring: Scoring
    bands: tuple[Band, ...] = ()
    cuts: tuple[Cut, ...] = ()
    cluster_rule: ClusterRule | None = None
    flags: tuple[FlagRule, ...] = ()
    triage: Triage | None = None
    change: Change = Change()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        codes = [item.code for item in self.items]
        if len(set(codes)) != len(codes):
            raise ValueError(f"{self.code}: an item code occurs twice")
        for item in self.items:
            self._check_item(item, codes)
        for code in [c for s in self.subscales for c in s.items] + [f.item for f in self.flags]:
            if code not in codes:
                raise ValueError(f"{self.code}: item {code} does not exist")
        if self.bands:
            self._check_bands()
        if self.scoring.method == "sum":
            self._check_range()
        elif self.triage is None:
            raise ValueError(f"{self.code}: triage scoring without a triage table")
        return self

    def _check_item(self, item: Item, codes: list[str]) -> None:
        if item.option_set:
            values = [option.value for option in self.option_sets[item.option_set]]
            if values[0] != item.minimum or values[-1] != item.maximum:
                raise ValueError(f"{self.code}: options of item {item.code} do not cover its range")
        if item.asked_if and item.asked_if not in codes:
            raise ValueError(f"{self.code}: item {item.asked_if} does not exist")
        for language, status in self.texts.items():
            if status == "verbatim" and item.scored and language not in item.texts:
                raise ValueError(f"{self.code}: item {item.code} has no {language} wording")
            if status in ("absent", "site_supplied") and language in item.texts:
                raise ValueError(f"{self.code}: item {item.code} has wording that is not allowed")

    def _check_bands(self) -> None:
        edges = [self.scoring.minimum - 1] + [band.maximum for band in self.bands]
        starts = [band.minimum for band in self.bands]
        if starts != [edge + 1 for edge in edges[:-1]] or edges[-1] != self.scoring.maximum:
            raise ValueError(f"{self.code}: bands leave a gap or do not cover the range")

    def _check_range(self) -> None:
        scored = [item for item in self.items if item.scored]
        low = sum(item.minimum for item in scored) * self.scoring.factor
        high = sum(item.maximum for item in scored) * self.scoring.factor
        if (low, high) != (self.scoring.minimum, self.scoring.maximum):
            raise ValueError(f"{self.code}: items give {low}-{high}, the file says otherwise")

    def item(self, code: str) -> Item:
        """The item of that code; raises `KeyError`."""
        return next(item for item in self.items if item.code == code)

    def options(self, item: Item) -> tuple[Option, ...]:
        """The answers of an item; empty for a number line (range only)."""
        return self.option_sets.get(item.option_set, ())

    def languages(self) -> tuple[str, ...]:
        """Languages in which the questions can be shown without a site text pack."""
        return tuple(lang for lang, status in self.texts.items() if status in ("verbatim", "own_words"))
