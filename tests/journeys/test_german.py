"""Ich bin Amal, und meine Seiten sind deutsch."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.cast import AMAL
from tests.journeys.me import Me

pytestmark = pytest.mark.journey

# Words that stand on these pages in English and never in German.
LEFTOVERS = re.compile(
    r"\b(Today|Running|Recovery|Patients|Tasks|Devices|Stock|session|Open|of|Change|the|rate|Given|Events|Nausea"
    r"|Due next|What happened|Record|Free now|Sign out|Saved|Within range|not measured|forecast)\b"
)


def words_of(page: Page) -> str:
    return page.locator("body").inner_text()


def test_today_and_the_cockpit_speak_german(me: Me) -> None:
    me.given_i_have_picked_myself_from_the_list(AMAL)
    me.when_i_open_the_session_that_began("first")
    cockpit = me.page.url
    me.page.goto("/")
    me.context.add_cookies([{"name": "language", "value": "de", "url": me.clinic.url}])
    try:
        for address, heading in (("/", "Heute"), (cockpit, "Sitzung")):
            me.page.goto(address)
            expect(me.page.locator("html")).to_have_attribute("lang", "de")
            expect(me.page.get_by_role("heading", level=1)).to_contain_text(heading)
            me.page.wait_for_timeout(1_500)  # what the scripts write is German too
            lines = words_of(me.page).replace("Clinic at the Linden", "").splitlines()
            found = [line for line in lines if LEFTOVERS.search(line)]
            assert found == [], found
    finally:
        me.context.add_cookies([{"name": "language", "value": "en", "url": me.clinic.url}])
