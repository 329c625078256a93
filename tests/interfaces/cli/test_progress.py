"""The progress bar: for who watches, and only when it takes a while."""

from __future__ import annotations

import io
import sys

import pytest

from interlude.interfaces.cli import progress


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_nobody_watches_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress.progress_bar("people") as show:
        assert show is None


def test_a_short_run_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    with progress.progress_bar("people") as show:
        assert show is not None
        show(5, 10)
        show(10, 10)
    assert screen.getvalue() == ""


def test_a_long_run_shows_how_far_it_is_and_clears_up(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, now = Screen(), [100.0]
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with progress.progress_bar("people") as show:
        assert show is not None
        now[0] += 2
        show(500, 2000)
        now[0] += 0.01
        show(501, 2000)
        now[0] += 6
        show(2000, 2000)
    bar, done, cleared = screen.getvalue().split("\r")[1:]
    assert bar == "[#######.......................] 500 of 2,000 people, 6 s left "
    assert done.startswith("[" + "#" * 30 + "] 2,000 of 2,000 people, 0 s left")
    assert cleared == "\033[K"
