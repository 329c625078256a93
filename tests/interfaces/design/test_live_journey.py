"""I keep several tabs open and trust what they show."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.interfaces.design.site import LiveServer

pytestmark = pytest.mark.journey

LISTEN = """(() => { window.heard = [];
  const note = (event) => window.heard.push([event.type, event.detail.data?.n ?? event.detail.event ?? ""]);
  document.getElementById("shown").addEventListener("interlude:changed", note);
  for (const name of ["vitals", "session", "resync"]) document.body.addEventListener(`interlude:${name}`, note); })()"""


def wait_for(question: Callable[[], bool], seconds: float = 8) -> None:
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def open_tab(context: BrowserContext, site: LiveServer, topic: str, at: datetime | None = None) -> Page:
    page = context.new_page()
    page.goto(f"{site.url}/live?topic={topic}&at={quote((at or datetime.now(UTC)).isoformat())}")
    expect(page.locator("main [data-live-link]")).to_have_attribute("data-state", "live", timeout=10_000)
    page.evaluate(LISTEN)
    return page


def heard(page: Page) -> list[list[object]]:
    found: list[list[object]] = page.evaluate("window.heard")
    return found


def hears(page: Page, number: int) -> bool:
    page.wait_for_timeout(30)
    return ["interlude:changed", number] in heard(page)


def test_eight_tabs_share_one_stream(context: BrowserContext, site: LiveServer) -> None:
    tabs = [open_tab(context, site, f"session:{number}") for number in range(8)]
    wait_for(lambda: len(site.streams) == 1 and len(next(iter(site.streams.values()))) == 8)
    site.publish("session:7", "vitals", n=1)
    wait_for(lambda: hears(tabs[7], 1))
    assert ["interlude:vitals", 1] in heard(tabs[7])
    assert ["interlude:session", 1] in heard(tabs[7])
    assert not any(entry[1] == 1 for entry in heard(tabs[0]))


def test_a_closed_leader_is_followed_at_once(context: BrowserContext, site: LiveServer) -> None:
    first = open_tab(context, site, "session:a")
    second = open_tab(context, site, "session:b")
    wait_for(lambda: len(site.streams) == 1)
    first.close()
    wait_for(lambda: [sorted(topics) for topics in site.streams.values()] == [["session:b"]], 14)
    site.publish("session:b", "vitals", n=2)
    wait_for(lambda: hears(second, 2))
    expect(second.locator("main [data-live-link]")).to_have_attribute("data-state", "live")


def test_a_frozen_leader_loses_the_lead(context: BrowserContext, site: LiveServer) -> None:
    first = open_tab(context, site, "session:a")
    second = open_tab(context, site, "session:b")
    wait_for(lambda: len(site.streams) == 1)
    opened = site.opened
    first.evaluate("setTimeout(() => { const end = Date.now() + 7000; while (Date.now() < end); }, 0)")
    wait_for(lambda: site.opened > opened, 7)
    site.publish("session:b", "vitals", n=3)
    wait_for(lambda: hears(second, 3), 6)
    wait_for(lambda: len(site.streams) == 1, 12)


def test_silence_is_shown_within_three_seconds_and_mended(context: BrowserContext, site: LiveServer) -> None:
    page = open_tab(context, site, "today")
    other = open_tab(context, site, "session:a")
    site.ticking = False
    time.sleep(0.05)
    for tab in (page, other):
        expect(tab.locator("main [data-live-link]")).to_have_attribute("data-state", "lost", timeout=4200)
    expect(page.locator("main [data-live-link-text]")).to_have_text("No live data")
    expect(page.locator("html")).to_have_attribute("data-link", "lost")
    page.evaluate("window.heard.length = 0")
    site.ticking = True
    for tab in (page, other):
        expect(tab.locator("main [data-live-link]")).to_have_attribute("data-state", "live", timeout=8000)
    wait_for(lambda: ["interlude:resync", ""] in heard(page))
    assert ["interlude:changed", "resync"] in heard(page)


def test_the_first_connection_loads_again_what_may_have_been_missed(context: BrowserContext, site: LiveServer) -> None:
    page = context.new_page()
    page.add_init_script(
        "window.resyncs = 0; addEventListener('DOMContentLoaded', () => "
        "document.body.addEventListener('interlude:resync', () => { window.resyncs += 1; }));"
    )
    page.goto(f"{site.url}/live?topic=today")
    wait_for(lambda: page.evaluate("window.resyncs") == 1)


def test_a_value_becomes_overdue_and_then_blank(context: BrowserContext, site: LiveServer) -> None:
    page = open_tab(context, site, "today", at=datetime.now(UTC) - timedelta(seconds=299))
    box = page.locator("#box")
    value = box.locator("[data-age-value]")
    expect(box).to_have_attribute("data-aged", "overdue", timeout=4000)
    expect(value).to_have_text("121/78")
    expect(box.locator("[data-age-last]")).to_have_text("Overdue")
    renew = "(box, at) => { box.querySelector('[data-age-at]').dataset.ageAt = at; }"
    box.evaluate(renew, (datetime.now(UTC) - timedelta(seconds=598)).isoformat())
    expect(box).to_have_attribute("data-aged", "stale", timeout=4000)
    expect(value).to_have_text("--")
    expect(box.locator("[data-age-last]")).to_have_text("last 121/78")
    box.evaluate(renew, datetime.now(UTC).isoformat())
    expect(box).to_have_attribute("data-aged", "fresh", timeout=4000)
    expect(value).to_have_text("121/78")


def test_ages_follow_the_servers_clock(context: BrowserContext, site: LiveServer) -> None:
    page = context.new_page()
    # This tablet's clock is an hour fast.
    page.add_init_script("const real = Date.now; Date.now = () => real() + 3600000;")
    page.goto(f"{site.url}/live?topic=today&at={quote((datetime.now(UTC) - timedelta(seconds=20)).isoformat())}")
    expect(page.locator("main [data-live-link]")).to_have_attribute("data-state", "live", timeout=10_000)
    page.wait_for_timeout(1500)
    seconds = int(page.locator("#box .age").inner_text().split()[0])
    assert page.locator("#box .age").inner_text().endswith(" s")
    assert 20 <= seconds <= 40


def test_ctrl_k_three_letters_enter(page: Page, site: LiveServer) -> None:
    page.goto(site.url + "/staff")
    page.keyboard.press("Control+k")
    page.keyboard.type("lin")
    page.keyboard.press("Enter")
    page.wait_for_url("**/found/K-00014")


def test_the_palette_says_what_it_found(page: Page, site: LiveServer) -> None:
    page.goto(site.url + "/staff")
    page.get_by_role("button", name="Search").click()
    page.keyboard.type("haa")
    expect(page.get_by_role("option")).to_have_count(2)
    expect(page.locator("[data-palette-status]")).to_have_text("2 found")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").nth(1)).to_have_attribute("aria-selected", "true")
    page.get_by_role("combobox").fill("zzz")
    expect(page.locator("[data-palette-status]")).to_have_text("Nothing found")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_exit_this_page_leaves_nothing_behind(page: Page, site: LiveServer) -> None:
    page.route("https://www.wikipedia.org/", lambda route: route.fulfill(body="elsewhere", content_type="text/html"))
    page.goto(site.url + "/plain")
    page.goto(site.url + "/portal")
    page.get_by_role("link", name="Exit this page").click()
    page.wait_for_url("https://www.wikipedia.org/")
    page.go_back()
    assert page.url == site.url + "/plain"
