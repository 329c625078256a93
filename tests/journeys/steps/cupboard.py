"""Vials are received, monitors are placed, protocols are approved: what a clinic needs before its first patient."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import expect

from tests.journeys.product import MONITOR_NAME
from tests.journeys.teller import Teller


class Cupboard(Teller):
    def when_i_receive_vials(self, lot_number: str = "EX-2401") -> None:
        self.page.goto("/stock")
        self.click("Add a medicine")
        self.fill("Strength", "50")
        self.fill("Volume of a vial", "10")
        self.click("Save")
        self.reads("The medicine is on the list.")
        self.fill("Lot number", lot_number)
        self.fill_date("Use until", date(self.today.year + 2, 1, 31))
        self.fill("Number of vials", "10")
        self.click("Save")
        expect(self.page.get_by_role("heading", name="Stock of controlled medicines")).to_be_visible()

    def then_the_book_says(self, milligrams: str, lot_number: str = "EX-2401") -> None:
        self.page.goto("/stock")
        row = self.page.get_by_role("row").filter(has=self.page.get_by_role("link", name=lot_number)).first
        expect(row.get_by_role("cell", name=milligrams, exact=True)).to_be_visible()

    def when_i_place_the_monitor_at(self, chair: str) -> None:
        self.page.goto("/devices")
        self.page.get_by_label(f"Chair of {MONITOR_NAME}").select_option(chair)
        self.page.get_by_role("row").filter(has_text=MONITOR_NAME).get_by_role("button", name="Save").click()
        self.page.goto("/devices")
        expect(self.page.get_by_label(f"Chair of {MONITOR_NAME}").locator("option:checked")).to_have_text(chair)

    def when_i_exchange_the_monitor_of(self, chair: str, name: str, identifier: str) -> None:
        """The old one is taken away, another one is put there."""
        self.page.goto("/devices/new")
        self.fill("Name", name)
        self.page.get_by_label("Identifiers that it sends").fill(identifier)
        self.click("Save")
        self.page.goto("/devices")
        checked = self.page.locator("option:checked", has_text=re.compile(f"^\\s*{chair}\\s*$"))
        old = self.page.get_by_role("row").filter(has=checked).first.get_by_role("rowheader").get_by_role("link")
        self._place(old.inner_text(), "no chair")
        self._place(name, chair)

    def _place(self, device: str, chair: str) -> None:
        choice = self.page.get_by_label(f"Chair of {device}", exact=True)
        choice.select_option(label=chair)
        with self.page.expect_navigation():
            self.page.get_by_role("row").filter(has=choice).get_by_role("button", name="Save").click()
