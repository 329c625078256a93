"""At the chair: what I see move, and what I do."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.journeys.cast import Person
from tests.journeys.teller import Teller

FORECAST = re.compile(r"forecast: ([\d  ]+) at (\d+) min")


class Session(Teller):
    """The cockpit of one session."""

    def stat(self, name: str) -> Locator:
        return self.page.locator(f"[data-stat='{name}'] [data-age-value]")

    def feed(self, device: str) -> Locator:
        return self.page.get_by_role("region", name="Phase and links").locator(".link-state", has_text=device)

    def rate(self) -> Locator:
        return self.page.locator("[data-rate-now]")

    def phase(self) -> Locator:
        return self.page.get_by_role("region", name="Phase and links").locator(".phase-name")

    # Seeing

    def when_i_open_the_session_that_began(self, which: str) -> str:
        """`which`: "first" or "last" of those that run. Returns the chair."""
        self.page.goto("/")
        rows = self.page.locator(".board-row").filter(has_text="Infusing")
        expect(rows.first).to_be_visible()
        begun = sorted(
            rows.all(), key=lambda row: row.locator("[data-phase-started]").get_attribute("data-phase-started") or ""
        )
        row = begun[-1] if which == "last" else begun[0]
        found = re.search(r"Chair \d+", row.inner_text())
        assert found
        row.get_by_role("link", name=re.compile("^Open ")).click()
        self.then_the_record_is_drawn()
        return found[0]

    def when_i_open_the_session_of(self, person: Person) -> None:
        self.page.goto("/")
        row = self.page.locator(".board-row").filter(has_text=person.banner)
        row.get_by_role("link", name=re.compile("^Open ")).click()
        self.then_the_record_is_drawn()

    def then_the_record_is_drawn(self) -> None:
        expect(self.page.locator(".chart-stage canvas[width]")).to_be_visible()
        expect(self.page.locator("#record-chart .chart-summary")).not_to_be_empty()

    def then_the_minute_is(self, low: int, high: int) -> None:
        clock = self.page.locator("[data-phase-clock]").first
        expect(clock).to_have_text(re.compile(r"^\d+:\d\d"))
        minute = int(clock.inner_text().split(":")[0])
        assert low <= minute <= high, clock.inner_text()

    def then_the_numerals_change_within_seconds(self) -> None:
        """A heart rate that is measured each second does not stand still, and its age stays small."""
        before = self.page.locator("[data-stat='heart_rate'] [data-age-at]").get_attribute("data-age-at")
        seen = {self.stat("heart_rate").inner_text()}
        for _second in range(30):
            self.page.wait_for_timeout(500)
            seen.add(self.stat("heart_rate").inner_text())
            if len(seen) > 1:
                break
        assert len(seen) > 1, seen
        assert self.page.locator("[data-stat='heart_rate'] [data-age-at]").get_attribute("data-age-at") != before
        expect(self.page.locator("[data-stat='heart_rate']")).to_have_attribute("data-aged", "fresh")

    def then_vital_signs_arrive(self) -> None:
        expect(self.stat("heart_rate")).to_have_text(re.compile(r"^\d{2,3}$"), timeout=15_000)
        expect(self.stat("spo2")).to_have_text(re.compile(r"^\d{2,3}$"))
        expect(self.stat("nibp")).to_have_text(re.compile(r"^\d{2,3}/\d{2,3}$"), timeout=25_000)

    def forecast(self) -> int:
        """The last forecast value that the record tells in words, in ng/mL."""
        summary = self.page.locator("#record-chart .chart-summary")
        expect(summary).to_have_text(re.compile("forecast: "))
        found = FORECAST.search(summary.inner_text())
        assert found, summary.inner_text()
        return int(found[1].replace(" ", "").replace(" ", ""))

    # Changing the rate

    def when_i_type_the_rate(self, text: str) -> None:
        part = self.page.locator("#rate-change")
        if part.get_attribute("open") is None:
            part.get_by_text("Change the rate", exact=True).click()
        part.get_by_label("New rate").fill(text)

    def then_the_preview_says(self, *texts: str) -> None:
        for text in texts:
            expect(self.page.locator("#rate-change [data-preview]")).to_contain_text(text)

    def when_i_confirm_the_rate(self, text: str, why: str = "Well tolerated") -> None:
        self.page.locator("#rate-change").get_by_role("radio", name=why).check()
        self.page.get_by_role("button", name=f"Change to {text} mg/h").click()

    def when_i_send_the_rate_all_the_same(self) -> None:
        self.page.locator("#rate-confirm").click()

    def then_the_rate_is(self, text: str) -> None:
        expect(self.rate()).to_have_text(text)

    def then_the_forecast_has_bent(self, before: int) -> None:
        """The record is fetched again soon after the change, and its forecast is another one."""
        summary = self.page.locator("#record-chart .chart-summary")
        expect(summary).not_to_contain_text(f"forecast: {before} at", timeout=10_000)
        assert self.forecast() != before

    def when_i_have_set_the_pump(self) -> None:
        """Interlude never commands a pump: I say what I did there."""
        self.page.locator("#pump-confirm").click()
        expect(self.page.locator("#pump-confirm")).to_have_count(0)

    def then_the_pump_waits_for_me(self) -> None:
        expect(self.page.locator(".pump-text")).to_be_visible()

    # Pause, go on, stop

    def when_i_pause(self) -> None:
        self.page.get_by_role("button", name="PAUSE", exact=True).click()
        expect(self.phase()).to_have_text("Paused")

    def when_i_go_on(self) -> None:
        self.page.get_by_role("button", name="GO ON", exact=True).click()
        expect(self.phase()).to_have_text("Infusing")

    def when_i_stop(self) -> None:
        self.page.get_by_role("button", name="STOP", exact=True).click()
        expect(self.phase()).to_have_text(re.compile("Stopped|Ended|ended|stopped"))

    # One tap

    def when_i_tap(self, event: str) -> None:
        self.page.locator("#part-events").get_by_role("button", name=event, exact=True).click()

    def then_the_log_says(self, event: str, who: str) -> None:
        entry = self.page.get_by_role("region", name="What happened").get_by_role("listitem").filter(has_text=event)
        expect(entry.first).to_contain_text(who)

    def when_i_let_the_patient_rest(self) -> None:
        self.click("The patient rests now")
        expect(self.page.get_by_role("heading", name="Recovery", level=1)).to_be_visible()
