"""I keep eight tabs open. The clinic's server sees one stream, and every tab is live."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.journeys.cast import AMAL
from tests.journeys.me import Me

pytestmark = pytest.mark.journey


def test_eight_tabs_share_one_stream(me: Me) -> None:
    me.given_i_have_picked_myself_from_the_list(AMAL)
    me.when_i_open_the_session_that_began("first")
    address = me.page.url
    me.page.goto("about:blank")  # my other tab does not lead the eight
    open_streams: dict[Request, Page] = {}
    tabs = []
    for _tab in range(8):
        tab = me.new_tab()
        tab.on("request", lambda request, tab=tab: _is_stream(request) and open_streams.update({request: tab}))
        tab.on("requestfinished", lambda request: open_streams.pop(request, None))
        tab.on("requestfailed", lambda request: open_streams.pop(request, None))
        tab.goto(address)
        tabs.append(tab)
    for tab in tabs:
        expect(tab.locator("[data-stat='heart_rate']")).to_have_attribute("data-aged", "fresh", timeout=15_000)
        expect(tab.locator("[data-stat='heart_rate'] [data-age-value]")).to_have_text(re.compile(r"^\d+$"))
    before = [tab.locator("[data-stat='heart_rate'] [data-age-at]").get_attribute("data-age-at") for tab in tabs]
    tabs[0].wait_for_timeout(2_500)
    after = [tab.locator("[data-stat='heart_rate'] [data-age-at]").get_attribute("data-age-at") for tab in tabs]
    assert all(old != new for old, new in zip(before, after, strict=True)), (before, after)
    assert len(open_streams) == 1, [request.url for request in open_streams]
    for tab in tabs:
        tab.close()


def _is_stream(request: Request) -> bool:
    return "/live" in request.url and request.resource_type in ("eventsource", "fetch", "xhr", "other")
