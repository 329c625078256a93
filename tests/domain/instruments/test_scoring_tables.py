"""The scoring cases of docs/reference/instruments.md, and the rule that every instrument has some."""

from __future__ import annotations

import pytest

from interlude.domain.instruments import Instrument, instrument, instruments, score
from interlude.domain.instruments.data import data_of
from interlude.domain.instruments.library import sources
from tests.domain.tables import case_names, cases

PAGE = "instruments.md"
ROWS = [(name, row) for name in case_names(PAGE) for row in cases(PAGE, name)]


def answers_of(one: Instrument, text: str) -> dict[str, int | None]:
    items = [item for item in one.items if item.scored]
    parts = [text] if len(items) == 1 else list(text)
    assert len(parts) == len(items), text
    return {item.code: None if part == "-" else int(part) for item, part in zip(items, parts, strict=True)}


def told(value: object) -> str:
    if value is None:
        return ""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(("name", "row"), ROWS, ids=lambda part: part if isinstance(part, str) else part["answers"])
def test_score(name: str, row: dict[str, str]) -> None:
    one = instrument(name)
    result = score(one, answers_of(one, row["answers"]))
    seen = {"total": told(result.total), "band": told(result.band), "answers": row["answers"]}
    seen["flag"] = result.flags[0].tier if result.flags else ""
    seen |= {code: told(value) for code, value in {**result.subscales, **result.cuts}.items()}
    assert {key: seen[key] for key in row} == row


@pytest.mark.parametrize("one", instruments(), ids=lambda one: one.code)
def test_every_instrument_has_text_licence_source_and_cases(one: Instrument) -> None:
    assert set(one.texts) >= {"en", "de"}
    assert one.licence.note
    assert one.licence.permission
    assert one.source in sources()
    assert one.recall
    assert all(datum.source in sources() for _, datum in data_of(one))
    table = [row for name, row in ROWS if name == one.code]
    assert len(table) >= 4, f"{one.code} needs scoring cases in docs/reference/{PAGE}"
    assert any("-" in row["answers"] for row in table), f"{one.code} needs a case with a missing answer"
    if one.scoring.method == "sum":
        totals = {row["total"] for row in table}
        assert {str(one.scoring.minimum), str(one.scoring.maximum)} <= totals | {"0"}


@pytest.mark.parametrize("one", instruments(), ids=lambda one: one.code)
def test_wording_is_bundled_only_where_it_is_free(one: Instrument) -> None:
    for language, status in one.texts.items():
        if status == "verbatim":
            assert one.licence.level == 1
            assert language in one.intro
            for item in one.items:
                assert not item.scored or all(language in option.texts for option in one.options(item))
        if status in ("site_supplied", "absent"):
            assert language not in one.intro
            assert not any(language in option.texts for s in one.option_sets.values() for option in s)
