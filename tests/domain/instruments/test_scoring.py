"""What scoring refuses, what it leaves open, and that it agrees with the obvious way of counting."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlude.domain.instruments import instrument, instruments, item_rise, parse_instrument, score
from interlude.domain.instruments import translatable_texts as texts
from interlude.domain.refusals import Refused

PHQ9 = instrument("phq9")


def phq9(digits: str) -> dict[str, int | None]:
    return {str(n): int(digit) for n, digit in enumerate(digits, 1)}


@pytest.mark.parametrize("value", [4, -1, 27])
def test_out_of_range_is_refused_and_names_the_item(value: int) -> None:
    with pytest.raises(Refused) as refused:
        score(PHQ9, phq9("00000000") | {"9": value})
    assert refused.value.field == "9"
    assert str(refused.value) == f"Item 9: {value} is not between 0 and 3."


@pytest.mark.parametrize("value", [1.0, True, "2"])
def test_only_whole_numbers_are_answers(value: object) -> None:
    with pytest.raises(Refused, match="whole number"):
        score(PHQ9, {"1": value})  # type: ignore[dict-item]


def test_an_item_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Refused, match="PHQ-9 has no item 11"):
        score(PHQ9, {"11": 0})


def test_nothing_answered_is_not_a_score_of_zero() -> None:
    for one in instruments():
        result = score(one, {})
        assert result.total is None
        assert result.band is None
        assert not any(result.cuts.values())
        assert result.missing
        assert not result.is_complete


def test_the_question_about_daily_life_is_not_part_of_the_total() -> None:
    assert score(PHQ9, phq9("111111111") | {"10": 3}).total == 9


def test_a_rise_of_two_on_item_9_is_flagged() -> None:
    flags = item_rise(PHQ9, phq9("000000000"), phq9("000000002"))
    assert [(flag.code, flag.tier) for flag in flags] == [("item9_rise", "moderate")]
    assert "rose from 0 to 2" in str(flags[0].reason)
    assert item_rise(PHQ9, phq9("000000001"), phq9("000000002")) == ()
    assert item_rise(PHQ9, {}, phq9("000000002")) == ()


@given(st.randoms(use_true_random=False))
def test_totals_agree_with_counting_by_hand(chance: random.Random) -> None:
    for one in instruments():
        if one.scoring.method != "sum":
            continue
        answers = {item.code: chance.randint(item.minimum, item.maximum) for item in one.items}
        result = score(one, answers)
        by_hand = 0
        for item in one.items:
            if item.scored:
                by_hand += answers[item.code] * one.scoring.factor
        assert result.total == by_hand
        assert one.scoring.minimum <= by_hand <= one.scoring.maximum
        assert (result.band is None) == (not one.bands)
        if one.subscales:
            assert sum(value or 0 for value in result.subscales.values()) == by_hand


@given(st.integers(0, 8))
def test_one_missing_answer_is_enough_to_have_no_total(position: int) -> None:
    answers = phq9("333333333")
    answers[str(position + 1)] = None
    assert score(PHQ9, answers).total is None
    assert score(PHQ9, answers).missing == (str(position + 1),)


def test_published_wording_is_exact_where_it_matters() -> None:
    assert PHQ9.item("9").texts["en"] == "Thoughts that you would be better off dead or of hurting yourself in some way"
    gad7 = instrument("gad7")
    assert gad7.options(gad7.items[0])[0].texts["en"] == "Not at all"  # not "Not at all sure"
    assert instrument("pcl5").languages() == ("en",)
    assert instrument("cadss6").languages() == ()


def test_texts_for_translation_hold_labels_but_no_licensed_wording() -> None:
    found = set(texts())
    assert {"Interest and pleasure", "Moderately severe", "Walking"} <= found
    assert "Little interest or pleasure in doing things" not in found


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("maximum = 27\n\n[[bands]]", "maximum = 30\n\n[[bands]]", "bands leave a gap"),
        ('source = "loewe-2004"', 'source = "nowhere"', "source nowhere is not in the sources file"),
        ("minimum = 5\nmaximum = 9", "minimum = 6\nmaximum = 9", "bands leave a gap"),
        ("value = 50,", "value = 5e1000,", "phq9|finite|decimal"),
    ],
)
def test_a_file_that_does_not_hang_together_is_refused(old: str, new: str, words: str) -> None:
    from importlib.resources import files

    text = (files("interlude.domain.instruments") / "library" / "phq9.toml").read_text(encoding="utf-8")
    assert old in text
    if "1000" in new:
        text = text.replace("value = 50,", "value = nan,")
    with pytest.raises(ValueError, match=words):
        parse_instrument(text.replace(old, new))
