"""Questionnaires and clinician scales as data: items, wording where it is free, scoring, bands, licence, source."""

from interlude.domain.instruments.data import Certainty, Datum, Reason, Source, Statement, data_of
from interlude.domain.instruments.library import (
    instrument,
    instruments,
    parse_instrument,
    sources,
    translatable_texts,
)
from interlude.domain.instruments.schema import Band, Instrument, Item, Option
from interlude.domain.instruments.scoring import TIERS, Flag, Score, item_rise, score

__all__ = [
    "TIERS", "Band", "Certainty", "Datum", "Flag", "Instrument", "Item", "Option", "Reason", "Score",
    "Source", "Statement", "data_of", "instrument", "instruments", "item_rise", "parse_instrument", "score",
    "sources", "translatable_texts",
]  # fmt: skip
