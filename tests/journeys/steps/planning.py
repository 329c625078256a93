"""The protocol is approved, the plan is adapted and signed, the series is booked."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.journeys.cast import PASSWORD
from tests.journeys.teller import Teller

PROTOCOL = "Depression, series by infusion"


class Planning(Teller):
    course: str = ""

    def when_i_approve_the_protocol(self) -> None:
        self.page.goto("/protocols/")
        self.click(PROTOCOL)
        self.fill("Your password", PASSWORD)
        self.click("Approve this version")
        self.reads("Your signature stands under this version.")

    def when_i_approve_the_shared_rules(self) -> None:
        self.page.goto("/protocols/rules/")
        self.fill("Your password", PASSWORD)
        self.click("Approve these rules")
        self.reads("Your signature stands under these rules.")

    def then_one_signature_is_missing(self) -> None:
        self.reads("You signed first. The second signature is another person's.")

    def then_sessions_may_run_on_it(self) -> None:
        expect(self.page.get_by_role("region", name="Approval", exact=True)).to_contain_text("Sessions may run on this")

    def when_i_draft_a_plan_of(self, mg_per_kg: str) -> None:
        if "/plan/" not in self.page.url:
            self.page.goto("/".join(self.page.url.split("/")[:5]) + "/plan/")
            self.page.get_by_role("main").get_by_role("link", name=PROTOCOL).click()
        self.fill("Dose", mg_per_kg)
        self.fill("Why this plan for this patient (optional)", "Two adequate treatments did not help.")
        self.click("Save and check")

    def then_the_dose_is_refused(self) -> None:
        self.says_beside("Dose", "The dose 1,5 mg/kg is above 1 mg/kg.")
        expect(self.page).to_have_title(re.compile("^Error: "))

    def then_the_order_reads(self, *texts: str) -> None:
        order = self.page.get_by_role("region", name="The order", exact=True)
        for text in texts:
            expect(order).to_contain_text(text)

    def when_i_sign_the_plan(self) -> None:
        self.fill("Your password", PASSWORD)
        self.click("Sign the plan")
        self.reads("The plan is signed. The series can be booked.")
        self.course = self.page.url

    def when_i_compute_the_dose_myself(self, milligrams: str) -> None:
        self.page.goto(self.course)
        self.click("Second person computes the dose")
        expect(self.page.get_by_role("main")).not_to_contain_text("35,25 mg")
        self.then_the_page_is_accessible()
        self.fill("Dose of one session, as you computed it", milligrams)
        self.click("Compare with the plan")

    def then_both_doses_agree(self) -> None:
        self.reads("Your dose and that of the plan agree.")

    def when_i_book_the_series(self) -> None:
        self.page.goto(f"{self.course}series/")
        self.click("Propose")
        option = self.page.get_by_role("article", name="Option A")
        expect(option).to_contain_text("Session 3")
        option.get_by_role("button", name="Book all 6 appointments").click()
        self.reads("6 appointments are booked.")
        self.reads("3 of 3 sessions booked")

    def and_i_move_the_first_session_to_today(self) -> None:
        """The patient can come now. The series keeps its gaps, and the integration visit moves along."""
        self.click("Session 1")
        part = self.page.locator("details", has=self.page.get_by_text("Move", exact=True)).last
        part.locator("summary").click()
        soon = datetime.now(ZoneInfo(self.clinic.time_zone)) + timedelta(minutes=2)
        self.fill_date("Day", soon.date(), within=part)
        self.fill("Start", f"{soon:%H:%M}", within=part)
        part.get_by_role("button", name="Move the appointment").click()
        self.reads("The appointment is moved.")
        self.reads(f"{soon:%H:%M}–")
