"""A real browser: where it is found, how it is started, and what its pages are watched for."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page

NO_BROWSER = "No browser found: the journeys were skipped"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]


def installed_chromium() -> str | None:
    """The path of a Chromium of this machine."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)


def playwright_has_its_own() -> bool:
    """Whether Playwright has downloaded a Chromium earlier."""
    usual = "Library/Caches/ms-playwright" if sys.platform == "darwin" else ".cache/ms-playwright"
    place = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / usual)
    return any(place.glob("chromium*"))


class Watcher:
    """Collects what a page must never do: script errors, console errors, and what its policy stopped."""

    def __init__(self, page: Page) -> None:
        self.found: list[str] = []
        page.on("pageerror", lambda error: self.found.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._heard(page.url, message))

    def _heard(self, address: str, message: ConsoleMessage) -> None:
        if message.type != "error" and "Content Security Policy" not in message.text:
            return
        # A form sent with a mistake is answered 422, and the browser notes it; that is no fault of the page.
        if "status of 422" in message.text or "ERR_INCOMPLETE_CHUNKED_ENCODING" in message.text:
            return
        self.found.append(f"{address}: {message.location.get('url', '')}: {message.text}")
