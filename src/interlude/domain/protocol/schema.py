"""What a protocol file may say. A loaded `Protocol` is whole: every limit that a session needs stands in it."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from interlude.domain.instruments.data import Datum, Model, Statement, Unit
from interlude.domain.refusals import N_

Route = Literal["iv", "im"]
Grade = Literal["A", "B", "B-", "C", "C-", "D"]
"""A several trials and a meta-analysis; B small or conflicting trials; C uncontrolled; D reports or none."""


class Span(Model):
    """A planned value with its limits. Soft: needs a reason. Hard: needs another order, never a reason."""

    default: Datum
    soft_min: Datum | None = None
    soft_max: Datum | None = None
    hard_min: Datum | None = None
    hard_max: Datum | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        given = [self.hard_min, self.soft_min, self.default, self.soft_max, self.hard_max]
        row = [datum for datum in given if datum is not None]
        if any(datum.unit != self.default.unit for datum in row):
            raise ValueError(N_("limits of one value have different units"))
        if any(low.value > high.value for low, high in pairwise(row)):
            raise ValueError(
                N_("limits are crossed: refused below, reason below, planned, reason above, refused above must rise")
            )
        if row[0].value < 0 or self.default.value <= 0:
            raise ValueError(N_("a value below zero, or a planned value of zero, is impossible"))
        return self


class RateRules(Model):
    """How a running infusion may be changed. Absent for an injection."""

    max_mg_per_kg_per_h: Datum
    step_percent: Datum
    resume_without_physician_min: Datum


class SeriesRules(Model):
    planned: Datum
    gap_min_days: Datum
    gap_max_days: Datum
    block_days: Datum
    block_max: Datum
    review_after: Datum
    extend_to: Datum

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.gap_min_days.value > self.gap_max_days.value or self.gap_min_days.value < 1:
            raise ValueError(N_("spacing impossible: the smallest gap is above the largest, or below one day"))
        if not 1 <= self.review_after.value <= self.planned.value <= self.extend_to.value:
            raise ValueError(N_("spacing impossible: review, planned and extended numbers are out of order"))
        in_block = min(self.block_max.value, self.planned.value)
        if self.gap_min_days.value * (in_block - 1) >= self.block_days.value and in_block > 1:
            raise ValueError(N_("spacing impossible: the planned number does not fit into one block"))
        if self.extend_to.value > self.block_max.value and self._longest_run() < self.block_days.value:
            raise ValueError(N_("spacing impossible: with these gaps the block rule cannot be kept"))
        return self

    def _longest_run(self) -> Decimal:
        return self.gap_max_days.value * self.block_max.value


class MonitoringItem(Model):
    """One thing to watch. `every_min` absent: continuous or at the times named in `when`."""

    code: str
    label: str
    phase: Literal["before", "during", "after", "always"]
    every_min: Datum | None = None
    at_min: tuple[Datum, ...] = ()
    continuous: bool = False
    source: str
    certainty: Literal["V", "C", "R+", "R", "P"]


class Bound(Model):
    """One side of an alarm limit; exactly one of the fields."""

    above: Datum | None = None
    at_least: Datum | None = None
    below: Datum | None = None
    at_most: Datum | None = None
    rise_percent: Datum | None = None
    """At least this much above the patient's own baseline."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        sides = (self.above, self.at_least, self.below, self.at_most, self.rise_percent)
        if sum(side is not None for side in sides) != 1:
            raise ValueError(N_("a bound has exactly one side"))
        return self


class AlarmLimit(Model):
    """Two levels for one signal, with what to do. Advisory display only: the bedside monitor is the alarm."""

    code: str
    label: str
    unit: Unit
    advisory: tuple[Bound, ...] = ()
    urgent: tuple[Bound, ...] = ()
    signs: tuple[str, ...] = ()
    """What a person sees or hears (message ids) that is urgent whatever the numbers are."""
    urgent_after_s: Datum | None = None
    advisory_action: Statement | None = None
    urgent_action: Statement

    @model_validator(mode="after")
    def _levels_in_order(self) -> Self:
        """The urgent bound of a side lies beyond the advisory one, and both are in the signal's own unit."""
        for side, beyond in (("above", 1), ("at_least", 1), ("below", -1), ("at_most", -1), ("rise_percent", 1)):
            advisory = [datum for bound in self.advisory if (datum := getattr(bound, side)) is not None]
            urgent = [datum for bound in self.urgent if (datum := getattr(bound, side)) is not None]
            if any((high.value - low.value) * beyond <= 0 for low in advisory for high in urgent):
                raise ValueError(N_("limits are crossed: the urgent limit is not beyond the advisory one"))
            if any(datum.unit != ("%" if side == "rise_percent" else self.unit) for datum in advisory + urgent):
                raise ValueError(f"a limit is not in {self.unit or 'plain numbers'}, the unit of its signal")
        return self


class Comparison(Model):
    """One question about one fact; exactly one operator. `if_known`: left out while the fact is unknown."""

    fact: str
    equals: bool | str | None = Field(default=None, alias="is")
    one_of: tuple[str, ...] = ()
    at_least: Datum | None = None
    above: Datum | None = None
    at_most: Datum | None = None
    below: Datum | None = None
    within_days: Datum | None = None
    given: bool | None = None
    if_known: bool = False

    model_config = Model.model_config | {"populate_by_name": True, "serialize_by_alias": True}

    @model_validator(mode="after")
    def _one_operator(self) -> Self:
        numbers = [self.at_least, self.above, self.at_most, self.below, self.within_days]
        operators = [self.equals, self.one_of or None, self.given, *numbers]
        if sum(operator is not None for operator in operators) != 1:
            raise ValueError(f"the comparison of {self.fact} needs exactly one operator")
        return self

    @property
    def threshold(self) -> Datum | None:
        return self.at_least or self.above or self.at_most or self.below or self.within_days


Role = Literal["physician", "nurse", "therapist"]


class CheckItem(Model):
    """A line of a checklist: fine when `unless` holds or all `checks` hold. `override`: who may go on after a no
    (with a reason); empty means nobody."""

    code: str
    label: str
    checks: tuple[Comparison, ...]
    unless: Comparison | None = None
    override: tuple[Role, ...] = ()
    routes: tuple[Route, ...] = ("iv", "im")
    source: str
    certainty: Literal["V", "C", "R+", "R", "P"]


class FastingPreset(Model):
    code: str
    label: str
    food_h: Datum
    water_h: Datum
    text: str


class DrivingPreset(Model):
    code: str
    label: str
    no_driving_h: Datum
    needs_night: bool
    text: str
    source: str


class GateRules(Model):
    fasting: tuple[FastingPreset, ...]
    fasting_default: str
    strict_fasting: str
    strict_above_mg_per_kg: Datum
    strict_if: tuple[Comparison, ...]
    driving: tuple[DrivingPreset, ...]
    driving_default: str
    items: tuple[CheckItem, ...]

    @model_validator(mode="after")
    def _presets_exist(self) -> Self:
        if not {self.fasting_default, self.strict_fasting} <= {preset.code for preset in self.fasting}:
            raise ValueError(N_("the fasting preset named does not exist"))
        if self.driving_default not in {preset.code for preset in self.driving}:
            raise ValueError(N_("the driving preset named does not exist"))
        return self


class DischargeRules(Model):
    items: tuple[CheckItem, ...]
    min_after_end_min: Datum
    min_after_start_min: Datum
    shorten_by: tuple[Role, ...]
    texts: tuple[Statement, ...]


class LadderStep(Model):
    code: str
    label: str
    visits: Datum | None = None
    every_min_days: Datum | None = None
    every_max_days: Datum | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        low, high = self.every_min_days, self.every_max_days
        if low is not None and (low.value < 1 or (high is not None and low.value > high.value)):
            raise ValueError(N_("spacing impossible: the smallest gap is above the largest, or below one day"))
        return self


class StopRule(Model):
    code: str
    text: str
    after: Datum | None = None
    improvement_below_percent: Datum | None = None
    source: str
    certainty: Literal["V", "C", "R+", "R", "P"]


class Maintenance(Model):
    ladder: tuple[LadderStep, ...]
    widen_after_stable_visits: Datum
    stop_rules: tuple[StopRule, ...]
    evidence: tuple[Statement, ...]


class Measure(Model):
    """One instrument of the measurement plan. `when` names the anchor, the data the rhythm."""

    instrument: str
    when: Literal["intake", "before_each", "after_each", "after_last", "during"]
    after_h: Datum | None = None
    every_days: Datum | None = None
    from_day: Datum | None = None
    until_day: Datum | None = None
    certainty: Literal["V", "C", "R+", "R", "P"]
    source: str
    only_if_licensed: bool = False

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.every_days is not None and self.every_days.value < 1:
            raise ValueError(N_("spacing impossible: less than one day between two questionnaires"))
        if self.from_day is not None and self.until_day is not None and self.from_day.value > self.until_day.value:
            raise ValueError(N_("spacing impossible: it ends before it begins"))
        return self


class Protocol(Model):
    """One treatment protocol, complete. Its identity is the hash of its canonical JSON (`identity.sha256`)."""

    code: str
    name: str
    indication: str
    route: Route
    medicine: str
    grade: Grade
    summary: str
    evidence: tuple[Statement, ...]
    notes: tuple[Statement, ...] = ()
    dose_mg_per_kg: Span
    first_dose_mg_per_kg: Span | None = None
    minutes: Span | None = None
    rate: RateRules | None = None
    ideal_weight_from_bmi: Datum
    series: SeriesRules
    monitoring: tuple[MonitoringItem, ...]
    alarms: tuple[AlarmLimit, ...]
    gate: GateRules
    discharge: DischargeRules
    maintenance: Maintenance
    measurement: tuple[Measure, ...]
    complementary: tuple[str, ...]
    needs_therapy: bool = False

    @model_validator(mode="after")
    def _route_fits(self) -> Self:
        if self.route == "im" and (self.minutes is not None or self.rate is not None):
            raise _at("route", N_("an injection has neither minutes nor a rate"))
        if self.route == "iv" and (self.minutes is None or self.rate is None):
            raise _at("route", N_("an infusion needs minutes and rate rules"))
        if self.minutes is not None and self.rate is not None:
            rate = self.dose_mg_per_kg.default.value * 60 / self.minutes.default.value
            if rate > self.rate.max_mg_per_kg_per_h.value:
                raise _at("rate.max_mg_per_kg_per_h", N_("the planned dose and minutes are above the rate limit"))
        self._units_fit()
        return self

    def _units_fit(self) -> None:
        series = self.series
        expected: list[tuple[str, Datum, str]] = [("dose_mg_per_kg.default", self.dose_mg_per_kg.default, "mg/kg")]
        if self.minutes is not None and self.rate is not None:
            expected += [("minutes.default", self.minutes.default, "min")]
            expected += [("rate.max_mg_per_kg_per_h", self.rate.max_mg_per_kg_per_h, "mg/kg/h")]
        expected += [
            ("series.gap_min_days", series.gap_min_days, "d"),
            ("series.gap_max_days", series.gap_max_days, "d"),
        ]
        for path, datum, unit in expected:
            if datum.unit != unit:
                raise _at(path, f"unit {datum.unit or 'none'} where {unit} is needed")


def _at(path: str, reason: str) -> PydanticCustomError:
    """A reason that concerns the whole protocol, with the place at which a reader should look."""
    return PydanticCustomError("protocol", "{reason}", {"reason": reason, "at": path})
