"""Populations on a cluster: the same numbers to the last digit, wherever they are computed."""

from __future__ import annotations

import builtins
import json
import socket
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from interlude.interfaces.cli.cluster import cluster_map
from interlude.interfaces.cli.failure import Failure
from interlude.interfaces.cli.main import main

CASE: dict[str, Any] = {
    "model": "simons2022",
    "patient": {"weight_kg": 70},
    "doses": [{"route": "iv", "start_min": 0, "duration_min": 40, "amount_mg": 35}],
    "times_min": [40, 80],
    "outputs": ["Cp"],
    "population": {"n": 300, "seed": 5},
}


@pytest.fixture
def case(tmp_path: Path) -> str:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE))
    return str(path)


def test_without_a_cluster_it_is_the_builtin_map() -> None:
    with cluster_map(None) as spread:
        assert spread is builtins.map


def test_two_workers_give_the_numbers_of_one_process(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("distributed")
    assert main(["simulate", case]) == 0
    alone = capsys.readouterr().out
    assert main(["simulate", case, "--cluster", "local"]) == 0
    assert capsys.readouterr().out == alone


def test_results_keep_their_order() -> None:
    pytest.importorskip("distributed")
    with cluster_map("local") as spread:
        assert list(spread(abs, [-3, 2, -1])) == [3, 2, 1]


def test_no_answer_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], case: str) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("interlude.interfaces.cli.cluster.CONNECT_S", 0.5)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    assert main(["simulate", case, "--cluster", address]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == f"interlude simulate: no cluster answers at {address}"


def test_without_dask_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Failure, match=r"interlude\[cluster\]"), cluster_map("local"):
        pass


def test_a_cluster_without_a_population_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps({key: value for key, value in CASE.items() if key != "population"}))
    assert main(["simulate", str(path), "--cluster", "local"]) == 2
    assert "--cluster" in capsys.readouterr().err
