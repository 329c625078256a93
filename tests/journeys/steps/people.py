"""Somebody is referred and registered."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.cast import Person
from tests.journeys.teller import Teller


class People(Teller):
    """What the front desk does. The address of each patient's page is remembered by family name."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.record_of: dict[str, str] = {}

    def _type_who_it_is(self, person: Person) -> None:
        self.page.goto("/patients")
        self.click("Register a patient")
        self.fill("Family name", person.family_name)
        self.fill("Given name", person.given_name)
        self.fill_date("Date of birth", person.born_on)
        self.choose("Sex", "Female")

    def when_i_register(self, person: Person) -> None:
        self._type_who_it_is(person)
        self.fill("Phone (optional)", "030 5550 1001")
        self.click("Register")
        self.reads("Registered as K-")
        self.record_of[person.family_name] = self.page.url.removesuffix("/referral")

    def and_i_record_the_referral(self) -> None:
        self.fill("Referred by (optional)", "Dr Sabine Roth, psychiatrist")
        self.fill("Reason, in their words (optional)", "Depressive episode for 14 months, two medicines did not help.")
        self.click("Save referral")
        self.reads("The referral is recorded.")

    def when_i_try_to_register_again(self, person: Person) -> None:
        self._type_who_it_is(person)
        self.click("Register")

    def then_i_am_asked_whether_it_is_the_same(self, person: Person) -> None:
        self.says_beside("Family name", "There is already a patient of this name or with this birth date")
        alike = self.page.get_by_role("region", name="Is it one of these?")
        expect(alike).to_contain_text(person.banner)
        expect(self.page.get_by_role("checkbox", name="This is another person, I compared them")).not_to_be_checked()

    def then_the_list_holds_one(self, person: Person) -> None:
        self.page.goto("/patients")
        expect(self.page.get_by_role("link", name=person.banner)).to_have_count(1)

    def when_i_open_the_record_of(self, person: Person) -> None:
        self.page.goto(self.record_of[person.family_name])
        expect(self.page.locator("[data-patient-banner]")).to_contain_text(person.banner)

    def and_i_join_the_care_team(self) -> None:
        self.click("Join the care team")
        expect(self.card("Care team")).not_to_contain_text("Nobody yet")
        expect(self.page.get_by_role("button", name="Join the care team")).to_have_count(0)

    def when_i_open_the_record_of_somebody_with_a_trend(self) -> None:
        """Somebody with scores before and after at least two infusions."""
        fewest = 2
        for list_page in (1, 2, 3):
            self.page.goto(f"/patients?page={list_page}")
            links = self.page.locator("main a[href^='/patients/']:not([href$='register'])").all()
            for address in [str(link.get_attribute("href")) for link in links]:
                self.page.goto(address)
                if self.page.locator("path.infusion-mark").count() >= fewest:
                    return
        raise AssertionError("nobody has had two infusions")
