"""One changed or added row changes everything after it."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from interlude.domain.evidence import Evidence, forest, load_evidence, parse_study, plain_summary, pool, staff_text
from interlude.domain.evidence.links import behind
from interlude.domain.evidence.schema import EventsRow, Row
from interlude.domain.refusals import Refused

EVIDENCE = load_evidence()


def words(pooled: object) -> str:
    return " ".join(str(one) for one in staff_text(pooled))  # type: ignore[arg-type]


def edited(study: str, code: str, **change: object) -> Evidence:
    """The shipped evidence with one arm of one row changed."""
    found = EVIDENCE.study(study)
    rows: list[Row] = []
    for row in found.rows:
        if row.code == code and isinstance(row, EventsRow):
            row = row.model_copy(update={"treated": row.treated.model_copy(update=change)})
        rows.append(row)
    return EVIDENCE.with_study(found.model_copy(update={"rows": tuple(rows)}))


def test_one_changed_row_changes_figure_text_picture_summary_and_protocol_link() -> None:
    """Anand 2023 with 78 instead of 108 responders of 195 on ketamine (40.0 %)."""
    study = EVIDENCE.study("ANA23")
    without = study.model_copy(update={"rows": tuple(row for row in study.rows if row.code != "response-difference")})
    base = EVIDENCE.with_study(without)
    row = base.study("ANA23").row("response")
    assert isinstance(row, EventsRow)
    changed_row = row.model_copy(
        update={"treated": row.treated.model_copy(update={"events": 78, "percent": Decimal("40.0")})}
    )
    rows = tuple(changed_row if one.code == "response" else one for one in without.rows)
    after_evidence = base.with_study(without.model_copy(update={"rows": rows}))

    before, after = (
        pool("trd", "response_end_of_series", comparator="ect", evidence=one) for one in (EVIDENCE, after_evidence)
    )
    assert before.estimate == pytest.approx((108 / 195) / (70 / 170))
    assert after.estimate == pytest.approx((78 / 195) / (70 / 170))
    assert "108 of 195" in words(before)
    assert "78 of 195" in words(after)
    assert "In favour of ketamine" in words(before)
    assert "In favour of ketamine" not in words(after)
    assert forest(before).rows[0].treated == "108/195"
    assert forest(after).rows[0].treated == "78/195"
    assert forest(before).rows[0].text != forest(after).rows[0].text
    shares = [
        pool("trd", "response_end_of_series", measure="proportion", definition="any", evidence=one)
        for one in (EVIDENCE, after_evidence)
    ]
    assert shares[0].estimate != pytest.approx(shares[1].estimate, abs=0.005)
    assert shares[0].synthesis is not None
    assert shares[1].synthesis is not None
    assert shares[1].synthesis.tau2 > shares[0].synthesis.tau2
    assert forest(shares[0]).rows[-2].x != forest(shares[1]).rows[-2].x
    told = [" ".join(map(str, plain_summary("trd", one).sentences())) for one in (EVIDENCE, after_evidence)]
    assert "So ketamine did better than electroconvulsive therapy" in told[0]
    assert "So ketamine did better than electroconvulsive therapy" not in told[1]
    links = [str(behind("anand-2023", one)[0][1][0]) for one in (EVIDENCE, after_evidence)]
    assert "108 of 195" in links[0]
    assert "78 of 195" in links[1]


def test_a_row_cannot_be_edited_out_of_agreement() -> None:
    with pytest.raises(Refused, match=r"printed 55\.4 %"):
        edited("ANA23", "response", events=118)


MEANS = """
id = "invented-{number}"
code = "INV{number}"
citation = "Invented for this test"
design = "parallel"
population = "Nobody"
indications = ["trd"]
certainty = "R"
source = "recalled"
[[arms]]
code = "ketamine"
name = "Ketamine"
drug = "racemate"
[[arms]]
code = "saline"
name = "Salt water"
comparator = "saline"
[[rows]]
code = "points"
kind = "means"
outcome = "severity_day_3"
instrument = "{instrument}"
unit = "points"
change = true
treated = {{ arm = "ketamine", mean = {m1}, sd = {s1}, n = {n1} }}
control = {{ arm = "saline", mean = {m2}, sd = {s2}, n = {n2} }}
source = "recalled"
certainty = "R"
"""
ARMS = (("madrs", -14, 10, 20, -4, 12, 22), ("madrs", -9.5, 8, 31, -6, 9, 30), ("hdrs", -8, 5, 15, -5, 6, 15))


def with_means(*arms: tuple) -> Evidence:
    evidence = EVIDENCE
    for number, (instrument, m1, s1, n1, m2, s2, n2) in enumerate(arms):
        text = MEANS.format(number=number, instrument=instrument, m1=m1, s1=s1, n1=n1, m2=m2, s2=s2, n2=n2)
        evidence = evidence.with_study(parse_study(text))
    return evidence


def test_means_of_arms_are_pooled_in_points_or_standardised() -> None:
    """A fall is better: -14 against -4 is 10 points in favour of ketamine."""
    points = pool("trd", "severity_day_3", measure="mean_difference", evidence=with_means(*ARMS[:2]))
    assert [one.value for one in points.studies] == pytest.approx([10, 3.5])
    referee = combine_effects(np.array([10, 3.5]), np.array([100 / 20 + 144 / 22, 64 / 31 + 81 / 30]), method_re="dl")
    assert points.fixed is not None
    assert points.fixed[0] == pytest.approx(referee.mean_effect_fe)
    assert points.unit == "points"
    with pytest.raises(Refused, match="use the measure smd"):
        pool("trd", "severity_day_3", measure="mean_difference", evidence=with_means(*ARMS))
    mixed = pool("trd", "severity_day_3", measure="smd", evidence=with_means(*ARMS))
    assert len(mixed.studies) == 3
    assert mixed.prediction is not None
    assert all(one.value > 0 for one in mixed.studies)
    text = " ".join(str(one) for one in staff_text(mixed, with_means(*ARMS)))
    assert "Different scales are mixed here." in text
    assert "A further study of this kind may find anything from" in text
