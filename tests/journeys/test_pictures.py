"""I show a newcomer the house: today, a patient, the cockpit in a dim room, the portal on a telephone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.cast import AMAL, LENA
from tests.journeys.me import Me
from tests.journeys.pictures import take
from tests.journeys.teller import DESK, TABLET

pytestmark = pytest.mark.journey


def test_what_the_readme_shows(me: Me) -> None:
    me.given_i_have_picked_myself_from_the_list(AMAL, TABLET)
    me.page.set_viewport_size(TABLET)  # type: ignore[arg-type]
    me.in_mode("dim")
    me.when_i_open_the_session_that_began("first")
    me.then_vital_signs_arrive()
    expect(me.page.locator("html")).to_have_attribute("data-mode", "dim")
    take(me.page, "cockpit", height=1180)
    me.in_mode("light")
    me.page.goto("/")
    expect(me.page.locator(".board-row").first).to_be_visible()
    take(me.page, "today", height=900)

    me.given_i_have_picked_myself_from_the_list(LENA, DESK)
    me.page.set_viewport_size(DESK)  # type: ignore[arg-type]
    me.in_mode("light")
    me.when_i_open_the_record_of_somebody_with_a_trend()
    take(me.page, "patient")

    me.given_i_have_picked_myself_from_the_list(AMAL)
    me.when_i_invite_whoever_comes_next()
    me.given_i_am_on_a_telephone()
    me.when_i_open_the_link_of_whoever_comes_next()
    me.in_mode("light")
    me.page.reload()
    take(me.page, "portal")
