"""The virtual bedside: believable messages that are charted whole, and a process that dies with its parent."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from interlude.codecs.hl7v2 import read_message
from interlude.codecs.hl7v2.build import CuffReading, monitor_message
from interlude.interfaces.gateway.virtual import BadPlan, VirtualMonitor, read_plan

from .support import Store, gateway

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MONITOR: dict[str, Any] = {
    "name": "CHAIR-1",
    "eui64": "0A1B2C3D4E5F6071",
    "seed": 7,
    "started_at": START.isoformat(),
    "weight_kg": 70,
    "segments": [[0, 40, 52.5]],
    "nibp_every_min": 5,
    "zone": "Europe/Vienna",
}


def monitors(*changes: dict[str, Any]) -> list[VirtualMonitor]:
    return read_plan(json.dumps({"monitors": [{**MONITOR, **change} for change in changes]}), now=START)


def kinds(monitor: VirtualMonitor, at: datetime) -> dict[str, tuple[Decimal, datetime]]:
    found = read_message(monitor.message(at), default_zone=UTC, received_at=at)
    assert not found.held
    assert found.answer_codes == ("CA",)
    assert all(r.device_ids[0] == "0A1B2C3D4E5F6071" for r in found.readings)
    assert all(r.observed_at_is_device_time and r.flags == () for r in found.readings)
    return {
        r.kind + ("_cuff" if r.method == "cuff" and "pulse" in r.kind else ""): (r.value, r.observed_at)
        for r in found.readings
    }


def test_every_value_of_a_message_is_charted_with_its_own_time() -> None:
    (monitor,) = monitors({"capnography": True})
    at = START + timedelta(minutes=12, seconds=30)
    seen = kinds(monitor, at)
    cuff = {"nibp_sys", "nibp_dia", "nibp_mean", "pulse_rate_cuff"}
    assert set(seen) == {"heart_rate", "spo2", "pulse_rate", "resp_rate", "etco2"} | cuff
    for kind, (_, observed_at) in seen.items():
        assert observed_at == (START + timedelta(minutes=10) if kind in cuff else at)


def test_the_cuff_is_repeated_until_the_next_one() -> None:
    (monitor,) = monitors({})
    pressures = [kinds(monitor, START + timedelta(minutes=m))["nibp_sys"] for m in (10, 12, 14.9, 15)]
    assert pressures[0] == pressures[1] == pressures[2]
    assert pressures[3][1] - pressures[0][1] == timedelta(minutes=5)


def test_the_same_plan_gives_the_same_values_whenever_it_starts() -> None:
    a, b = monitors({}, {})
    a.message(START)
    for minute in (3, 17, 31):
        at = START + timedelta(minutes=minute)
        assert a.message(at) == b.message(at)


def test_pressure_rises_with_the_infusion() -> None:
    (with_drug,) = monitors({})
    (without,) = monitors({"segments": []})
    at = START + timedelta(minutes=40)
    assert kinds(with_drug, at)["nibp_sys"][0] > kinds(without, at)["nibp_sys"][0] + 5


def test_a_lost_probe_sends_rows_without_values_or_nothing() -> None:
    lost = {"events": [["probe_off", 10, 2, 1]]}
    first, second = monitors(lost, {**lost, "probe_off_sends_nothing": True})
    at = START + timedelta(minutes=11)
    assert {"spo2", "pulse_rate"}.isdisjoint(kinds(first, at))
    assert b"MDC_PULS_OXIM_SAT_O2" in first.message(at)
    assert b"MDC_PULS_OXIM_SAT_O2" not in second.message(at)


def test_a_monitor_before_its_session_shows_no_cuff() -> None:
    (monitor,) = monitors({})
    assert "nibp_sys" not in kinds(monitor, START - timedelta(minutes=5))


def test_the_builder_escapes_and_refuses_unknown_kinds() -> None:
    raw = monitor_message(
        eui64="0A1B2C3D4E5F6071",
        name="A|B^C",
        control_id="x~1",
        at=START,
        values={"temperature": Decimal("36.80"), "heart_rate": 70},
        cuff=CuffReading(START, 120, 80, 93),
    )
    found = read_message(raw, default_zone=UTC, received_at=START)
    assert {r.kind: str(r.value) for r in found.readings}["temperature"] == "36.80"
    assert "A|B^C" in found.device_ids
    with pytest.raises(KeyError):
        monitor_message(eui64="0" * 16, name="A", control_id="1", at=START, values={"mood": 3})


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ("{", "not JSON"),
        ("[]", "monitors"),
        ('{"monitors": []}', "monitors"),
        ('{"monitors": [3]}', "monitor 1"),
        ('{"monitors": [{"name": "A"}]}', "eui64"),
        (json.dumps({"monitors": [{**MONITOR, "eui64": "12"}]}), "16 hexadecimal"),
        (json.dumps({"monitors": [{**MONITOR, "colour": 1}]}), "colour"),
        (json.dumps({"monitors": [{**MONITOR, "started_at": "2026-03-02T09:00"}]}), "zone"),
        (json.dumps({"monitors": [{**MONITOR, "zone": "Mars/Base"}]}), "Mars"),
        (json.dumps({"monitors": [{**MONITOR, "nibp_every_min": -1}]}), "nibp_every_min"),
        (json.dumps({"monitors": [{**MONITOR, "events": [["party", 1, 1, 1]]}]}), "party"),
        (json.dumps({"monitors": [{**MONITOR, "segments": [[10, 5, 1]]}]}), "monitor 1"),
    ],
)
def test_a_bad_plan_says_why_in_one_line(plan: str, words: str) -> None:
    with pytest.raises(BadPlan, match=words) as caught:
        read_plan(plan, now=START)
    assert "\n" not in str(caught.value)


def launch(plan: Path, port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "interlude.interfaces.gateway.bedside",
            "--to",
            f"127.0.0.1:{port}",
            "--plan",
            str(plan),
        ],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def write_plan(path: Path, count: int) -> Path:
    now = datetime.now(UTC) - timedelta(minutes=12)
    listed = [
        {**MONITOR, "name": f"CHAIR-{n}", "eui64": f"{n:016X}", "seed": n, "started_at": now.isoformat()}
        for n in range(1, count + 1)
    ]
    path.write_text(json.dumps({"monitors": listed}))
    return path


def wait_for(condition: Any, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def test_the_process_sends_each_second_falls_silent_and_ends_with_its_input(tmp_path: Path) -> None:
    store = Store()
    plan = write_plan(tmp_path / "plan.json", 2)

    def of(name: bytes) -> list[float]:
        return [raw.received_at.timestamp() for raw in store.frames if b"|" + name + b"^" in raw.data]

    with gateway(store) as server:
        process = launch(plan, server.port)
        try:
            wait_for(lambda: len(of(b"CHAIR-1")) >= 3 and len(of(b"CHAIR-2")) >= 3)
            times = of(b"CHAIR-1")
            assert 0.5 < times[-1] - times[-2] < 1.6
            assert process.stdin is not None
            process.stdin.write(b"silence CHAIR-1 30\n")
            process.stdin.flush()
            time.sleep(1.2)
            silent, speaking = len(of(b"CHAIR-1")), len(of(b"CHAIR-2"))
            wait_for(lambda: len(of(b"CHAIR-2")) >= speaking + 2)
            assert len(of(b"CHAIR-1")) == silent
            process.stdin.close()
            assert process.wait(5) == 0
        finally:
            process.kill()
    found = [read_message(r.data, default_zone=UTC, received_at=r.received_at) for r in store.frames]
    assert all(item.verdict == "charted" and not item.held for item in found)


def test_the_process_reaches_a_listener_that_comes_late_and_loses_no_message(tmp_path: Path) -> None:
    plan = write_plan(tmp_path / "plan.json", 1)
    with gateway(Store()) as server:
        port = server.port
    process = launch(plan, port)
    try:
        time.sleep(1.0)
        store = Store()
        with gateway(store, port=port):
            wait_for(lambda: len(store.frames) >= 2)
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_process_dies_when_its_parent_is_killed(tmp_path: Path) -> None:
    plan = write_plan(tmp_path / "plan.json", 1)
    script = (
        "import subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-m', 'interlude.interfaces.gateway.bedside', '--to', '127.0.0.1:9',"
        f" '--plan', {str(plan)!r}], stdin=subprocess.PIPE)\n"
        "print(p.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(1.0)
    os.kill(child, 0)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_for(lambda: not _alive(child), 5)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def test_a_bad_plan_file_is_exit_2_and_one_line(tmp_path: Path) -> None:
    process = launch(tmp_path / "none.json", 9)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert err.count(b"\n") == 1
