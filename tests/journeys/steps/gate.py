"""Before the dose: check-in, the checklist, the order, the start."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.cast import PASSWORD, Person
from tests.journeys.teller import Teller

ONE_TAP = {
    "Name and date of birth asked and compared with two documents or the wristband?": "Yes",
    "Was a stimulant taken this morning?": "No",
    "Have medicines or health changed since the last visit?": "No",
    "Is anything unpleasant from the last session still there?": "No",
    "Is the cannula in place and working?": "Yes",
    "Are the rescue kit, oxygen and suction checked?": "Yes",
}


class Gate(Teller):
    gate: str = ""

    def when_i_check_in(self, person: Person) -> None:
        self.page.goto("/")
        self.click(f"Check in {person.banner}")
        self.click("Check in")
        expect(self.page.get_by_role("heading", name="Before the dose")).to_be_visible()
        self.gate = self.page.url

    def when_i_open_the_gate(self) -> None:
        self.page.goto(self.gate)

    def then_the_dose_cannot_start(self, *reasons: str) -> None:
        part = self.page.get_by_role("region", name="Start the infusion", exact=True)
        expect(part).to_contain_text("Cannot start yet")
        for reason in reasons:
            expect(part).to_contain_text(reason)
        expect(self.page.locator("#start-button")).to_have_count(0)

    def when_i_answer_the_checklist(self) -> None:
        for question, answer in ONE_TAP.items():
            group = self.page.get_by_role("group", name=question)
            if not group.is_visible():
                continue  # answered already; the start below needs every line
            code = self._gate_line_of(group)
            group.get_by_role("button", name=answer, exact=True).click()
            self._gate_line_is_ok(code)
        self._fill_line("No food for 4 hours", {"Last food at": "02:30", "Last drink at": "04:00"}, {})
        self._fill_line(
            "No alcohol or drugs for 24 hours",
            {},
            {
                "Any alcohol or drugs in the last 24 hours?": "No",
                "Is the patient intoxicated or in withdrawal today?": "No",
            },
        )
        self._fill_line("No benzodiazepine for 12 hours", {}, {"Is a benzodiazepine or a Z-drug taken?": "No"})
        measured = self.page.locator("li.check-line").filter(has_text="Heart rate and breathing measured")
        if measured.get_by_label("Heart rate at rest").is_visible():
            self._fill_line(
                "Heart rate and breathing", {"Heart rate at rest": "66", "Breaths per minute at rest": "14"}, {}
            )

    def _gate_line_of(self, inside: object) -> str:
        code = self.page.locator("li.check-line", has=inside).first.get_attribute("id")  # type: ignore[arg-type]
        assert code
        return code

    def _gate_line_is_ok(self, code: str) -> None:
        expect(self.page.locator(f"#{code} .line-state")).to_have_text(re.compile(r"^\s*OK\s*$"))

    def _fill_line(self, title: str, typed: dict[str, str], chosen: dict[str, str]) -> None:
        line = self.page.locator("li.check-line").filter(has_text=title).first
        code = line.get_attribute("id")
        line = self.page.locator(f"#{code}")
        for label, text in typed.items():
            line.get_by_label(label).fill(text)
        for question, answer in chosen.items():
            self.choose(question, answer, within=line)
        line.get_by_role("button", name="Save").click()
        self._gate_line_is_ok(str(code))

    def when_i_sign_the_order(self, password: str = PASSWORD) -> None:
        part = self.page.get_by_role("region", name="Order for this session", exact=True)
        expect(part).to_contain_text("35,25 mg")
        part.get_by_label("Your password").fill(password)
        part.get_by_role("button", name="Sign the order").click()
        expect(part).to_contain_text("Signed")

    def when_i_start_the_infusion(self) -> None:
        part = self.page.get_by_role("region", name="Start the infusion", exact=True)
        expect(part.get_by_label("Rate at the start")).to_have_value(re.compile("^52,8750?$"))
        part.get_by_role("button", name="The infusion starts").click()
        expect(self.page.get_by_role("region", name="Phase and links")).to_contain_text("Infusing")
