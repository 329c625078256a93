"""Vials are received, monitors are placed, protocols are approved: what a clinic needs before its first patient."""

from __future__ import annotations

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
