"""Ten monitors at one message a second against a served clinic with ten running sessions, one cockpit open.

    python benchmarks/monitors.py [--seconds 300] [--no-browser]

Receive-to-acknowledge: from the message's write to the socket until its answer, on this machine. Receive-to-pixel: from
the same write until the frame in which a real browser shows the new heart rate on the open cockpit. The floor in the
same run and directory is one write with fsync, which every acknowledged message waits for. Lost: acknowledged messages
that are not stored and charted exactly once. Targets: acknowledge p99 under 100 ms, pixel p99 under 1 s, none lost.
Exit status 1 when one is missed. Without a browser the pixels are not measured, and that counts as missed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.faults.clinic import Running  # noqa: E402
from tests.faults.monitors import Monitors, Sent  # noqa: E402
from tests.faults.serving import HOST, serving  # noqa: E402

ACKNOWLEDGE_S, PIXEL_S = 0.1, 1.0
MONITORS = 10
CLOCK_STEP_S = 0.001
# Notes the instant of the frame after each change of the number: what a person can see.
OBSERVE = """() => {
  window.seen = [];
  let last = null;
  new MutationObserver(() => {
    const text = document.querySelector("[data-stat='heart_rate'] [data-age-value]")?.textContent.trim();
    if (text === last) return;
    last = text;
    requestAnimationFrame(() => window.seen.push([Date.now(), text]));
  }).observe(document.body, { childList: true, characterData: true, subtree: true });
}"""


def fsync_seconds(directory: Path, count: int = 200) -> list[float]:
    """Appends of 4 kB, each with its fsync."""
    spent = []
    path = directory / "fsync"
    with path.open("wb", buffering=0) as file:
        for _ in range(count):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            spent.append(time.perf_counter() - began)
    path.unlink()
    return spent


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def shown(values: Sequence[float]) -> str:
    parts = (f"{name} {percentile(values, share) * 1000:.1f}" for name, share in (("p50", 0.5), ("p99", 0.99)))
    return f"{' · '.join(parts)} · max {max(values) * 1000:.1f} ms (n = {len(values)})"


def pixels(sent: Sequence[Sent], seen: Sequence[tuple[float, str]], offset_s: float) -> tuple[list[float], int]:
    """Seconds from write to frame for each message whose number was seen, and how many were not.

    `offset_s` leads from the monotonic clock of the writes to the wall clock of the frames. A frame belongs to the
    latest message before it that says its number.
    """
    delays = []
    unseen = 0
    position = 0
    for one in sent:
        written = one.written_at[0] + offset_s - CLOCK_STEP_S
        while position < len(seen) and seen[position][0] < written:
            position += 1
        hit = next((at for at, text in seen[position : position + 3] if text == str(one.heart_rate)), None)
        if hit is None:
            unseen += 1
        else:
            delays.append(hit - written)  # the step of the browser's clock counts against us
    return delays, unseen


def browse(base: str, running: Running, monitors: Monitors, seconds: float) -> list[tuple[float, str]] | None:
    """Keep a cockpit open while the monitors send; the frames in which its heart rate changed (wall clock)."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = open_browser(playwright)
        if browser is None:
            return None
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{base}/sign-in")
        page.fill("input[name=username]", running.said["username"])
        page.fill("input[name=password]:not([type=hidden])", running.said["password"])
        page.click("form.stack button[type=submit]")
        page.goto(f"{base}/sessions/{running.sessions[0]['session']}")
        page.wait_for_selector("[data-stat='heart_rate'] [data-age-value]")
        page.evaluate(OBSERVE)
        with monitors:
            page.wait_for_timeout(seconds * 1000)
            monitors.stop()
            page.wait_for_timeout(1000)
            seen = [(at / 1000, text) for at, text in page.evaluate("window.seen")]
        browser.close()
        return seen


def open_browser(playwright: Any) -> Any | None:
    for path in (None, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"):
        if path is None or Path(path).exists():
            try:
                return playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
            except Exception:
                continue
    return None


def report(running: Running, monitors: Monitors, seen: list[tuple[float, str]] | None, syncs: list[float]) -> bool:
    offset_s = time.time() - time.monotonic()
    answers = [one.seconds for one in monitors.acknowledged]
    ack_p99 = percentile(answers, 0.99)
    good = ack_p99 < ACKNOWLEDGE_S
    sync_p50 = statistics.median(syncs)
    print(f"one fsync: {shown(syncs)}")
    print(
        f"receive to acknowledge: {shown(answers)}; p50 is {statistics.median(answers) / sync_p50:.1f} x one fsync; "
        f"target p99 under {ACKNOWLEDGE_S * 1000:.0f} ms: {'ok' if good else 'MISSED'}"
    )
    if seen:
        delays, unseen = pixels(monitors.monitors[0].sent, seen, offset_s)
        pixel_good = bool(delays) and percentile(delays, 0.99) < PIXEL_S and unseen == 0
        print(
            f"receive to pixel: {shown(delays)}, {unseen} numbers not seen; "
            f"target p99 under {PIXEL_S * 1000:.0f} ms: {'ok' if pixel_good else 'MISSED'}"
        )
    else:
        pixel_good = False
        print("receive to pixel: not measured, no number changed in a browser: MISSED")
    try:
        running.check_exactly_once(monitors)
        lost = ""
    except AssertionError as wrong:
        lost = str(wrong).splitlines()[0]
    refused = len(monitors.sent) - len(monitors.acknowledged)
    print(
        f"sent {len(monitors.sent)}, acknowledged {len(monitors.acknowledged)}, "
        f"each stored and charted once: {'yes' if not lost else 'NO: ' + lost}"
    )
    return good and pixel_good and not lost and not refused


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--no-browser", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="interlude-bench-") as scratch:
        directory = Path(scratch) / "clinic"
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start; filling a clinic ...", flush=True)
        running = Running.make(directory, "--sessions", str(MONITORS))
        syncs = fsync_seconds(directory)
        with serving(directory) as server:
            monitors = Monitors(running.eui64s, server.mllp_port)
            seen: list[tuple[float, str]] | None = None
            if options.no_browser:
                with monitors:
                    time.sleep(options.seconds)
            else:
                seen = browse(f"http://{HOST}:{server.port}", running, monitors, options.seconds)
            server.terminate()
        print(f"{MONITORS} monitors, {options.seconds:.0f} s, load {os.getloadavg()[0]:.1f} at the end")
        return 0 if report(running, monitors, seen, syncs) else 1


if __name__ == "__main__":
    sys.exit(main())
