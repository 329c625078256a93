"""A new version tried on virtual patients: how many of them come above a limit with the old and with the new one.

The same people (seeded) get two orders of each version: the planned one, and the highest that needs no new order.
Levels come from a published model whose labels are part of the answer; blood pressure from the simulator of the
virtual bedside, whose reaction is assumed. A trial compares versions. It predicts nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interlude.domain.pharmacology import Person, concentrations, load_card, load_effect
from interlude.domain.pharmacology.effects import Effect
from interlude.domain.physiology import draw_profile, load_expected
from interlude.domain.physiology.expected import response
from interlude.domain.protocol.limits import dose_for, rate_for
from interlude.domain.protocol.schema import Protocol
from interlude.domain.refusals import N_, Refused

Floats = NDArray[np.float64]

CARD, EFFECT = "kamp2020", "olofsen2022"
PEOPLE = 1000
WATCHED_AFTER_MIN = 40
BINS = 24

WEIGHTS = N_("Assumed: weights of the virtual people around 76 kg (45 to 130 kg), all adults.")
PRESSURE = N_(
    "Assumed: blood pressure rises with S-ketamine at the effect site, by {rise} mmHg on average at 0.5 mg/kg in "
    "40 min ({source}); resting values and reactions are choices of the simulator."
)
LEVEL = N_("The level of {level} ng/mL is half of the greatest effect on outer perception ({source}).")
LEVEL_OWN = N_("The level of {level} ng/mL was chosen for this trial.")
INJECTION = N_(
    "No absorption after an injection is published well enough for a share of people above a level: only the "
    "orders are compared."
)

PLANNED, HIGHEST = "planned", "highest"


def _perception() -> Effect:
    effect = load_effect(EFFECT)
    assert isinstance(effect, Effect)
    return effect


DEFAULT_LEVEL = 121.0
"""S-ketamine at the effect site, ng/mL: the published C50 of `EFFECT` (a test compares them)."""


@dataclass(frozen=True)
class Order:
    """What one version orders: dose, whole minutes (None: injection), rate; doses of the people in mg."""

    dose_mg_per_kg: str
    minutes: int | None
    rate_mg_per_kg_per_h: str
    dose_mg: tuple[float, float, float]
    """5th, 50th and 95th percentile."""
    is_refused_by_former: bool


@dataclass(frozen=True)
class Share:
    """People above a limit: `count` of `people`; `limit` in `unit`."""

    code: str
    limit: str
    unit: str
    count: int


@dataclass(frozen=True)
class Arm:
    """One order given to everybody. `peaks` (5th, 50th, 95th percentile) in ng/mL; `histogram` counts per bin."""

    order: Order
    shares: tuple[Share, ...]
    peak_ce_s_ng_per_ml: tuple[float, float, float] | None
    peak_cp_ng_per_ml: tuple[float, float, float] | None
    histogram: tuple[int, ...]


@dataclass(frozen=True)
class Comparison:
    """Both versions under one kind of order; the bins of the histograms are the same."""

    code: str
    former: Arm
    draft: Arm
    edges_ng_per_ml: tuple[float, ...]


@dataclass(frozen=True)
class Label:
    """An English template and what fills it."""

    template: str
    params: dict[str, str]


@dataclass(frozen=True)
class Trial:
    people: int
    seed: int
    level_ng_per_ml: float
    model: str
    citation: str
    labels: tuple[Label, ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, eq=False)
class _Virtual:
    """The people: weights (kg, exact to 0.1), etas (n, k) of the card, resting pressures and reactions (n,)."""

    weights_kg: tuple[Decimal, ...]
    etas: Floats
    systolic_mmhg: Floats
    diastolic_mmhg: Floats
    reaction: Floats


@dataclass(frozen=True, eq=False)
class _Peaks:
    """Highest levels (n,) in ng/mL for an infusion of 1 mg/h over some minutes."""

    cp: Floats
    ce_s: Floats


def try_out(
    former: Protocol,
    draft: Protocol,
    *,
    people: int = PEOPLE,
    seed: int,
    level_ng_per_ml: float = DEFAULT_LEVEL,
) -> Trial:
    """Give both versions to the same `people`. Raises `Refused` (field level_ng_per_ml) for an impossible level."""
    if not 0 < level_ng_per_ml < 1e6:
        raise Refused(N_("The level must be more than 0 ng/mL."), field="level_ng_per_ml")
    if people < 1:
        raise Refused(N_("At least one person is needed."), field="people")
    card = load_card(CARD)
    virtual = _draw(people, seed)
    solved: dict[int, _Peaks] = {}

    def peaks(minutes: int) -> _Peaks:
        if minutes not in solved:
            solved[minutes] = _solve(virtual, minutes)
        return solved[minutes]

    comparisons = []
    for code, choose in ((PLANNED, _planned), (HIGHEST, _highest)):
        one, two = choose(former), choose(draft)
        arms = [
            _give(version, order, former, virtual, peaks, level_ng_per_ml)
            for version, order in ((former, one), (draft, two))
        ]
        edges = _edges([levels for _arm, levels in arms])
        former_arm, draft_arm = (_with_histogram(arm, levels, edges) for arm, levels in arms)
        comparisons.append(Comparison(code, former_arm, draft_arm, tuple(float(edge) for edge in edges)))
    labels = _labels(former, level_ng_per_ml)
    return Trial(people, seed, level_ng_per_ml, card.title, card.citation, labels, tuple(comparisons))


def as_json(trial: Trial) -> dict[str, Any]:
    """The trial as it is kept: lists instead of tuples, no float that JSON cannot hold."""
    kept: dict[str, Any] = _listed(asdict(trial))
    return kept


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _listed(inner) for key, inner in value.items()}
    return [_listed(inner) for inner in value] if isinstance(value, list | tuple) else value


def _draw(people: int, seed: int) -> _Virtual:
    rng = np.random.default_rng(seed)
    variability = load_card(CARD).variability
    assert variability is not None
    etas = rng.multivariate_normal(np.zeros(len(variability.names)), variability.covariance, people)
    weights = np.clip(rng.normal(76.0, 15.0, people), 45.0, 130.0)
    profiles = [draw_profile(rng) for _ in range(people)]
    return _Virtual(
        tuple(Decimal(f"{weight:.1f}") for weight in weights),
        etas,
        np.array([one.systolic_mmhg for one in profiles]),
        np.array([one.diastolic_mmhg for one in profiles]),
        np.array([one.reaction for one in profiles]),
    )


def _solve(virtual: _Virtual, minutes: int) -> _Peaks:
    """The model is linear: one mg/h is solved for each person, and every rate is a multiple of it."""
    card = load_card(CARD)
    times = np.arange(0.0, minutes + WATCHED_AFTER_MIN + 1.0)
    cp, ce_s = np.empty(len(virtual.etas)), np.empty(len(virtual.etas))
    for index, weight in enumerate(virtual.weights_kg):
        model = card.individuals(Person(weight_kg=float(weight)), virtual.etas[index : index + 1]).person(0)
        curves = concentrations(model, [(0.0, float(minutes), 1.0)], times)
        cp[index] = curves.cp_ng_per_ml.max()
        ce_s[index] = curves.ce_ng_per_ml.max() * card.s_fraction
    return _Peaks(cp, ce_s)


def _planned(protocol: Protocol) -> tuple[Decimal, int | None]:
    return protocol.dose_mg_per_kg.default.value, int(protocol.minutes.default.value) if protocol.minutes else None


def _highest(protocol: Protocol) -> tuple[Decimal, int | None]:
    """The highest dose that is not refused, in the shortest whole minutes that the rate ceiling and limits allow."""
    span = protocol.dose_mg_per_kg
    dose = (span.hard_max or span.soft_max or span.default).value
    if protocol.minutes is None or protocol.rate is None:
        return dose, None
    shortest = (dose * 60 / protocol.rate.max_mg_per_kg_per_h.value).to_integral_value(ROUND_CEILING)
    least = protocol.minutes.hard_min.value if protocol.minutes.hard_min else Decimal(1)
    return dose, int(max(shortest, least))


def _give(
    version: Protocol,
    order: tuple[Decimal, int | None],
    former: Protocol,
    virtual: _Virtual,
    peaks: Callable[[int], _Peaks],
    level: float,
) -> tuple[Arm, Floats | None]:
    dose, minutes = order
    doses_ug = [dose_for(weight, dose) for weight in virtual.weights_kg]
    low, middle, high = _percentiles(np.array(doses_ug) / 1000)
    rate = f"{(dose * 60 / minutes).quantize(Decimal('0.001')).normalize():f}" if minutes else ""
    shown = Order(f"{dose:f}", minutes, rate, (low, middle, high), _is_refused(former, dose, minutes))
    if minutes is None:
        return Arm(shown, (), None, None, ()), None
    rates = np.array([float(rate_for(ug, Decimal(minutes))) for ug in doses_ug])
    unit = peaks(minutes)
    cp, ce_s = unit.cp * rates, unit.ce_s * rates
    shares = (Share("ce_s", f"{level:g}", "ng/mL", int((ce_s >= level).sum())), *_pressures(version, virtual, ce_s))
    return Arm(shown, shares, _percentiles(ce_s), _percentiles(cp), ()), ce_s


def _pressures(version: Protocol, virtual: _Virtual, ce_s: Floats) -> list[Share]:
    """People whose highest pressure reaches the urgent limit that this version itself sets."""
    expected = load_expected()
    strength = np.array([response(float(level)) for level in ce_s]) * virtual.reaction
    highest = {
        "systolic_bp_mmhg": virtual.systolic_mmhg + strength * expected.nibp_peak_systolic_rise.value,
        "diastolic_bp_mmhg": virtual.diastolic_mmhg + strength * expected.nibp_peak_diastolic_rise.value,
    }
    found = []
    for alarm in version.alarms:
        limits = [bound.at_least for bound in alarm.urgent if bound.at_least is not None]
        if alarm.code in highest and limits:
            count = int((highest[alarm.code] >= float(limits[0].value)).sum())
            found.append(Share(alarm.code, f"{limits[0].value:f}", limits[0].unit, count))
    return found


def _is_refused(former: Protocol, dose: Decimal, minutes: int | None) -> bool:
    """Is this order beyond a hard limit of the former version?"""
    hard = former.dose_mg_per_kg.hard_max
    if hard is not None and dose > hard.value:
        return True
    return bool(former.rate and minutes and dose * 60 > former.rate.max_mg_per_kg_per_h.value * minutes)


def _percentiles(values: Floats) -> tuple[float, float, float]:
    low, middle, high = (round(float(one), 1) for one in np.percentile(values, (5, 50, 95)))
    return low, middle, high


def _edges(arms: list[Floats | None]) -> Floats:
    given = [levels for levels in arms if levels is not None]
    if not given:
        return np.array([])
    top = max(float(levels.max()) for levels in given)
    step = next((one for one in (2, 5, 10, 20, 50, 100, 200, 500) if top / one < BINS), 1000)
    return np.arange(0.0, (int(top / step) + 1) * step + 1e-9, step)


def _with_histogram(arm: Arm, levels: Floats | None, edges: Floats) -> Arm:
    if levels is None:
        return arm
    counts = tuple(int(one) for one in np.histogram(levels, edges)[0])
    return Arm(arm.order, arm.shares, arm.peak_ce_s_ng_per_ml, arm.peak_cp_ng_per_ml, counts)


def _labels(protocol: Protocol, level: float) -> tuple[Label, ...]:
    if protocol.route == "im":
        return (Label(INJECTION, {}), Label(WEIGHTS, {}))
    rise, c50 = load_expected().nibp_peak_systolic_rise, _perception().c50
    own = abs(level - c50.value) > 1e-9
    shown = {"level": f"{level:g}"}
    return (
        Label(LEVEL_OWN, shown) if own else Label(LEVEL, shown | {"source": c50.source}),
        *(Label("{text}", {"text": text}) for text in load_card(CARD).labels),
        Label(PRESSURE, {"rise": f"{rise.value:g}", "source": rise.source}),
        Label(WEIGHTS, {}),
    )
