"""I make the mistakes that people make. Each gets its message beside its field, and nothing changes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.journeys.cast import AMAL, LENA
from tests.journeys.me import Me
from tests.journeys.teller import TABLET

pytestmark = pytest.mark.journey


def test_a_rate_that_nobody_may_set_or_nobody_can_read(me: Me) -> None:
    me.given_i_have_picked_myself_from_the_list(AMAL, TABLET)
    me.when_i_open_the_session_that_began("first")
    before = me.rate().inner_text()
    for typed, told in (
        ("500", "is above the limit of"),
        ("0,8,5", "0,8,5"),
        ("1.000", "1.000 can be read as 1 or as 1000. Write 1 or 1000."),
        ("12O", "12O"),
    ):
        me.when_i_type_the_rate(typed)
        me.page.locator("#rate-change").get_by_role("radio", name="Distress").check()
        me.when_i_send_the_rate_all_the_same()
        me.says_beside("New rate", told)
        me.then_the_rate_is(before)
    me.page.reload()
    me.then_the_rate_is(before)


def test_a_second_session_on_a_taken_chair(me: Me) -> None:
    me.given_i_have_picked_myself_from_the_list(AMAL, TABLET)
    taken = me.when_i_open_the_session_that_began("first")
    me.page.goto("/")
    me.page.get_by_role("link", name=re.compile("^Check in ")).last.click()
    address = me.page.url
    me.page.get_by_label("Chair", exact=True).select_option(label=taken)
    me.click("Check in")
    me.says_beside("Chair", taken)
    assert me.page.url == address
    me.page.goto("/")
    expect(me.page.locator(".board-row").filter(has_text=taken)).to_have_count(1)


def test_a_time_that_has_not_come(me: Me) -> None:
    me.given_i_have_picked_myself_from_the_list(LENA)
    address = me.pages_at_the_chair()["patient"]
    me.page.goto(f"{address}/consultation")
    card = me.card("Weight and height")
    me.fill("Weight", "70.4", within=card)
    me.fill_date("Weighed on", me.today + timedelta(days=1), within=card)
    card.get_by_role("button", name="Save", exact=True).click()
    expect(card.locator(".has-error")).to_contain_text("future")
    me.page.reload()
    expect(me.card("Weight and height")).not_to_contain_text("70.4 kg")


def test_a_page_that_is_older_than_the_session(me: Me) -> None:
    """Lena types a rate while Amal, at the same chair, sets another one."""
    me.given_i_have_picked_myself_from_the_list(LENA, TABLET)
    me.when_i_open_the_session_that_began("first")
    address = me.page.url
    me.when_i_type_the_rate("21")
    me.then_the_preview_says("21 mg/h")

    me.given_i_have_picked_myself_from_the_list(AMAL, TABLET)
    me.page.goto(address)
    me.when_i_type_the_rate("22.5")
    me.then_the_preview_says("22.5 mg/h")
    me.when_i_confirm_the_rate("22.5", why="Distress")
    me.then_the_rate_is("22.5")

    me.become(LENA.username)
    expect(me.page.locator("[data-stale-note]")).to_be_visible()
    me.page.locator("#rate-change").get_by_role("radio", name="Distress").check()
    me.when_i_send_the_rate_all_the_same()
    expect(me.page.locator("#rate-change .error-summary")).to_be_visible()
    me.page.goto(address)
    me.then_the_rate_is("22.5")
