"""The medical lead drafts the next version of a protocol: by keyboard, checked while typing, tried, put away again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.cast import LENA
from tests.journeys.me import Me

pytestmark = pytest.mark.journey

PROTOCOL = "Obsessive-compulsive disorder, single infusion"
MODES = ("light", "dark", "dim")
WIDTHS = (390, 820, 1440)


def tab_to(page: Page, selector: str, most: int = 120) -> None:
    """Reach an element by the Tab key alone."""
    for _step in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by keyboard")


def test_a_draft_from_beginning_to_end(me: Me) -> None:
    me.given_i_have_picked_myself_from_the_list(LENA)
    page = me.page
    page.goto("/protocols/")
    page.get_by_role("link", name=PROTOCOL).click()
    page.get_by_role("button", name="Draft a new version").click()
    expect(page.get_by_text("Nothing yet.")).to_be_visible()
    draft = page.url.split("#")[0]

    page.locator("a[href*='dose_mg_per_kg.hard_max']").click()
    tab_to(page, "#id_value")
    page.keyboard.type("0.4")
    expect(page.locator("#value-check")).to_contain_text("limits are crossed")
    page.keyboard.press("Control+a")
    page.keyboard.type("0.8")
    expect(page.locator("#value-check")).to_contain_text("Fits the rest of the protocol.")
    tab_to(page, "#id_source")
    page.keyboard.type("Decision of this")
    tab_to(page, "input[name=certainty]")
    page.keyboard.press("ArrowUp")
    tab_to(page, "#id_reason")
    page.keyboard.type("No patient ever needed more.")
    tab_to(page, "#value-form button[type=submit]")
    page.keyboard.press("Enter")

    expect(page).to_have_url(draft)
    changes = page.get_by_role("region", name="Changes, as a table")
    expect(changes).to_contain_text("Dose · refused above")
    expect(changes).to_contain_text("0.8 mg/kg")
    page.get_by_role("button", name="Try on 1,000 virtual patients").click()
    expect(page.get_by_role("heading", name="The highest order that is not refused")).to_be_visible()
    expect(page.locator("figure svg").first).to_be_visible()

    page.get_by_role("button", name="Sign and submit").click()
    expect(page.get_by_role("alert").or_(page.locator(".error-summary")).first).to_be_visible()
    expect(changes).to_contain_text("0.8 mg/kg")

    problems = {}
    for mode in MODES:
        me.in_mode(mode)
        for address in (draft, f"{draft}number/?path=dose_mg_per_kg.hard_max", f"{draft}summary/", "/protocols/"):
            page.goto(address)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                problems[f"{address} {mode} {width}"] = [*me.axe(), *me.outside()]
    me.in_mode("auto")
    assert {name: found for name, found in problems.items() if found} == {}

    page.goto(draft)
    page.get_by_role("button", name="Put back").click()
    expect(page.get_by_text("Nothing yet.")).to_be_visible()
    page.get_by_role("button", name="Discard the draft").click()
    expect(page.get_by_role("button", name="Draft a new version")).to_be_visible()
    address = str(page.get_by_role("link", name="Print").get_attribute("href"))
    printed = page.request.get(address)
    assert printed.headers["content-type"] == "application/pdf"
    assert re.match(rb"%PDF-1\.[47]", printed.body())
