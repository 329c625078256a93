"""What a page draws for an indication."""

from __future__ import annotations

import pytest

from interlude.domain.evidence import figures, forest, load_evidence, published, staff_text
from interlude.domain.evidence.choice import questions

INDICATIONS = sorted({code for study in load_evidence().studies.values() for code in study.indications})


@pytest.mark.parametrize("indication", INDICATIONS)
def test_every_question_has_its_figures_and_comparisons_are_never_mixed(indication: str) -> None:
    found = figures(indication)
    assert list(dict.fromkeys(one.outcome for one in found)) == questions(indication)
    for one in found:
        assert len(one.comparators) == 1 or one.measure.code == "proportion"
        assert forest(one).rows
        assert staff_text(one)


def test_the_figures_of_a_series_in_depression() -> None:
    drawn = [
        (one.outcome, one.measure.code, one.comparators if one.measure.null is not None else (), len(one.studies))
        for one in figures("trd")
        if one.outcome.endswith("end_of_series")
    ]
    assert drawn == [
        ("response_end_of_series", "risk_ratio", ("midazolam",), 1),
        ("response_end_of_series", "risk_ratio", ("ect",), 1),
        ("response_end_of_series", "proportion", (), 5),
        ("remission_end_of_series", "odds_ratio", ("midazolam",), 2),
        ("remission_end_of_series", "risk_ratio", ("ect",), 1),
        ("remission_end_of_series", "proportion", (), 3),
        ("worse_end_of_series", "proportion", (), 1),
        ("severity_end_of_series", "mean_difference", ("midazolam",), 1),
    ]


def test_published_figures_of_an_indication() -> None:
    ptsd = {one.row.code: (one.value, one.low, one.high) for one in published("ptsd")}
    assert ptsd == {
        "overall": (0.27, 0.03, 0.51), "adjusted": (0.20, -0.08, 0.48), "day-1": (0.35, 0.06, 0.64),
        "active": (0.24, -0.30, 0.78),
    }  # fmt: skip
    assert {one.study.code for one in published("trd")} == {"NEW15", "HAN16", "BAH22", "DEA21", "NIK23", "ALN22"}
    (pain,) = published("chronic_pain")
    assert (pain.value, pain.low, pain.high) == (1.83, 1.31, 2.35)  # printed as -1.83: less pain is better


def test_results_in_other_measures_are_not_lost() -> None:
    """Zarate prints a standardised difference against salt water, Murrough points against midazolam."""
    day = [one for one in figures("depression") if one.outcome == "severity_day_1"]
    drawn = {(one.measure.code, one.comparators): one.studies for one in day}
    assert {key: [line.study.code for line in lines] for key, lines in drawn.items()} == {
        ("smd", ("saline",)): ["ZAR06"],
        ("mean_difference", ("midazolam",)): ["MUR13"],
    }
