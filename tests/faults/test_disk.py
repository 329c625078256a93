"""T4 in small: the disk refuses to take more while monitors stream. Nothing is acknowledged that is not stored."""

from __future__ import annotations

import os
import sys
import time

import pytest

from tests.faults.clinic import Running
from tests.faults.monitors import Monitors
from tests.faults.serving import serve_command, serving, start
from tests.faults.web import Person

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="needs limits of a process")]
ROOM_BYTES = 400_000
# The limit on the size of a file is the process's own: writes beyond it fail as on a full disk.
LIMITED = """
import os, resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
os.execv(sys.argv[2], sys.argv[2:])
"""


def test_a_full_disk_is_never_acknowledged_and_leaves_a_whole_record(running: Running) -> None:
    database = running.directory / "interlude.sqlite3"
    before = {row[0] for row in running.ask("SELECT id FROM devices_rawmessage")}
    limit = str(database.stat().st_size + ROOM_BYTES)
    server = start([sys.executable, "-c", LIMITED, limit, *serve_command(running.directory)])
    try:
        with Monitors(running.eui64s, server.mllp_port, period_s=0.02, answer_s=10) as monitors:
            until = time.monotonic() + 60
            while sum(one.code in ("AE", "CE") for one in monitors.sent) < 20:
                assert time.monotonic() < until, "the disk did not become full"
                assert server.process.poll() is None, "the process ended"
                time.sleep(0.05)
        assert Person(server.port).get("/healthz").status == 200
    finally:
        if server.process.poll() is None:
            server.kill()
    stored = {
        bytes(body): (pk, disposition)
        for pk, body, disposition in running.ask("SELECT id, body, disposition FROM devices_rawmessage")
        if pk not in before
    }
    acknowledged = monitors.acknowledged
    assert acknowledged, "nothing was stored before the disk was full"
    assert [one.control_id for one in acknowledged if one.body not in stored] == []
    charted = {row[0] for row in running.ask("SELECT raw_id FROM dosing_observation WHERE raw_id IS NOT NULL")}
    assert all(stored[one.body][0] in charted for one in acknowledged)
    assert running.ask("PRAGMA integrity_check") == [("ok",)]
    # With room again the same clinic goes on.
    with serving(running.directory) as again, Monitors(running.eui64s, again.mllp_port, period_s=0.1) as later:
        later.wait_for_answers(20)
    assert all(one.code == "CA" for one in later.sent)
    print(f"{len(acknowledged)} acknowledged, {len(monitors.sent) - len(acknowledged)} refused while the disk was full")
