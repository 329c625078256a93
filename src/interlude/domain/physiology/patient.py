"""Second-by-second vital signs of a virtual patient as a pure function of the minute and the effect site.

Everything random is drawn when the patient is made, so the same seed gives the same minute whatever was asked
before. Magnitudes: `expected.toml`; the rest is noise of a size that a monitor shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from interlude.domain.physiology.expected import load_expected, response
from interlude.domain.physiology.profile import Profile
from interlude.domain.physiology.scenario import Scenario
from interlude.domain.refusals import N_, Refused

SECONDS_PER_MINUTE = 60
# Prime numbers of seconds, so that the noise of two signals never repeats together within days.
_TABLE_SECONDS = {"heart_rate": 4099, "spo2": 4111, "respiratory_rate": 4127, "etco2": 4129, "systolic": 4133}
_TABLE_SECONDS["diastolic"] = 4139
# (standard deviation, memory in seconds) of each signal's wandering; pressures wander between cuff readings.
_WANDER = {
    "heart_rate": (2.2, 25.0),
    "spo2": (0.45, 40.0),
    "respiratory_rate": (1.0, 30.0),
    "etco2": (0.9, 40.0),
    "systolic": (4.2, 90.0),
    "diastolic": (3.2, 90.0),
}
# A pressure surge lifts the diastolic pressure by this share of the systolic rise.
_DIASTOLIC_SHARE = 0.55


@dataclass(frozen=True, slots=True)
class Nibp:
    """A cuff reading in mmHg and the minute at which the cuff measured."""

    systolic_mmhg: int
    diastolic_mmhg: int
    mean_mmhg: int
    measured_at_min: float


@dataclass(frozen=True, slots=True)
class Vitals:
    """What a monitor shows; `None` means that there is no value, never that it is normal.

    `pulse_rate_per_min` comes from the oximeter and is lost with it, `heart_rate_per_min` from the ECG.
    `nibp` is the last cuff reading with its own time. `artefacts` names what disturbs the signals.
    """

    minute: float
    heart_rate_per_min: int
    pulse_rate_per_min: int | None
    spo2_percent: int | None
    respiratory_rate_per_min: int
    etco2_mmhg: int | None
    nibp: Nibp | None
    artefacts: tuple[str, ...]


class VirtualPatient:
    """A synthetic person: `profile` and the draws of `rng` fix every value of the session."""

    def __init__(
        self,
        profile: Profile,
        rng: Generator,
        *,
        scenario: Scenario | None = None,
        with_capnography: bool = False,
    ) -> None:
        self.profile = profile
        self.scenario = scenario or Scenario()
        self.with_capnography = with_capnography
        self._noise = {name: _wander(rng, seconds, *_WANDER[name]) for name, seconds in _TABLE_SECONDS.items()}

    def vitals_at(self, minute: float, ce_s_ng_per_ml: float) -> Vitals:
        """Vital signs at `minute` of the session for this S-ketamine effect-site concentration, without a cuff.

        The cuff measures only when a monitor tells it to: see `cuff_at` and `BedsideMonitor`.
        """
        _check(minute, ce_s_ng_per_ml)
        expected, felt = load_expected(), self._felt(ce_s_ng_per_ml)
        events, person = self.scenario, self.profile
        motion = events.strength("motion", minute)
        heart_rate = (
            person.heart_rate_per_min
            + expected.drug_heart_rate_rise.value * felt
            + events.strength("tachycardia", minute)
            + self._noise_at("heart_rate", minute)
        )
        spo2 = (
            person.spo2_percent
            - expected.drug_spo2_fall.value * felt
            - events.strength("desaturation", minute)
            + self._noise_at("spo2", minute)
        )
        breathing = (
            person.respiratory_rate_per_min
            - expected.drug_respiratory_rate_fall.value * felt
            - events.strength("slow_breathing", minute)
            + self._noise_at("respiratory_rate", minute)
        )
        # Slower breathing keeps more carbon dioxide back.
        etco2 = (
            person.etco2_mmhg + 1.2 * (person.respiratory_rate_per_min - breathing) + self._noise_at("etco2", minute)
        )
        probe_off = events.strength("probe_off", minute) > 0
        artefacts = [name for name, on in (("probe_off", probe_off), ("motion", motion > 0)) if on]
        return Vitals(
            minute=minute,
            heart_rate_per_min=_whole(heart_rate, 25, 230),
            pulse_rate_per_min=None if probe_off else _whole(heart_rate + motion, 25, 230),
            spo2_percent=None if probe_off else _whole(spo2, 50, 100),
            respiratory_rate_per_min=_whole(breathing, 3, 45),
            etco2_mmhg=_whole(etco2, 10, 80) if self.with_capnography else None,
            nibp=None,
            artefacts=tuple(artefacts),
        )

    def cuff_at(self, minute: float, ce_s_ng_per_ml: float) -> Nibp:
        """A cuff measurement at this minute."""
        _check(minute, ce_s_ng_per_ml)
        expected, felt = load_expected(), self._felt(ce_s_ng_per_ml)
        surge = self.scenario.strength("hypertension", minute)
        systolic = (
            self.profile.systolic_mmhg
            + expected.drug_systolic_rise.value * felt
            + surge
            + self._noise_at("systolic", minute)
        )
        diastolic = (
            self.profile.diastolic_mmhg
            + expected.drug_diastolic_rise.value * felt
            + _DIASTOLIC_SHARE * surge
            + self._noise_at("diastolic", minute)
        )
        upper = _whole(systolic, 60, 260)
        lower = min(_whole(diastolic, 30, 160), upper - 12)
        return Nibp(upper, lower, round(lower + (upper - lower) / 3), minute)

    def _felt(self, ce_s_ng_per_ml: float) -> float:
        return self.profile.reaction * response(ce_s_ng_per_ml)

    def _noise_at(self, name: str, minute: float) -> float:
        table = self._noise[name]
        return float(table[round(minute * SECONDS_PER_MINUTE) % len(table)])


def _wander(rng: Generator, seconds: int, sd: float, memory_s: float) -> NDArray[np.float64]:
    """Noise with an exponential memory, one value a second, closed to a ring; shape (seconds,)."""
    kernel = np.exp(-np.arange(seconds) / memory_s)
    spectrum = np.fft.rfft(rng.standard_normal(seconds)) * np.fft.rfft(kernel)
    ring = np.fft.irfft(spectrum, seconds)
    return np.asarray(sd * ring / math.sqrt(float(kernel @ kernel)))


def _whole(value: float, low: int, high: int) -> int:
    """Rounded and kept within what a monitor displays."""
    return min(high, max(low, round(value)))


def _check(minute: float, ce_s_ng_per_ml: float) -> None:
    if not (math.isfinite(minute) and minute >= 0):
        raise Refused(N_("The minute must be 0 or later."), field="minute")
    if not (math.isfinite(ce_s_ng_per_ml) and ce_s_ng_per_ml >= 0):
        raise Refused(N_("The concentration must be 0 or more."), field="ce_s_ng_per_ml")
