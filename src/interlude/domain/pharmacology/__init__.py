"""Concentrations of ketamine from what was charted: published models with their sources, solved exactly."""

from interlude.domain.pharmacology.cards import (
    Effect,
    ModelCard,
    SourcedValue,
    card_names,
    load_card,
    load_effect,
)
from interlude.domain.pharmacology.case import dumps, loads, simulate_case
from interlude.domain.pharmacology.decline import decrement_time_min, if_stopped
from interlude.domain.pharmacology.mammillary import Mammillary
from interlude.domain.pharmacology.solution import (
    Concentrations,
    State,
    advance,
    at_rest,
    concentrations,
    forecast,
    give_bolus,
    state_from_amounts,
)

__all__ = [
    "Concentrations",
    "Effect",
    "Mammillary",
    "ModelCard",
    "SourcedValue",
    "State",
    "advance",
    "at_rest",
    "card_names",
    "concentrations",
    "decrement_time_min",
    "dumps",
    "forecast",
    "give_bolus",
    "if_stopped",
    "load_card",
    "load_effect",
    "loads",
    "simulate_case",
    "state_from_amounts",
]
