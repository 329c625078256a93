"""Questions to the studies: what is pooled, what is refused, and that one changed row changes everything after it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects, effectsize_2proportions

from interlude.domain.evidence import (
    as_data,
    forest,
    load_evidence,
    pool,
    questions,
    staff_text,
    study_data,
)
from interlude.domain.evidence.library import Evidence
from interlude.domain.refusals import Refused
from tests.domain.tables import cases

EVIDENCE = load_evidence()


def words(pooled: object) -> str:
    return " ".join(str(one) for one in staff_text(pooled))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "row", cases("evidence.md", "pools"), ids=lambda r: f"{r['indication']}-{r['outcome']}-{r['comparator']}"
)
def test_the_table_of_pooled_figures(row: dict[str, str]) -> None:
    found = pool(
        row["indication"],
        row["outcome"],
        comparator=row["comparator"] or None,
        measure=row["measure"] or None,
        definition=row["definition"] or None,
    )
    assert len(found.studies) == int(row["studies"])
    assert found.estimate == pytest.approx(float(row["estimate"]), rel=1e-7, abs=0.0051)
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (float(row["low"]), float(row["high"])), rel=1e-7, abs=0.0051
    )
    assert (found.synthesis is None) == (row["studies"] == "1")


def test_a_pooled_ratio_as_statsmodels_computes_it() -> None:
    found = pool("depression", "response_day_1", comparator="any", method="DL")
    value, variance = effectsize_2proportions(
        np.array([30, 12]), np.array([47, 20]), np.array([7, 10]), np.array([25, 20]), statistic="risk-ratio"
    )
    referee = combine_effects(value, variance, method_re="dl")
    assert [one.study.code for one in found.studies] == ["MUR13", "LII23"]
    assert found.synthesis is not None
    assert found.estimate == pytest.approx(np.exp(referee.mean_effect_re))
    assert found.synthesis.tau2 == pytest.approx(referee.tau2)
    assert found.fixed is not None
    assert found.fixed[0] == pytest.approx(np.exp(referee.mean_effect_fe))
    assert found.normal is not None
    assert (found.normal.low, found.normal.high) == pytest.approx(np.exp(referee.conf_int()[1][:2]))


def test_shares_of_one_arm_are_pooled_as_logits() -> None:
    found = pool("trd", "response_end_of_series", measure="proportion", definition="any")
    counts = {one.study.code: one.treated for one in found.studies}
    assert counts == {
        "MUR13b": (17, 24), "WILK17": (8, 16), "MCI22": (288, 537), "ANA23": (108, 195), "JEL25": (15, 32),
    }  # fmt: skip
    events, people = (np.array(x) for x in zip(*(pair for pair in counts.values() if pair), strict=True))
    value, variance = np.log(events / (people - events)), 1 / events + 1 / (people - events)
    referee = combine_effects(value, variance, method_re="dl")
    assert found.synthesis is not None
    assert found.synthesis.tau2 == 0.0  # REML and DerSimonian-Laird agree: no variance beyond chance
    assert found.estimate == pytest.approx(1 / (1 + np.exp(-referee.mean_effect_fe)))
    assert found.people == 804
    assert "Different definitions are mixed here" in words(found)
    assert "PHI19 is not in it. Only a percentage was read" in words(found)


def test_published_pooled_values_stand_beside_ours() -> None:
    """Their rows are not all here, so they need not be equal; they are shown, and never pooled again."""
    day = pool("depression", "response_day_1", measure="proportion")
    assert [(one.study.code, one.value) for one in day.published] == [("HAN16", 0.522)]
    assert day.interval.contains(0.522)
    series = pool("trd", "response_end_of_series", measure="proportion", definition="any")
    assert [(one.study.code, one.value) for one in series.published] == [("ALN22", 0.45)]
    odds = pool("depression", "response_day_1", comparator="any", measure="odds_ratio")
    assert {one.study.code: (one.value, one.low, one.high) for one in odds.published} == {
        "NEW15": (9.87, 4.37, 22.29), "DEA21": (3.94, 1.54, 10.10),
    }  # fmt: skip
    assert not {one.study.code for one in odds.studies} & {"NEW15", "DEA21"}
    assert odds.estimate < 3.94 < 9.87  # active and masked comparisons shrink the effect


def test_one_study_is_shown_and_not_pooled() -> None:
    found = pool("suicidal_ideation", "ideation_remission_day_3")
    assert found.synthesis is None
    assert found.interval_kind == "one_study"
    assert (found.prediction, found.fixed) == (None, None)
    text = words(found)
    assert "one study only (ABB22, 152 people). Nothing is pooled." in text
    assert "With ketamine 46 of 73 had no suicidal thoughts left after three days, with salt water 25 of 79." in text
    assert "ABB22: printed 46 of 83 against 25 of 73; used 46 of 73 against 25 of 79." in text


REFUSED = [
    (("trd", "response_end_of_series", {}), "comparator", "choose one of ect, midazolam, or any"),
    (("trd", "response_end_of_series", {"comparator": "saline"}), "comparator", "Use one of: ect, midazolam, any"),
    (("trd", "response_end_of_series", {"comparator": "any"}), "definition", "one of as_defined, half_depression"),
    (("trd", "response_end_of_series", {"measure": "proportion"}), "definition", "or any"),
    (("trd", "response_end_of_series", {"measure": "proportion", "definition": "lsas"}), "definition", "No study uses"),
    (("trd", "happiness", {}), "outcome", "Use one of: response_day_1, response_day_3"),
    (("gout", "response_day_1", {}), "indication", "Use one of: alcohol, anxiety"),
    (("trd", "response_day_1", {"measure": "luck"}), "measure", "Use one of: risk_ratio, odds_ratio"),
    (("depression", "response_week_1", {}), "outcome", "Only a percentage was read"),
    (("depression", "remission_day_3", {}), "outcome", "Only published pooled figures were read."),
    (("nicotine", "craving", {}), "outcome", "What can be: -"),
    (("ptsd", "severity_end_of_series", {}), "outcome", "Printed without an interval"),
    (("trd", "severity_week_14", {}), "outcome", "Both groups had ketamine; it compares a therapy."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "field", "said"), REFUSED, ids=[f"{q[0]}-{q[1]}-{i}" for i, (q, *_) in enumerate(REFUSED)]
)
def test_what_makes_no_sense_is_refused_and_what_is_allowed_is_named(question: tuple, field: str, said: str) -> None:
    indication, outcome, chosen = question
    with pytest.raises(Refused) as caught:
        pool(indication, outcome, **chosen)
    assert caught.value.field == field
    assert said in str(caught.value)


def test_points_on_different_scales_are_not_added_up() -> None:
    """Grunebaum's row on another scale: points of the MADRS and of the SSI."""
    borrowed = EVIDENCE.study("GRU18").model_copy(update={"indications": ("trd",), "code": "X", "id": "x"})
    with pytest.raises(Refused, match="different scales") as caught:
        pool("trd", "severity_day_1", measure="mean_difference", evidence=EVIDENCE.with_study(borrowed))
    assert "madrs points, ssi points" in str(caught.value)


def test_a_mixture_that_was_asked_for_says_so() -> None:
    text = words(pool("trd", "response_end_of_series", comparator="any", definition="any"))
    assert "against electroconvulsive therapy / midazolam" in text
    assert "Different comparisons are mixed here, as was asked." in text
    remission = words(pool("trd", "remission_end_of_series", comparator="midazolam", measure="odds_ratio"))
    assert "Two studies cannot show how much results vary; without that allowance the interval is" in remission
    assert "Different ways of giving it are mixed here: injection under the skin, infusion." in remission
    assert "with an unknown number of people" in remission


def test_a_zero_and_a_crossover_are_said() -> None:
    text = words(pool("anxiety", "response_week_2"))
    assert "TAY18: a zero was met" in text
    assert "TAY18: each person got both" in text
    assert "(TAY18, 18 people)" in text
    assert "Fewer than 50 people: TAY18." in text
    phase_one = words(pool("ocd", "response_week_1", measure="risk_ratio"))  # the counts of the first phase alone
    assert "each person got both" not in phase_one


def test_differences_are_turned_so_that_above_zero_favours_ketamine() -> None:
    """Jelovac prints -3.16 (-8.54 to 2.22) for MADRS points, lower being better."""
    found = pool("trd", "severity_end_of_series", comparator="midazolam", measure="mean_difference")
    assert (found.estimate, found.interval.low, found.interval.high) == pytest.approx((3.16, -2.22, 8.54), abs=0.005)
    assert found.clear is False
    assert found.favours_ketamine is True


def test_ratios_of_bad_outcomes_favour_ketamine_below_one() -> None:
    onset = pool("postpartum_depression", "depression_onset")
    assert onset.estimate < 1
    assert onset.favours_ketamine is True
    assert "In favour of esketamine over salt water." in words(onset)
    assert forest(onset).left_is_better is True
    ect = pool("trd", "remission_end_of_series", comparator="ect", measure="risk_ratio")
    assert ect.favours_ketamine is False
    assert "In favour of electroconvulsive therapy over ketamine." in words(ect)


def test_the_answer_does_not_depend_on_the_order_of_the_files() -> None:
    turned = Evidence(**{**EVIDENCE.__dict__, "studies": dict(reversed(EVIDENCE.studies.items()))})
    for indication, outcome, chosen in (
        ("trd", "response_end_of_series", {"measure": "proportion", "definition": "any"}),
        ("depression", "response_day_1", {"comparator": "any"}),
    ):
        one = as_data(pool(indication, outcome, **chosen))  # type: ignore[arg-type]
        other = as_data(pool(indication, outcome, evidence=turned, **chosen), turned)  # type: ignore[arg-type]
        assert one == other


def test_everything_that_can_be_asked_can_be_answered_and_exported() -> None:
    asked = 0
    for indication in {code for study in EVIDENCE.studies.values() for code in study.indications}:
        for outcome in questions(indication):
            try:
                found = pool(indication, outcome)
            except Refused:  # a mixture, which has to be asked for
                found = pool(indication, outcome, comparator="any", definition="any")
            data = json.loads(json.dumps(as_data(found)))
            assert data["studies"]
            assert data["text"]
            assert data["forest"]["rows"]
            asked += 1
    assert asked > 20


def test_the_export_of_a_study_carries_computed_counts_and_sentences() -> None:
    data = study_data(EVIDENCE.study("TAY18"))
    response = data["rows"][0]
    assert response["treated"]["events_computed"] == 6
    assert response["control"]["events_computed"] == 0
    assert response["text"] == "With ketamine 33.3 % of 18 had responded within two weeks, with salt water 0 % of 18."
    json.dumps([study_data(one) for one in EVIDENCE.studies.values()])
