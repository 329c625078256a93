"""The case format: what is computed, and every way to get it wrong."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlude.domain.pharmacology import Mammillary, dumps, loads, simulate_case
from interlude.domain.refusals import Refused
from tests.domain.pharmacology.oracle import by_decimal

CASE: dict[str, Any] = {
    "model": "kamp2020",
    "patient": {"weight_kg": 70},
    "doses": [{"route": "iv", "start_min": 0, "duration_min": 40, "amount_mg": 35}],
    "times_min": [5, 10, 40, 80],
    "outputs": ["Cp", "Ce"],
}
EXPLICIT = {"v1_l": 25, "k10_per_min": 0.056, "k12_per_min": 0.1, "k21_per_min": 0.05, "ke0_per_min": 0.08}


def changed(**values: Any) -> dict[str, Any]:
    case = copy.deepcopy(CASE)
    for key, value in values.items():
        if value is None:
            del case[key]
        else:
            case[key] = value
    return case


def dose(**values: Any) -> dict[str, Any]:
    row = {**CASE["doses"][0], **values}
    return {key: value for key, value in row.items() if value is not None}


def test_the_usual_infusion() -> None:
    result = simulate_case(changed(outputs=["Ce_s", "Cp", "Ce"]))
    assert list(result) == ["times_min", "Ce_s", "Cp", "Ce"]
    assert result["times_min"] == [5, 10, 40, 80]
    assert result["Cp"]["unit"] == "ng/mL"
    assert [round(v) for v in result["Cp"]["values"]] == [109, 155, 253, 74]
    assert result["Ce_s"]["values"] == [v / 2 for v in result["Ce"]["values"]]
    assert all(type(v) is float for v in result["Ce"]["values"])


def test_an_explicit_model_is_absolute_and_needs_no_weight() -> None:
    light, heavy, none = (
        simulate_case(changed(model=EXPLICIT, patient=patient))
        for patient in ({"weight_kg": 40}, {"weight_kg": 140}, None)
    )
    assert light == heavy == none
    cp, ce = by_decimal(Mammillary(**EXPLICIT), [(0, 40, 52.5)], [5, 10, 40, 80])
    assert none["Cp"]["values"] == pytest.approx(cp, rel=1e-9)
    assert none["Ce"]["values"] == pytest.approx(ce, rel=1e-9)


def test_boluses_may_coincide_and_segments_may_adjoin() -> None:
    doses = [
        dose(start_min=30.3, duration_min=0.1),
        dose(start_min=0.1, duration_min=0.2, amount_mg=1),
        dose(start_min=0.3, duration_min=30, amount_mg=10),
        dose(start_min=0.3, duration_min=0, amount_mg=3),
        dose(start_min=0.3, duration_min=0, amount_mg=2),
    ]
    cp = simulate_case(changed(doses=doses, times_min=[10, 31]))["Cp"]["values"]
    model = Mammillary(25, 84 / 60 / 25, 161 / 60 / 25, 161 / 60 / 56, 79 / 60 / 25, 79 / 60 / 157, 0.1)
    segments = [(30.3, 30.4, 21_000.0), (0.1, 0.3, 300.0), (0.3, 30.3, 20.0)]
    expected, _ = by_decimal(model, segments, [10, 31], [(0.3, 5.0)])
    assert cp == pytest.approx(expected, rel=1e-9)


def test_no_dose_gives_zero() -> None:
    assert simulate_case(changed(doses=[]))["Cp"]["values"] == [0.0] * 4


REFUSED = [
    ("unknown top key", changed(weight=70), "weight"),
    ("unknown patient key", changed(patient={"weight_kg": 70, "age": 3}), "patient.age"),
    ("unknown dose key", changed(doses=[dose(rate=3)]), "doses[0].rate"),
    ("unknown model key", changed(model={**EXPLICIT, "cl_l": 1}), "model.cl_l"),
    ("no model", changed(model=None), "model"),
    ("no doses", changed(doses=None), "doses"),
    ("no times", changed(times_min=None), "times_min"),
    ("empty times", changed(times_min=[]), "times_min"),
    ("no outputs", changed(outputs=None), "outputs"),
    ("empty outputs", changed(outputs=[]), "outputs"),
    ("unknown model", changed(model="nobody1999"), "model"),
    ("model of a wrong type", changed(model=3), "model"),
    ("no patient", changed(patient=None), "patient.weight_kg"),
    ("no weight", changed(patient={}), "patient.weight_kg"),
    ("patient of a wrong type", changed(patient=[70]), "patient"),
    ("zero weight", changed(patient={"weight_kg": 0}), "patient.weight_kg"),
    ("negative weight", changed(patient={"weight_kg": -70}), "patient.weight_kg"),
    ("text weight", changed(patient={"weight_kg": "70"}), "patient.weight_kg"),
    ("boolean weight", changed(patient={"weight_kg": True}), "patient.weight_kg"),
    ("infinite weight", changed(patient={"weight_kg": float("inf")}), "patient.weight_kg"),
    ("enormous weight", changed(patient={"weight_kg": 10**400}), "patient.weight_kg"),
    ("vanishing weight", changed(patient={"weight_kg": 5e-324}), "patient.weight_kg"),
    ("negative dose", changed(doses=[dose(amount_mg=-1)]), "doses[0].amount_mg"),
    ("NaN dose", changed(doses=[dose(), dose(amount_mg=float("nan"))]), "doses[1].amount_mg"),
    ("missing amount", changed(doses=[dose(amount_mg=None)]), "doses[0].amount_mg"),
    ("missing duration", changed(doses=[dose(duration_min=None)]), "doses[0].duration_min"),
    ("negative start", changed(doses=[dose(start_min=-1)]), "doses[0].start_min"),
    ("negative duration", changed(doses=[dose(duration_min=-1)]), "doses[0].duration_min"),
    ("muscle", changed(doses=[dose(route="im")]), "doses[0].route"),
    ("unknown route", changed(doses=[dose(route=None), dose()]), "doses[0].route"),
    ("route of a wrong type", changed(doses=[dose(route=["iv"])]), "doses[0].route"),
    ("doses of a wrong type", changed(doses={"route": "iv"}), "doses"),
    ("dose of a wrong type", changed(doses=[35]), "doses[0]"),
    ("overlap", changed(doses=[dose(), dose(start_min=39)]), "doses[1]"),
    ("overlap listed backwards", changed(doses=[dose(start_min=39), dose()]), "doses[1]"),
    (
        "overlap behind a long one",
        changed(doses=[dose(duration_min=90), dose(start_min=95), dose(start_min=60, duration_min=5)]),
        "doses[2]",
    ),
    ("negative time", changed(times_min=[-1, 5]), "times_min[0]"),
    ("unordered times", changed(times_min=[5, 10, 9]), "times_min[2]"),
    ("text time", changed(times_min=["5"]), "times_min[0]"),
    ("boolean time", changed(times_min=[True]), "times_min[0]"),
    ("null time", changed(times_min=[None]), "times_min[0]"),
    ("times of a wrong type", changed(times_min=5), "times_min"),
    ("unknown output", changed(outputs=["Cp", "cp"]), "outputs[1]"),
    ("output of a wrong type", changed(outputs=[["Cp"]]), "outputs[0]"),
    ("output twice", changed(outputs=["Cp", "Cp"]), "outputs[1]"),
    ("outputs of a wrong type", changed(outputs="Cp"), "outputs"),
    ("no volume", changed(model={"k10_per_min": 0.1}), "model.v1_l"),
    ("zero volume", changed(model={**EXPLICIT, "v1_l": 0}), "model.v1_l"),
    ("negative rate", changed(model={**EXPLICIT, "k12_per_min": -1}), "model.k12_per_min"),
    ("half a pair", changed(model={**EXPLICIT, "k13_per_min": 1}), "model.k31_per_min"),
    ("null rate", changed(model={**EXPLICIT, "ke0_per_min": None}), "model.ke0_per_min"),
    ("no ke0", changed(model={"v1_l": 25, "k10_per_min": 0.1}), "model.ke0_per_min"),
    ("share unknown", changed(model=EXPLICIT, outputs=["Cp", "Ce_s"]), "outputs[1]"),
    ("result too large", changed(doses=[dose(amount_mg=1e308, duration_min=0)]), "doses"),
    ("rate too large", changed(doses=[dose(amount_mg=1e308, duration_min=1e-3)]), "doses[0].duration_min"),
    ("no object", [], "case"),
]


@pytest.mark.parametrize(("case", "field"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_wrong_case_is_one_line_that_names_the_field(case: Any, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        simulate_case(case)
    assert refusal.value.field == field
    assert "\n" not in str(refusal.value)


def test_a_compartment_that_overlaps_nothing_because_it_is_earlier_and_shorter() -> None:
    doses = [dose(start_min=60, duration_min=5), dose(start_min=0, duration_min=60)]
    assert simulate_case(changed(doses=doses))["Cp"]["values"][3] > 0


def test_numbers_print_with_seventeen_digits_and_read_back_exactly() -> None:
    result = simulate_case(changed(times_min=[0.1, 5, 40]))
    text = dumps(result)
    assert json.loads(text) == result
    assert '"times_min": [0.10000000000000001, 5, 40]' in text
    with pytest.raises(ValueError, match="finite"):
        dumps({"x": float("nan")})


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", '{"model": NaN}', '{"model": 1, "model": 2}', "[" * 100_000, "\x00", '{"a": -Infinity}'],
)
def test_text_that_is_no_case_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        loads(text)


def test_a_case_reads_from_text() -> None:
    assert loads(json.dumps(CASE)) == CASE


values = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text(max_size=3)
    | st.sampled_from(["iv", "Cp", "Ce_s"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*CASE, "target", "population"]), values)
def test_no_value_anywhere_crashes(key: str, value: Any) -> None:
    field = "computed"
    try:
        dumps(simulate_case({**CASE, key: value}))
    except Refused as refused:
        field = refused.field
    assert field


numbers = st.floats(min_value=0, allow_nan=False)


@settings(max_examples=300, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "v1_l": numbers,
            "k10_per_min": numbers,
            "k12_per_min": numbers,
            "k21_per_min": numbers,
            "k13_per_min": numbers,
            "k31_per_min": numbers,
            "ke0_per_min": numbers,
        },
        optional={"ka_per_min": numbers, "s_fraction": numbers},
    ),
    st.sampled_from(["iv", "im"]),
    numbers,
    numbers,
)
def test_no_extreme_number_crashes_or_gives_something_unprintable(
    model: dict[str, float], route: str, amount_mg: float, time_min: float
) -> None:
    case = changed(model=model, doses=[dose(route=route, amount_mg=amount_mg)], times_min=[time_min])
    field, found = "computed", [0.0]
    try:
        result = simulate_case(case)
        dumps(result)
        found = result["Cp"]["values"] + result["Ce"]["values"]
    except Refused as refused:
        field = refused.field
    assert field
    assert all(value >= 0 for value in found)
