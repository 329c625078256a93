"""`interlude models` and the options of `interlude simulate`, as their users meet them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interlude.domain.pharmacology import card_names, load_card
from interlude.interfaces.cli.main import main

CASE: dict[str, Any] = {
    "model": "kamp2020",
    "patient": {"weight_kg": 70},
    "doses": [{"route": "iv", "start_min": 0, "duration_min": 40, "amount_mg": 35}],
    "times_min": [10, 40, 80],
    "outputs": ["Cp", "Ce"],
}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(arguments)
        except SystemExit as left:
            status = int(left.code or 0)
        said = capsys.readouterr()
        return status, said.out, said.err

    return command


@pytest.fixture
def case(tmp_path: Path) -> Callable[..., str]:
    def written(**changes: Any) -> str:
        path = tmp_path / "case.json"
        path.write_text(json.dumps({**CASE, **changes}))
        return str(path)

    return written


@pytest.mark.parametrize("words", [(), ("list",)])
def test_the_list_has_a_line_for_each_model(run: Run, words: tuple[str, ...]) -> None:
    status, out, err = run("models", *words)
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()[2:] if line and not line.startswith("A ")] == list(
        card_names()
    )
    assert max(len(line) for line in out.splitlines()) <= 120
    simons = next(line for line in out.splitlines() if line.startswith("simons2022"))
    assert "norketamine, hydroxynorketamine" in simons
    assert "iv, sublingual" in simons


def test_the_list_for_programs(run: Run) -> None:
    rows = json.loads(run("models", "--json")[1])
    assert [row["name"] for row in rows] == list(card_names())
    kamp = next(row for row in rows if row["name"] == "kamp2020")
    assert kamp["variability"] == "borrowed"
    assert kamp["outputs"] == ["Cp", "Ce", "Ce_s"]
    assert json.loads(run("models", "list", "--json")[1]) == rows


@pytest.mark.parametrize("name", card_names())
def test_a_page_says_every_number_and_every_word_of_its_card(run: Run, name: str) -> None:
    card = load_card(name)
    status, out, err = run("models", "show", name)
    assert (status, err) == (0, "")
    flat = " ".join(out.split())
    texts = [card.citation, card.population, *card.notes, *card.disagreements, *card.refused.values(), *card.refused]
    assert [text for text in texts if " ".join(text.split()) not in flat and text.split("-")[0] not in flat] == []
    lines = {line.split()[0]: line for line in out.splitlines() if line.startswith("  ") and line.strip()}
    for parameter, value in card.parameters.items():
        assert f"{value.value:g}" in lines[parameter]
        assert value.unit in lines[parameter]
        assert f" {value.certainty} " in lines[parameter]
    assert card.range.source.split(";")[0][:40] in flat


def test_a_page_is_found_by_its_alias_and_is_data_too(run: Run) -> None:
    data = json.loads(run("models", "show", "kamp", "--json")[1])
    assert data["name"] == "kamp2020"
    assert data["parameters"]["v1_l"] == {
        "value": 25, "unit": "L/70 kg", "source": "Kamp 2020; opentiva and SimTIVA agree", "certainty": "R",
        "low": None, "high": None,
    }  # fmt: skip
    assert data["variability"]["borrowed"] is True


def test_an_unknown_model_is_one_line(run: Run) -> None:
    status, out, err = run("models", "show", "nobody1999")
    assert (status, out) == (2, "")
    assert err.startswith("interlude models: model: There is no model 'nobody1999'. Use one of: clements1981")
    assert err.count("\n") == 1


def rows_of(out: str) -> dict[str, list[str]]:
    names = set(card_names())
    return {line.split()[0]: line.split() for line in out.splitlines() if line.split() and line.split()[0] in names}


def test_the_usual_infusion_gives_the_published_predictions(run: Run) -> None:
    status, out, _ = run("models", "compare")
    assert status == 0
    found = {name: cells[-6:] for name, cells in rows_of(out).items()}
    # 40, 80, 110 and 230 min, as computed independently when the facts were collected.
    expected = {
        "domino1984": "240 46 38 18",
        "clements1981": "177 85 63 36",
        "hijazi2003": "225 46 17 5",
        "kamp2020": "253 74 54 27",
        "otto2021": "158 79 60 27",
        "simons2022": "289 63 42 21",
        "perezruixo2021": "125 65 45 19",
    }
    assert {name: " ".join(cells[2:]) for name, cells in found.items()} == expected
    assert "Left out: elkomy2015, flint2017, herd2007, hornik2018, sherwin2015: Made from children" in out


def test_a_child_set_needs_its_name_and_a_word(run: Run) -> None:
    named = ("models", "compare", "--models", "herd,kamp", "--weight", "70")
    assert "herd2007" not in rows_of(run(*named)[1])
    out = run(*named, "--outside-population")[1]
    assert rows_of(out)["herd2007"][-4:] == ["253", "96", "74", "26"]
    assert "herd2007" not in rows_of(run("models", "compare", "--outside-population")[1])


def test_the_age_of_a_child_turns_the_choice_around(run: Run) -> None:
    out = run("models", "compare", "--age", "8", "--weight", "25")[1]
    assert set(rows_of(out)) == {"elkomy2015", "flint2017", "herd2007", "hornik2018"}
    assert "kamp2020" in out.split("Left out")[1]


def test_a_route_that_one_model_has(run: Run) -> None:
    data = json.loads(run("models", "compare", "--route", "nasal", "--dose-mg-per-kg", "0.8", "--json")[1])
    assert list(data["models"]) == ["perezruixo2021"]
    assert "nasal" in data["refused"]["kamp2020"]
    assert len(data["models"]["perezruixo2021"]["Cp"]) == len(data["times_min"]) == 6


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--weight", "0"), "--weight"),
        (("--weight", "nan"), "--weight"),
        (("--age", "-3"), "--age"),
        (("--dose-mg-per-kg", "-1"), "--dose-mg-per-kg"),
        (("--minutes", "inf"), "--minutes"),
        (("--route", "rectal"), "--route"),
        (("--models", "kamp,nobody1999"), "--models"),
        (("--models", "herd"), "Made from children"),
        (("--plot", "chart.gif"), "--plot"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_option(run: Run, arguments: tuple[str, ...], said: str) -> None:
    status, out, err = run("models", "compare", *arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_comparison_is_drawn(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "models.svg"
    assert run("models", "compare", "--plot", str(path))[0] == 0
    text = path.read_text()
    assert "kamp2020 (253)" in text
    assert "model of venous blood" in text


def test_a_bolus_is_drawn_from_where_models_can_be_compared(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bolus.svg"
    status, out, _ = run("models", "compare", "--minutes", "0", "--plot", str(path))
    assert status == 0
    # What the table says at 10 min stands beside the name.
    level = rows_of(out)["kamp2020"][3]
    assert f"kamp2020 ({level})" in path.read_text()
    assert "curves from 2 min on" in path.read_text()


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_a_case_is_drawn_and_printed(run: Run, case: Callable[..., str], tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"case.{ending}"
    status, out, err = run("simulate", case(), "--plot", str(path))
    assert (status, err) == (0, "")
    assert round(json.loads(out)["Cp"]["values"][1]) == 253
    assert path.stat().st_size > 4000
    assert run("simulate", case(), "--json")[1] == out


def test_a_picture_that_cannot_be_written_is_said_before_anything_is_computed(
    run: Run, case: Callable[..., str]
) -> None:
    status, out, err = run("simulate", case(), "--plot", "/nowhere/at/all.svg")
    assert (status, out) == (2, "")
    assert err == "interlude simulate: --plot: the picture cannot be written: there is no folder /nowhere/at\n"


def test_a_target_prints_its_schedule(run: Run, case: Callable[..., str]) -> None:
    target = {"kind": "effect", "level_ng_per_ml": 80, "start_min": 60, "duration_min": 20, "resolution_mg_per_h": 1}
    status, out, _ = run("simulate", case(target=target))
    assert status == 0
    assert json.loads(out)["schedule"][0]["start_min"] == 60


def test_a_reader_that_has_seen_enough_is_no_mistake() -> None:
    command = f"{sys.executable} -m interlude.interfaces.cli.main models show simons2022 | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("Simons 2022")
    assert done.stderr == ""
