"""I am Ruth. A monitor is exchanged during a session, and then it falls silent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.journeys.cast import RUTH
from tests.journeys.me import Me
from tests.journeys.product import VirtualMonitor
from tests.journeys.teller import TABLET

pytestmark = pytest.mark.journey

SPARE = "Spare monitor"
SPARE_EUI64 = "0A1B2C3D4E5F9999"


@pytest.fixture
def spare(me: Me) -> Iterator[VirtualMonitor]:
    one = VirtualMonitor(me.clinic, name="SPARE", eui64=SPARE_EUI64)
    yield one
    one.stop()


def test_a_monitor_goes_silent(me: Me, spare: VirtualMonitor) -> None:
    me.given_i_have_picked_myself_from_the_list(RUTH, TABLET)
    chair = me.when_i_open_the_session_that_began("first")
    me.when_i_exchange_the_monitor_of(chair, SPARE, SPARE_EUI64)
    me.when_i_open_the_session_that_began("first")
    me.then_vital_signs_arrive()
    expect(me.feed(SPARE)).to_have_attribute("data-aged", "fresh")

    spare.fall_silent(20)
    # Two clocks: the link is known to be silent within seconds, each value grows old by itself.
    expect(me.feed(SPARE)).to_have_attribute("data-aged", "overdue", timeout=6_000)
    heart_rate = me.page.locator("[data-stat='heart_rate']")
    expect(heart_rate).to_have_attribute("data-aged", "stale", timeout=15_000)
    expect(me.stat("heart_rate")).to_have_text("--")
    expect(heart_rate.locator("[data-age-last]")).to_contain_text("last ")
    # The cuff measures only now and then: its value keeps its own age and is not blanked with the link.
    expect(me.stat("nibp")).not_to_have_text("--")

    expect(me.feed(SPARE)).to_have_attribute("data-aged", "fresh", timeout=25_000)
    me.then_vital_signs_arrive()
    expect(heart_rate).to_have_attribute("data-aged", "fresh")
