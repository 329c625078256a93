"""Cases with a target: the advisory schedule, and what it does when it is given."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlude.domain.pharmacology import Dose, dumps, load_card, simulate_case, solve
from interlude.domain.pharmacology.targets import ADVISORY
from interlude.domain.refusals import Refused
from tests.domain.pharmacology.test_case import EXPLICIT, changed, dose, values

PLASMA = {"kind": "plasma", "level_ng_per_ml": 100, "duration_min": 30}
EFFECT = {"kind": "effect", "level_ng_per_ml": 80, "duration_min": 60, "interval_s": 60}


def aimed(target: dict[str, Any], **more: Any) -> dict[str, Any]:
    return changed(doses=None, target=target, **more)


def test_a_plasma_target_is_reached_after_one_interval_and_held() -> None:
    result = simulate_case(aimed(PLASMA, times_min=[1 / 6, 5, 30]))
    assert result["Cp"]["values"] == pytest.approx([100, 100, 100], rel=1e-6)
    assert result["advisory"] == ADVISORY
    rows = result["schedule"]
    assert rows[0]["start_min"] == 0
    assert rows[-1]["end_min"] == pytest.approx(30)
    assert list(rows[0]) == ["start_min", "end_min", "rate_mg_per_h", "cumulative_mg"]
    given_mg = sum(row["rate_mg_per_h"] * (row["end_min"] - row["start_min"]) / 60 for row in rows)
    assert rows[-1]["cumulative_mg"] == pytest.approx(given_mg, rel=1e-9)
    assert any("Assumed" in label for label in result["labels"])


def test_the_result_is_what_the_rows_give() -> None:
    result = simulate_case(aimed(EFFECT))
    doses = [
        Dose(
            "iv",
            row["start_min"],
            row["rate_mg_per_h"] * (row["end_min"] - row["start_min"]) / 60,
            row["end_min"] - row["start_min"],
        )
        for row in result["schedule"]
    ]
    curves = solve(load_card("kamp2020").individual(70), doses, [5, 10, 40, 80])
    assert result["Cp"]["values"] == pytest.approx(curves.cp_ng_per_ml.tolist(), rel=1e-9)
    assert result["Ce"]["values"] == pytest.approx(curves.ce_ng_per_ml.tolist(), rel=1e-9)


def test_limits_hold_and_the_row_says_which() -> None:
    limits = {"resolution_mg_per_h": 1, "max_rate_mg_per_h": 60, "max_amount_mg": 20}
    rows = simulate_case(aimed({**EFFECT, **limits}))["schedule"]
    assert max(row["rate_mg_per_h"] for row in rows) == 60
    assert rows[0]["limited_by"] == "max_rate_mg_per_h"
    assert all(row["rate_mg_per_h"] == int(row["rate_mg_per_h"]) for row in rows)
    assert rows[-1]["cumulative_mg"] <= 20


def test_steps_may_leave_a_gap_in_which_nothing_is_given() -> None:
    steps = [
        {"level_ng_per_ml": 100, "duration_min": 10},
        {"level_ng_per_ml": 50, "start_min": 20, "duration_min": 10},
    ]
    rows = simulate_case(aimed({"kind": "plasma", "steps": steps}))["schedule"]
    gap = [row for row in rows if row["start_min"] >= 10 - 1e-9 and row["end_min"] <= 20 + 1e-9]
    assert gap
    assert all(row["rate_mg_per_h"] == 0 for row in gap)


def test_the_s_half_is_half_of_the_target_of_a_racemate() -> None:
    s = simulate_case(aimed({**EFFECT, "of": "Ce_s", "level_ng_per_ml": 40}))
    total = simulate_case(aimed({**EFFECT, "of": "Ce"}))
    assert s["schedule"] == total["schedule"]


def test_a_bolus_before_the_target_is_counted() -> None:
    target = {**PLASMA, "start_min": 10}
    with_bolus, without = (
        simulate_case({**aimed(target), "doses": doses, "times_min": [10, 10.5, 40]})
        for doses in ([dose(duration_min=0, amount_mg=5)], [])
    )
    assert with_bolus["Cp"]["values"][1] == pytest.approx(100, rel=1e-6)
    assert with_bolus["schedule"][-1]["cumulative_mg"] < without["schedule"][-1]["cumulative_mg"]


def target(**changes: Any) -> dict[str, Any]:
    row = {**EFFECT, **changes}
    return aimed({key: value for key, value in row.items() if value is not None})


REFUSED = [
    ("neither doses nor target", changed(doses=None), "doses"),
    ("target of a wrong type", aimed([]), "target"),  # type: ignore[arg-type]
    ("no kind", target(kind=None), "target.kind"),
    ("unknown kind", target(kind="brain"), "target.kind"),
    ("level of another kind", target(of="Cp"), "target.of"),
    ("unknown key", target(rate=1), "target.rate"),
    ("no level", target(level_ng_per_ml=None), "target.level_ng_per_ml"),
    ("negative level", target(level_ng_per_ml=-1), "target.level_ng_per_ml"),
    ("no duration", target(duration_min=None), "target.duration_min"),
    ("zero duration", target(duration_min=0), "target.duration_min"),
    ("vanishing duration", target(start_min=1e300), "target.duration_min"),
    ("zero interval", target(interval_s=0), "target.interval_s"),
    ("too many intervals", target(interval_s=0.01), "target.interval_s"),
    ("zero resolution", target(resolution_mg_per_h=0), "target.resolution_mg_per_h"),
    ("infinite ceiling", target(max_amount_mg=float("inf")), "target.max_amount_mg"),
    ("steps and a level", target(steps=[]), "target.level_ng_per_ml"),
    ("no steps", aimed({"kind": "plasma", "steps": []}), "target.steps"),
    ("unknown key of a step", aimed({"kind": "plasma", "steps": [{"level": 1}]}), "target.steps[0].level"),
    (
        "steps that overlap",
        aimed({"kind": "plasma", "steps": [{"level_ng_per_ml": 1, "duration_min": 5}] * 2}),
        "target.steps[1].start_min",
    ),
    ("no effect site", aimed(EFFECT, model={"v1_l": 25, "k10_per_min": 0.1}, outputs=["Cp"]), "model.ke0_per_min"),
    ("share unknown", aimed({**EFFECT, "of": "Ce_s"}, model=EXPLICIT), "target.of"),
    ("dose that runs into the target", {**target(start_min=20), "doses": [dose()]}, "doses[0].start_min"),
]


@pytest.mark.parametrize(("case", "field"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_wrong_target_is_one_line_that_names_the_field(case: Any, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        simulate_case(case)
    assert refusal.value.field == field
    assert "\n" not in str(refusal.value)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["kind", "of", "level_ng_per_ml", "start_min", "steps", "resolution_mg_per_h", "max_amount_mg"]
        ),
        values | st.floats(0, 1e6) | st.sampled_from(["plasma", "effect", "Ce", "Ce_s"]),
    )
)
def test_no_target_crashes(changes: dict[str, Any]) -> None:
    field = "computed"
    try:
        dumps(simulate_case(aimed({**EFFECT, "duration_min": 5, **changes})))
    except Refused as refused:
        field = refused.field
    assert field
