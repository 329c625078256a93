"""What is asked of a population, checked once, and how its parts are made and read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from interlude.domain.pharmacology.batches import Batch, MammillaryBatch
from interlude.domain.pharmacology.mammillary import Floats
from interlude.domain.pharmacology.population.chain_part import ChainTask, as_chain, chain_part
from interlude.domain.pharmacology.population.engines import load_engine
from interlude.domain.pharmacology.population.mammillary_part import MammillaryTask, mammillary_part
from interlude.domain.pharmacology.population.plan import Plan, make_plan
from interlude.domain.pharmacology.population.sources import Source
from interlude.domain.pharmacology.population.tally import Part
from interlude.domain.pharmacology.regimen import Dose, inputs_of
from interlude.domain.pharmacology.routes import CENTRAL
from interlude.domain.pharmacology.solution import Inputs, at_rest
from interlude.domain.refusals import N_, Refused

Summaries = dict[str, dict[str, dict[float, float]]]

_OUTPUTS = N_("Name at least one output, each once.")
_THRESHOLD = N_("A threshold must be a finite number of more than 0 ng/mL.")
_NOT_ASKED = N_("A threshold needs its output among those that are asked for: {outputs}.")
_INPUT = N_("An input needs finite times and amounts of 0 or more, and an end not before its start.")
_WHERE = N_("This model has no compartment {into}. It has: {names}.")
_VARYING = N_("Durations that differ between people cannot be simulated together.")
_NO_WEIGHT = N_("A dose per kg needs the weight of the people.")


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """The checked question. `wanted` gives each output's place among what is computed and a factor on it."""

    source: Source
    doses: Sequence[Dose] | Inputs
    per_kg: bool
    task: MammillaryTask | ChainTask
    wanted: tuple[tuple[str, int, float], ...]
    watched: tuple[str, ...]

    @property
    def plan(self) -> Plan:
        return self.task.plan

    @property
    def compiled(self) -> bool:
        """Is there a compiled engine for this kind of model?"""
        return isinstance(self.task, MammillaryTask)

    def part(self, normals: Floats, engine: str) -> Part:
        """The tally of the people of standard normals (N, draws)."""
        people = self.source.individuals(normals)
        scale = _scale(people.weight_kg, self.per_kg)
        batch = people.batch
        with np.errstate(under="ignore"):
            if isinstance(self.task, MammillaryTask):
                assert isinstance(batch, MammillaryBatch)
                return mammillary_part(self.task, batch, scale, load_engine(engine))
            inputs = check_inputs(batch, self.doses)
            return chain_part(
                self.task, as_chain(batch) if isinstance(batch, MammillaryBatch) else batch, inputs, scale
            )

    def read(self, total: Part, percentiles: tuple[float, ...]) -> tuple[dict[str, dict[float, Floats]], Summaries]:
        """Bands and summaries of all people."""
        curves = [histograms.percentiles(percentiles) for histograms in total.bands]
        bands: dict[str, dict[float, Floats]] = {}
        for name, place, factor in self.wanted:
            rows = curves[place][:, self.plan.which] * factor
            bands[name] = dict(zip(percentiles, rows, strict=True))
        return bands, self._summaries(total, percentiles)

    def _summaries(self, total: Part, percentiles: tuple[float, ...]) -> Summaries:
        count = len(total.bands)
        quantities = total.summaries.percentiles(percentiles)
        plasma = count - self.task.site
        above = {name: count + k for k, name in enumerate(self.watched)}
        first_area = count + len(self.watched)
        result: Summaries = {}
        for name, place, factor in self.wanted:
            peak_at = _peak_times(total.peak_at[place], self.plan.points_min, percentiles)
            rows: dict[str, Floats] = {"peak_ng_per_ml": quantities[:, place] * factor, "peak_at_min": peak_at}
            if name in above:
                rows["above_min"] = quantities[:, above[name]]
            if place < plasma:
                rows["auc_ng_h_per_ml"] = quantities[:, first_area + place]
                rows["auc_to_infinity_ng_h_per_ml"] = quantities[:, first_area + plasma + place]
            result[name] = {
                quantity: dict(zip(percentiles, map(float, values), strict=True)) for quantity, values in rows.items()
            }
        return result


def make_request(
    source: Source,
    doses: Sequence[Dose] | Inputs,
    times_min: ArrayLike,
    outputs: Sequence[str],
    above_ng_per_ml: Mapping[str, float],
    *,
    per_kg: bool,
) -> Request:
    """Check everything on the typical person; `Refused` names the field."""
    people = source.individuals(np.zeros((1, source.draws)))
    _scale(people.weight_kg, per_kg)
    batch = people.batch
    inputs = check_inputs(batch, doses)
    plan = make_plan([(s, e) for _, s, e, _ in inputs.segments], [at for _, at, _ in inputs.boluses], times_min)
    site = _check_outputs(batch, outputs)
    closed = isinstance(batch, MammillaryBatch) and intravenous(inputs)
    plasma = ("Cp",) if closed else tuple(dict.fromkeys(["Cp", *(name for name in outputs if name[:2] != "Ce")]))
    places = {name: index for index, name in enumerate(plasma)} | {"Ce": len(plasma), "Ce_s": len(plasma)}
    factors = {"Ce_s": float(batch.s_fraction or 0.0)}
    wanted = tuple((name, places[name], factors.get(name, 1.0)) for name in outputs)
    thresholds = _thresholds(above_ng_per_ml, wanted)
    task: MammillaryTask | ChainTask
    if closed:
        given = plan.central([s[3] for s in inputs.segments], [b[2] for b in inputs.boluses])
        task = MammillaryTask(plan, given, site, thresholds)
    else:
        task = ChainTask(plan, plasma, site, thresholds)
    return Request(source, doses, per_kg, task, wanted, tuple(above_ng_per_ml))


def check_inputs(batch: Batch, doses: Sequence[Dose] | Inputs) -> Inputs:
    """What enters which compartment; amounts may be arrays (N,)."""
    if not isinstance(doses, Inputs):
        inputs = inputs_of(batch.person(0) if isinstance(batch, MammillaryBatch) else batch, doses)  # type: ignore[arg-type]
        if any(np.ndim(end) for _, _, end, _ in inputs.segments):
            raise Refused(_VARYING, field="doses")
        return inputs
    names = batch.person(0).compartments
    for index, (into, start, end, rate) in enumerate(doses.segments):
        _check_input(f"segments[{index}]", names, into, start, end, rate, end - start)
    for index, (into, at, amount) in enumerate(doses.boluses):
        _check_input(f"boluses[{index}]", names, into, at, amount)
    return doses


def intravenous(inputs: Inputs) -> bool:
    """Does everything enter the central compartment?"""
    return {segment[0] for segment in inputs.segments} | {bolus[0] for bolus in inputs.boluses} <= {CENTRAL}


def _check_input(field: str, names: Sequence[str], into: str, *numbers: float) -> None:
    if into not in names:
        raise Refused(_WHERE, field=field, into=into, names=", ".join(names))
    if not all(math.isfinite(number) and number >= 0 for number in numbers):
        raise Refused(_INPUT, field=field)


def _check_outputs(batch: Batch, outputs: Sequence[str]) -> bool:
    """Is the effect site needed? Refused where the model doesn't have an output."""
    if not outputs or len(set(outputs)) < len(outputs):
        raise Refused(_OUTPUTS, field="outputs")
    rest = at_rest(batch.person(0))
    for index, name in enumerate(outputs):
        try:
            rest.output(name)
        except Refused as refused:
            raise Refused(refused.template, field=f"outputs[{index}]", **refused.params) from refused
    return "Ce" in outputs or "Ce_s" in outputs


def _thresholds(
    above_ng_per_ml: Mapping[str, float], wanted: tuple[tuple[str, int, float], ...]
) -> tuple[tuple[int, float], ...]:
    """(place of the output, level) of each threshold."""
    known = {name: (place, factor) for name, place, factor in wanted}
    thresholds = []
    for name, level in above_ng_per_ml.items():
        if name not in known:
            raise Refused(_NOT_ASKED, field=f"above_ng_per_ml.{name}", outputs=", ".join(known))
        if not (math.isfinite(level) and level > 0):
            raise Refused(_THRESHOLD, field=f"above_ng_per_ml.{name}")
        place, factor = known[name]
        thresholds.append((place, level / factor if factor else math.inf))
    return tuple(thresholds)


def _scale(weight_kg: Floats | float | None, per_kg: bool) -> Floats | float:
    if not per_kg:
        return 1.0
    if weight_kg is None:
        raise Refused(_NO_WEIGHT, field="weight_kg")
    return weight_kg


def _peak_times(
    counts: np.ndarray[tuple[int], np.dtype[np.int64]], points_min: Floats, wanted: tuple[float, ...]
) -> Floats:
    """Times of the highest level at the percentiles: the nearest person's, as peaks are read at the points."""
    total = np.cumsum(counts)
    rank = np.rint(np.asarray(wanted) / 100.0 * (total[-1] - 1))
    return np.asarray(points_min[np.searchsorted(total, rank, side="right")])
