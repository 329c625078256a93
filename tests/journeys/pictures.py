"""The README's pictures, taken by the journeys when INTERLUDE_PICTURES=1, so that a test run changes no file."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

PLACE = Path(__file__).resolve().parents[2] / "docs" / "pictures"
LARGEST = 250_000


def wanted() -> bool:
    return os.environ.get("INTERLUDE_PICTURES") == "1"


def take(page: Page, name: str, *, height: int | None = None) -> None:
    """Save what the page shows as docs/pictures/NAME.png, at most 250 kB."""
    if not wanted():
        return
    size = page.viewport_size
    if height and size:
        page.set_viewport_size({"width": size["width"], "height": height})
        page.wait_for_timeout(800)
    picture = page.screenshot(animations="disabled")
    assert len(picture) <= LARGEST, f"{name}: {len(picture)} bytes"
    PLACE.mkdir(parents=True, exist_ok=True)
    (PLACE / f"{name}.png").write_bytes(picture)
    if height and size:
        page.set_viewport_size(size)
