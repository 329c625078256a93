"""Who the virtual patient is: resting vital signs and how strongly this person reacts."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from interlude.domain.physiology.expected import load_expected


@dataclass(frozen=True, slots=True)
class Profile:
    """Resting values of a synthetic person; `reaction` multiplies the expected drug effect (1 = expected)."""

    systolic_mmhg: float = 122.0
    diastolic_mmhg: float = 76.0
    heart_rate_per_min: float = 72.0
    respiratory_rate_per_min: float = 14.0
    spo2_percent: float = 97.5
    etco2_mmhg: float = 38.0
    reaction: float = 1.0


def draw_profile(rng: Generator) -> Profile:
    """A plausible adult who passes the pre-session checks; the spread is a choice of this simulator."""

    def around(mean: float, sd: float, low: float, high: float) -> float:
        return min(high, max(low, float(rng.normal(mean, sd))))

    spread = load_expected().individual_spread.value
    systolic = around(121.0, 8.0, 102.0, 138.0)
    return Profile(
        systolic_mmhg=systolic,
        diastolic_mmhg=around(systolic * 0.62, 4.0, 58.0, 88.0),
        heart_rate_per_min=around(71.0, 8.0, 54.0, 90.0),
        respiratory_rate_per_min=around(14.0, 1.5, 11.0, 18.0),
        spo2_percent=around(97.6, 0.8, 95.5, 99.2),
        etco2_mmhg=around(38.0, 2.0, 34.0, 43.0),
        # Log-normal with mean 1: the group keeps the published mean rise.
        reaction=min(2.5, max(0.2, float(rng.lognormal(-spread * spread / 2, spread)))),
    )
