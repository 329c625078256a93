"""Expected effect of a usual infusion on vital signs: data with source and certainty, for simulation only."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

from interlude.domain.pharmacology import SourcedValue


@dataclass(frozen=True)
class Expected:
    """The numbers of `expected.toml`, each with unit, source and certainty."""

    nibp_peak_systolic_rise: SourcedValue
    nibp_peak_diastolic_rise: SourcedValue
    nibp_mean_systolic_rise_at_30_min: SourcedValue
    nibp_mean_diastolic_rise_at_30_min: SourcedValue
    nibp_back_to_baseline: SourcedValue
    reference_effect_site: SourcedValue
    response_c50: SourcedValue
    response_hill: SourcedValue
    drug_systolic_rise: SourcedValue
    drug_diastolic_rise: SourcedValue
    drug_heart_rate_rise: SourcedValue
    drug_spo2_fall: SourcedValue
    drug_respiratory_rate_fall: SourcedValue
    individual_spread: SourcedValue


@cache
def load_expected() -> Expected:
    """The expected magnitudes, read once."""
    data = tomllib.loads(files("interlude.domain.physiology").joinpath("expected.toml").read_text("utf-8"))
    return Expected(**{field.name: SourcedValue(**data[field.name]) for field in fields(Expected)})


def response(ce_s_ng_per_ml: float) -> float:
    """Share of the reference rise at this S-ketamine effect-site concentration; 1 at the reference.

    Sigmoid c^h / (c^h + c50^h), divided by its value at the reference concentration.
    """
    e = load_expected()
    hill, c50 = e.response_hill.value, e.response_c50.value

    def sigmoid(c: float) -> float:
        return 1.0 / (1.0 + (c50 / c) ** hill) if c > 0 else 0.0

    return sigmoid(max(0.0, ce_s_ng_per_ml)) / sigmoid(e.reference_effect_site.value)
