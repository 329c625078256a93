"""I look up what is known: every page about studies, in each mode and at each width, by eye of axe and in words."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.cast import AMAL, IVO, LENA, Staff
from tests.journeys.me import Me
from tests.journeys.teller import DESK

pytestmark = pytest.mark.journey

MODES = ("light", "dark", "dim")
WIDTHS = (320, 390, 820, 1440)
PAGES = (
    "/studies/",
    "/studies/all/",
    "/studies/how-long/",
    "/studies/statements/",
    "/studies/why/",
    "/studies/about/trd/",
    "/studies/about/ptsd/",
    "/studies/about/dementia/",
    "/studies/study/abbar-2022/",
)


def at_my_desk(me: Me, person: Staff) -> None:
    me.become(person.username)
    me.page.set_viewport_size(DESK)  # type: ignore[arg-type]
    me.given_i_have_picked_myself_from_the_list(person)


@pytest.mark.parametrize("mode", MODES)
def test_every_page_about_studies_passes_in_each_mode_and_width(me: Me, mode: str) -> None:
    at_my_desk(me, LENA)
    me.in_mode(mode)
    problems = []
    for address in PAGES:
        me.page.goto(address)
        for width in WIDTHS:
            me.page.set_viewport_size({"width": width, "height": 900})
            problems += [f"{address} {width}: {one}" for one in me.outside()]
        problems += [f"{address}: {one}" for one in me.axe()]
    me.page.set_viewport_size({"width": 390, "height": 900})
    problems += [f"390: {one}" for one in me.axe()]
    me.in_mode("auto")
    assert problems == []


def test_i_go_from_a_condition_to_a_study_and_to_the_protocol_that_rests_on_it(me: Me) -> None:
    at_my_desk(me, LENA)
    me.page.goto("/")
    me.page.get_by_role("navigation", name="Main").get_by_role("link", name="Studies").click()
    me.page.get_by_role("main").get_by_role("link", name="Treatment-resistant depression", exact=True).click()
    me.page.get_by_role("link", name="Phillips et al. 2019").first.click()
    expect(me.page.get_by_role("heading", level=1)).to_have_text("Phillips et al. 2019")
    me.page.get_by_role("link", name="Depression, series by infusion").click()
    expect(me.page.get_by_role("heading", level=1)).to_contain_text("Depression, series by infusion")


def test_i_put_together_what_the_page_keeps_apart_and_it_says_so(me: Me) -> None:
    at_my_desk(me, IVO)
    me.page.goto("/studies/about/trd/")
    part = me.card("Response at the end of a series")
    expect(part).to_contain_text("These studies compare with different things")
    part.get_by_text("Choose what is put together").click()
    part.get_by_label("Compared with").select_option("any")
    part.get_by_label("Definition").select_option("any")
    me.click("Show", within=part)
    part = me.card("Response at the end of a series")
    expect(part).to_contain_text("Different comparisons are mixed here, as was asked.")
    expect(part.locator("details.choose")).to_have_attribute("open", "")


def test_a_forest_is_drawn_within_its_column_at_every_width(me: Me) -> None:
    at_my_desk(me, LENA)
    me.page.goto("/studies/about/trd/")
    for width in WIDTHS:
        me.page.set_viewport_size({"width": width, "height": 900})
        outside = me.page.evaluate(
            """() => [...document.querySelectorAll(".strip :is(rect, polygon, .reach)")].filter((mark) => {
              const [one, cell] = [mark.getBoundingClientRect(), mark.closest("td").getBoundingClientRect()];
              return one.left < cell.left - 1 || one.right > cell.right + 1;
            }).length"""
        )
        squares = me.page.locator(".strip .square").count()
        assert squares > 10
        assert outside == 0, width


@pytest.mark.parametrize("mode", MODES)
def test_a_patient_reads_what_the_studies_say_on_a_small_telephone(me: Me, mode: str) -> None:
    at_my_desk(me, AMAL)
    me.when_i_invite_whoever_comes_next()
    me.given_i_am_on_a_telephone()
    me.when_i_open_the_link_of_whoever_comes_next()
    me.in_mode(mode)
    me.page.set_viewport_size({"width": 320, "height": 700})
    me.page.get_by_role("link", name="What the studies say").click()
    me.reads("In short")
    expect(me.page.locator("svg.people").first).to_be_visible()
    assert [*me.axe(), *me.outside()] == []
    me.in_mode("auto")
