"""I: whoever tells the journey. Every member of the cast has a browser of their own, signed in once."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.browser import Watcher
from tests.journeys.cast import Staff
from tests.journeys.product import Product

DESK = {"width": 1280, "height": 900}
TABLET = {"width": 1180, "height": 820}
PHONE = {"width": 390, "height": 844}
# A busy machine is slow; what must be quick says so where it is asked.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)


class Teller:
    """What every step needs: my page, the clinic, and the words to find things by."""

    def __init__(self, browser: Browser, clinic: Product) -> None:
        self.browser = browser
        self.clinic = clinic
        self.watchers: list[Watcher] = []
        self._contexts: dict[str, BrowserContext] = {}
        self._pages: dict[str, Page] = {}
        self._me = ""

    # Who I am, and what I see

    def become(self, who: str, viewport: dict[str, int] = DESK, **options: object) -> Page:
        """Take up the browser of this person, a new one the first time."""
        if who not in self._contexts:
            context = self.browser.new_context(
                base_url=self.clinic.url,
                viewport=viewport,  # type: ignore[arg-type]
                timezone_id=self.clinic.time_zone,
                locale="en-GB",
                **options,  # type: ignore[arg-type]
            )
            context.set_default_timeout(PATIENCE_MS)
            self._contexts[who] = context
            self._pages[who] = self.new_tab(who)
        self._me = who
        return self.page

    def new_tab(self, who: str = "") -> Page:
        page = self._contexts[who or self._me].new_page()
        self.watchers.append(Watcher(page))
        return page

    @property
    def page(self) -> Page:
        return self._pages[self._me]

    @property
    def context(self) -> BrowserContext:
        return self._contexts[self._me]

    @property
    def today(self) -> date:
        return datetime.now(ZoneInfo(self.clinic.time_zone)).date()

    def put_away(self) -> None:
        for context in self._contexts.values():
            context.close()

    # Small movements that every page shares

    def click(self, name: str, *, within: Locator | None = None) -> None:
        """The button or link of this name."""
        place = within or self.page.locator("body")
        named = place.get_by_role("button", name=name, exact=True).or_(place.get_by_role("link", name=name, exact=True))
        named.first.click()

    def fill(self, label: str, text: str, *, within: Locator | None = None) -> None:
        (within or self.page).get_by_label(label, exact=True).first.fill(text)

    def choose(self, question: str, answer: str, *, within: Locator | None = None) -> None:
        """A tile of a group of tiles."""
        group = (within or self.page).get_by_role("group", name=question)
        group.get_by_role("radio", name=answer, exact=True).check()

    def fill_date(self, question: str, on: date, *, within: Locator | None = None) -> None:
        group = (within or self.page).get_by_role("group", name=question)
        for label, number in (("Day", on.day), ("Month", on.month), ("Year", on.year)):
            group.get_by_label(label).fill(str(number))

    def card(self, title: str) -> Locator:
        """The part of the page under this heading."""
        return self.page.get_by_role("region", name=title, exact=True)

    def reads(self, text: str) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(text)

    def says_beside(self, label: str, text: str) -> None:
        """The message stands beside its field, the summary on top links to it, and the title begins with Error."""
        summary = self.page.locator(".error-summary")
        expect(summary.first).to_contain_text(text)
        field = self.page.locator(".has-error", has=self.page.get_by_text(label, exact=True)).first
        expect(field).to_contain_text(text)


def signed_in(teller: Teller, staff: Staff, password: str) -> None:
    """Sign in by name and password, unless this browser is signed in already."""
    teller.page.goto("/sign-in")
    teller.fill("Sign-in name", staff.username)
    teller.fill("Password", password)
    teller.click("Sign in")
