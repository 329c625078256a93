"""A progress bar on standard error, shown only to somebody who watches, and only when it takes a while."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WIDTH = 30
# Shorter runs show nothing; a bar that flashes by is noise.
AFTER_S = 1.0
EVERY_S = 0.1

Progress = Callable[[int, int], None]


@contextmanager
def progress_bar(what: str) -> Iterator[Progress | None]:
    """A function to call with (done, all); None where standard error is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    began = time.monotonic()
    shown = 0.0

    def show(done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - began < AFTER_S or (now - shown < EVERY_S and done < total):
            return
        shown = now
        full = WIDTH * done // max(total, 1)
        left = (now - began) * (total - done) / max(done, 1)
        bar = "#" * full + "." * (WIDTH - full)
        print(f"\r[{bar}] {done:,} of {total:,} {what}, {left:.0f} s left ", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        if shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
