"""Published levels that models are compared with: one TOML file per study in `observations/`.

Values are in ng/mL here; the files keep the printed unit. Times are minutes from the start of the first dose.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

MINUTES_PER_HOUR = 60.0
# g/mol, from the sums C13H16ClNO, C12H14ClNO and C12H14ClNO2.
MOLAR_MASS = {"ketamine": 237.73, "norketamine": 223.70, "hydroxynorketamine": 239.70}
CONCENTRATION_UNITS = ("ng/mL", "nmol/mL")


@dataclass(frozen=True, slots=True)
class GivenDose:
    """A dose of the study: an amount (mg) over `duration_min`, or an endless rate (mg/h)."""

    route: str
    start_min: float
    duration_min: float
    amount_mg: float = 0.0
    rate_mg_per_h: float = 0.0


@dataclass(frozen=True, slots=True)
class Series:
    """Levels of one substance. `quantity` is level, cmax, auc, steady_state, auc_ratio or half_life.

    `values` (ng/mL; ng h/mL for auc; as printed for the rest) is empty where only a range was published. `kept`
    says which of them count; `why_not` says why nothing is compared at all.
    """

    name: str
    substance: str
    enantiomer: str
    quantity: str
    unit: str
    certainty: str
    at_min: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    sd: tuple[float, ...] = ()
    kept: tuple[bool, ...] = ()
    left_out_because: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class ObservationSet:
    """A study: who got what, where blood was taken, and what was measured."""

    name: str
    title: str
    citation: str
    source: str
    certainty: str
    population: str
    sampling_site: str
    matrix: str
    drug: str
    weight_kg: float
    notes: tuple[str, ...]
    doses: tuple[GivenDose, ...]
    series: tuple[Series, ...]
    n: int | None = None
    fitted_by: tuple[str, ...] = ()


def _folder() -> Traversable:
    return files("interlude.domain.pharmacology").joinpath("observations")


@cache
def observation_names() -> tuple[str, ...]:
    """Names of all observation sets, sorted."""
    return tuple(sorted(f.name[:-5] for f in _folder().iterdir() if f.name.endswith(".toml")))


@cache
def load_observations(name: str) -> ObservationSet:
    """One observation set; `KeyError` for a name that doesn't exist."""
    if name not in observation_names():
        raise KeyError(name)
    data = tomllib.loads(_folder().joinpath(f"{name}.toml").read_text("utf-8"))
    series: dict[str, Series] = {}
    for one in data.pop("series"):
        certainty = one.pop("certainty", data["certainty"])
        parts = one.pop("sum_of", None)
        series[one["name"]] = _sum(one, [series[p] for p in parts]) if parts else _series(one, certainty)
    weight = data["weight_kg"]
    return ObservationSet(
        doses=tuple(_dose(one, weight) for one in data.pop("doses")),
        series=tuple(series.values()),
        notes=tuple(data.pop("notes")),
        fitted_by=tuple(data.pop("fitted_by", ())),
        **data,
    )


def _dose(data: dict[str, Any], weight_kg: float) -> GivenDose:
    amount = data.get("amount_mg", data.get("amount_mg_per_kg", 0.0) * weight_kg)
    rate = data.get("rate_mg_per_kg_per_h", 0.0) * weight_kg
    return GivenDose(data["route"], data["start_min"], data["duration_min"], amount, rate)


def _series(data: dict[str, Any], certainty: str) -> Series:
    unit = data["unit"]
    factor = MOLAR_MASS[data["substance"]] if unit == "nmol/mL" else 1.0
    at = tuple(data.get("at_min", ())) or tuple(round(h * MINUTES_PER_HOUR, 6) for h in data.get("at_h", ()))
    left_out = {round(h * MINUTES_PER_HOUR, 6) for h in data.get("left_out_at_h", ())}
    numbers = {key: tuple(v * factor for v in data.get(key, ())) for key in ("values", "low", "high", "sd")}
    return Series(
        data["name"],
        data["substance"],
        data["enantiomer"],
        data["quantity"],
        "ng/mL" if unit in CONCENTRATION_UNITS else unit,
        certainty,
        at,
        **numbers,
        kept=tuple(t not in left_out for t in at) or (True,) * len(numbers["values"]),
        left_out_because=data.get("left_out_because", ""),
        why_not=data.get("why_not", ""),
    )


def _sum(data: dict[str, Any], parts: list[Series]) -> Series:
    """The sum of series at the times that all of them have; a point counts where every part counts."""
    first = parts[0]
    common = [t for t in first.at_min if all(t in part.at_min for part in parts)]

    def at(part: Series, t: float) -> int:
        return part.at_min.index(t)

    return Series(
        data["name"],
        data["substance"],
        data["enantiomer"],
        first.quantity,
        first.unit,
        first.certainty,
        tuple(common),
        tuple(sum(part.values[at(part, t)] for part in parts) for t in common),
        kept=tuple(all(part.kept[at(part, t)] for part in parts) for t in common),
        left_out_because=first.left_out_because,
    )
