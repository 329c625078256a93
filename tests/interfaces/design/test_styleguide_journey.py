"""I look at every component in a real browser, in each mode and at each width."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.interfaces.design.browser import SMALL_TARGETS, axe_violations, pixels, watch_policy
from tests.interfaces.design.site import LiveServer

pytestmark = pytest.mark.journey

MODES = ("light", "dark", "dim")


def in_mode(page: Page, site: LiveServer, mode: str) -> None:
    page.context.add_cookies([{"name": "mode", "value": mode, "url": site.url}])


@pytest.mark.parametrize("mode", MODES)
def test_axe_finds_nothing_and_the_policy_stops_nothing(page: Page, site: LiveServer, mode: str) -> None:
    stopped = watch_policy(page)
    in_mode(page, site, mode)
    page.goto(site.url)
    page.wait_for_selector(".chart-stage canvas[width]")
    for details in page.locator("details.chart-table").all():
        details.locator("summary").click()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Open dialog").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert axe_violations(page) == []
    assert stopped == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("path", ["/staff", "/cockpit", "/portal", "/plain"])
def test_axe_finds_nothing_on_the_empty_pages(page: Page, site: LiveServer, path: str, mode: str) -> None:
    stopped = watch_policy(page)
    in_mode(page, site, mode)
    page.goto(site.url + path)
    # The heading is the content's; these pages have none.
    page.evaluate(
        "document.querySelector('main').append(Object.assign(document.createElement('h1'), {textContent: 'Page'}))"
    )
    assert axe_violations(page) == []
    assert stopped == []


@pytest.mark.parametrize("width", [320, 820, 1440, 2560])
def test_nothing_is_wider_than_the_screen(page: Page, site: LiveServer, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site.url)
    page.wait_for_selector(".chart-stage canvas[width]")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """(width) => [...document.querySelectorAll("main *")].filter((one) => one.offsetParent
             && !one.closest(".table-wrap, .visually-hidden, svg") && one.getBoundingClientRect().right > width + 1)
             .map((one) => one.outerHTML.slice(0, 80))""",
        width,
    )
    assert outside == []


@pytest.mark.parametrize("width", [320, 820])
def test_targets_are_big_enough(page: Page, site: LiveServer, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site.url)
    assert page.evaluate(SMALL_TARGETS) == []
    for name in ("Pause", "STOP"):
        box = page.get_by_role("button", name=name, exact=True).first.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 120
    primary = page.get_by_role("button", name="Primary").bounding_box()
    assert primary is not None
    assert primary["height"] >= 56


def test_the_dim_room_stays_dark(page: Page, site: LiveServer) -> None:
    in_mode(page, site, "dim")
    page.set_viewport_size({"width": 1180, "height": 820})
    page.goto(site.url)
    page.wait_for_selector(".chart-stage canvas[width]")
    for place in ("#numbers", "#record", "#pathway", "#tables", "#forms"):
        page.evaluate("(place) => document.querySelector(place).scrollIntoView()", place)
        seen = pixels(page)
        assert seen["mean"] <= 0.02, place
        assert seen["longestWhiteRun"] < 24, place


def test_the_mode_switch_changes_at_once_and_stays(page: Page, site: LiveServer) -> None:
    page.goto(site.url + "/staff")
    page.get_by_role("button", name="Dim room").click()
    expect(page.locator("html")).to_have_attribute("data-mode", "dim")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-mode", "dim")
    expect(page.get_by_role("button", name="Dim room")).to_have_attribute("aria-pressed", "true")


def test_auto_follows_the_device(page: Page, site: LiveServer) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(site.url + "/plain")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.emulate_media(color_scheme="light")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"


def test_the_banner_stays_and_never_covers_the_focus(page: Page, site: LiveServer) -> None:
    page.set_viewport_size({"width": 1024, "height": 700})
    page.goto(site.url)
    hidden = []
    for _step in range(60):
        page.keyboard.press("Tab")
        covered = page.evaluate(
            """() => { const box = document.activeElement.getBoundingClientRect();
                 const banner = document.querySelector("[data-patient-banner]").getBoundingClientRect();
                 const inside = document.activeElement.closest("[data-patient-banner], header, .skip-link");
                 const covered = !inside && box.height && box.bottom <= banner.bottom;
                 return covered ? document.activeElement.outerHTML : ""; }"""
        )
        if covered:
            hidden.append(covered)
    assert hidden == []
    page.mouse.wheel(0, 2000)
    banner = page.locator("[data-patient-banner]").first.bounding_box()
    assert banner is not None
    assert banner["width"] >= 1000


def test_the_error_summary_has_the_focus_and_leads_to_the_input(page: Page, site: LiveServer) -> None:
    page.goto(site.url)
    assert page.evaluate("document.activeElement.matches('[data-error-summary]')")
    page.get_by_role("link", name=re.compile("There is no such day")).click()
    assert page.evaluate("document.activeElement.id") == "wrong_born_on_day"
    assert page.locator("#wrong_weight_kg").input_value() == "1.000"


def test_the_menu_opens_on_a_small_screen_and_escape_closes_it(page: Page, site: LiveServer) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(site.url + "/staff")
    menu = page.get_by_role("navigation", name="Main")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(menu).to_be_visible()
    assert [line for line in axe_violations(page) if not line.startswith("page-has-heading-one")] == []
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


def test_the_chart_is_a_picture_a_sentence_and_a_table(page: Page, site: LiveServer) -> None:
    page.goto(site.url)
    chart = page.locator("#record-chart")
    expect(chart.locator(".chart-summary")).to_contain_text("Rate 45 mg/h")
    painted = (
        "(canvas) => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data].some((v) => v)"
    )
    assert chart.locator("canvas").evaluate(painted)
    chart.locator("summary").click()
    rows = chart.locator("tbody tr")
    expect(rows.nth(8)).to_be_visible()
    expect(chart.locator("thead")).to_contain_text("BP mmHg")
    expect(chart.locator("tbody")).to_contain_text("Nausea")
    chart.evaluate(
        """(figure) => figure.record.update({start_at: "2026-03-12T10:18:00+01:00", now_s: 60, events: [],
             series: [{id: "hr", kind: "dots", label: "HR", unit: "/min", places: 1,
                       points: [[0, 70], [30, null], [60, 71.5]]}]})"""
    )
    expect(chart.locator(".chart-summary")).to_have_text("Latest: HR 71.5 /min at 1 min")


def test_reading_needs_no_script(site: LiveServer, browser: object) -> None:
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(site.url)
    expect(page.get_by_text("PHQ-9 9 on").first).to_be_visible()
    expect(page.get_by_text("148/92").first).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    context.close()


def test_colours_of_the_reader_and_paper(page: Page, site: LiveServer) -> None:
    page.emulate_media(forced_colors="active")
    page.goto(site.url)
    outline = "(element) => getComputedStyle(element).outlineStyle"
    assert page.locator(".tabs a[aria-current]").evaluate(outline) == "solid"
    page.goto(site.url + "/staff")
    assert page.locator(".nav-link[aria-current]").evaluate(outline) == "solid"
    page.goto(site.url)
    page.emulate_media(forced_colors="none", media="print")
    expect(page.get_by_role("button", name="Primary")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
