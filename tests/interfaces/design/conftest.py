"""The design system by itself: its own small site, and a browser where one is installed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interlude.interfaces.design import formats
from tests.interfaces.design.site import LiveServer, serve

MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "tests.interfaces.design.site.with_clinic",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]


@pytest.fixture(autouse=True)
def decimal_point() -> Iterator[None]:
    formats.use_decimal_sign(".")
    yield
    formats.use_decimal_sign(".")


@pytest.fixture
def design_site(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.interfaces.design.site"
    settings.MIDDLEWARE = MIDDLEWARE
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    templates = dict(settings.TEMPLATES[0], DIRS=[Path(__file__).parent / "templates"])
    settings.TEMPLATES = [templates]


@pytest.fixture
def site(design_site: None) -> Iterator[LiveServer]:
    with serve() as live:
        yield live


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    extra = {"executable_path": path} if path else {}
    args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {**browser_type_launch_args, **extra, "args": args}
