"""Cases with cards, changed cards, depots, routes, metabolites and amounts, and every way to get them wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlude.domain.pharmacology import Dose, Mammillary, Person, card_names, dumps, load_card, simulate_case, solve
from interlude.domain.pharmacology.case import OUTPUTS, labels_of, read_case
from interlude.domain.refusals import Refused
from tests.domain.pharmacology.test_case import EXPLICIT, changed, dose, values

S_OVER_20 = dose(duration_min=20, amount_mg=20)


def test_a_changed_card_is_the_card_with_that_value() -> None:
    model = {"name": "kamp", "clearance_exponent": 1.0, "ke0_per_min": 0.2, "v1_l": 30}
    result = simulate_case(changed(model=model, patient={"weight_kg": 110}))
    individual = load_card("kamp2020").individual(110, clearance_exponent=1.0, ke0_per_min=0.2, v1_l=30.0)
    curves = solve(individual, [Dose("iv", 0, 35, 40)], [5, 10, 40, 80])
    assert result["Cp"]["values"] == curves.cp_ng_per_ml.tolist()
    assert result["Ce"]["values"] == curves.ce_ng_per_ml.tolist()


def test_the_published_weight_exponents_of_the_default_differ_by_seven_percent() -> None:
    doses = [dose(amount_mg=None, amount_mg_per_kg=0.5)]
    levels = [
        simulate_case(changed(model=model, patient={"weight_kg": 110}, doses=doses))["Cp"]["values"][2]
        for model in ("kamp2020", {"name": "kamp2020", "clearance_exponent": 1})
    ]
    assert [round(level, 1) for level in levels] == [271.8, 253.1]


def test_a_depot_absorbs_what_reaches_it() -> None:
    explicit = {**EXPLICIT, "ka_per_min": 0.021, "bioavailability": 0.93, "s_fraction": 0.5}
    doses = [{"route": "im", "start_min": 2, "amount_mg": 35}]
    result = simulate_case(changed(model=explicit, doses=doses, outputs=["Cp", "Ce_s", "amounts"], times_min=[2, 22]))
    curves = solve(Mammillary(**explicit), [Dose("im", 2, 35)], [2, 22])
    assert result["Cp"]["values"] == curves.cp_ng_per_ml.tolist()
    assert result["Ce_s"]["values"] == (curves.ce_ng_per_ml / 2).tolist()
    amounts = result["amounts"]
    assert amounts["unit"] == "mg"
    assert list(amounts["values"]) == ["central", "peripheral1", "depot"]
    assert amounts["values"]["depot"] == pytest.approx([35 * 0.93, 35 * 0.93 * np.exp(-0.42)], rel=1e-12)


@pytest.mark.parametrize("route", ["im", "sc", "nasal", "oral", "sublingual"])
def test_a_card_with_a_depot_takes_every_route(route: str) -> None:
    model = {"name": "kamp2020", "ka_per_min": 0.05, "bioavailability": 0.5}
    half, whole = (
        simulate_case(changed(model=model, doses=[{"route": route, "start_min": 0, "amount_mg": mg}]))["Cp"]["values"]
        for mg in (20, 40)
    )
    assert whole == pytest.approx([2 * level for level in half], rel=1e-12)


def test_sprays_reach_the_nasal_model_and_weight_does_not() -> None:
    doses = [{"route": "nasal", "start_min": 0, "amount_mg": 56, "sprays": sprays} for sprays in (1, 2)]
    one, two, light = (
        simulate_case(changed(model="perezruixo2021", patient=patient, doses=[row], outputs=["Cp", "Cp_norketamine"]))
        for row, patient in ((doses[0], None), (doses[1], None), (doses[1], {"weight_kg": 45, "age_years": 44}))
    )
    assert two == light
    assert one["Cp"]["values"][2] > two["Cp"]["values"][2]
    assert "as" not in two["Cp_norketamine"]


def test_traits_of_the_patient_reach_the_model() -> None:
    def level(**patient: Any) -> float:
        case = changed(model="perezruixo2021", patient=patient, outputs=["Cp"])
        return float(simulate_case(case)["Cp"]["values"][3])

    assert level() < level(age_years=80)
    assert level() < level(asian=True) == level(japanese=True)


def test_metabolites_in_equivalents_say_so() -> None:
    outputs = ["Cp_hydroxynorketamine", "Cp_norketamine", "Cp"]
    result = simulate_case(changed(model="simons2022", doses=[S_OVER_20], times_min=[20, 60], outputs=outputs))
    assert list(result) == ["times_min", *outputs]
    assert result["Cp_norketamine"]["as"] == result["Cp_hydroxynorketamine"]["as"] == "S-ketamine equivalents"
    assert "as" not in result["Cp"]
    # The published prediction of 20 mg over 20 min: 268 ng/mL at its end.
    assert round(result["Cp"]["values"][0]) == 268


def test_amounts_account_for_the_dose_until_it_leaves() -> None:
    model = {"v1_l": 20, "k10_per_min": 0, "k12_per_min": 0.1, "k21_per_min": 0.2}
    amounts = simulate_case(changed(model=model, outputs=["amounts"]))["amounts"]["values"]
    total = np.sum(list(amounts.values()), axis=0)
    assert total == pytest.approx([35 * 5 / 40, 35 * 10 / 40, 35, 35], rel=1e-12)


def test_a_dose_per_kg_is_the_dose_of_that_weight() -> None:
    per_kg = simulate_case(changed(doses=[dose(amount_mg=None, amount_mg_per_kg=0.5, unit="mg/kg")]))
    assert per_kg == simulate_case(changed(doses=[dose(unit="mg")]))


def test_infusions_of_two_lines_or_routes_may_overlap() -> None:
    two = simulate_case(changed(doses=[dose(amount_mg=20), dose(amount_mg=15, line="b")]))
    assert two["Cp"]["values"] == pytest.approx(simulate_case(changed())["Cp"]["values"], rel=1e-12)


@pytest.mark.parametrize("name", card_names())
def test_every_card_computes_every_output_that_it_has(name: str) -> None:
    card = load_card(name)
    person = {"weight_kg": 20.0, "age_years": 6.0} if card.range.children else {"weight_kg": 80.0, "age_years": 40.0}
    model = {"name": name, "ke0_per_min": 0.1}
    if card.clearance_exponent is not None and card.clearance_exponent.default is None:
        model["clearance_exponent"] = 0.75
    found, fields = [], set()
    for output in OUTPUTS:
        try:
            dumps(simulate_case(changed(model=model, patient=person, outputs=[output])))
            found.append(output)
        except Refused as refused:
            fields.add(refused.field)
    assert fields <= {"outputs[0]"}
    assert found[:3] == ["Cp", "Ce", "Ce_s"]
    assert "amounts" in found
    assert ("Cp_norketamine" in found) == (name in ("otto2021", "simons2022", "perezruixo2021"))


REFUSED = [
    ("unknown card in an object", changed(model={"name": "nobody1999"}), "model.name"),
    ("name of a wrong type", changed(model={"name": 3}), "model.name"),
    ("unknown parameter", changed(model={"name": "kamp2020", "v9_l": 1}), "model.v9_l"),
    ("null parameter", changed(model={"name": "kamp2020", "v1_l": None}), "model.v1_l"),
    ("negative parameter", changed(model={"name": "kamp2020", "v1_l": -1}), "model.v1_l"),
    ("zero parameter", changed(model={"name": "kamp2020", "v1_l": 0}), "model.v1_l"),
    (
        "exponent that is no choice",
        changed(model={"name": "kamp2020", "clearance_exponent": 0.9}),
        "model.clearance_exponent",
    ),
    ("flag of a wrong type", changed(model={"name": "kamp2020", "outside_population": 1}), "model.outside_population"),
    (
        "bioavailability without a depot",
        changed(model={"name": "kamp2020", "bioavailability": 0.5}),
        "model.ka_per_min",
    ),
    ("explicit bioavailability alone", changed(model={**EXPLICIT, "bioavailability": 0.5}), "model.ka_per_min"),
    (
        "bioavailability above 1",
        changed(model={**EXPLICIT, "ka_per_min": 0.1, "bioavailability": 1.1}),
        "model.bioavailability",
    ),
    ("share above 1", changed(model={**EXPLICIT, "s_fraction": 1.5}), "model.s_fraction"),
    ("depot of a chain", changed(model={"name": "simons2022", "ka_per_min": 0.1}), "model.ka_per_min"),
    ("child set for an adult", changed(model="herd2007", patient={"weight_kg": 110}), "patient.weight_kg"),
    (
        "child set for an adult's age",
        changed(model="herd2007", patient={"weight_kg": 50, "age_years": 40}),
        "patient.age_years",
    ),
    (
        "adult set for a child",
        changed(model="perezruixo2021", patient={"age_years": 8}),
        "patient.age_years",
    ),
    ("exponent not published", changed(model="sherwin2015", patient={"weight_kg": 30}), "model.clearance_exponent"),
    ("no effect site", changed(model="sherwin2015"), "model.ke0_per_min"),
    ("text trait", changed(patient={"weight_kg": 70, "asian": "yes"}), "patient.asian"),
    ("negative age", changed(patient={"weight_kg": 70, "age_years": -1}), "patient.age_years"),
    ("two amounts", changed(doses=[dose(amount_mg_per_kg=0.5)]), "doses[0].amount_mg_per_kg"),
    (
        "per kg without weight",
        changed(model="perezruixo2021", patient=None, doses=[dose(amount_mg=None, amount_mg_per_kg=0.5)]),
        "patient.weight_kg",
    ),
    ("unit of another amount", changed(doses=[dose(unit="mg/kg")]), "doses[0].unit"),
    ("unknown unit", changed(doses=[dose(amount_mg=None, amount_mg_per_kg=1, unit="ug/kg")]), "doses[0].unit"),
    ("unit of a wrong type", changed(doses=[dose(unit=1)]), "doses[0].unit"),
    ("sprays into a vein", changed(doses=[dose(sprays=2)]), "doses[0].sprays"),
    ("half a spray", changed(doses=[dose(route="nasal", sprays=1.5)]), "doses[0].sprays"),
    ("no spray", changed(doses=[dose(route="nasal", sprays=0)]), "doses[0].sprays"),
    ("line of a wrong type", changed(doses=[dose(line=1)]), "doses[0].line"),
    ("overlap on a named line", changed(doses=[dose(line="a"), dose(line="a", start_min=1)]), "doses[1]"),
    ("no way into the model", changed(doses=[dose(), dose(route="oral")]), "doses[1].route"),
    ("film of another model", changed(model="perezruixo2021", doses=[dose(route="sublingual")]), "doses[0].route"),
    ("metabolite of another model", changed(outputs=["Cp", "Cp_norketamine"]), "outputs[1]"),
    (
        "metabolite refused by its card",
        changed(model="flint2017", patient={"weight_kg": 20}, outputs=["Cp_norketamine"]),
        "outputs[0]",
    ),
    ("extreme parameter", changed(model={"name": "kamp2020", "v1_l": 5e-324}), "model"),
    ("extreme parameter of a chain", changed(model={"name": "otto2021", "v1_l": 5e-324}), "model"),
    ("extreme weight of a chain", changed(model="otto2021", patient={"weight_kg": 5e-324}), "patient.weight_kg"),
]


@pytest.mark.parametrize(("case", "field"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_wrong_case_is_one_line_that_names_the_field(case: Any, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        simulate_case(case)
    assert refusal.value.field == field
    assert "\n" not in str(refusal.value)


def test_a_refusal_says_what_is_allowed() -> None:
    def said(case: dict[str, Any]) -> str:
        with pytest.raises(Refused) as refusal:
            simulate_case(case)
        return str(refusal.value)

    assert "kamp2020" in said(changed(model="nobody1999"))
    assert "clearance_exponent" in said(changed(model={"name": "kamp2020", "v9_l": 1}))
    assert "0.75, 1.0" in said(changed(model={"name": "kamp2020", "clearance_exponent": 0.9}))
    assert "Cp_norketamine" in said(changed(outputs=["cp"]))
    assert said(changed(doses=[dose(unit="g")])) == "This must be one of: mg."
    assert "iv, im, sc, nasal, oral, sublingual" in said(changed(doses=[dose(route="rectal")]))
    assert "made from children" in said(changed(model="herd2007", patient={"weight_kg": 110}))


def test_a_child_set_may_be_used_for_an_adult_when_the_case_says_so_and_the_labels_repeat_it() -> None:
    model = {"name": "herd2007", "outside_population": True, "ke0_per_min": 0.1}
    case = read_case(changed(model=model, patient={"weight_kg": 70}))
    assert case.labels[0].startswith("Used outside its population: ")
    assert any("ke0 0.1 /min, given in the case" in label for label in case.labels)


def test_labels_say_what_is_borrowed_assumed_and_changed() -> None:
    model = {"name": "kamp2020", "ka_per_min": 0.02, "v1_l": 30}
    case = read_case(changed(model=model))
    text = "\n".join(case.labels)
    assert "Clearance exponent 0.75. Assumed:" in text
    assert "Borrowed from Simons 2022" in text
    assert "half-life 8.3 min. Borrowed: Olofsen" in text
    assert "Assumed: one first-order depot" in text
    assert "Changed: v1_l 30 L/70 kg, published 25" in text
    assert labels_of(read_case(changed(model=EXPLICIT)).about, ["Cp"]) == []
    assert "S-ketamine" in read_case(changed(model="simons2022")).labels[0]


def test_a_person_is_read_as_given() -> None:
    patient = {"weight_kg": 55, "age_years": 30, "japanese": True}
    assert read_case(changed(patient=patient)).about.person == Person(55, 30, asian=True, japanese=True)


names = st.sampled_from([*card_names(), "kamp"])
inside = st.sampled_from(
    [
        "name",
        "clearance_exponent",
        "outside_population",
        "ka_per_min",
        "v1_l",
        "ke0_per_min",
        "bioavailability",
        "fr_nasal",
    ]
)
positive = st.floats(min_value=0, exclude_min=True, allow_nan=False, allow_infinity=False)


@settings(max_examples=300, deadline=None)
@given(
    names,
    st.dictionaries(inside, values | positive | st.sampled_from([0.75, 1.0, True]), max_size=3),
    st.fixed_dictionaries({}, optional={"weight_kg": positive, "age_years": st.floats(0, 1e3), "asian": st.booleans()}),
    st.fixed_dictionaries(
        {"route": st.sampled_from(["iv", "im", "nasal", "oral", "sublingual"]), "start_min": st.floats(0, 1e3)},
        optional={"duration_min": positive, "amount_mg": positive, "amount_mg_per_kg": positive, "sprays": values},
    ),
    st.sampled_from(OUTPUTS),
    positive,
)
def test_no_card_and_no_number_crashes(
    name: str, overrides: dict[str, Any], patient: dict[str, Any], given_dose: dict[str, Any], output: str, time: float
) -> None:
    case = {
        "model": {"name": name, **overrides},
        "patient": patient,
        "doses": [given_dose],
        "times_min": [0, time],
        "outputs": [output],
    }
    field, said = "computed", ""
    try:
        dumps(simulate_case(case))
    except Refused as refused:
        field, said = refused.field, str(refused)
    assert field
    assert "\n" not in said
