"""What every page owes everybody: no violation that axe can find, nothing wider than the screen, no complaint."""

from __future__ import annotations

import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.teller import Teller

AXE = Axe()
OUTSIDE = """() => [...document.querySelectorAll("main *")].filter((one) => one.offsetParent
  && !one.closest(".table-wrap, .visually-hidden, svg, canvas")
  && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((one) => one.outerHTML.slice(0, 100)).slice(0, 3)"""


class Looks(Teller):
    def axe(self, page: Page | None = None) -> list[str]:
        results: dict[str, Any] = AXE.run(page or self.page).response
        return [
            f"{violation['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
            for violation in results["violations"]
            for node in violation["nodes"][:3]
        ]

    def outside(self, page: Page | None = None) -> list[str]:
        page = page or self.page
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            return ["the page scrolls sideways", *page.evaluate(OUTSIDE)]
        return []

    def when_somebody_is_checked_in(self) -> None:
        """Unless somebody waits before the dose already, the next one of the list is checked in."""
        self.page.goto("/")
        if self.page.locator("main a[href$='/gate']").count() == 0:
            self.page.get_by_role("link", name=re.compile("^Check in ")).first.click()
            self.click("Check in")
            expect(self.page.get_by_role("heading", name="Before the dose")).to_be_visible()

    def pages_at_the_chair(self) -> dict[str, str]:
        """Name -> address of the pages that are open while a patient is in the house."""
        self.when_somebody_is_checked_in()
        self.page.goto("/")
        links = [str(link.get_attribute("href")) for link in self.page.locator("main .board-row a").all()]
        kinds = {
            "cockpit": r"/sessions/[0-9a-f-]+$",
            "gate": r"/sessions/[0-9a-f-]+/gate$",
            "recovery": r"/sessions/[0-9a-f-]+/recovery$",
        }
        found = {name: next(link for link in links if re.fullmatch(kind, link)) for name, kind in kinds.items()}
        self.page.goto("/patients")
        patient = self.page.locator("main a[href^='/patients/']:not([href$='register'])").first.get_attribute("href")
        return {"today": "/", "patient": str(patient)} | found

    def then_the_page_is_accessible(self) -> None:
        assert [*self.axe(), *self.outside()] == [], self.page.url

    def in_mode(self, mode: str) -> None:
        self.context.add_cookies([{"name": "mode", "value": mode, "url": self.clinic.url}])
