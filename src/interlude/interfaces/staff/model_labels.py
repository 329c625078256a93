"""What every chart of a model must say: which of its numbers are assumed, and which are borrowed."""

from __future__ import annotations

from django.utils.translation import gettext as _

from interlude.domain.pharmacology import ModelCard, load_card
from interlude.interfaces.design import formats


def assumed(card: ModelCard) -> list[str]:
    """Sentences on numbers that nobody published."""
    exponent = card.clearance_exponent
    if exponent is None or exponent.certainty != "assumed" or exponent.default is None:
        return []
    said = _("Assumed: clearance grows with weight to the power {exponent}.")
    return [said.format(exponent=formats.clinic_number(exponent.default))]


def borrowed(card: ModelCard) -> list[str]:
    """Sentences on a spread between people that belongs to another model."""
    if card.variability is None or not card.variability.borrowed:
        return []
    said = _("Borrowed: the spread between people is that of {citation}; this model's own was not available.")
    return [said.format(citation=load_card(card.variability.lender).citation)]
