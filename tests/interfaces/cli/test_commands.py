"""The command line as its users meet it: one line for each mistake, nothing half done."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

INIT = ["--name", "Quiet House", "--admin", "aylin:Aylin Demir", "--staff", "lena:Dr Lena Brandt:physician"]


def interlude(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "interlude.interfaces.cli.main", *arguments]
    # Clinics of these tests lie in files of their own, also when the suite runs on PostgreSQL.
    env = {name: value for name, value in os.environ.items() if name != "INTERLUDE_DATABASE"}
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, env=env)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("clinic") / "data"
    done = interlude("init", "--data", str(directory), *INIT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("/welcome/") == 2
    return directory


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ([], 2, "COMMAND"),
        (["dance"], 2, "dance"),
        (["serve"], 2, "--data"),
        (["demo", "--port", "eighty"], 2, "eighty"),
        (["demo", "--port", "70000"], 2, "70000"),
        (["serve", "--data", "/nowhere/at/all"], 1, "not a clinic's data directory"),
        (["simulate", "/nowhere.json"], 2, "case"),
        (["replay", "/nowhere.hl7", "--to", "127.0.0.1"], 2, "HOST:PORT"),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], status: int, said: str) -> None:
    done = interlude(*arguments)
    assert done.returncode == status
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_init_refuses_a_directory_that_holds_a_clinic(clinic: Path) -> None:
    done = interlude("init", "--data", str(clinic), *INIT)
    assert done.returncode == 1
    assert "holds a clinic already" in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--hours", "mon-fri=18:00-08:00", "closes"),
        ("--hours", "always", "--hours"),
        ("--time-zone", "Middle/Earth", "time_zone"),
        ("--admin", "aylin", "--admin"),
        ("--staff", "x:Y:surgeon", "role"),
    ],
)
def test_a_wrong_answer_to_init_leaves_nothing_behind(tmp_path: Path, option: str, value: str, said: str) -> None:
    directory = tmp_path / "data"
    base = [part for part in INIT if option != "--admin" or part not in ("--admin", "aylin:Aylin Demir")]
    done = interlude("init", "--data", str(directory), *base, option, value)
    assert done.returncode == 2
    assert said in done.stderr
    assert not directory.exists()


def test_check_passes_on_a_new_clinic_and_names_what_fails(clinic: Path) -> None:
    done = interlude("check", "--data", str(clinic))
    assert done.returncode == 0, done.stderr
    assert "synchronous 2" in done.stdout
    key = clinic / "keys" / "index.key"
    key.chmod(0o644)
    try:
        failed = interlude("check", "--data", str(clinic))
    finally:
        key.chmod(0o400)
    assert failed.returncode == 1
    assert "index.key is readable by others" in failed.stderr


def test_serve_refuses_to_listen_beyond_this_machine_without_tls(clinic: Path) -> None:
    done = interlude("serve", "--data", str(clinic), "--host", "0.0.0.0", "--port", "0")
    assert done.returncode == 1
    assert "--tls-certificate" in done.stderr


def test_a_taken_port_is_one_line(clinic: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = interlude("serve", "--data", str(clinic), "--port", str(port))
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        f"interlude serve: port {port} on 127.0.0.1 is taken; choose another one"
    ]


@pytest.mark.skipif(sqlite3.sqlite_version_info >= (3, 51, 3), reason="this SQLite allows two writing processes")
def test_the_gateway_alone_is_refused_on_an_old_sqlite(clinic: Path) -> None:
    done = interlude("gateway", "--data", str(clinic))
    assert done.returncode == 1
    assert "two writing processes" in done.stderr


def test_demo_refuses_a_directory_that_is_not_a_demo(clinic: Path, tmp_path: Path) -> None:
    done = interlude("demo", "--data", str(clinic), "--no-browser", "--port", "0", "--mllp-port", "0")
    assert done.returncode == 1
    assert "not a demo" in done.stderr
    (tmp_path / "notes.txt").write_text("mine")
    done = interlude("demo", "--data", str(tmp_path), "--no-browser", "--port", "0", "--mllp-port", "0")
    assert done.returncode == 1
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_upgrade_of_a_current_clinic_changes_nothing(clinic: Path) -> None:
    done = interlude("upgrade", "--data", str(clinic))
    assert (done.returncode, done.stdout.strip()) == (0, "Nothing to upgrade.")


def test_upgrade_backs_up_before_it_migrates(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    assert interlude("init", "--data", str(directory), *INIT).returncode == 0
    database = directory / "interlude.sqlite3"
    # An older release: the last migration of the follow-up had not been there, and nothing builds on it.
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DELETE FROM django_migrations WHERE app = 'followup' AND name = '0002_append_only'")
        for table in ("measuresplanned", "nextdecision"):
            for verb in ("update", "delete"):
                connection.execute(f"DROP TRIGGER followup_{table}_no_{verb}")
    refused = interlude("serve", "--data", str(directory), "--port", "0", "--mllp-port", "0")
    assert refused.returncode == 1
    assert "interlude upgrade" in refused.stderr
    done = interlude("upgrade", "--data", str(directory))
    assert done.returncode == 0, done.stderr
    assert "Backup verified" in done.stdout
    (copy,) = (directory / "backups").iterdir()
    with closing(sqlite3.connect(copy)) as connection:
        rows = connection.execute("SELECT name FROM django_migrations WHERE app = 'followup'").fetchall()
        assert rows == [("0001_initial",)]
    assert interlude("check", "--data", str(directory)).returncode == 0


def test_a_damaged_backup_is_noticed(tmp_path: Path) -> None:
    from interlude.interfaces.cli.failure import Failure
    from interlude.interfaces.cli.upgrade import verify

    with closing(sqlite3.connect(":memory:")) as original, closing(sqlite3.connect(":memory:")) as backup:
        original.execute("CREATE TABLE t (x)")
        original.execute("INSERT INTO t VALUES (1)")
        backup.execute("CREATE TABLE t (x)")
        with pytest.raises(Failure, match="0 rows in t, the database has 1"):
            verify(original, backup, tmp_path / "copy")


def test_simulate_prints_seventeen_digits(tmp_path: Path) -> None:
    case = {
        "model": "kamp2020",
        "patient": {"weight_kg": 70},
        "doses": [{"route": "iv", "start_min": 0, "duration_min": 40, "amount_mg": 35}],
        "times_min": [5, 10, 40, 80],
        "outputs": ["Cp", "Ce"],
    }
    done = interlude("simulate", "-", stdin=json.dumps(case))
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["Cp"]["unit"] == "ng/mL"
    # The published prediction for 0.5 mg/kg over 40 min in 70 kg: 253 ng/mL at its end.
    assert round(answer["Cp"]["values"][2]) == 253


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"patient": {}}, "weight_kg"),
        ({"colour": "blue"}, "colour"),
        ({"doses": [{"route": "iv", "start_min": 0, "duration_min": 40, "amount_mg": -35}]}, "amount_mg"),
        ({"outputs": ["Cq"]}, "outputs"),
    ],
)
def test_a_bad_case_is_one_line_that_names_the_field(change: dict[str, object], field: str) -> None:
    case: dict[str, object] = {
        "model": "kamp2020",
        "patient": {"weight_kg": 70},
        "doses": [{"route": "iv", "start_min": 0, "duration_min": 40, "amount_mg": 35}],
        "times_min": [5],
        "outputs": ["Cp"],
        **change,
    }
    done = interlude("simulate", "-", stdin=json.dumps(case))
    assert done.returncode == 2
    assert field in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
