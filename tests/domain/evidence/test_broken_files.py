"""Whatever is broken in a file, it is refused with file and line, or it fits: never anything else."""

from __future__ import annotations

from importlib.resources import files

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from interlude.domain.evidence import EvidenceFileError, parse_study

FOLDER = files("interlude.domain.evidence") / "studies"
TEXTS = {
    name: (FOLDER / f"{name}.toml").read_text("utf-8")
    for name in ("abbar-2022", "grabski-2022", "murrough-2013b", "berman-2000", "ekstrand-2022", "fava-2018")
}
WRONG = (
    "",
    "0",
    "-1",
    "1e400",
    "nan",
    "inf",
    "true",
    '""',
    '"x"',
    "[]",
    "{}",
    "2026-01-01",
    "1_000",
    "0.5.5",
    "'",
    "=",
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(TEXTS)), st.data())
@example("abbar-2022", None)
def test_a_broken_file_is_refused_or_fits(name: str, data: st.DataObject | None) -> None:
    lines = TEXTS[name].splitlines()
    if data is not None:
        place = data.draw(st.integers(0, len(lines) - 1))
        if data.draw(st.booleans()) or "=" not in lines[place]:
            del lines[place]
        else:
            key = lines[place].split("=")[0]
            lines[place] = f"{key}= {data.draw(st.sampled_from(WRONG))}"
    text = "\n".join(lines)
    refused = refusal(text)
    if refused is not None:
        assert str(refused).startswith("mine.toml, line ")
        line = refused.params["line"]
        assert isinstance(line, int)
        assert 0 <= line <= len(lines) + 1
        assert refused.params["reason"]


def refusal(text: str) -> EvidenceFileError | None:
    """Why a file is refused, None when it fits; any other exception is a fault of the reader."""
    try:
        parse_study(text, file="mine.toml")
    except EvidenceFileError as refused:
        return refused
    return None


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_the_unbroken_file_fits(name: str) -> None:
    assert parse_study(TEXTS[name]).id == name


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('kind = "events"', 'kind = "counts"', "does not match any of the expected tags"),
        ('kind = "events"\n', "", "Unable to extract tag"),
        ("percent = 63.0", "percent = 1e400", "percent"),
        ("percent = 63.0", "percent = nan", "finite"),
        ("year = 2022", "year = 1822", "greater than or equal to 1950"),
    ],
)
def test_reasons(old: str, new: str, reason: str) -> None:
    with pytest.raises(EvidenceFileError, match=reason):
        parse_study(TEXTS["abbar-2022"].replace(old, new, 1))
