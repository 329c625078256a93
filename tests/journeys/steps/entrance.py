"""I come in, and others come in."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.cast import PASSWORD, Staff
from tests.journeys.teller import DESK, Teller


class Entrance(Teller):
    """Signing in, in an installation and in the example clinic."""

    def given_i_am(self, person: Staff, viewport: dict[str, int] = DESK) -> None:
        """I take up my work: my browser stays signed in; the first time I set my password by my one-time link."""
        self.become(person.username, viewport)
        if person.username in self.clinic.welcome:
            self.page.goto(self.clinic.welcome.pop(person.username))
            self.reads(f"Welcome, {person.name}")
            self.fill("New password", PASSWORD)
            self.click("Save and sign in")
            expect(self.page.get_by_role("navigation", name="Main")).to_be_visible()

    def given_i_have_picked_myself_from_the_list(self, person: Staff, viewport: dict[str, int] = DESK) -> None:
        """The example clinic's sign-in page lists its people; a real installation never does."""
        self.become(person.username, viewport)
        self.page.goto("/sign-in")
        if self.page.get_by_role("button", name=f"Sign in as {person.name}").count() == 0:
            return  # signed in already
        self.page.get_by_role("button", name=f"Sign in as {person.name}").click()
        expect(self.page.get_by_role("navigation", name="Main")).to_be_visible()

    def then_the_sign_in_page_lists_nobody(self) -> None:
        page = self.browser.new_page(base_url=self.clinic.url)
        page.goto("/")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(page.get_by_role("main")).not_to_contain_text("Amal")
        page.close()
