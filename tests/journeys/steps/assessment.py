"""The physician sees the patient: consultation, questions, eligibility."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.journeys.cast import PASSWORD
from tests.journeys.teller import Teller

TEXTS = {
    "Reason for coming, and diagnosis": "Low mood for 14 months, loss of interest, early waking. No psychotic signs.",
    "Psychiatric history": "First episode at 24. No mania, no psychosis, no suicide attempt.",
    "Alcohol, nicotine and other substances": "One glass of wine a week. No nicotine.",
    "Illnesses, operations and anaesthetics": "Healthy. Appendectomy with an uneventful anaesthetic.",
    "Physical examination": "Heart and lungs without findings. Neurologically unremarkable.",
}
YES = (
    "Can the patient understand, weigh and decide about this treatment?",
    "Is there a safe setting: somebody present, means out of reach, a crisis plan?",
    "Is there a responsible adult who takes the patient home?",
)
CHOICES = {
    "What is the treatment for?": "Treatment-resistant depression",
    "Result of the suicide-risk screener": "None",
    "How impaired is the liver?": "None",
}
NUMBERS = {
    "ALT divided by the laboratory's upper limit of normal": "0,6",
    "AST divided by the laboratory's upper limit of normal": "0.5",
}


class Assessment(Teller):
    def when_i_hold_the_consultation(self) -> None:
        self.page.goto(f"{self.record()}/consultation")
        for title, text in TEXTS.items():
            card = self.card(title)
            card.get_by_role("textbox").fill(text)
            self._save(card)
        self._earlier_treatments()
        self._allergies_and_medicines()
        self._measured()
        airway = self.card("ASA class and airway")
        self.choose("ASA class", "II Mild disease", within=airway)
        self.choose("Mallampati class", "I", within=airway)
        self.choose("Is a difficult airway known or likely? (optional)", "No", within=airway)
        self._save(airway)

    def record(self) -> str:
        """The address of the patient's record that I am in."""
        return "/".join(self.page.url.split("/")[:5])

    def _save(self, card: Locator, button: str = "Save") -> None:
        card.get_by_role("button", name=button, exact=True).click()
        expect(card.get_by_role("status")).to_contain_text("Saved")

    def _earlier_treatments(self) -> None:
        card = self.card("Earlier treatments of this illness")
        for medicine, dose, weeks in (("escitalopram", "20 mg a day", "10"), ("venlafaxine", "225 mg a day", "8")):
            opened = card.locator("details[open]", has=self.page.get_by_label("Medicine or treatment"))
            if opened.count() == 0:
                card.get_by_text("Add a treatment").click()
            self.fill("Medicine or treatment", medicine, within=card)
            self.fill("Highest dose (optional)", dose, within=card)
            self.fill("Length (optional)", weeks, within=card)
            self.choose("Was the dose high enough?", "Yes", within=card)
            self.choose("How much did it help?", "Less than a quarter better", within=card)
            self._save(card, "Add")
            expect(card).to_contain_text(medicine)

    def _allergies_and_medicines(self) -> None:
        allergies = self.card("Allergies")
        self.choose("What is known about allergies?", "Asked: none are known", within=allergies)
        self._save(allergies)
        medicines = self.card("Medicines")
        self.fill("Medicine (generic name)", "sertraline", within=medicines)
        self.fill("Dose (optional)", "100 mg", within=medicines)
        self.fill("How often (optional)", "mornings", within=medicines)
        self._save(medicines, "Add")
        self._save(medicines, "The list is complete: checked with the patient")

    def _measured(self) -> None:
        weight = self.card("Weight and height")
        self.fill("Weight", "70,5", within=weight)
        self.fill("Height (optional)", "168", within=weight)
        self._save(weight)
        expect(weight).to_contain_text("70,5 kg")
        vitals = self.card("Blood pressure, heart rate, oxygen at rest")
        for label, number in (("Upper pressure", "118"), ("Lower pressure", "74")):
            self.fill(label, number, within=vitals)
        self.fill("Heart rate", "68", within=vitals)
        self.fill("Oxygen saturation", "98", within=vitals)
        self._save(vitals)

    def and_i_answer_every_question_for_eligibility(self) -> None:
        self.page.goto(f"{self.record()}/facts")
        titles = self.page.locator("main section.card h2").all_inner_texts()
        for title in titles:
            card = self.card(title)
            self._answer(card)
            card.get_by_role("button", name="Save").click()
            expect(card.get_by_role("status")).to_contain_text("Saved")

    def _answer(self, card: Locator) -> None:
        for group in card.get_by_role("group").filter(has=self.page.get_by_role("radio", name="Yes")).all():
            question = group.locator("legend").first.inner_text().strip()
            group.get_by_role("radio", name="Yes" if question in YES else "No", exact=True).check()
        for label, choice in CHOICES.items():
            if (field := card.get_by_label(label)).count():
                field.select_option(choice)
        for label, number in NUMBERS.items():
            if (field := card.get_by_label(label)).count():
                field.fill(number)

    def then_every_rule_is_answered(self) -> None:
        self.page.goto(f"{self.record()}/eligibility")
        expect(self.page.get_by_role("main")).not_to_contain_text("Not answered")

    def when_i_decide_that_the_patient_is_eligible(self, password: str = PASSWORD) -> None:
        self.choose("Decision", "Eligible The plan can be written.")
        self.click("Check and sign")
        self.reads("This is what you are about to sign.")
        self.when_i_sign_with_my_password(password)

    def when_i_sign_with_my_password(self, password: str = PASSWORD) -> None:
        self.fill("Your password", password)
        self.click("Sign")

    def then_my_password_is_refused(self) -> None:
        self.says_beside("Your password", "The password is not right. Nothing was signed.")

    def then_the_decision_is_signed(self) -> None:
        self.reads("The decision is signed: Eligible.")
