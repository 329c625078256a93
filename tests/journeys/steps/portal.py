"""The patient, on a telephone."""

from __future__ import annotations

import re
from datetime import date, datetime

from playwright.sync_api import expect

from tests.journeys.cast import Person
from tests.journeys.teller import PHONE, Teller

DRIVER = "Tom Haas"
DRIVER_PHONE = "030 5551 2000"


class Portal(Teller):
    portal_link: str = ""
    _next_born_on: date

    def when_i_invite_the_patient_to_the_portal(self) -> None:
        self.click("Invite to the portal")
        self.portal_link = self.page.get_by_label("Link", exact=True).input_value()

    def given_i_am_the_patient(self, person: Person) -> None:
        self.become(person.family_name, PHONE, has_touch=True, is_mobile=True)

    def when_i_open_my_link_with_a_wrong_birth_date(self, person: Person) -> None:
        self.page.goto(self.portal_link)
        self.fill_date("Your date of birth", person.born_on.replace(day=1))
        self.click("Open my pages")
        expect(self.page.locator(".error-summary")).to_be_visible()
        expect(self.page.get_by_role("main")).not_to_contain_text(person.given_name)

    def when_i_open_my_link(self, person: Person) -> None:
        self.page.goto(self.portal_link)
        self.fill_date("Your date of birth", person.born_on)
        self.click("Open my pages")
        expect(self.page.get_by_role("heading", name=f"Hello {person.given_name}")).to_be_visible()

    def when_i_give_my_consent(self, person: Person) -> None:
        self.click("Read it")
        self.page.get_by_label("I have read the text, I could ask questions, and I agree.").check()
        self.fill("Your full name", f"{person.given_name} {person.family_name}")
        self.click("Sign the agreement")
        self.go_home()
        self.reads("You have signed the agreement")

    def go_home(self) -> None:
        self.page.goto("/p/")

    def when_i_name_my_driver(self) -> None:
        self.click("Tell us who")
        self.fill("Name of the person who takes you home", DRIVER)
        self.fill("Their telephone number", DRIVER_PHONE)
        self.click("Save")
        self.go_home()
        self.reads(f"{DRIVER} takes you home")

    def when_i_tell_my_wishes(self) -> None:
        self.click("My wishes")
        self.page.get_by_label("Music that you would like").fill("Piano, quiet")
        self.choose("A blanket", "Yes, please")
        self.page.get_by_label("What you would like to take with you into this day").fill("To let the week go")
        self.click("Save")
        self.go_home()
        self.reads("You have told us your wishes")

    def when_i_answer_the_phq9(self, answer: str = "Several days") -> None:
        mood = self.page.get_by_role("link", name=re.compile("^Mood"))
        for _second in range(30):  # the clinic lays them out within seconds after the booking
            if mood.count():
                break
            self.page.wait_for_timeout(1_000)
            self.go_home()
        mood.click()
        for number in range(1, 10):
            expect(self.page.locator(".question-count")).to_have_text(f"{number} of 9")
            # The ninth question asks for thoughts of death; this patient has none.
            answers = self.page.locator("button.answer")
            (answers.first if number == 9 else answers.filter(has_text=answer).first).click()
        expect(self.page.get_by_role("heading", name="Check your answers")).to_be_visible()
        self.click("Send my answers")
        expect(self.page).to_have_url(re.compile("/sent$"))

    def when_i_invite_whoever_comes_next(self) -> None:
        """One of the example clinic's patients, whose birth date the banner shows."""
        self.page.goto("/")
        self.page.locator("main .board-row a[href^='/sessions/']").first.click()
        self.page.locator("[data-patient-banner] a").first.click()
        expect(self.page.get_by_role("heading", name="Treatment")).to_be_visible()
        born = self.page.locator("[data-patient-banner] dd").first.inner_text()
        self._next_born_on = datetime.strptime(f"{born.split(' ')[0]} +0000", "%d-%b-%Y %z").date()
        name = "Make a new link" if self.page.get_by_role("button", name="Make a new link").count() else ""
        self.click(name or "Invite to the portal")
        self.portal_link = self.page.get_by_label("Link", exact=True).input_value()

    def given_i_am_on_a_telephone(self) -> None:
        self.become("whoever comes next", PHONE, has_touch=True, is_mobile=True)
        self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]

    def when_i_open_the_link_of_whoever_comes_next(self) -> None:
        self.page.goto(self.portal_link)
        self.fill_date("Your date of birth", self._next_born_on)
        self.click("Open my pages")
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Hello")
