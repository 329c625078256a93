"""Messages a second into the record by size of the batch, against the disk's own rate of fsync.

    python benchmarks/receive_batch.py [--seconds 3]

Each batch is one transaction of `dosing.services.receive_batch` in a real database file with WAL and synchronous=FULL:
raw bytes stored, read, bound, three values charted, audited. The disk is measured in the same run and directory by
appends of 4 kB with an fsync each: no design that acknowledges message by message can be faster than that. What counts
are the ratios: how many fsyncs' time one message takes, and what batching gains. Exit status 1 when a batch of ten, the
load of ten monitors in one second, takes a second or more.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from monitors import fsync_seconds  # noqa: E402
from tests.faults.clinic import Running  # noqa: E402

SIZES = (1, 2, 5, 10, 20, 50, 100, 200)
MONITORS = 10


def frames(eui64s: list[str], started_at: datetime) -> Iterator[Any]:
    """One message of each monitor in turn; their clocks go a millisecond further with each."""
    from interlude.codecs.hl7v2.build import monitor_message
    from interlude.codecs.mllp import RawFrame

    number = 0
    while True:
        at = started_at + timedelta(milliseconds=number)
        eui64 = eui64s[number % len(eui64s)]
        values = {"heart_rate": 60 + number % 30, "spo2": 95 + number % 5, "resp_rate": 12 + number % 5}
        body = monitor_message(eui64=eui64, name="CHAIR", control_id=f"B{number}", at=at, values=values)
        yield RawFrame(data=body, peer="127.0.0.1:1", received_at=at)
        number += 1


def measure(seconds: float, eui64s: list[str]) -> dict[int, tuple[float, float]]:
    """By size: messages a second, and the median seconds of one batch."""
    from interlude.record.dosing.services import receive_batch

    found = {}
    stream = frames(eui64s, datetime.now(UTC))
    receive_batch([next(stream) for _ in range(MONITORS)])
    for size in SIZES:
        spent: list[float] = []
        while sum(spent) < seconds:
            batch = [next(stream) for _ in range(size)]
            began = time.perf_counter()
            answers = receive_batch(batch)
            spent.append(time.perf_counter() - began)
            assert len(answers) == size
            assert all(answers)
        found[size] = (size * len(spent) / sum(spent), statistics.median(spent))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3, help="for each size")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="interlude-bench-") as scratch:
        directory = Path(scratch) / "clinic"
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start; filling a clinic ...", flush=True)
        running = Running.make(directory, "--sessions", str(MONITORS))
        from interlude.interfaces.cli.clinic_data import enter

        enter(str(directory))
        sync_s = statistics.median(fsync_seconds(directory))
        found = measure(options.seconds, running.eui64s)
    disk = 1 / sync_s
    alone = found[1][0]
    print(f"the disk: {disk:.0f} fsyncs a second ({sync_s * 1000:.2f} ms each)")
    print(f"{'batch':>6} {'messages/s':>11} {'ms a batch':>11} {'x one by one':>13} {'messages per fsync time':>24}")
    for size, (rate, batch_s) in found.items():
        print(f"{size:6} {rate:11.0f} {batch_s * 1000:11.1f} {rate / alone:13.1f} {rate / disk:24.2f}")
    return 0 if found[MONITORS][1] < 1 else 1


if __name__ == "__main__":
    sys.exit(main())
