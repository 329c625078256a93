"""The virtual patient: repeatable, plausible, and of the published magnitude."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from interlude.domain.pharmacology import load_card
from interlude.domain.physiology import (
    EVENT_KINDS,
    BedsideMonitor,
    Event,
    Nibp,
    Profile,
    Scenario,
    VirtualPatient,
    Vitals,
    draw_profile,
    draw_scenario,
    load_expected,
    vitals_of_infusion,
)
from interlude.domain.physiology.expected import response
from interlude.domain.refusals import Refused

SEEDS = range(200)
MODEL = load_card("kamp2020").individual(70)
USUAL = [(0.0, 40.0, 52.5)]


def patient_of(seed: int, *kinds: str) -> VirtualPatient:
    rng = np.random.default_rng(seed)
    profile = draw_profile(rng)
    return VirtualPatient(profile, rng, scenario=draw_scenario(rng, kinds), with_capnography=True)  # type: ignore[arg-type]


@cache
def session(seed: int) -> tuple[Vitals, ...]:
    """100 minutes of a usual infusion, every 30 s, cuff every 5 min."""
    monitor = BedsideMonitor(patient_of(seed), nibp_every_min=5)
    return tuple(vitals_of_infusion(monitor, MODEL, USUAL, until_min=100, step_s=30))


def readings(seed: int) -> dict[float, Nibp]:
    return {v.nibp.measured_at_min: v.nibp for v in session(seed) if v.nibp}


def test_one_seed_is_one_patient_whatever_was_asked_before() -> None:
    one, other = patient_of(7, "hypertension"), patient_of(7, "hypertension")
    forwards = [one.vitals_at(m / 60, 50.0) for m in range(600)]
    backwards = [other.vitals_at(m / 60, 50.0) for m in reversed(range(600))]
    assert forwards == backwards[::-1]
    assert one.cuff_at(3.0, 50.0) == other.cuff_at(3.0, 50.0)
    assert patient_of(8).vitals_at(1.0, 50.0) != patient_of(7).vitals_at(1.0, 50.0)


def test_two_hundred_people_stay_plausible() -> None:
    for seed in SEEDS:
        for v in session(seed):
            assert 40 <= v.heart_rate_per_min <= 130
            assert v.spo2_percent is not None
            assert 92 <= v.spo2_percent <= 100
            assert 7 <= v.respiratory_rate_per_min <= 25
            assert v.etco2_mmhg is not None
            assert 25 <= v.etco2_mmhg <= 55
        for r in readings(seed).values():
            assert 80 <= r.systolic_mmhg <= 215
            assert 40 <= r.diastolic_mmhg <= 135
            assert r.diastolic_mmhg < r.mean_mmhg < r.systolic_mmhg


def test_the_mean_of_the_individual_peaks_is_the_published_one() -> None:
    systolic, diastolic = [], []
    for seed in SEEDS:
        found = readings(seed)
        systolic.append(max(r.systolic_mmhg for r in found.values()) - found[0.0].systolic_mmhg)
        diastolic.append(max(r.diastolic_mmhg for r in found.values()) - found[0.0].diastolic_mmhg)
    expected = load_expected()
    assert np.mean(systolic) == pytest.approx(expected.nibp_peak_systolic_rise.value, abs=1.5)
    assert np.mean(diastolic) == pytest.approx(expected.nibp_peak_diastolic_rise.value, abs=1.5)


def test_pressure_is_back_at_baseline_by_ninety_minutes() -> None:
    minute = load_expected().nibp_back_to_baseline.value
    rises = [readings(s)[minute].systolic_mmhg - readings(s)[0.0].systolic_mmhg for s in SEEDS]
    assert abs(np.mean(rises)) <= 4
    assert max(rises) <= 25


def test_the_effect_follows_the_concentration() -> None:
    assert response(0.0) == 0.0
    assert response(load_expected().reference_effect_site.value) == pytest.approx(1.0)
    levels = [response(c) for c in np.linspace(0, 400, 100)]
    assert all(low < high for low, high in pairwise(levels))
    quiet = VirtualPatient(Profile(), np.random.default_rng(1))
    assert quiet.cuff_at(40, 107).systolic_mmhg > quiet.cuff_at(40, 0).systolic_mmhg + 10


def test_the_cuff_keeps_its_own_time() -> None:
    values = session(3)
    assert values[0].nibp is not None
    assert [v.nibp.measured_at_min for v in values if v.minute in (0.5, 4.5, 5.0, 9.5) and v.nibp] == [0, 0, 5, 5]
    manual = BedsideMonitor(patient_of(3), nibp_every_min=0)
    assert manual.step(1.0, 0.0).nibp is None
    taken = manual.measure_now(2.0, 0.0)
    assert manual.step(4.0, 0.0).nibp == taken


def test_a_late_step_measures_once_and_says_when() -> None:
    monitor = BedsideMonitor(patient_of(3), nibp_every_min=5)
    monitor.step(0.0, 0.0)
    late = monitor.step(17.0, 0.0)
    assert late.nibp is not None
    assert late.nibp.measured_at_min == 17.0


def test_a_probe_that_is_off_gives_no_value() -> None:
    scenario = Scenario((Event("probe_off", 10, 2, 1),))
    patient = VirtualPatient(Profile(), np.random.default_rng(1), scenario=scenario)
    off, on = patient.vitals_at(11, 50), patient.vitals_at(12, 50)
    assert (off.spo2_percent, off.pulse_rate_per_min, off.artefacts) == (None, None, ("probe_off",))
    assert off.heart_rate_per_min > 0
    assert on.spo2_percent is not None
    assert on.artefacts == ()
    assert on.etco2_mmhg is None


def test_motion_parts_the_pulse_from_the_heart_rate() -> None:
    scenario = Scenario((Event("motion", 10, 1, 20),))
    moved = VirtualPatient(Profile(), np.random.default_rng(1), scenario=scenario).vitals_at(10.5, 0)
    assert moved.pulse_rate_per_min is not None
    assert moved.pulse_rate_per_min - moved.heart_rate_per_min in (19, 20, 21)


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_an_event_shows_in_its_own_signal_and_ends(kind: str) -> None:
    for seed in range(20):
        with_event = patient_of(seed, kind)
        (event,) = with_event.scenario.events
        calm = VirtualPatient(with_event.profile, np.random.default_rng(seed), with_capnography=True)
        calm._noise = with_event._noise
        middle, after = event.start_min + event.duration_min / 2, event.start_min + event.duration_min + 0.1
        assert with_event.vitals_at(middle, 60) != calm.vitals_at(middle, 60) or kind == "hypertension"
        rise = with_event.cuff_at(middle, 60).systolic_mmhg - calm.cuff_at(middle, 60).systolic_mmhg
        assert rise >= 38 if kind == "hypertension" else rise == 0
        assert with_event.vitals_at(after, 60) == calm.vitals_at(after, 60)
        assert with_event.cuff_at(after, 60) == calm.cuff_at(after, 60)


def test_bad_input_is_refused() -> None:
    patient = VirtualPatient(Profile(), np.random.default_rng(1))
    for call in (
        lambda: patient.vitals_at(-1, 0),
        lambda: patient.vitals_at(1, float("nan")),
        lambda: patient.cuff_at(1, -3),
        lambda: Event("fire", 0, 1, 1),  # type: ignore[arg-type]
        lambda: Event("motion", 0, 0, 1),
        lambda: BedsideMonitor(patient, nibp_every_min=-1),
    ):
        with pytest.raises(Refused):
            call()


def test_every_expected_number_has_a_source_and_a_certainty() -> None:
    for value in vars(load_expected()).values():
        assert value.source
        assert value.unit
        assert value.certainty in {"V", "R+", "D", "assumed"}
