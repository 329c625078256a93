"""Concentrations of ketamine and its metabolites: published models with their sources, solved exactly.

A card is a published parameter set; `card.individual(person)` makes an absolute model; `solve(model, doses, times)`
gives its curves. `at_rest`, `advance` and `forecast` carry a live session along. Virtual people are in
`population`, one patient's own numbers in `individual`.
"""

from interlude.domain.pharmacology.batches import ChainBatch, MammillaryBatch
from interlude.domain.pharmacology.cards import ModelCard, SourcedValue, card_names, load_card
from interlude.domain.pharmacology.case import dumps, loads, simulate_case
from interlude.domain.pharmacology.chain import Chain
from interlude.domain.pharmacology.decline import context_sensitive_times_min, decrement_time_min, if_stopped
from interlude.domain.pharmacology.effects import (
    Course,
    Effect,
    EffectBand,
    effect_band,
    effect_facts,
    effect_names,
    effect_of,
    load_effect,
    with_effect_site,
)
from interlude.domain.pharmacology.mammillary import Mammillary
from interlude.domain.pharmacology.person import Person
from interlude.domain.pharmacology.regimen import Dose, continue_with, solve
from interlude.domain.pharmacology.solution import (
    Concentrations,
    Model,
    State,
    advance,
    at_rest,
    concentrations,
    forecast,
    give_bolus,
    state_from_amounts,
)
from interlude.domain.pharmacology.targets import (
    Limits,
    LoadingBolus,
    TargetSchedule,
    TargetStep,
    loading_bolus,
    plan_targets,
)
from interlude.domain.pharmacology.turnover import Marker, load_turnover, marker_under_doses
from interlude.domain.pharmacology.variability import Variability

__all__ = [
    "Chain",
    "ChainBatch",
    "Concentrations",
    "Course",
    "Dose",
    "Effect",
    "EffectBand",
    "Limits",
    "LoadingBolus",
    "Mammillary",
    "MammillaryBatch",
    "Marker",
    "Model",
    "ModelCard",
    "Person",
    "SourcedValue",
    "State",
    "TargetSchedule",
    "TargetStep",
    "Variability",
    "advance",
    "at_rest",
    "card_names",
    "concentrations",
    "context_sensitive_times_min",
    "continue_with",
    "decrement_time_min",
    "dumps",
    "effect_band",
    "effect_facts",
    "effect_names",
    "effect_of",
    "forecast",
    "give_bolus",
    "if_stopped",
    "load_card",
    "load_effect",
    "load_turnover",
    "loading_bolus",
    "loads",
    "marker_under_doses",
    "plan_targets",
    "simulate_case",
    "solve",
    "state_from_amounts",
    "with_effect_site",
]
