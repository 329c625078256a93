"""The page kinds as the server sends them."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client

from interlude.interfaces.design.samples import wrong_form

pytestmark = pytest.mark.usefixtures("design_site")


def get(path: str, **cookies: str) -> str:
    client = Client()
    client.cookies.load(cookies)
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("path", ["/", "/staff", "/cockpit", "/portal", "/plain"])
def test_every_page_has_its_frame(path: str) -> None:
    text = get(path)
    assert '<html lang="en" data-mode="auto"' in text
    assert 'href="#main"' in text
    assert '<main class="main" id="main" tabindex="-1">' in text
    # The name of a clinic may give the treatment away: it stays off the tab of a patient's browser.
    assert ("– Clinic by the Park</title>" in text) is (path != "/portal")
    assert "Example clinic: all people and data are invented" in text
    assert "includeIndicatorStyles&quot;: false" in text or '"includeIndicatorStyles": false' in text
    assert '"allowEval": false' in text


@pytest.mark.parametrize("path", ["/staff", "/cockpit", "/plain"])
def test_staff_pages_carry_the_claim(path: str) -> None:
    assert "Decision support beside the bedside monitor; the monitor stays the alarm source." in get(path)


@pytest.mark.parametrize(("cookie", "mode"), [("dim", "dim"), ("light", "light"), ('"><script>', "auto"), ("", "auto")])
def test_the_mode_comes_from_the_cookie(cookie: str, mode: str) -> None:
    assert f'data-mode="{mode}"' in get("/plain", mode=cookie)


def test_navigation_marks_the_page_and_counts_tasks() -> None:
    text = get("/staff")
    assert text.count('aria-current="page"') == 1
    assert 'popovertarget="site-nav"' in text
    assert "data-palette-src" in text


def test_help_and_exit_stand_in_the_portal() -> None:
    text = get("/portal")
    assert text.index("data-exit") < text.index("help-bar") < text.index("<main")
    assert 'href="tel:112"' in text


def test_a_title_says_error_first() -> None:
    text = render_to_string("design/plain.html", {"form": wrong_form()})
    assert re.search(r"<title>Error: ", text)
    assert "<title>Error" not in render_to_string("design/plain.html", {})


def test_a_policy_without_inline_parts_is_sent() -> None:
    policy = Client().get("/plain").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
