"""The components say what they must say, in words and in the right order."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import lucide
import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from interlude.interfaces.design import components, icons
from interlude.interfaces.design.samples import SamplePatient

AT = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


def html(source: str, **context: Any) -> str:
    text = Template("{% load design %}" + source).render(Context(context))
    return re.sub(r"\s+", " ", text)


def words(text: str) -> str:
    """What is read, without the markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).strip()


# -- values ------------------------------------------------------------------------------------------


@given(st.one_of(st.none(), st.text()), st.one_of(st.none(), st.just(""), st.integers(), st.text(min_size=1)))
def test_nothing_but_normal_is_shown_as_normal(state: str | None, number: object) -> None:
    shown = components.stat_state(number, state)
    assert shown in components.VALUE_STATES
    assert (shown == "normal") == (state == "normal" and number not in (None, ""))
    if number in (None, ""):
        assert shown == "missing"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("outside", "Outside range"),
        ("critical", "Critical"),
        ("unknown", "No range known"),
        ("nonsense", "No range known"),
    ],
)
def test_a_state_has_a_word_and_a_shape(state: str, said: str) -> None:
    text = html('{% stat "HR" "112" "/min" state=state %}', state=state)
    assert said in words(text)
    assert text.count("<svg") == 1
    assert f'aria-label="{said}"' in html('{% value "112" "/min" state=state %}', state=state)


def test_a_missing_value_is_words_and_dashes() -> None:
    text = html('{% stat "HR" None "/min" state="normal" at=at fresh_s=60 %}', at=AT)
    assert 'data-state="missing"' in text
    assert "Not measured" in words(text)
    assert ">--<" in text
    assert "data-age-at" not in text
    assert words(html("{% value None %}")) == "Not measured"


def test_a_live_number_carries_its_age_and_limits() -> None:
    text = html('{% stat "BP" "148/92" "mmHg" state="normal" at=at fresh_s=300 previous="138/86" %}', at=AT)
    assert 'data-age-at="2026-03-12T09:00:00+00:00" data-fresh-s="300" data-stale-s="600"' in text
    assert 'aria-live="off"' in text
    assert 'data-age-value="148/92"' in text
    assert "before 138/86" in words(text)


@pytest.mark.parametrize(("priority", "stars"), [("high", "***"), ("medium", "**"), ("low", "*")])
def test_an_alarm_has_shape_asterisks_and_words(priority: str, stars: str) -> None:
    text = html('{% alarm priority "HR" %}', priority=priority)
    assert f">{stars}<" in text
    assert f"{priority.title()} priority:" in words(text)
    assert 'class="shape"' in text


# -- patient banner ----------------------------------------------------------------------------------


def banner(**arguments: Any) -> str:
    source = "{% patient_banner patient allergies=allergies allergies_state=state clinical=clinical %}"
    given_ = {"patient": SamplePatient(), "allergies": (), "state": None, "clinical": True, **arguments}
    return html(source, **given_)


def test_the_banner_reads_name_born_sex_id() -> None:
    text = words(banner(allergies=["latex", "iodine"], state="known"))
    assert re.match(r"HAAS, Noor Born 14-Jul-1981 \( ?\d+ y ?\) Sex Female ID K-00012", text)
    assert text.endswith("Known allergies latex, iodine")
    assert ":" not in text


@pytest.mark.parametrize(
    ("state", "allergies", "said"),
    [
        ("known", ["latex"], "Known allergies latex"),
        ("none_known", [], "No known allergies"),
        ("not_recorded", [], "Allergies not recorded"),
        ("unavailable", [], "Allergies unavailable"),
        ("known", [], "Allergies unavailable"),
        (None, [], "Allergies unavailable"),
        ("none", ["latex"], "Allergies unavailable"),
    ],
)
def test_allergies_have_four_states(state: str | None, allergies: list[str], said: str) -> None:
    assert words(banner(state=state, allergies=allergies)).endswith(said)


def test_clinical_facts_are_for_clinical_roles() -> None:
    text = words(banner(clinical=False, allergies=["latex"], state="known"))
    assert "llergies" not in text
    assert "latex" not in text


def test_an_erased_identity_is_words() -> None:
    erased = SamplePatient(family_name=None, given_name=None, born_on=None, sex="unknown")
    assert words(banner(patient=erased)).startswith("NOT KNOWN, Not known Born Not known Sex Not known")


def test_age_counts_completed_years() -> None:
    assert components._years(date(1981, 7, 14), date(2026, 7, 13)) == 44
    assert components._years(date(1981, 7, 14), date(2026, 7, 14)) == 45
    assert components._years(date(2004, 2, 29), date(2026, 2, 28)) == 21


# -- lists -------------------------------------------------------------------------------------------


def test_task_list() -> None:
    items = [
        {"title": "Consultation", "url": "/c", "status": "Completed"},
        {"title": "Consent", "url": "/e", "status": "Expired", "kind": "stop"},
        {"title": "Session 1"},
    ]
    text = html("{% task_list items %}", items=items)
    assert words(text) == "Consultation Completed Consent Expired Session 1 Cannot start yet"
    assert text.count("<a ") == 2
    assert "tag-" in text.split("Expired")[0]
    assert "tag-" not in text.split("Completed")[0]


def test_pathway_says_each_state_and_marks_now() -> None:
    steps = [
        {"label": "Consultation", "state": "done"},
        {"label": "Session 1", "state": "current", "url": "/1"},
        {"label": "Session 2", "state": "nonsense"},
    ]
    text = html("{% pathway steps label='Pathway' %}", steps=steps)
    assert re.findall(r'data-state="(\w+)"', text) == ["done", "current", "upcoming"]
    assert text.count('aria-current="step"') == 1
    for said in ("Done.", "Now.", "To come."):
        assert said in text


def test_summary_list_names_what_a_change_link_changes() -> None:
    rows = [{"key": "Dose", "value": "0.5 mg/kg", "change_url": "/d"}, {"key": "Driver", "value": None}]
    assert words(html("{% summary_list rows %}", rows=rows)) == "Dose 0.5 mg/kg Change Dose Driver Not known"


def test_pagination_keeps_the_other_parameters() -> None:
    page = Paginator(range(95), 20).page(3)
    text = html("{% pagination page %}", page=page, request=RequestFactory().get("/?q=haas&page=3"))
    assert "41 to 60 of 95" in words(text)
    assert "?q=haas&amp;page=2" in text
    assert "?q=haas&amp;page=4" in text


def test_tabs_and_breadcrumbs_say_where_one_is() -> None:
    text = html(
        "{% tabs items label='Patient' %}", items=[{"label": "Notes", "url": "/n", "current": True, "count": 0}]
    )
    assert 'aria-current="page"' in text
    assert words(text) == "Notes 0"
    crumbs = [{"label": "Patients", "url": "/p"}, {"label": "HAAS, Noor"}]
    assert '<span aria-current="page">HAAS, Noor</span>' in html("{% breadcrumbs crumbs %}", crumbs=crumbs)


# -- buttons and icons -------------------------------------------------------------------------------


def test_button_attributes() -> None:
    text = html('{% button "Go" kind="primary" hx_post="/x" name="a" data_print=True hx_get=None %}')
    assert '<button class="btn btn-primary" type="submit" hx-post="/x" name="a" data-print>' in text
    assert html('{% button "Go" href="/y" %}').startswith('<a class="btn" href="/y">')


def test_a_disabled_button_sends_nothing_and_leads_nowhere() -> None:
    text = html('{% button "Go" href="/y" disabled=True %}')
    assert 'aria-disabled="true"' in text
    assert 'type="button"' in text
    assert "/y" not in text


def test_labels_are_escaped() -> None:
    evil = "<b onclick=x>"
    for source in ("{% button evil %}", "{% tag evil %}", '{% alarm "low" evil %}', "{% stat evil evil evil %}"):
        assert "<b" not in html(source, evil=evil).replace("<button", "")


def test_icons_are_drawn_offline_and_silent_unless_named() -> None:
    assert 'aria-hidden="true"' in icons.icon("check")
    assert 'role="img" aria-label="A &amp; B"' in icons.icon("check", label="A & B")
    assert 'class="symbol"' in icons.icon("series-bp")
    with pytest.raises(lucide.IconDoesNotExist, match="does not exist"):
        icons.icon("no-such-icon")


def test_phase_clock_and_feed() -> None:
    text = html('{% phase_clock "Infusing" started_at=at planned_s=2400 elapsed_s=3000 %}', at=AT)
    assert '<progress max="2400" value="2400"' in text
    assert "50:00 of 40:00" in words(text)
    assert "data-phase-started" not in html('{% phase_clock "Paused" started_at=at running=False %}', at=AT)
    assert words(html('{% feed_state "Pump" None %}')) == "Pump not heard yet"


def test_series_are_told_apart_without_colour() -> None:
    drawings = {icons.icon(f"series-{name}") for name in components.SERIES}
    assert len(drawings) == len(components.SERIES)
