"""Every page, as everybody who may open it: found by following links, looked at by axe."""

from __future__ import annotations

import pytest

from tests.journeys.cast import AMAL, AYLIN, IVO, JONAS, LENA, MIRA, PETRA, Staff
from tests.journeys.crawl import crawl, names_for
from tests.journeys.me import Me

pytestmark = pytest.mark.journey

ONE_OF_EACH_ROLE = (LENA, AMAL, JONAS, MIRA, PETRA, IVO, AYLIN)
MODES = ("light", "dark", "dim")
WIDTHS = (390, 820, 1440)
# Parts of pages, streams, files, and pages that links of the example clinic do not lead to at every hour.
NOT_A_PAGE = {
    "healthz",
    "design:styleguide",  # looked at by the design system's own journeys
    "staff:live",
    "staff:find",
    "staff:first_password",
    "staff:sign_in",
    "staff:today_board",
    "staff:session_panel",
    "staff:session_chart",
    "staff:session_preview",
    "staff:session_discharge_sheet",
    "staff:course_summary",
    "staff:consent_print",
    "staff:calendar_print",
    "staff:report",
    "staff:device_message",
    "staff:risk_alert",
    "staff:check_in",  # only while somebody is expected
    "staff:gate",  # looked at below
    "staff:plan_change",  # a plan that is not signed yet: looked at in the journey of one patient
    "staff:plan_sign",
    "staff:plan_check",  # for who neither wrote nor signed the plan: looked at in the journey of one patient
    "staff:protocol_print",
    "staff:protocol_draft",  # the example clinic drafts no protocol: looked at in the journey of a protocol
    "staff:protocol_value",
    "staff:protocol_summary",
}


def nothing_to_complain_about(problems: dict[str, list[str]]) -> None:
    told = [f"{name}: {one}" for name, found in problems.items() for one in found]
    assert not told, "\n".join(told)


@pytest.fixture(scope="module")
def pages_of(me_at_the_example: Me) -> dict[str, dict[str, str]]:
    """Sign-in name -> URL name -> address. A page that several roles share is looked at once, as the first of them."""
    me = me_at_the_example
    found: dict[str, dict[str, str]] = {}
    done: set[str] = set()
    for person in ONE_OF_EACH_ROLE:
        me.given_i_have_picked_myself_from_the_list(person)
        pages = crawl(me.context.request, ["/", "/tasks"], names_for(person.role) - done)
        done |= set(pages)
        found[person.username] = pages
    return found


def test_links_lead_to_every_page_of_the_role_file(pages_of: dict[str, dict[str, str]]) -> None:
    reached = {name for pages in pages_of.values() for name in pages}
    all_pages = {name for person in ONE_OF_EACH_ROLE for name in names_for(person.role) if name.startswith("staff:")}
    missed = sorted(all_pages - reached - NOT_A_PAGE)
    assert not missed, missed


@pytest.mark.parametrize("person", ONE_OF_EACH_ROLE, ids=lambda person: person.role)
def test_every_page_passes_axe(me: Me, person: Staff, pages_of: dict[str, dict[str, str]]) -> None:
    me.given_i_have_picked_myself_from_the_list(person)
    # The first page is everybody's own, whoever else has been looked at.
    pages = {"first page": "/"} | pages_of[person.username]
    problems = {}
    for name, address in pages.items():
        me.page.goto(address)
        problems[name] = [*me.axe(), *me.outside()]
    nothing_to_complain_about(problems)


@pytest.mark.parametrize("mode", MODES)
def test_the_pages_at_the_chair_pass_in_every_mode_and_width(me: Me, mode: str) -> None:
    me.given_i_have_picked_myself_from_the_list(AMAL)
    me.in_mode(mode)
    problems = {}
    for name, address in me.pages_at_the_chair().items():
        me.page.goto(address)
        me.page.wait_for_load_state("load")
        for width in WIDTHS:
            me.page.set_viewport_size({"width": width, "height": 900})
            problems[f"{name} {width}"] = [*me.axe(), *me.outside()]
    me.in_mode("auto")
    nothing_to_complain_about(problems)


@pytest.mark.parametrize("mode", MODES)
def test_the_patients_own_pages_pass(me: Me, mode: str) -> None:
    me.given_i_have_picked_myself_from_the_list(AMAL)
    me.when_i_invite_whoever_comes_next()
    me.given_i_am_on_a_telephone()
    me.when_i_open_the_link_of_whoever_comes_next()
    me.in_mode(mode)
    pages = crawl(me.context.request, ["/p/"], names_for("portal") | {"portal:help"})
    assert len(pages) >= 4, pages
    problems = {}
    for name, address in pages.items():
        me.page.goto(address)
        problems[name] = [*me.axe(), *me.outside()]
    me.page.goto("/p/")
    for width in WIDTHS:
        me.page.set_viewport_size({"width": width, "height": 900})
        problems[f"home {width}"] = [*me.axe(), *me.outside()]
    nothing_to_complain_about(problems)
