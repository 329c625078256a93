"""Intravenous and intramuscular on one axis for one patient, with the injection's uncertainty in plain sight.

The infusion is exact for the patient's model. For the injection the published figures contradict each other
(bioavailability 0.41 and 0.93, peak after 5 or about 20 minutes), so first-order absorption is solved for every
corner of what is known: ka so that the model's own curve peaks at the wanted minute. The result is the lowest and
the highest of these scenarios: a range, not a probability.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from interlude.domain.pharmacology.cards import SourcedValue, folder
from interlude.domain.pharmacology.mammillary import Mammillary
from interlude.domain.pharmacology.modes import Floats
from interlude.domain.pharmacology.regimen import Dose, solve
from interlude.domain.pharmacology.solution import NG_PER_ML_IN_MG_PER_L
from interlude.domain.refusals import N_, Refused

IM_LABEL = N_("Structurally uncertain: a range of scenarios, not a probability")

_KA_LOW, _KA_HIGH = 1e-6, 1e3
_POSITIVE = N_("This must be a finite number of more than 0.")
_SHARE = N_("The bioavailability must be more than 0 and at most 1.")
_MODEL = N_("Intramuscular scenarios need a mammillary model; this one has its own ways of absorption.")
_NO_KA = N_("No absorption rate makes this model peak after {tmax_min} minutes.")
_ROUTE = N_('Doses for this side must have the route "{route}".')
_TIMES = N_("At least one time after the first dose is needed.")


@dataclass(frozen=True, slots=True)
class ImFacts:
    """What is known of the injection: lowest and highest bioavailability and time of the peak, each with its source."""

    bioavailability: tuple[SourcedValue, SourcedValue]
    tmax_min: tuple[SourcedValue, SourcedValue]


@dataclass(frozen=True, slots=True)
class Exposure:
    """Highest level (ng/mL), its minute, and the area under the curve (ng min/mL) from 0 to the last time."""

    cmax_ng_per_ml: float
    tmax_min: float
    auc_ng_min_per_ml: float


@dataclass(frozen=True, eq=False)
class ImScenario:
    """One corner: its assumptions, the absorption rate that follows, the curve (t,) and its exposure."""

    bioavailability: float
    tmax_min: float
    ka_per_min: float
    cp_ng_per_ml: Floats
    exposure: Exposure


@dataclass(frozen=True, eq=False)
class RouteComparison:
    """Cp (t,) of both routes. `im_low`, `im_high`: lowest and highest scenario at each time, not a probability."""

    times_min: Floats
    iv_ng_per_ml: Floats
    iv: Exposure
    scenarios: tuple[ImScenario, ...]
    im_low_ng_per_ml: Floats
    im_high_ng_per_ml: Floats
    facts: ImFacts
    label: str = IM_LABEL

    @property
    def im_cmax_ng_per_ml(self) -> tuple[float, float]:
        """Lowest and highest of the scenarios."""
        return _range([one.exposure.cmax_ng_per_ml for one in self.scenarios])

    @property
    def im_auc_ng_min_per_ml(self) -> tuple[float, float]:
        """Lowest and highest of the scenarios."""
        return _range([one.exposure.auc_ng_min_per_ml for one in self.scenarios])


@cache
def im_facts() -> ImFacts:
    """The figures of im.toml."""
    data = tomllib.loads(folder("individual").joinpath("im.toml").read_text("utf-8"))

    def both(name: str) -> tuple[SourcedValue, SourcedValue]:
        return SourcedValue(**data[name]["low"]), SourcedValue(**data[name]["high"])

    return ImFacts(both("bioavailability"), both("tmax_min"))


def compare_routes(
    model: Mammillary,
    iv_doses: Sequence[Dose],
    im_doses: Sequence[Dose],
    times_min: ArrayLike,
    *,
    facts: ImFacts | None = None,
) -> RouteComparison:
    """Both routes of one patient at `times_min` (ascending, min from 0).

    `model` is the patient's mammillary model (a depot of its own is replaced); doses carry the routes "iv" and "im".
    Cmax and AUC belong to 0 to the last time and are exact, not read off the grid. `Refused` names the field.
    """
    if not isinstance(model, Mammillary):
        raise Refused(_MODEL, field="model")
    facts = facts or im_facts()
    _check_routes(iv_doses, "iv", "iv_doses")
    _check_routes(im_doses, "im", "im_doses")
    times = np.asarray(times_min, dtype=np.float64).reshape(-1)
    if not len(times) or not times[-1] > 0:
        raise Refused(_TIMES, field="times_min")
    plain = replace(model, ka_per_min=None, bioavailability=1.0)
    iv = solve(plain, iv_doses, times)
    scenarios = []
    for share in facts.bioavailability:
        for tmax in facts.tmax_min:
            ka = absorption_rate(plain, tmax.value)
            depot = with_depot(plain, ka, share.value)
            curve = solve(depot, im_doses, times).cp_ng_per_ml
            exposure = exposure_of(depot, im_doses, float(times[-1]))
            scenarios.append(ImScenario(share.value, tmax.value, ka, curve, exposure))
    curves = np.stack([one.cp_ng_per_ml for one in scenarios])
    return RouteComparison(
        times_min=times,
        iv_ng_per_ml=iv.cp_ng_per_ml,
        iv=exposure_of(plain, iv_doses, float(times[-1])),
        scenarios=tuple(scenarios),
        im_low_ng_per_ml=curves.min(axis=0),
        im_high_ng_per_ml=curves.max(axis=0),
        facts=facts,
    )


def with_depot(model: Mammillary, ka_per_min: float, bioavailability: float) -> Mammillary:
    """`model` with a first-order depot; `Refused` names the number that cannot be."""
    if not (math.isfinite(ka_per_min) and ka_per_min > 0):
        raise Refused(_POSITIVE, field="ka_per_min")
    if not 0 < bioavailability <= 1:
        raise Refused(_SHARE, field="bioavailability")
    return replace(model, ka_per_min=ka_per_min, bioavailability=bioavailability)


def absorption_rate(model: Mammillary, tmax_min: float) -> float:
    """The first-order ka (1/min) with which Cp after one injection peaks at `tmax_min`.

    At the peak dCp/dt = 0; a faster ka peaks earlier, so the sign of the slope at `tmax_min` brackets ka.
    """
    if not (math.isfinite(tmax_min) and tmax_min > 0):
        raise Refused(_POSITIVE, field="tmax_min")
    low, high = _KA_LOW, _KA_HIGH
    if not (_slope_at(model, low, tmax_min) > 0 > _slope_at(model, high, tmax_min)):
        raise Refused(_NO_KA, field="tmax_min", tmax_min=f"{tmax_min:g}")
    for _ in range(200):
        middle = math.sqrt(low * high)
        if middle in (low, high):
            break
        low, high = (middle, high) if _slope_at(model, middle, tmax_min) > 0 else (low, middle)
    return math.sqrt(low * high)


def exposure_of(model: Mammillary, doses: Sequence[Dose], end_min: float) -> Exposure:
    """Cmax, its minute and AUC of Cp from 0 to `end_min`.

    AUC = amount eliminated / clearance (what came in less what is left); Cmax from a grid closed in on the peak.
    """
    edges = sorted({0.0, end_min, *(t for d in doses for t in (d.start_min, d.end_min) if t < end_min)})
    grid = np.unique(np.concatenate([a + (b - a) * _SHAPE for a, b in pairwise(edges)]))
    best, tmax = -1.0, 0.0
    for _ in range(4):
        levels = solve(model, doses, grid).cp_ng_per_ml
        at = int(np.argmax(levels))
        # A peak at the end of an infusion is a corner: the edge itself, seen first, stays the highest.
        if levels[at] > best:
            best, tmax = float(levels[at]), float(grid[at])
        grid = np.linspace(grid[max(at - 1, 0)], grid[min(at + 1, len(grid) - 1)], 65)
    return Exposure(best, tmax, _auc(model, doses, end_min))


_SHAPE = np.concatenate([[0.0], np.geomspace(1e-4, 1.0, 200)])


def _auc(model: Mammillary, doses: Sequence[Dose], end_min: float) -> float:
    """ng min/mL from 0 to the end."""
    if model.k10_per_min == 0:
        raise Refused(_POSITIVE, field="k10_per_min")
    given = math.fsum(_given_mg(model, dose, end_min) for dose in doses)
    held = math.fsum(solve(model, doses, [end_min]).amounts_mg[:, 0].tolist())
    return (given - held) / (model.k10_per_min * model.v1_l) * NG_PER_ML_IN_MG_PER_L


def _given_mg(model: Mammillary, dose: Dose, end_min: float) -> float:
    """What of a dose has come into a compartment (or its depot) by the end."""
    share = 1.0 if dose.route == "iv" else model.bioavailability
    if dose.start_min > end_min:
        return 0.0
    if dose.end_min <= end_min:
        return dose.amount_mg * share
    return dose.amount_mg * share * (end_min - dose.start_min) / dose.duration_min


def _slope_at(model: Mammillary, ka_per_min: float, minutes: float) -> float:
    """Sign-carrying dA1/dt after 1 mg in the depot: ka D - (k10 + k12 + k13) A1 + sum kj1 Aj."""
    depot = replace(model, ka_per_min=ka_per_min, bioavailability=1.0)
    amounts = solve(depot, (Dose("im", 0.0, 1.0),), [minutes]).amounts_mg[:, 0]
    out = model.k10_per_min + sum(out for out, _ in model.pairs)
    back = sum(rate * amount for (_, rate), amount in zip(model.pairs, amounts[1:-1], strict=True))
    return float(ka_per_min * amounts[-1] - out * amounts[0] + back)


def _check_routes(doses: Sequence[Dose], route: str, field: str) -> None:
    for index, dose in enumerate(doses):
        if dose.route != route:
            raise Refused(_ROUTE, field=f"{field}[{index}].route", route=route)


def _range(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)
