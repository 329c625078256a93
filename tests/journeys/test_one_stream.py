"""I keep eight tabs open. The clinic's server sees one stream, and every tab is live."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Request, expect

from tests.journeys.cast import AMAL
from tests.journeys.me import Me

pytestmark = pytest.mark.journey


class Streams:
    """The requests for the stream that are open now, in all tabs."""

    def __init__(self) -> None:
        self.now: list[Request] = []

    def began(self, request: Request) -> None:
        if "/live/stream" in request.url:
            self.now.append(request)

    def ended(self, request: Request) -> None:
        if request in self.now:
            self.now.remove(request)


def test_eight_tabs_share_one_stream(me: Me) -> None:
    me.given_i_have_picked_myself_from_the_list(AMAL)
    me.when_i_open_the_session_that_began("first")
    address = me.page.url
    me.page.goto("about:blank")  # my other tab does not lead the eight
    open_streams = Streams()
    tabs = []
    for _tab in range(8):
        tab = me.new_tab()
        tab.on("request", open_streams.began)
        tab.on("requestfinished", open_streams.ended)
        tab.on("requestfailed", open_streams.ended)
        tab.goto(address)
        tabs.append(tab)
    for tab in tabs:
        expect(tab.locator("[data-stat='heart_rate']")).to_have_attribute("data-aged", "fresh", timeout=15_000)
        expect(tab.locator("[data-stat='heart_rate'] [data-age-value]")).to_have_text(re.compile(r"^\d+$"))
    before = [tab.locator("[data-stat='heart_rate'] [data-age-at]").get_attribute("data-age-at") for tab in tabs]
    tabs[0].wait_for_timeout(2_500)
    after = [tab.locator("[data-stat='heart_rate'] [data-age-at]").get_attribute("data-age-at") for tab in tabs]
    assert all(old != new for old, new in zip(before, after, strict=True)), (before, after)
    assert len(open_streams.now) == 1, [request.url for request in open_streams.now]
    for tab in tabs:
        tab.close()
