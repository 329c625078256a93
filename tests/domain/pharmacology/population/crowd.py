"""Small populations for the tests, and the regimens they get."""

from __future__ import annotations

import numpy as np

from interlude.domain.pharmacology import Dose, load_card
from interlude.domain.pharmacology.batches import MammillaryBatch
from interlude.domain.pharmacology.population import LognormalSource
from interlude.domain.pharmacology.solution import Inputs

RATES = ("k10_per_min", "k12_per_min", "k21_per_min", "k13_per_min", "k31_per_min")
VARYING = ("v1_l", *RATES, "ke0_per_min")
USUAL = [Dose("iv", 0.0, 35.0, 40.0)]
# Edges off the grid, overlapping segments, boluses at an edge, off the grid, after the end, two at one time.
TITRATED = Inputs(
    [
        ("central", 0.0, 10.3, 40.0),
        ("central", 10.3, 22.0, 60.0),
        ("central", 15.0, 18.0, 12.5),
        ("central", 33.3, 41.0, 30.0),
    ],
    [("central", 0.0, 5.0), ("central", 17.25, 4.0), ("central", 17.25, 1.0), ("central", 500.0, 99.0)],
)


def around_kamp(sd: float = 0.3, **changes: float) -> LognormalSource:
    """People around the Kamp 2020 set; the spread is the tests' own."""
    typical = load_card("kamp2020").individual(70)
    return LognormalSource(typical, dict.fromkeys(VARYING, sd) | changes)


def wide_batch(count: int, seed: int, kind: str = "three") -> MammillaryBatch:
    """People whose rates differ by orders of magnitude; `kind` picks a hard corner of the models."""
    rng = np.random.default_rng(seed)
    rates = {name: 10.0 ** rng.uniform(-4, 1, count) for name in RATES}
    ke0 = 10.0 ** rng.uniform(-3, 1, count)
    if kind in ("two", "one"):
        rates["k13_per_min"] = rates["k31_per_min"] = np.zeros(count)
    if kind == "other two":
        rates["k12_per_min"] = rates["k21_per_min"] = np.zeros(count)
    if kind == "one":
        rates["k12_per_min"] = rates["k21_per_min"] = np.zeros(count)
    if kind == "equal returns":
        rates["k31_per_min"] = rates["k21_per_min"].copy()
    if kind == "near returns":
        rates["k31_per_min"] = rates["k21_per_min"] * (1.0 + 10.0 ** rng.uniform(-15, -3, count))
    if kind == "mixed":
        people = np.arange(count)
        rates["k31_per_min"] = np.where(people % 5 == 2, rates["k21_per_min"], rates["k31_per_min"])
        for pair, absent in (
            (("k13_per_min", "k31_per_min"), people % 3 == 0),
            (("k12_per_min", "k21_per_min"), people % 4 == 1),
        ):
            for name in pair:
                rates[name] = np.where(absent, 0.0, rates[name])
    batch = MammillaryBatch(rng.uniform(1, 200, count), **rates, ke0_per_min=ke0, s_fraction=0.5)
    if kind in ("ke0 at a rate", "ke0 near a rate"):
        near = 0.0 if kind == "ke0 at a rate" else 1e-7
        exact = [batch.person(i).modes.rates_per_min[i % 3] * (1.0 + near) for i in range(count)]
        batch = MammillaryBatch(batch.v1_l, **rates, ke0_per_min=np.array(exact), s_fraction=0.5)
    return batch


KINDS = (
    "three",
    "two",
    "other two",
    "one",
    "equal returns",
    "near returns",
    "mixed",
    "ke0 at a rate",
    "ke0 near a rate",
)
