"""After the session: integration, the trend, what comes next."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.cast import PASSWORD
from tests.journeys.teller import Teller


class Followup(Teller):
    def when_i_open_my_task(self, title: str) -> None:
        self.page.goto("/tasks")
        self.click(title)

    def when_i_write_and_sign_the_integration(self) -> None:
        self.fill("Summary", "Felt far away and safe. Speaks of the week that was let go.")
        self.fill("Risk", "Asked directly: no suicidal thoughts.")
        self.fill("Next step (optional)", "One image a day until the next session.")
        self.fill("Your password", PASSWORD)
        self.click("Sign")
        self.reads("signed")
        expect(self.page.get_by_role("button", name="Sign", exact=True)).to_have_count(0)

    def then_the_trend_shows_the_infusion(self) -> None:
        card = self.page.get_by_role("region", name="Scores over time", exact=True)
        expect(card).to_contain_text("1 infusion marked.")
        expect(card.locator("path.infusion-mark")).to_have_count(1)

    def when_i_decide_what_comes_next(self, decision: str, reason: str) -> None:
        self.page.get_by_role("link", name="Next decision").first.click()
        self.choose("What comes next?", decision)
        self.fill("Reason", reason)
        self.fill("Your password", PASSWORD)
        self.click("Sign the decision")

    def then_the_decision_stands(self, decision: str, name: str) -> None:
        card = self.page.get_by_role("region", name="Decision", exact=True)
        expect(card).to_contain_text(decision)
        expect(card).to_contain_text(name)
