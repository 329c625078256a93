"""Cases with a population: bands beside the typical person, from a seed."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlude.domain.pharmacology import card_names, dumps, load_card, simulate_case
from interlude.domain.pharmacology.case import read_case
from interlude.domain.pharmacology.population import CardSource, simulate_population
from interlude.domain.refusals import Refused
from tests.domain.pharmacology.test_case import EXPLICIT, changed, values


def crowd(**changes: Any) -> dict[str, Any]:
    return changed(population={"n": 500, "seed": 3, **changes})


def test_each_output_gains_percentiles_and_the_result_says_whose_they_are() -> None:
    result = simulate_case(crowd())
    plain = simulate_case(changed())
    assert list(result) == ["times_min", "Cp", "Ce", "population", "labels"]
    assert result["Cp"]["values"] == plain["Cp"]["values"]
    low, middle, high = (np.array(result["Cp"]["percentiles"][key]) for key in ("5", "50", "95"))
    assert (low < middle).all()
    assert (middle < high).all()
    assert middle == pytest.approx(plain["Cp"]["values"], rel=0.06)
    about = result["population"]
    assert (about["n"], about["seed"], about["borrowed"]) == (500, 3, True)
    peaks = about["summaries"]["Cp"]["peak_ng_per_ml"]
    assert peaks["50"] == pytest.approx(middle[2], rel=0.02)
    assert about["summaries"]["Cp"]["peak_at_min"]["50"] == 40
    assert any("Borrowed from Simons 2022" in label for label in result["labels"])
    assert json.loads(dumps(result)) == json.loads(dumps(simulate_case(crowd())))


def test_bands_are_those_of_the_library() -> None:
    case = read_case(crowd(percentiles=[10, 97.5]))
    bands = case.bands()
    assert bands is not None
    source = CardSource(load_card("kamp2020"), case.about.person)
    again = simulate_population(source, case.doses, case.grid_min, n=500, seed=3, percentiles=(10, 97.5))
    asked = np.searchsorted(case.grid_min, case.times_min)
    result = simulate_case(crowd(percentiles=[10, 97.5]))
    assert result["Ce"]["percentiles"] == {
        "10": again.bands["Ce"][10][asked].tolist(),
        "97.5": again.bands["Ce"][97.5][asked].tolist(),
    }


def test_another_seed_is_other_people() -> None:
    assert simulate_case(crowd()) != simulate_case(crowd(seed=4))


def test_changes_of_the_card_reach_its_people() -> None:
    model = {"name": "kamp2020", "cl_l_per_h": 168}
    ends = [simulate_case({**crowd(), "model": one})["Cp"]["percentiles"]["50"][3] for one in ("kamp2020", model)]
    assert ends[1] < 0.8 * ends[0]


def test_metabolites_have_bands_and_amounts_have_none() -> None:
    outputs = ["Cp_norketamine", "amounts"]
    result = simulate_case({**crowd(n=50), "model": "simons2022", "outputs": outputs})
    assert set(result["Cp_norketamine"]["percentiles"]) == {"5", "50", "95"}
    assert "percentiles" not in result["amounts"]


def test_a_target_has_bands_under_its_schedule() -> None:
    target = {"kind": "plasma", "level_ng_per_ml": 100, "duration_min": 20, "interval_s": 60}
    result = simulate_case({**changed(doses=None, target=target), "population": {"n": 50}})
    assert list(result) == ["times_min", "Cp", "Ce", "advisory", "schedule", "population", "labels"]
    assert result["Cp"]["percentiles"]["5"][1] < 100 < result["Cp"]["percentiles"]["95"][1]


@pytest.mark.parametrize("name", card_names())
def test_every_card_gives_a_band_or_its_reason(name: str) -> None:
    card = load_card(name)
    person = {"weight_kg": 20.0, "age_years": 6.0} if card.range.children else {"weight_kg": 80.0, "age_years": 40.0}
    model: dict[str, Any] = {"name": name}
    if card.clearance_exponent is not None and card.clearance_exponent.default is None:
        model["clearance_exponent"] = 0.75
    case = {**crowd(n=20), "model": model, "patient": person, "outputs": ["Cp"]}
    field = ""
    try:
        assert set(simulate_case(case)["Cp"]["percentiles"]) == {"5", "50", "95"}
    except Refused as refused:
        field = refused.field
    assert field == ("" if card.variability is not None else "model")


REFUSED = [
    ("population of a wrong type", changed(population=500), "population"),
    ("unknown key", crowd(size=3), "population.size"),
    ("nobody", crowd(n=0), "population.n"),
    ("half a person", crowd(n=1.5), "population.n"),
    ("too many", crowd(n=10**9), "population.n"),
    ("text", crowd(n="500"), "population.n"),
    ("negative seed", crowd(seed=-1), "population.seed"),
    ("no percentiles", crowd(percentiles=[]), "population.percentiles"),
    ("percentile above 100", crowd(percentiles=[5, 101]), "population.percentiles[1]"),
    ("percentile twice", crowd(percentiles=[5, 5]), "population.percentiles[1]"),
    ("model of the case's own", {**crowd(), "model": EXPLICIT}, "model"),
    ("card without variability", {**crowd(), "model": "domino1984"}, "model"),
]


@pytest.mark.parametrize(("case", "field"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_wrong_population_is_one_line_that_names_the_field(case: Any, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        simulate_case(case)
    assert refusal.value.field == field
    assert "\n" not in str(refusal.value)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([name for name in card_names() if load_card(name).variability is not None]),
    st.dictionaries(st.sampled_from(["seed", "percentiles"]), values),
    st.floats(min_value=0, exclude_min=True, allow_infinity=False),
    st.floats(min_value=0, allow_infinity=False),
)
def test_no_population_crashes(name: str, changes: dict[str, Any], weight_kg: float, amount_mg: float) -> None:
    case = crowd(n=5, **changes) | {"model": {"name": name, "outside_population": True}, "outputs": ["Cp"]}
    case["patient"] = {"weight_kg": weight_kg}
    case["doses"] = [{"route": "iv", "start_min": 0, "duration_min": 40, "amount_mg": amount_mg}]
    field = "computed"
    try:
        dumps(simulate_case(case))
    except Refused as refused:
        field = refused.field
    assert field
