"""`interlude protocol`: list, show, check and diff as a clinic would call them."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest

from interlude.domain.protocol import load_library, parse_protocol
from interlude.interfaces.cli.main import main

TRD = (files("interlude.domain.protocol") / "library" / "trd-iv.toml").read_text(encoding="utf-8")
Out = pytest.CaptureFixture[str]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    file = tmp_path / "mine.toml"
    file.write_text(TRD.replace("value = 40, unit", "value = 45, unit"), encoding="utf-8")
    return file


def test_list_says_what_is_offered_and_what_is_not_and_why(capsys: Out) -> None:
    assert main(["protocol", "list"]) == 0
    out = capsys.readouterr().out
    assert "trd-iv, trd-im" in out
    assert "none: Burnout is not a disease in the ICD-11." in out
    assert main(["protocol", "list", "--json"]) == 0
    rows = {row["indication"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(rows) == set(load_library().indications)
    assert (rows["dementia"]["offer"], rows["dementia"]["route_to"]) == ("block", "late_life_depression")


def test_show_gives_every_number_with_unit_certainty_and_source(capsys: Out) -> None:
    assert main(["protocol", "show", "trd-iv"]) == 0
    out = capsys.readouterr().out
    assert "Dose, refused above: 1 mg/kg (P: Proposed default of this product" in out
    assert "Nothing in a file is approved." in out


def test_a_protocol_shown_as_a_file_is_the_protocol(capsys: Out, tmp_path: Path) -> None:
    assert main(["protocol", "show", "ptsd-iv", "--toml"]) == 0
    text = capsys.readouterr().out
    assert parse_protocol(text) == load_library().protocols["ptsd-iv"]
    whole = tmp_path / "whole.toml"
    whole.write_text(text, encoding="utf-8")
    assert main(["protocol", "check", str(whole)]) == 0
    assert main(["protocol", "diff", "ptsd-iv", str(whole)]) == 0
    assert capsys.readouterr().out.endswith("No difference.\n")
    assert main(["protocol", "show", str(whole), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["code"] == "ptsd-iv"


def test_diff_is_one_line_in_words(mine: Path, capsys: Out) -> None:
    assert main(["protocol", "diff", "trd-iv", str(mine)]) == 0
    assert (
        capsys.readouterr().out.splitlines()[0]
        == "~ Time, planned: 40 min (V, phillips-2019) -> 45 min (V, phillips-2019)"
    )
    assert main(["protocol", "diff", "trd-iv", str(mine), "--json"]) == 0
    first = json.loads(capsys.readouterr().out)[0]
    assert (first["place"], first["kind"]) == (["Time", "planned"], "changed")
    assert (first["old"]["text"], first["new"]["text"], first["new"]["unit"]) == ("40", "45", "min")


# old text | new text | a word of the line at which it is refused | reason
BAD_FILES = [
    ('unit = "mg/kg", source = "fava-2018"', 'unit = "grain", source = "fava-2018"', "grain", "mg/kg"),
    (', source = "fava-2018"', "", "default = { value = 0.5", "source"),
    ('source = "fava-2018"', 'source = "nowhere"', "nowhere", "missing source"),
    ("soft_max = { value = 0.5", "soft_max = { value = 1.5", "[dose_mg_per_kg]", "limits are crossed"),
    ("gap_max_days = { value = 4", "gap_max_days = { value = 1", "[series]", "spacing impossible"),
    ("value = 1.5, unit", "value = 0.7, unit", "value = 0.7", "above the rate limit"),
    ("[minutes]\n", "[minutes\n", "[minutes", "Expected"),
]


@pytest.mark.parametrize(("old", "new", "at", "reason"), BAD_FILES, ids=lambda cell: cell[:20])
def test_a_bad_file_is_refused_with_file_line_and_reason(
    old: str, new: str, at: str, reason: str, tmp_path: Path, capsys: Out
) -> None:
    file = tmp_path / "bad.toml"
    text = TRD.replace(old, new)
    file.write_text(text, encoding="utf-8")
    assert main(["protocol", "check", str(file)]) == 2
    shown = capsys.readouterr()
    line = next(number for number, row in enumerate(text.splitlines(), 1) if at in row)
    assert shown.err.startswith(f"{file}, line {line}: ")
    assert reason in shown.err
    assert shown.out == ""


def test_good_and_bad_files_are_all_looked_at(mine: Path, tmp_path: Path, capsys: Out) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("colour = 1\n", encoding="utf-8")
    assert main(["protocol", "check", str(bad), str(mine), str(tmp_path / "none.toml")]) == 2
    shown = capsys.readouterr()
    assert shown.out == f"{mine}: fits (trd-iv, {_count(mine)} numbers, none approved)\n"
    assert len(shown.err.splitlines()) == 2
    assert main(["protocol", "check", "--json", str(bad), str(mine)]) == 2
    assert [row["fits"] for row in json.loads(capsys.readouterr().out)] == [False, True]


def _count(file: Path) -> int:
    from interlude.domain.protocol import data_of

    return len(list(data_of(parse_protocol(file.read_text(encoding="utf-8")))))


@pytest.mark.parametrize("arguments", [["show", "nothing"], ["diff", "trd-iv", "nothing"], ["show", "none.toml"]])
def test_a_name_that_is_nothing_is_refused(arguments: list[str], capsys: Out) -> None:
    assert main(["protocol", *arguments]) == 2
    assert capsys.readouterr().err
