"""`interlude evidence`: studies, pooled figures and refusals as a clinic would meet them."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest

from interlude.interfaces.cli.main import main

ABBAR = (files("interlude.domain.evidence") / "studies" / "abbar-2022.toml").read_text("utf-8")
Out = pytest.CaptureFixture[str]


def test_list_shows_every_study_with_comparison_and_certainty(capsys: Out) -> None:
    assert main(["evidence", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    abbar = next(line for line in lines if line.startswith("ABB22"))
    assert "V " in abbar
    assert "saline" in abbar
    assert "n=156" in abbar
    assert main(["evidence", "list", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert len(data["studies"]) == len(lines)
    assert "response_day_1" in data["outcomes"]["depression"]


def test_list_of_one_indication_names_what_can_be_pooled(capsys: Out) -> None:
    assert main(["evidence", "list", "--indication", "ocd"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()] == ["BLO12", "ROD13", "can"]
    assert out.splitlines()[-1] == "can be pooled: response_week_1"


def test_show_gives_results_corrections_and_the_protocol_lines(capsys: Out) -> None:
    assert main(["evidence", "show", "ABB22"]) == 0
    out = capsys.readouterr().out
    assert "printed 46 of 83 against 25 of 73; used 46 of 73 against 25 of 79" in out
    assert "used by protocol suicidality-iv" in out
    assert main(["evidence", "show", "abbar-2022", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["rows"][0]["correction"]["treated_n"] == 83
    assert {line["kind"] for line in data["used_by"]} == {"protocol", "indication"}


def test_pool_as_json(capsys: Out) -> None:
    question = ["--indication", "trd", "--outcome", "response_end_of_series", "--measure", "proportion"]
    assert main(["evidence", "pool", *question, "--definition", "any", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [study["code"] for study in data["studies"]] == ["MUR13b", "WILK17", "MCI22", "ANA23", "JEL25"]
    assert data["estimate"] == pytest.approx(0.5416, abs=5e-4)
    assert data["interval"] == pytest.approx([0.4963, 0.5867], abs=1e-3)
    assert data["heterogeneity"]["df"] == 4
    assert data["heterogeneity"]["i2"] == 0
    assert data["prediction_interval"][0] < data["interval"][0]
    assert sum(study["weight_random"] for study in data["studies"]) == pytest.approx(1)
    assert any("Different definitions" in label for label in data["labels"])
    assert data["left_out"]
    assert len(data["forest"]["rows"]) == 5 + 3 + 1


def test_pool_for_people(capsys: Out) -> None:
    assert main(["evidence", "pool", "--indication", "suicidal_ideation", "--outcome", "response_day_1"]) == 0
    out = capsys.readouterr().out
    assert "one study only (GRU18, 80 people). Nothing is pooled." in out
    assert "With ketamine 22 of 40 had responded after a day, with midazolam 12 of 40." in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--indication", "gout", "--outcome", "response_day_1"], "Use one of: alcohol"),
        (["--indication", "trd", "--outcome", "joy"], "Use one of: response_day_1"),
        (["--indication", "trd", "--outcome", "response_end_of_series"], "choose one of ect, midazolam, or any"),
        (["--indication", "trd", "--outcome", "response_day_1", "--measure", "luck"], "Use one of: risk_ratio"),
        (["--indication", "trd", "--outcome", "response_day_3", "--level", "1.5"], "between 0.5 and 1"),
        (["--indication", "nicotine", "--outcome", "craving"], "Nothing can be pooled"),
    ],
)
def test_a_question_without_sense_is_refused_in_one_line(capsys: Out, arguments: list[str], said: str) -> None:
    assert main(["evidence", "pool", *arguments, "--json"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert len(printed.err.splitlines()) == 1


def test_summary_in_plain_words(capsys: Out) -> None:
    assert main(["evidence", "summary", "nicotine"]) == 0
    out = capsys.readouterr().out
    assert "There is no sign that it helps to stop smoking. It is not offered." in out
    assert main(["evidence", "summary", "gout"]) == 2


def test_check_refuses_a_file_with_line_and_reason(capsys: Out, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(ABBAR, encoding="utf-8")
    bad.write_text(ABBAR.replace("events = 46, n = 73", "events = 46, n = 83"), encoding="utf-8")
    assert main(["evidence", "check", str(good)]) == 0
    assert "fits (ABB22, 6 rows)" in capsys.readouterr().out
    assert main(["evidence", "check", str(good), str(bad)]) == 2
    out = capsys.readouterr().out
    line = 1 + next(i for i, text in enumerate(bad.read_text().splitlines()) if "n = 83, percent" in text)
    assert f"{bad}, line {line}: remission-day-3: ketamine: 46 of 83 is 55.4 %, printed 63.0 %" in out
    assert main(["evidence", "check", str(tmp_path / "none.toml")]) == 2
    assert main(["evidence", "list", "--indication", "gout"]) == 2
    assert main(["evidence", "show", "nothing"]) == 2
