"""What a level does: published effects with their uncertainty, and the findings that give no equation.

    E / Emax = C^h / (C50^h + C^h)        sigmoid Emax; C is the effect-site level of the effect's `driver`

One TOML file in `effects/` per row. S-ketamine, the racemate and the metabolites are kept apart: an effect of
S-ketamine takes Ce_s, to which a racemate contributes half of itself and pure S-ketamine all. What was not published
is listed in `missing`, and where the equation needs it the computation is refused with the reason.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from interlude.domain.pharmacology.cards import SourcedValue, folder
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.regimen import Dose, solve
from interlude.domain.pharmacology.solution import Model
from interlude.domain.refusals import N_, Refused

S_KETAMINE, KETAMINE = "S-ketamine", "ketamine"
# Nobody published a Hill coefficient for external perception: this range is an assumption and says so wherever used.
ASSUMED_HILL_RANGE = (1.0, 3.0)
HILL_ASSUMED = N_("Assumed: Hill coefficient evenly between {low} and {high}; none was published.")
HILL_PUBLISHED = N_("Hill coefficient {hill} as published.")
C50_INTERVAL = N_("C50 log-normal from its published 95 % interval.")
KE0_INTERVAL = N_("Effect-site half-life log-normal from its published 95 % interval.")
KE0_HELD = N_("The levels were given, so the effect-site half-life is not varied.")
TYPICAL_PERSON = N_("The band is the uncertainty of the typical person; differences between people are not in it.")

_Z95 = 1.959963984540054
_KE0_STRATA = 64

_UNKNOWN = N_("There is no effect {effect}. Use one of: {names}.")
_NO_EQUATION = N_("No equation: {reason}")
_NO_HILL = N_("No Hill coefficient was published for {effect}. Give one, or ask for the band over an assumed range.")
_HILL = N_("The Hill coefficient must be a finite number of more than 0.")
_LEVEL = N_("A level must be a finite number of 0 ng/mL or more.")
_RANGE = N_("The range of the Hill coefficient needs two numbers of more than 0 in ascending order.")
_NO_INTERVAL = N_("{effect} was published without an interval of {what}, so no band is computed.")
_NO_KE0 = N_("{effect} was published without an effect-site half-life. Give effect-site levels instead of doses.")
_PURE_S = N_("{effect} was measured with ketamine, not with S-ketamine alone: this model does not fit.")
_COUNT = N_("At least 100 draws are needed.")


@dataclass(frozen=True, slots=True)
class Finding:
    """A published number or direction without an equation; `sd` is between subjects, `low`/`high` as `source` says."""

    what: str
    source: str
    certainty: str
    unit: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    sd: float | None = None
    direction: str = ""


@dataclass(frozen=True, kw_only=True)
class EffectFacts:
    """A row of published pharmacodynamics. `refused` says why nothing is computed from it ("" where something is)."""

    name: str
    title: str
    citation: str
    kind: str
    endpoint: str
    driver: str
    enantiomer: str
    population: str
    notes: tuple[str, ...]
    missing: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    subjects: int | None = None
    children: bool = False
    refused: str = ""
    not_for: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Effect(EffectFacts):
    """A sigmoid effect: `c50` in ng/mL of `driver`; the rest is None where it was not published."""

    c50: SourcedValue
    ke0_half_life_min: SourcedValue | None = None
    hill: SourcedValue | None = None
    maximum: SourcedValue | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A model, its doses and the times (min, ascending) at which it is read."""

    model: Model
    doses: Sequence[Dose]
    times_min: ArrayLike


@dataclass(frozen=True, slots=True)
class Assumption:
    """An English template with its parameters, as in `Refused`."""

    template: str
    params: dict[str, str]

    def __str__(self) -> str:
        return self.template.format(**self.params)


@dataclass(frozen=True, eq=False)
class EffectBand:
    """Fraction of the maximum effect (t,): 5, 50 and 95 % of the draws, and what was assumed for them."""

    effect: str
    times_min: Floats | None
    low: Floats
    median: Floats
    high: Floats
    assumptions: tuple[Assumption, ...]
    draws: int
    seed: int


@cache
def _rows() -> dict[str, dict[str, Any]]:
    rows = [tomllib.loads(f.read_text("utf-8")) for f in folder("effects").iterdir() if f.name.endswith(".toml")]
    return {row["name"]: row for row in sorted(rows, key=lambda row: row["name"]) if "kind" in row}


@cache
def effect_names(kind: str | None = None) -> tuple[str, ...]:
    """Names of all rows, or of those of one kind: "sigmoid", "turnover" or "finding"."""
    return tuple(name for name, row in _rows().items() if kind in (None, row["kind"]))


def row_of(name: str) -> dict[str, Any]:
    """The data of a row as its file holds it; `Refused` lists the names that exist."""
    if name not in _rows():
        raise Refused(_UNKNOWN, field="effect", effect=repr(name), names=", ".join(_rows()))
    return dict(_rows()[name])


@cache
def effect_facts(name: str) -> EffectFacts:
    """What is published under this name, whether or not an equation is."""
    row = row_of(name)
    return EffectFacts(**facts_of(row))


@cache
def load_effect(name: str = "olofsen2022") -> Effect:
    """The sigmoid effect of this name. A row without equation is refused with its reason."""
    row = row_of(name)
    if row["kind"] != "sigmoid":
        raise Refused(_NO_EQUATION, field="effect", reason=row.get("refused") or row["title"])
    values = {key: SourcedValue(**row[key]) for key in ("c50", "ke0_half_life_min", "hill", "maximum") if key in row}
    return Effect(**facts_of(row), **values)  # type: ignore[arg-type]


def facts_of(row: dict[str, Any]) -> dict[str, Any]:
    """The fields of `EffectFacts` from a row of data."""
    plain = ("name", "title", "citation", "kind", "endpoint", "driver", "enantiomer", "population")
    facts = {key: row[key] for key in plain}
    facts |= {key: row[key] for key in ("subjects", "children", "refused") if key in row}
    facts |= {key: tuple(row.get(key, ())) for key in ("notes", "missing", "not_for")}
    return facts | {"findings": tuple(Finding(**one) for one in row.get("findings", ()))}


def sigmoid(level: ArrayLike, c50: ArrayLike, hill: ArrayLike) -> Floats:
    """C^h / (C50^h + C^h) without overflow; shapes broadcast; 0 at level 0."""
    level, c50, hill = (np.asarray(part, dtype=np.float64) for part in (level, c50, hill))
    with np.errstate(divide="ignore", over="ignore"):
        exponent = np.asarray(hill * (np.log(level) - np.log(c50)))
    small = np.exp(-np.abs(exponent))
    return np.asarray(np.where(exponent >= 0, 1.0, small) / (1.0 + small))


def effect_of(effect: Effect, ce_ng_per_ml: ArrayLike, *, hill: float | None = None) -> Floats:
    """Fraction (t,) of the maximum effect at effect-site levels (t,) of the effect's driver, in ng/mL.

    For a driver of S-ketamine that is Ce_s. `hill` overrides the published coefficient; refused where none was
    published and none is given. Refused fields: ce_ng_per_ml, hill.
    """
    if hill is None:
        if effect.hill is None:
            raise Refused(_NO_HILL, field="hill", effect=effect.name)
        hill = effect.hill.value
    if not (math.isfinite(hill) and hill > 0):
        raise Refused(_HILL, field="hill")
    return sigmoid(_levels(ce_ng_per_ml), effect.c50.value, hill)


def effect_band(
    effect: Effect,
    source: Course | ArrayLike,
    *,
    draws: int = 2000,
    seed: int = 1,
    hill_range: tuple[float, float] = ASSUMED_HILL_RANGE,
) -> EffectBand:
    """5/50/95 % of the fraction of the maximum effect under what is not known about the effect.

    `source`: effect-site levels (t,) of the driver in ng/mL, or a `Course`, whose model then gets the effect's own
    half-life, drawn anew each time (never the half-life of another end point). C50 and half-life are log-normal with
    the published 95 % interval; the Hill coefficient is the published one, or uniform over `hill_range` (assumed).
    Refused where an interval or half-life was not published, and for a model that does not fit the driver.
    """
    low, high = hill_range
    if not (math.isfinite(low) and math.isfinite(high) and 0 < low <= high):
        raise Refused(_RANGE, field="hill_range")
    if draws < 100:
        raise Refused(_COUNT, field="draws")
    rng = np.random.default_rng(seed)
    c50 = effect.c50.value * np.exp(_log_sd(effect, "c50", effect.c50) * rng.standard_normal(draws))
    said = [Assumption(C50_INTERVAL, {})]
    if effect.hill is None:
        hill = rng.uniform(low, high, draws)
        said.append(Assumption(HILL_ASSUMED, {"low": f"{low:g}", "high": f"{high:g}"}))
    else:
        hill = np.full(draws, effect.hill.value)
        said.append(Assumption(HILL_PUBLISHED, {"hill": f"{effect.hill.value:g}"}))
    times = None
    if isinstance(source, Course):
        by_stratum = _levels_by_half_life(effect, source)
        levels = by_stratum[rng.integers(len(by_stratum), size=draws)]
        times = np.asarray(source.times_min, dtype=np.float64).reshape(-1)
        said.append(Assumption(KE0_INTERVAL, {}))
    else:
        levels = _levels(source)[None, :]
        said.append(Assumption(KE0_HELD, {}))
    fractions = sigmoid(levels, c50[:, None], hill[:, None])
    low_p, median, high_p = np.percentile(fractions, (5.0, 50.0, 95.0), axis=0)
    said.append(Assumption(TYPICAL_PERSON, {}))
    return EffectBand(effect.name, times, low_p, median, high_p, tuple(said), draws, seed)


def with_effect_site(model: Model, effect: Effect, half_life_min: float | None = None) -> Model:
    """`model` with the effect-site rate of this effect, ln 2 / half-life; refused where none was published."""
    if effect.ke0_half_life_min is None:
        raise Refused(_NO_KE0, field="effect", effect=effect.name)
    half_life = effect.ke0_half_life_min.value if half_life_min is None else half_life_min
    return replace(model, ke0_per_min=math.log(2) / half_life)  # type: ignore[type-var]


def driver_output(effect: Effect, model: Model) -> str:
    """The output of `model` that drives `effect`: "Ce_s" or "Ce"; refused where the substances do not fit."""
    if effect.driver == S_KETAMINE:
        return "Ce_s"
    if model.s_fraction == 1.0:
        raise Refused(_PURE_S, field="model", effect=effect.name)
    return "Ce"


def _levels_by_half_life(effect: Effect, course: Course) -> Floats:
    """Driver levels (strata, t) at the middle of equally likely strata of the effect-site half-life."""
    value = effect.ke0_half_life_min
    if value is None:
        raise Refused(_NO_KE0, field="effect", effect=effect.name)
    spread, normal = _log_sd(effect, "ke0_half_life_min", value), NormalDist()
    middles = [(i + 0.5) / _KE0_STRATA for i in range(_KE0_STRATA)]
    half_lives = [value.value * math.exp(spread * normal.inv_cdf(p)) for p in middles]
    output = driver_output(effect, course.model)
    curves = [solve(with_effect_site(course.model, effect, h), course.doses, course.times_min) for h in half_lives]
    return np.stack([one.output(output) for one in curves])


def _log_sd(effect: Effect, what: str, value: SourcedValue) -> float:
    if value.low is None or value.high is None:
        raise Refused(_NO_INTERVAL, field="effect", effect=effect.name, what=what)
    return math.log(value.high / value.low) / (2 * _Z95)


def _levels(values: ArrayLike) -> Floats:
    levels = np.asarray(values, dtype=np.float64).reshape(-1)
    if not (bool(np.isfinite(levels).all()) and bool((levels >= 0).all())):
        raise Refused(_LEVEL, field="ce_ng_per_ml")
    return levels
