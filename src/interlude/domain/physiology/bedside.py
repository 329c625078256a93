"""A monitor at the virtual bedside: measures the cuff at its interval and shows the last reading with its time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from interlude.domain.pharmacology import Model, concentrations
from interlude.domain.pharmacology.solution import Bolus, Segment
from interlude.domain.physiology.patient import Nibp, VirtualPatient, Vitals
from interlude.domain.refusals import N_, Refused


class BedsideMonitor:
    """Keeps the last cuff reading of one patient; `nibp_every_min` 0 leaves the cuff to `measure_now`."""

    def __init__(self, patient: VirtualPatient, *, nibp_every_min: float = 5.0) -> None:
        if not nibp_every_min >= 0:
            raise Refused(N_("The interval must be 0 or more minutes."), field="nibp_every_min")
        self.patient = patient
        self.nibp_every_min = nibp_every_min
        self.last_nibp: Nibp | None = None

    def step(self, minute: float, ce_s_ng_per_ml: float) -> Vitals:
        """Vital signs at this minute; measures the cuff first when a reading is due."""
        last, every = self.last_nibp, self.nibp_every_min
        if every and (last is None or minute - last.measured_at_min >= every - 1e-6):
            self.measure_now(minute, ce_s_ng_per_ml)
        return replace(self.patient.vitals_at(minute, ce_s_ng_per_ml), nibp=self.last_nibp)

    def measure_now(self, minute: float, ce_s_ng_per_ml: float) -> Nibp:
        """Measure the cuff outside its interval."""
        self.last_nibp = self.patient.cuff_at(minute, ce_s_ng_per_ml)
        return self.last_nibp


def vitals_of_infusion(
    monitor: BedsideMonitor,
    model: Model,
    segments: Iterable[Segment],
    *,
    boluses: Iterable[Bolus] = (),
    until_min: float,
    step_s: int = 1,
) -> Iterator[Vitals]:
    """Vital signs from minute 0 to `until_min` every `step_s` seconds, along a plan of rate segments."""
    seconds = np.arange(0, round(until_min * 60) + 1, step_s)
    minutes = seconds / 60.0
    sites = concentrations(model, segments, minutes, boluses).ce_s_ng_per_ml
    for minute, site in zip(minutes, sites, strict=True):
        yield monitor.step(float(minute), float(site))
