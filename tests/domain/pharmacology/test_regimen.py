"""Doses by every route: what is refused by name, and what the published bioavailabilities say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from interlude.domain.pharmacology import Dose, Mammillary, Person, State, continue_with, load_card, solve
from interlude.domain.refusals import Refused

WEEK = np.arange(0.0, 7 * 1440.0, 2.0)


def exposure(model: Any, doses: list[Dose]) -> float:
    return float(np.trapezoid(solve(model, doses, WEEK).cp_ng_per_ml, WEEK))


@pytest.mark.parametrize(
    ("doses", "bioavailability"),
    [
        ([Dose("nasal", 0, 56)], 0.54),
        ([Dose("nasal", 0, 28), Dose("nasal", 5, 28)], 0.54),
        ([Dose("nasal", 0, 56, sprays=2)], 0.54),
        ([Dose("nasal", 0, 84)], 0.51),
        ([Dose("nasal", 0, 28), Dose("nasal", 5, 28), Dose("nasal", 10, 28)], 0.51),
    ],
)
def test_nasal_bioavailability_is_the_published_one(doses: list[Dose], bioavailability: float) -> None:
    """Perez-Ruixo 2021: 0.54 for 56 mg and 0.51 for 84 mg."""
    model = load_card("perezruixo2021").individual(None)
    iv = exposure(model, [Dose("iv", 0, sum(dose.amount_mg for dose in doses), 40)])
    assert exposure(model, doses) / iv == pytest.approx(bioavailability, abs=0.005)


def test_a_spray_of_another_day_is_a_first_spray_again_and_the_order_of_the_list_does_not_matter() -> None:
    model = load_card("perezruixo2021").individual(None)
    first, second, next_day = Dose("nasal", 0, 28), Dose("nasal", 5, 28), Dose("nasal", 1440, 28)
    same_day = exposure(model, [first, second]) - exposure(model, [first])
    other_day = exposure(model, [first, next_day]) - exposure(model, [first])
    assert other_day > same_day * 1.2
    assert other_day == pytest.approx(exposure(model, [first]), rel=1e-3)
    assert exposure(model, [second, first]) == pytest.approx(exposure(model, [first, second]), rel=1e-12)


def test_one_japanese_person_takes_up_more_through_the_nose() -> None:
    card = load_card("perezruixo2021")
    person = Person(japanese=True)
    assert person.asian
    route = card.individual(person).route("nasal")
    assert route.spray_fraction == pytest.approx(0.54 * 1.34)
    clipped = card.individual(person, fr_nasal=0.9).route("nasal")
    assert clipped.spray_fraction == 1.0


def test_going_on_from_a_state_equals_the_whole_plan() -> None:
    model = load_card("simons2022").individual(70)
    first, second = Dose("iv", 0, 20, 20), Dose("sublingual", 60, 50)
    there = solve(model, [first], [30.0])
    state = State(model, 30.0, there.held[:, 0])
    times = [30.0, 60.0, 90.0, 300.0]
    later, whole = continue_with(state, [second], times), solve(model, [first, second], times)
    for output in (*model.outputs, "Ce"):
        np.testing.assert_allclose(later.output(output), whole.output(output), rtol=1e-10)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"route": "rectal"}, "route"),
        ({"start_min": -1}, "start_min"),
        ({"start_min": math.nan}, "start_min"),
        ({"amount_mg": -1}, "amount_mg"),
        ({"amount_mg": math.inf}, "amount_mg"),
        ({"duration_min": -5}, "duration_min"),
        ({"duration_min": math.nan}, "duration_min"),
        ({"sprays": 2}, "sprays"),
        ({"route": "nasal", "sprays": 0}, "sprays"),
    ],
)
def test_a_dose_that_cannot_be_names_its_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        Dose(**{"route": "iv", "start_min": 0, "amount_mg": 35, **values})
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("card", "route", "word"),
    [
        ("kamp2020", "im", "absorption constant"),
        ("hornik2018", "im", "absorption"),
        ("otto2021", "oral", "0.08"),
        ("kamp2020", "nasal", "perezruixo2021"),
        ("simons2022", "nasal", "nasal"),
    ],
)
def test_a_route_that_nobody_published_is_refused_with_the_reason(card: str, route: str, word: str) -> None:
    model = load_card(card).individual(20 if card == "hornik2018" else 70)
    with pytest.raises(Refused, match=word) as refusal:
        solve(model, [Dose("iv", 0, 5), Dose(route, 0, 35)], [1.0])
    assert refusal.value.field == "doses[1].route"


def test_infusions_of_one_line_do_not_overlap_but_two_lines_may() -> None:
    model = Mammillary(10.0, 0.1)
    with pytest.raises(Refused) as refusal:
        solve(model, [Dose("iv", 0, 5, 40), Dose("iv", 39, 5, 10)], [1.0])
    assert refusal.value.field == "doses[1]"
    both = solve(model, [Dose("iv", 0, 5, 40, line="left"), Dose("iv", 39, 5, 10, line="right")], [45.0])
    apart = [solve(model, [dose], [45.0]).cp_ng_per_ml[0] for dose in (Dose("iv", 0, 5, 40), Dose("iv", 39, 5, 10))]
    assert both.cp_ng_per_ml[0] == pytest.approx(sum(apart), rel=1e-12)


@pytest.mark.parametrize(
    ("card", "person", "field"),
    [
        ("herd2007", 110, "weight_kg"),
        ("hornik2018", 110, "weight_kg"),
        ("sherwin2015", 71, "weight_kg"),
        ("elkomy2015", Person(60, age_years=30), "age_years"),
        ("flint2017", 70, "weight_kg"),
        ("flint2017", Person(30, age_years=13), "age_years"),
        ("kamp2020", Person(70, age_years=17), "age_years"),
        ("perezruixo2021", Person(age_years=12), "age_years"),
        ("kamp2020", None, "weight_kg"),
        ("sherwin2015", 20, "clearance_exponent"),
    ],
)
def test_a_set_is_refused_for_whom_it_was_not_made_for(card: str, person: Any, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        load_card(card).individual(person)
    assert refusal.value.field == field


def test_outside_its_population_only_when_said_so() -> None:
    adult = load_card("herd2007").individual(110, outside_population=True)
    assert adult.v1_l == pytest.approx(38.7 * 110 / 70)
    assert load_card("sherwin2015").individual(20, clearance_exponent=0.75).v1_l == pytest.approx(20.5 * 20 / 70)
    assert load_card("sherwin2015").individual(70).v1_l == 20.5
    assert load_card("perezruixo2021").individual(None).compartments[3] == "liver"


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ({"v9_l": 3.0}, "v9_l"),
        ({"v1_l": -3.0}, "v1_l"),
        ({"v1_l": math.nan}, "v1_l"),
        ({"cl_l_per_h": True}, "cl_l_per_h"),
        ({"outside_population": 1}, "outside_population"),
        ({"ka_per_min": 0.0}, "ka_per_min"),
        ({"bioavailability": 2.0, "ka_per_min": 1.0}, "bioavailability"),
    ],
)
def test_an_override_that_cannot_be_names_its_field(overrides: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        load_card("kamp2020").individual(70, **overrides)
    assert refusal.value.field == field


def test_a_depot_is_not_added_to_a_model_that_has_its_own_ways_in() -> None:
    with pytest.raises(Refused):
        load_card("simons2022").individual(70, ka_per_min=0.1)


def test_many_people_are_the_same_as_one_by_one() -> None:
    rng = np.random.default_rng(4)
    for name in ("kamp2020", "otto2021", "perezruixo2021", "simons2022"):
        card = load_card(name)
        assert card.variability is not None
        etas = rng.standard_normal((3, len(card.variability.names))) * 0.3
        batch = card.individuals(70, etas)
        assert len(batch) == 3
        for index in range(3):
            changed = {
                parameter: 1 / (1 + (1 / value - 1) * math.exp(-eta)) if scale == "logit" else value * math.exp(eta)
                for parameter, scale, eta in zip(
                    card.variability.names, card.variability.scales, etas[index], strict=True
                )
                for value in [card.parameters[parameter].value]
            }
            alone, one = card.individual(70, **changed), batch.person(index)
            times = [1.0, 40.0, 200.0]
            route = "nasal" if name == "perezruixo2021" else "iv"
            got, expected = (solve(model, [Dose(route, 0, 35)], times) for model in (one, alone))
            for output in alone.outputs:
                np.testing.assert_allclose(got.output(output), expected.output(output), rtol=1e-9)
            np.testing.assert_allclose(got.ce_ng_per_ml, expected.ce_ng_per_ml, rtol=1e-9)


def test_no_band_where_nobody_published_one() -> None:
    with pytest.raises(Refused, match="variability"):
        load_card("domino1984").individuals(70, np.zeros((2, 1)))
