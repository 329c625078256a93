"""T1 in small: the power goes while ten monitors stream. What was acknowledged is in the chart, once."""

from __future__ import annotations

import random
import statistics
import time

import pytest

from tests.faults.clinic import Running
from tests.faults.monitors import Monitors
from tests.faults.serving import serve_command, serving, start

pytestmark = pytest.mark.slow
KILLS = 20


def test_twenty_kills_lose_nothing_that_was_acknowledged(running: Running) -> None:
    drawn = random.Random(20)
    server = start(serve_command(running.directory))
    port, mllp_port = server.port, server.mllp_port
    gaps = []
    try:
        with Monitors(running.eui64s, mllp_port, period_s=0.1) as monitors:
            for _number in range(KILLS):
                monitors.wait_for_answers(10)
                time.sleep(drawn.uniform(0.0, 0.4))
                server.kill()
                killed_at = time.monotonic()
                server = start(serve_command(running.directory, port, mllp_port))
                monitors.wait_for_answers(1)
                gaps.append(time.monotonic() - killed_at)
            monitors.wait_for_answers(10)
        assert server.terminate() == 0
    finally:
        if server.process.poll() is None:
            server.kill()
    again = sum(len(one.written_at) > 1 for one in monitors.sent)
    print(
        f"{KILLS} kills, {len(monitors.acknowledged)} acknowledged, {again} sent again; "
        f"from kill to the next answer {statistics.median(gaps):.2f} s, at most {max(gaps):.2f} s"
    )
    assert len(monitors.acknowledged) == len(monitors.sent)
    assert again >= KILLS / 2, "the kills did not hit the stream"
    running.check_exactly_once(monitors)


def test_a_server_that_stands_still_for_five_seconds_says_nothing_false(running: Running) -> None:
    before = {row[0] for row in running.ask("SELECT id FROM devices_rawmessage")}
    with serving(running.directory) as server:
        # The monitors give up after one second, connect again and send the same bytes again.
        with Monitors(running.eui64s, server.mllp_port, period_s=0.2, answer_s=1.0) as monitors:
            monitors.wait_for_answers(20)
            began = time.monotonic()
            server.hold(5)
            ended = time.monotonic()
            resumed = monitors.wait_for_answers(10)
            time.sleep(2)
        during = [one for one in monitors.acknowledged if began + 0.2 < (one.answered_at or 0) < ended]
        assert not during, "an answer from a process that stood still"
        assert resumed < 5
        assert all(one.code in ("AA", "CA") for one in monitors.sent)
        assert server.terminate() == 0
    bodies = [bytes(row[1]) for row in running.ask("SELECT id, body FROM devices_rawmessage") if row[0] not in before]
    assert sorted(bodies) == sorted(one.body for one in monitors.sent)
    print(f"{len(monitors.sent)} messages, answers again {resumed:.2f} s after the process went on")
