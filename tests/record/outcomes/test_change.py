from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlude.domain.instruments import instrument, instruments
from interlude.record.measures.change import baseline, change, gain, improvement_percent

# scale, baseline, now, meaning, improvement in percent
CHANGE = [
    ("phq9", 18, 4, "remission", "77.8"),
    ("phq9", 18, 9, "response", "50.0"),
    ("phq9", 18, 10, "better", "44.4"),
    ("phq9", 18, 13, "better", "27.8"),
    ("phq9", 18, 14, "no_clear_change", "22.2"),
    ("phq9", 18, 18, "no_clear_change", "0.0"),
    ("phq9", 18, 22, "no_clear_change", "-22.2"),
    ("phq9", 18, 23, "worse", "-27.8"),
    ("phq9", 3, 4, "no_clear_change", "-33.3"),  # four points are no remission for somebody who had three
    ("phq9", 0, 6, "worse", None),
    ("phq9", None, 6, "unknown", None),
    ("phq9", 6, None, "unknown", None),
]


@pytest.mark.parametrize(("scale", "before", "now", "code", "percent"), CHANGE)
def test_what_a_change_means(scale: str, before: int | None, now: int | None, code: str, percent: str | None) -> None:
    found = change(instrument(scale), before, now)
    assert found.code == code
    assert found.percent == (None if percent is None else Decimal(percent))


def test_without_a_published_number_a_change_is_not_judged() -> None:
    found = change(instrument("vas_mood"), 40, 60)
    assert found.code == "unknown"
    assert (found.points, found.percent) == (20, Decimal("33.3"))  # higher is better here


MARCH = [datetime(2026, 3, day, tzinfo=UTC) for day in range(1, 32)]


@pytest.mark.parametrize(
    ("scores", "first_session", "expected"),
    [
        ([], MARCH[5], None),
        ([(MARCH[0], None)], MARCH[5], None),
        ([(MARCH[0], 20), (MARCH[4], 18), (MARCH[8], 9)], MARCH[5], (MARCH[4], 18)),
        ([(MARCH[0], 20), (MARCH[4], None), (MARCH[8], 9)], MARCH[5], (MARCH[0], 20)),
        ([(MARCH[8], 12), (MARCH[9], 9)], MARCH[5], (MARCH[8], 12)),
        ([(MARCH[0], 20), (MARCH[4], 18)], None, (MARCH[0], 20)),
    ],
    ids=["none", "incomplete", "last before", "skips incomplete", "only after", "no session"],
)
def test_the_baseline_is_the_last_score_before_the_first_session(
    scores: list[tuple[datetime, int | None]], first_session: datetime | None, expected: tuple[datetime, int] | None
) -> None:
    assert baseline(scores, first_session) == expected


def test_one_score_is_no_gain() -> None:
    found = gain(instrument("phq9"), [(MARCH[0], 20)], None)
    assert (found.baseline, found.latest, found.percent, found.change.code) == (20, 20, None, "unknown")


@given(st.sampled_from([one for one in instruments() if one.scoring.method == "sum"]), st.data())
def test_the_best_score_is_all_gained_and_no_change_is_zero(one: object, data: st.DataObject) -> None:
    scoring = one.scoring  # type: ignore[attr-defined]
    before = data.draw(st.integers(scoring.minimum, scoring.maximum))
    best = scoring.minimum if scoring.better == "lower" else scoring.maximum
    found = improvement_percent(one, before, best)  # type: ignore[arg-type]
    assert found is None if before == best else found == 100
    same = improvement_percent(one, before, before)  # type: ignore[arg-type]
    assert same is None or same == 0
