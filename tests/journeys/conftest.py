"""A real browser and the real product: processes on loopback that end with the journeys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

from tests.journeys.browser import ARGUMENTS, NO_BROWSER, installed_chromium, playwright_has_its_own
from tests.journeys.me import Me
from tests.journeys.product import Product, empty_clinic, example_clinic

HERE = Path(__file__).parent
# The first runs while the example clinic still invents its patients; whoever ends a session comes after the pictures.
ORDER = (
    "test_one_patient",
    "test_pictures",
    "test_live_session",
    "test_bad_input",
    "test_german",
    "test_protocol_editor",
    "test_studies",
    "test_one_stream",
    "test_monitor_silent",
    "test_accessibility",
)


def has_browser() -> bool:
    return installed_chromium() is not None or playwright_has_its_own()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys come last, because a running Playwright forbids Django's ordinary database calls in its thread."""
    journeys = [item for item in items if item.get_closest_marker("journey")]
    others = [item for item in items if not item.get_closest_marker("journey")]
    items[:] = others + sorted(journeys, key=_place)
    if journeys and not has_browser():
        for item in journeys:
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def _place(item: pytest.Item) -> int:
    return ORDER.index(item.path.stem) if item.path.stem in ORDER and item.path.parent == HERE else -1


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if any(NO_BROWSER in str(report.longrepr) for report in skipped):
        terminalreporter.section("journeys")
        terminalreporter.line(NO_BROWSER)


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=installed_chromium(), args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def starting_example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The example clinic, which invents its patients while another journey already runs."""
    product = example_clinic(tmp_path_factory.mktemp("example"))
    yield product
    product.stop()


@pytest.fixture(scope="package")
def example(starting_example: Product) -> Product:
    """The example clinic, open."""
    starting_example.wait_until_it_serves()
    return starting_example


@pytest.fixture(scope="package")
def clinic(starting_example: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A new clinic without patients, made by `interlude init`, open."""
    product = empty_clinic(tmp_path_factory.mktemp("new"))
    yield product
    product.stop()


@pytest.fixture(scope="package")
def me_at_the_example(chromium: Browser, example: Product) -> Iterator[Me]:
    teller = Me(chromium, example)
    yield teller
    teller.put_away()


@pytest.fixture(scope="package")
def me_at_the_clinic(chromium: Browser, clinic: Product) -> Iterator[Me]:
    teller = Me(chromium, clinic)
    yield teller
    teller.put_away()


@pytest.fixture
def me(me_at_the_example: Me) -> Iterator[Me]:
    """I, at the example clinic. No page may have complained while I was there."""
    yield from _watched(me_at_the_example)


@pytest.fixture
def me_here(me_at_the_clinic: Me) -> Iterator[Me]:
    """I, at the new clinic."""
    yield from _watched(me_at_the_clinic)


def _watched(teller: Me) -> Iterator[Me]:
    for watcher in teller.watchers:
        watcher.found.clear()
    yield teller
    complaints = [line for watcher in teller.watchers for line in watcher.found]
    assert complaints == []
