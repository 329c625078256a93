"""The picture as data: every position follows from the numbers."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from interlude.domain.evidence import Pooled, forest, load_evidence, pool
from interlude.domain.evidence.choice import questions
from interlude.domain.refusals import Refused


def every_figure() -> list[Pooled]:
    found = []
    for indication in sorted({code for study in load_evidence().studies.values() for code in study.indications}):
        for outcome in questions(indication):
            for measure in (None, "risk_difference", "odds_ratio", "proportion"):
                try:
                    found.append(pool(indication, outcome, comparator="any", definition="any", measure=measure))
                except Refused:
                    continue
    return found


FIGURES = every_figure()


@pytest.mark.parametrize("figure", FIGURES, ids=lambda p: f"{p.indication}-{p.outcome}-{p.measure.code}")
def test_the_picture_is_whole(figure: Pooled) -> None:
    drawn = forest(figure)
    kinds = [row.kind for row in drawn.rows]
    assert kinds.count("study") == len(figure.studies)
    assert kinds.count("published") == len(figure.published)
    assert ("random" in kinds) == ("fixed" in kinds) == (figure.synthesis is not None)
    assert ("prediction" in kinds) == (figure.prediction is not None)
    for row in drawn.rows:
        assert 0 <= row.x_low <= row.x <= row.x_high <= 1, row
        assert row.cut_low <= (row.x_low == 0)
        assert row.cut_high <= (row.x_high == 1)
        assert row.text
    assert max(row.size for row in drawn.rows) == 1
    assert all(0 <= tick.x <= 1 for tick in drawn.ticks)
    assert len(drawn.ticks) >= 2
    assert all(one.x < two.x for one, two in pairwise(drawn.ticks))
    assert (drawn.null_x is None) == (figure.measure.code == "proportion")
    if drawn.null_x is not None:
        assert 0 <= drawn.null_x <= 1


def test_positions_on_a_ratio_axis_are_logarithmic() -> None:
    figure = pool("depression", "response_day_1", comparator="any")
    drawn = forest(figure)
    assert drawn.null_x is not None
    ticks = {tick.text: tick.x for tick in drawn.ticks}
    per_log = (ticks["2"] - ticks["1"]) / math.log(2)
    assert drawn.null_x == pytest.approx(ticks["1"])
    for row, study in zip(drawn.rows, figure.studies, strict=False):
        assert row.x - drawn.null_x == pytest.approx(per_log * math.log(study.value))
        assert row.x_high - row.x_low == pytest.approx(per_log * math.log(study.high / study.low))
    assert drawn.rows[0].size < drawn.rows[1].size == 1


def test_shares_lie_on_an_axis_from_0_to_100_per_cent() -> None:
    drawn = forest(pool("trd", "response_end_of_series", measure="proportion", definition="any"))
    assert (drawn.ticks[0].text, drawn.ticks[-1].text) == ("0", "100")
    first = drawn.rows[0]
    assert (first.study, first.treated, first.x) == ("murrough-2013b", "17/24", pytest.approx(17 / 24))
    assert drawn.rows[-1].kind == "published"
    assert drawn.rows[-1].x == pytest.approx(0.45)


def test_the_comparison_is_a_column() -> None:
    drawn = forest(pool("depression", "response_day_1", comparator="any"))
    assert [row.comparator for row in drawn.rows if row.kind == "study"] == ["midazolam", "saline"]
    assert [row.certainty for row in drawn.rows if row.kind == "study"] == ["R+", "V"]
    assert [row.weight for row in drawn.rows if row.kind == "study"] == ["46.2 %", "53.8 %"]


def test_an_interval_off_the_axis_is_cut_and_says_so() -> None:
    drawn = forest(pool("trd", "remission_end_of_series", comparator="midazolam", measure="odds_ratio"))
    random = next(row for row in drawn.rows if row.kind == "random")
    assert random.cut_low
    assert random.cut_high
    assert (random.x_low, random.x_high) == (0, 1)


def test_better_lies_left_for_ratios_of_bad_outcomes() -> None:
    assert forest(pool("postpartum_depression", "depression_onset")).left_is_better is True
    assert forest(pool("depression", "response_day_1", comparator="midazolam")).left_is_better is False
    assert forest(pool("trd", "worse_end_of_series")).left_is_better is None
