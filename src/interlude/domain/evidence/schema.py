"""What a study file may say: a study, its arms, and its rows of results as they were published.

Numbers are exact decimals and keep the digits that were printed: 63.0 was printed to one decimal place. What was not
read is absent. Certainty: V read in the source named, C computed from such numbers, R+ and R recalled.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from interlude.domain.instruments.data import Exact, Model

StudyCertainty = Literal["V", "C", "R+", "R"]
ResultUnit = Literal["", "%", "pp", "points", "SD", "mmHg", "d", "week"]
"""Units of results: "pp" percentage points, "SD" standard deviations, "" a ratio."""
TimeUnit = Literal["min", "h", "d", "week", "month", "year"]
DoseUnit = Literal["mg/kg", "mg/kg/h", "mg/h", "mg"]
Design = Literal[
    "parallel", "crossover", "cohort", "series", "case", "pooled", "meta_analysis", "review", "register", "survey",
]  # fmt: skip
Comparator = Literal[
    "saline", "midazolam", "ect", "ketamine_low", "ketamine_fewer", "esketamine", "usual_care", "none", "mixed",
    "placebo", "unknown",
]  # fmt: skip
MeasureCode = Literal["risk_ratio", "odds_ratio", "hazard_ratio", "risk_difference", "mean_difference", "smd"]
HOURS: dict[str, Decimal] = {
    "min": Decimal(1) / 60, "h": Decimal(1), "d": Decimal(24), "week": Decimal(168), "month": Decimal("730.5"),
    "year": Decimal(8766),
}  # fmt: skip


def _printed(value: object) -> object:
    if isinstance(value, bool | float):
        raise ValueError("a printed number must be an exact decimal or an integer")
    return value


Named = Annotated[str, Field(min_length=1)]
Printed = Annotated[Decimal, Field(allow_inf_nan=False, ge=-1_000_000, le=1_000_000), BeforeValidator(_printed)]
"""A number with the decimal places that were printed."""


def half_unit(printed: Decimal) -> Decimal:
    """Half of one unit in the last place that was printed: 0.05 for 63.0."""
    exponent = printed.as_tuple().exponent
    return Decimal(5).scaleb(int(exponent) - 1)


class TimePoint(Model):
    """When a result was measured, counted from `after`."""

    value: Exact
    unit: TimeUnit
    after: Literal["dose", "first_dose", "last_dose", "start", "birth"] = "dose"

    @property
    def hours(self) -> Decimal:
        return self.value * HOURS[self.unit]


class Arm(Model):
    """One group. A comparator says which kind; a ketamine arm says drug, dose, route and number of doses if known."""

    code: Named
    name: Named
    comparator: Comparator | None = None
    n: int | None = Field(default=None, gt=0)
    drug: Literal["racemate", "esketamine"] | None = None
    dose: Exact | None = None
    dose_unit: DoseUnit | None = None
    minutes: Exact | None = None
    doses: int | None = Field(default=None, gt=0)
    route: Literal["iv", "im", "sc", "nasal", "sublingual", "oral", "several"] | None = None
    regimen: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.dose is None) != (self.dose_unit is None):
            raise ValueError("a dose needs a unit")
        if self.comparator is None and self.drug is None:
            raise ValueError("an arm is a comparator or names its drug")
        return self


class Share(Model):
    """How many of an arm had the outcome, as counts, as a printed percentage, or both (then they must agree)."""

    arm: str
    events: int | None = Field(default=None, ge=0)
    n: int | None = Field(default=None, gt=0)
    percent: Printed | None = Field(default=None, ge=0, le=100)

    @model_validator(mode="after")
    def _said(self) -> Self:
        if self.events is None and self.percent is None:
            raise ValueError("neither counts nor a percentage")
        if self.events is not None and self.n is None:
            raise ValueError("events without the number of people")
        if self.events is not None and self.n is not None and self.events > self.n:
            raise ValueError(f"{self.events} events in {self.n} people")
        return self


class Mean(Model):
    """Mean of an arm (a change, or the value at the time); spread and number where known."""

    arm: str
    mean: Exact
    sd: Exact | None = Field(default=None, ge=0)
    n: int | None = Field(default=None, gt=0)


class Correction(Model):
    """Why a row does not hold what was printed. Refused by the loader when the printed numbers agree after all."""

    printed: Named
    used: Named
    why: Named
    treated_events: int | None = Field(default=None, ge=0)
    treated_n: int | None = Field(default=None, gt=0)
    control_events: int | None = Field(default=None, ge=0)
    control_n: int | None = Field(default=None, gt=0)


class Row(Model):
    """What all rows share. `second`: told beside another row of the same outcome, and never pooled."""

    code: Named
    outcome: Named
    definition: str = ""
    instrument: str = ""
    at: TimePoint | None = None
    indication: str = ""
    """Narrower than the study's own indications, where a row is about one of them."""
    source: str
    certainty: StudyCertainty
    note: str = ""
    second: bool = False
    correction: Correction | None = None


class EventsRow(Row):
    kind: Literal["events"]
    counted_in: Literal["people", "infusions", "sessions"] = "people"
    treated: Share
    control: Share | None = None


class MeansRow(Row):
    kind: Literal["means"]
    unit: ResultUnit
    change: bool
    """True: change from baseline; False: the value at that time."""
    favours: Literal["above", "below"] = "below"
    """Which values are better."""
    treated: Mean
    control: Mean | None = None


class EffectRow(Row):
    """A printed estimate. `favours`: the side of no difference on which ketamine did better.

    `of`: code of the counts from which it can be computed again; the loader does that.
    """

    kind: Literal["effect"]
    measure: MeasureCode
    value: Printed
    low: Printed | None = None
    high: Printed | None = None
    unit: ResultUnit = ""
    favours: Literal["above", "below"]
    control: str = ""
    adjusted: bool = False
    of: str = ""
    part: bool = False
    """It is about a part of the study's people whose number was not read."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise ValueError("an interval needs both ends")
        if self.low is not None and self.high is not None and not self.low <= self.value <= self.high:
            raise ValueError(f"the interval {self.low} to {self.high} does not contain its estimate {self.value}")
        if self.measure.endswith("ratio") and min(self.value, self.value if self.low is None else self.low) <= 0:
            raise ValueError("a ratio is above zero")
        if self.measure in ("mean_difference", "risk_difference") and not self.unit:
            raise ValueError("a difference needs a unit")
        return self


class TimeRow(Row):
    """A time to an event: `statistic` over those who had benefited."""

    kind: Literal["time"]
    statistic: Literal["median", "mean", "p25", "p75"]
    unit: TimeUnit
    value: Printed
    arm: str
    of: str = ""


class FindingRow(Row):
    """A result that was read in words. `direction`: how ketamine compared."""

    kind: Literal["finding"]
    text: Named
    plain: str = ""
    """The same for patients, where the text is not plain enough."""
    direction: Literal["better", "same", "worse", "uncontrolled", "safety"]


AnyRow = Annotated[EventsRow | MeansRow | EffectRow | TimeRow | FindingRow, Field(discriminator="kind")]


class Study(Model):
    """One paper. `protocol_source`: its id among the sources of the protocol data, where a protocol rests on it."""

    id: Named
    code: Named
    citation: Named
    year: int | None = Field(default=None, ge=1950, le=2100)
    design: Design
    country: str = ""
    population: Named
    indications: tuple[str, ...]
    n: int | None = Field(default=None, gt=0)
    n_note: str = ""
    compares: Literal["ketamine", "therapy"] = "ketamine"
    """What differs between the arms; a trial of a therapy after ketamine says nothing about ketamine."""
    risks: tuple[str, ...] = ()
    certainty: StudyCertainty
    source: str
    address: str = ""
    protocol_source: str = ""
    notes: tuple[str, ...] = ()
    arms: tuple[Arm, ...] = ()
    rows: tuple[AnyRow, ...] = ()

    def arm(self, code: str) -> Arm:
        return next(arm for arm in self.arms if arm.code == code)

    def row(self, code: str) -> Row:
        return next(row for row in self.rows if row.code == code)
