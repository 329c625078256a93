"""Every published number carries its unit, source and certainty."""

from __future__ import annotations

import math

import numpy as np
import pytest

from interlude.domain.pharmacology import card_names, load_card, load_effect
from interlude.domain.pharmacology.routes import ROUTES
from interlude.domain.refusals import Refused

CERTAINTIES = {"P", "R", "S", "assumed"}


@pytest.mark.parametrize("name", card_names())
def test_a_card_says_what_it_is_and_where_it_is_from(name: str) -> None:
    card = load_card(name)
    assert card.name == name
    for text in (card.title, card.citation, card.population, card.sampling_site, card.matrix, card.enantiomer):
        assert text
    weight = [] if card.reference_weight is None else [card.reference_weight]
    for value in (*weight, *card.parameters.values()):
        assert value.source
        assert value.unit
        assert value.certainty in CERTAINTIES
        assert value.value > 0
        assert value.low is None or value.low < value.value < (value.high or math.inf)
    for exponent in (card.volume_exponent, card.clearance_exponent):
        if exponent is not None:
            assert exponent.default in (None, *exponent.choices)
            assert exponent.certainty in CERTAINTIES
    for residual in card.residual.values():
        assert residual.certainty in CERTAINTIES
    assert card.range.certainty in CERTAINTIES
    # Each alias leads here, and every route is either there or refused with a reason.
    assert all(load_card(alias).name == name for alias in card.aliases)
    assert {*card.routes, *card.refused} >= set(ROUTES)
    assert not set(card.routes) & set(card.refused)


@pytest.mark.parametrize("name", card_names())
def test_variability_is_a_covariance_and_says_where_it_is_from(name: str) -> None:
    card = load_card(name)
    if card.variability is None:
        return
    assert set(card.variability.names) <= set(card.parameters)
    assert (np.linalg.eigvalsh(card.variability.covariance) >= 0).all()
    assert card.variability.source
    assert set(card.variability.uncertain) <= {"ke0_half_life_min"}


def test_what_is_borrowed_or_assumed_stands_on_every_chart() -> None:
    labels = " ".join(load_card("kamp2020").labels)
    assert "Borrowed from Simons 2022" in labels
    assert "Assumed" in labels
    assert [name for name in card_names() if load_card(name).variability and load_card(name).variability.borrowed] == [
        "kamp2020"
    ]
    assert not load_card("otto2021").labels
    variability = load_card("kamp2020").variability
    assert variability is not None
    assert load_card(variability.lender).name == "simons2022"


def test_kamp_2020_is_arterial_racemate_with_an_assumed_exponent() -> None:
    card = load_card("kamp2020")
    assert (card.enantiomer, card.s_fraction) == ("racemate", 0.5)
    assert card.sampling_site.startswith("arterial")
    assert (card.clearance_exponent.default, card.clearance_exponent.certainty) == (0.75, "assumed")
    assert 1.0 in card.clearance_exponent.choices
    model = card.individual(70)
    assert model.v1_l == 25
    assert model.k10_per_min == pytest.approx(84 / 60 / 25, rel=1e-15)
    assert model.k31_per_min == pytest.approx(79 / 60 / 157, rel=1e-15)
    assert model.ke0_per_min == math.log(2) / 8.3


def test_the_c50_belongs_to_s_ketamine() -> None:
    effect = load_effect()
    assert effect.enantiomer == "S"
    assert (effect.c50.low, effect.c50.value, effect.c50.high) == (90, 121, 157)
    assert effect.c50.unit == "ng/mL"


def test_unknown_names_weights_and_exponents_are_refused() -> None:
    card = load_card("kamp2020")
    for call, field in [
        (lambda: load_card("nobody1999"), "model"),
        (lambda: load_card("../cards/kamp2020"), "model"),
        (lambda: card.individual(0), "weight_kg"),
        (lambda: card.individual(math.nan), "weight_kg"),
        (lambda: card.individual(70, clearance_exponent=0.5), "clearance_exponent"),
    ]:
        with pytest.raises(Refused) as refusal:
            call()
        assert refusal.value.field == field
