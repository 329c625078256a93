"""From `interlude demo` to its first page: a first start in an empty directory, and a second one.

    python benchmarks/make_demo.py [--data DIR]

Measured from the start of the process to the first answer 200 of the first page. `make demo` adds the installation,
which is the download. Targets: 60 s and 4 s. The floor is what no start can be below: the same interpreter that
starts, imports the product and reads the database's tables, in the same run. Exit status 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

FIRST_S, SECOND_S = 60.0, 4.0
LONGEST_S = 600.0


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def first_page(data: Path) -> tuple[float, float]:
    """Seconds from the start of the process to the first page, and the processor seconds it took until then."""
    port = free_port()
    command = [sys.executable, "-m", "interlude.interfaces.cli.main", "demo", "--data", str(data), "--no-browser"]
    command += ["--port", str(port), "--mllp-port", str(free_port())]
    began = time.monotonic()
    with (data.parent / "demo.log").open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        while time.monotonic() - began < LONGEST_S:
            if process.poll() is not None:
                sys.exit(f"the demo ended by itself: {(data.parent / 'demo.log').read_text()[-400:]}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
                    if page.status == 200:
                        return time.monotonic() - began, processor_seconds(process.pid)
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        sys.exit("no first page in ten minutes")
    finally:
        process.terminate()
        process.wait(20)


def processor_seconds(pid: int) -> float:
    """User and system time of a process (Linux; elsewhere nan)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def floor(data: Path) -> float:
    """Seconds of `interlude upgrade` on the finished clinic: import, set up, read the schema, change nothing."""
    began = time.monotonic()
    command = [sys.executable, "-m", "interlude.interfaces.cli.main", "upgrade", "--data", str(data)]
    subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="keep the clinic here (it must not exist); default: thrown away")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="interlude-bench-") as scratch:
        data = options.data or Path(scratch) / "demo"
        if data.exists() and any(data.iterdir()):
            sys.exit(f"{data} exists already: the first start is measured in an empty directory")
        data.parent.mkdir(parents=True, exist_ok=True)
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
        first, first_cpu = first_page(data)
        second, second_cpu = first_page(data)
        least = floor(data)
    for name, wall, cpu, target in (
        ("first start", first, first_cpu, FIRST_S),
        ("second start", second, second_cpu, SECOND_S),
    ):
        verdict = "ok" if wall <= target else "MISSED"
        print(
            f"{name}: {wall:.1f} s to the first page ({cpu:.1f} s of processor), target {target:.0f} s: {verdict}; "
            f"{wall / least:.1f} x the floor of {least:.2f} s"
        )
    return 0 if first <= FIRST_S and second <= SECOND_S else 1


if __name__ == "__main__":
    sys.exit(main())
