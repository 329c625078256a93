"""Every published level against every model that can be asked for it.

Prediction error after Varvel: PE = (observed - predicted) / predicted * 100 %; MDPE is the median (bias), MDAPE the
median of the absolute values (inaccuracy). Both stand per data set and model; there is no number over all sets,
because models and data differ by sampling site, substance and people.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interlude.domain.pharmacology.cards import ModelCard, card_names, load_card
from interlude.domain.pharmacology.observations import (
    MOLAR_MASS,
    ObservationSet,
    Series,
    load_observations,
    observation_names,
)
from interlude.domain.pharmacology.person import Person
from interlude.domain.pharmacology.regimen import Dose, solve
from interlude.domain.pharmacology.solution import Model, concentrations
from interlude.domain.refusals import N_, Refused

Floats = NDArray[np.float64]

OUTPUTS = {"ketamine": "Cp", "norketamine": "Cp_norketamine", "hydroxynorketamine": "Cp_hydroxynorketamine"}
# Long enough for every published set to be at its steady level within rounding.
_ENDLESS_MIN = 1e6
_LOOK_FOR_PEAK_MIN = np.arange(0.0, 1441.0)

_S_ALONE = N_("The model describes S-ketamine alone.")
S_FOR_TOTAL = "parameters of S-ketamine applied to the total dose"
HALF = "half of the racemate's prediction"
RACEMATE_FOR_S = "the racemate's parameters applied to S-ketamine"
CHILDREN = "a children's set"
FITTED = "fitted to, or probably sharing, these data"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One model against one series: `predicted` and `observed` (n,) of the points that count, in `unit`.

    `refused` says why there is no prediction; `marks` what a reader must know about the comparison.
    """

    observations: str
    series: str
    model: str
    unit: str
    at_min: tuple[float, ...] = ()
    observed: tuple[float, ...] = ()
    predicted: tuple[float, ...] = ()
    marks: tuple[str, ...] = ()
    refused: str = ""

    @property
    def errors_percent(self) -> Floats:
        """PE of each point; empty where only a range was observed."""
        return prediction_errors(self.observed, self.predicted[: len(self.observed)])

    @property
    def mdpe(self) -> float:
        """Median prediction error (%); NaN without points."""
        return float(np.median(self.errors_percent)) if self.observed else math.nan

    @property
    def mdape(self) -> float:
        """Median absolute prediction error (%); NaN without points."""
        return float(np.median(np.abs(self.errors_percent))) if self.observed else math.nan


def prediction_errors(observed: Sequence[float], predicted: Sequence[float]) -> Floats:
    """(observed - predicted) / predicted * 100 of each pair (n,); Varvel 1992."""
    seen, said = np.asarray(observed, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    return np.asarray((seen - said) / said * 100.0)


def compare_all(models: Iterable[str] | None = None) -> tuple[Comparison, ...]:
    """Every series of every observation set against every model, in the order of their names."""
    names = tuple(card_names() if models is None else models)
    sets = [load_observations(name) for name in observation_names()]
    return tuple(
        compare(load_card(model), one, series)
        for one in sets
        for series in one.series
        if not series.why_not
        for model in names
    )


def compare(card: ModelCard, observations: ObservationSet, series: Series) -> Comparison:
    """One model against one series of a set."""
    try:
        dose_share, level_share, marks = _enantiomers(card, observations.drug, series.enantiomer)
        model = card.individual(Person(weight_kg=observations.weight_kg))
        predicted = _predict(card, model, observations, series, dose_share) * level_share
    except Refused as refused:
        return Comparison(observations.name, series.name, card.name, series.unit, refused=str(refused))
    kept = np.array(series.kept, dtype=bool) if series.kept else np.ones(len(predicted), dtype=bool)
    return Comparison(
        observations.name,
        series.name,
        card.name,
        series.unit,
        tuple(t for t, keep in zip(series.at_min, kept, strict=False) if keep),
        tuple(v for v, keep in zip(series.values, kept, strict=False) if keep),
        tuple(float(p) for p in predicted[kept]),
        (*marks, *_marks(card, observations)),
    )


def _enantiomers(card: ModelCard, drug: str, measured: str) -> tuple[float, float, tuple[str, ...]]:
    """(share of the dose that the model gets, share of its level that is compared, marks)."""
    if card.enantiomer == "racemate":
        if drug == "ketamine":
            return (1.0, 1.0, ()) if measured == "total" else (1.0, 0.5, (HALF,))
        return 1.0, 1.0, (RACEMATE_FOR_S,)
    if measured == "R":
        raise Refused(_S_ALONE, field="model")
    if drug == "ketamine":
        return (1.0, 1.0, (S_FOR_TOTAL,)) if measured == "total" else (0.5, 1.0, ())
    return 1.0, 1.0, ()


def _marks(card: ModelCard, observations: ObservationSet) -> tuple[str, ...]:
    marks = []
    for model, data, known in (
        (card.sampling_site, observations.sampling_site, {"arterial", "venous"}),
        (card.matrix, observations.matrix, {"plasma", "serum"}),
    ):
        ours, theirs = model.split(" ")[0], data.split(" ")[0]
        if {ours, theirs} == known:
            marks.append(f"{ours} model, {theirs} data")
    if card.range.children:
        marks.append(CHILDREN)
    if card.name in observations.fitted_by:
        marks.append(FITTED)
    return tuple(marks)


def _predict(card: ModelCard, model: Model, observations: ObservationSet, series: Series, dose_share: float) -> Floats:
    """What the model says to each point of a series, in its unit."""
    if series.quantity == "auc_ratio":
        bottom = _auc(card, model, "ketamine", 1.0)
        return np.array([_auc(card, model, series.substance, 1.0) / bottom])
    amount = math.fsum(dose.amount_mg for dose in observations.doses) * dose_share
    if series.quantity == "auc":
        return np.array([_auc(card, model, series.substance, amount)])
    if series.quantity == "steady_state":
        rate = math.fsum(dose.rate_mg_per_h for dose in observations.doses) * dose_share
        return np.array([_auc(card, model, series.substance, rate)])
    doses = [
        Dose(dose.route, dose.start_min, dose.amount_mg * dose_share, dose.duration_min) for dose in observations.doses
    ]
    times = _LOOK_FOR_PEAK_MIN if series.quantity == "cmax" else np.asarray(series.at_min)
    levels = solve(model, doses, times).output(OUTPUTS[series.substance])
    levels = levels * _own_mass(card, series.substance)
    return np.array([levels.max()]) if series.quantity == "cmax" else levels


def _own_mass(card: ModelCard, substance: str) -> float:
    """From ketamine equivalents to the metabolite's own mass, where the model keeps equivalents."""
    if card.structure is None or OUTPUTS[substance] not in card.structure.equivalents:
        return 1.0
    return MOLAR_MASS[substance] / MOLAR_MASS["ketamine"]


def _auc(card: ModelCard, model: Model, substance: str, amount_mg: float) -> float:
    """Area under the curve to infinity (ng h/mL) of an intravenous amount.

    The system is linear: it equals the steady level (ng/mL) under `amount_mg` per hour.
    """
    curves = concentrations(model, [(0.0, _ENDLESS_MIN, amount_mg)], [_ENDLESS_MIN])
    return float(curves.output(OUTPUTS[substance])[0]) * _own_mass(card, substance)


@dataclass(frozen=True, slots=True)
class VenousBridge:
    """What joins an arterial model with venous blood at the end of 0.5 mg/kg over 40 min.

    `delay_half_life_min` is the half-life of one mixing compartment between the artery and the vein that would turn
    the prediction into the observed level; `delayed_ng_per_ml` is what it then says at `times_min`.
    """

    model: str
    arterial_ng_per_ml: tuple[float, ...]
    venous_observed_ng_per_ml: float
    factor: float
    delay_half_life_min: float
    times_min: tuple[float, ...]
    delayed_ng_per_ml: tuple[float, ...]


BRIDGE_TIMES_MIN = (40.0, 80.0, 110.0, 230.0)


def venous_bridge(model: str) -> VenousBridge:
    """The delay that a single arm compartment would need for this arterial model (bisection on its half-life)."""
    observed = load_observations("zarate2006")
    venous, dose = observed.series[0].values[0], observed.doses[0]
    card = load_card(model)
    person = Person(weight_kg=observed.weight_kg)
    infusion = [(0.0, dose.duration_min, dose.amount_mg / dose.duration_min * 60.0)]

    def delayed(half_life_min: float) -> Floats:
        one = card.individual(person, ke0_per_min=math.log(2) / half_life_min)
        return concentrations(one, infusion, BRIDGE_TIMES_MIN).ce_ng_per_ml

    arterial = concentrations(card.individual(person), infusion, BRIDGE_TIMES_MIN).cp_ng_per_ml
    low, high = 1e-3, 1e3
    for _ in range(200):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if delayed(middle)[0] > venous else (low, middle)
    return VenousBridge(
        model,
        tuple(float(v) for v in arterial),
        venous,
        float(arterial[0]) / venous,
        high,
        BRIDGE_TIMES_MIN,
        tuple(float(v) for v in delayed(high)),
    )
