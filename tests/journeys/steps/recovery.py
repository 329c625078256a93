"""Rest, scores, and the way home."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.cast import PASSWORD
from tests.journeys.teller import Teller

GOOD = {
    "aldrete": {"": "2"},
    "padss": {"": "2"},
    "moaas": {"": "5"},
    "cadss6": {"": "0"},
}
QUESTIONS = {
    "Does the patient know who and where they are, the day, and what happened?": "Yes",
    "Is the oxygen saturation on room air as it was before?": "Yes",
    "Does the patient walk steadily without help?": "Yes",
    "Are sips of water tolerated?": "Yes",
    "Is there a new suicidal, psychotic or manic state?": "No",
    "Is the cannula out?": "Yes",
    "Were the instructions given in writing and speech, and understood?": "Yes",
    "Is the named driver here?": "Yes",
    "Is the call for tomorrow booked?": "Yes",
    "Is the integration session booked?": "Yes",
}


class Recovery(Teller):
    def when_i_score(self, scale: str) -> None:
        """Each item of the scale with its best answer."""
        part = self.page.locator(f"#score-{scale}")
        if part.get_attribute("open") is None:
            part.locator("summary").click()
        wanted = GOOD[scale][""]
        for group in part.get_by_role("group").all():
            radios = group.get_by_role("radio")
            if radios.count():
                group.locator(f"input[type=radio][value='{wanted}']").check()
        part.get_by_role("button", name="Save the score").click()
        expect(self.page.locator(f"#score-{scale} > summary")).to_contain_text(re.compile(r"\d\d:\d\d"))

    def when_i_answer_the_questions(self) -> None:
        for question, answer in QUESTIONS.items():
            group = self.page.get_by_role("group", name=question)
            line = self.page.locator("li.check-line", has=group).first
            if line.get_attribute("data-state") == "met":
                continue
            code = line.get_attribute("id")
            group.get_by_role("button", name=answer, exact=True).click()
            expect(self.page.locator(f"#{code} .line-state")).to_contain_text("OK")
            expect(self.page.locator(f"#{code} .line-state")).not_to_contain_text("Not")

    def then_going_home_is_blocked_by(self, *reasons: str) -> None:
        blockers = self.page.locator("#blockers")
        for reason in reasons:
            expect(blockers).to_contain_text(reason)
        expect(self.page.get_by_role("button", name="Discharge", exact=True)).to_be_disabled()

    def then_nothing_but_the_stay_is_missing(self) -> None:
        blockers = self.page.locator("#blockers li")
        expect(blockers.last).to_contain_text("The minimum stay ends at")
        # The cuff measures by itself: a blood pressure after the end of the dose comes with its next reading.
        expect(blockers, "; ".join(blockers.all_inner_texts())).to_have_count(1)

    def when_i_discharge(self, driver: str, phone: str, *, shorten_reason: str = "", password: str = PASSWORD) -> None:
        home = self.page.locator("#part-home")
        home.get_by_label("Name of the person who takes the patient home").fill(driver)
        home.get_by_label("Phone").fill(phone)
        home.get_by_label("Identity of this person checked").check()
        home.get_by_label("Written instructions given and gone through").check()
        if shorten_reason:
            home.get_by_label("Why the minimum stay is shortened").fill(shorten_reason)
            home.get_by_label("Your password").fill(password)
        home.get_by_role("button", name="Discharge", exact=True).click()

    def then_the_patient_has_gone_home(self) -> None:
        expect(self.page).to_have_url(re.compile("/report$"))
