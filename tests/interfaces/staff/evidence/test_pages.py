"""The pages say what the rows say: figures, refusals, corrections, and the lines that rest on a study."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from interlude.domain.evidence import load_evidence, pool
from interlude.domain.evidence.schema import EventsRow
from interlude.domain.evidence.sentences import figure
from interlude.domain.protocol import load_library
from interlude.interfaces.staff.evidence import asking
from interlude.interfaces.staff.evidence.asking import answers, drawn
from interlude.interfaces.staff.evidence.links import study_link, study_links
from interlude.record.accounts.models import StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.clinic.models import Clinic
from tests.interfaces.staff.evidence.conftest import Edit, Read
from tests.record.plans.support import version

pytestmark = pytest.mark.django_db
LINK = re.compile(r'href="(/(?:studies|protocols)/[^"#]*)(?:#([^"]*))?"')


def text_of(page: str) -> str:
    """What is read, in one line."""
    main = page.split('id="main"', 1)[1]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def test_the_list_has_every_condition_with_its_grade_and_honest_outcome(read: Read) -> None:
    page = text_of(read("studies"))
    for row in load_library().indications.values():
        assert row.name in page
        assert row.honest_text in page
    assert page.count("Grade of evidence") == len(load_library().indications)


def test_pooled_figures_on_the_list_are_those_of_the_rows(read: Read) -> None:
    found = [
        figure
        for code in load_library().indications
        for answer in answers().answers(code)
        for figure in answer.figures
        if figure.synthesis
    ]
    page = text_of(read("studies"))
    assert found
    for one in found:
        low, high = (figure(end, one.measure.code) for end in (one.interval.low, one.interval.high))
        assert f"{figure(one.estimate, one.measure.code)} (95 % interval {low} to" in page
        assert high in page or len(high) > 4


@pytest.mark.parametrize("code", load_library().indications)
def test_every_condition_has_a_page_that_names_each_of_its_studies(read: Read, code: str) -> None:
    page = read("studies_of", code)
    for study in load_evidence().of(code):
        assert reverse("staff:study", args=[study.id]) in page
    assert page.count("<form") == page.count('name="outcome"') + page.count("csrfmiddlewaretoken")


@pytest.mark.parametrize("code", load_library().indications)
def test_no_row_is_lost_between_figures_reasons_and_other_results(code: str) -> None:
    store = answers()
    told = {place for answer in store.answers(code) for one in answer.figures for place in drawn(one)}
    told |= {(one.study.id, one.row.code) for answer in store.answers(code) for one in answer.left_out}
    told |= {(study.id, row.code) for study, row in store.other_rows(code)}
    rows = {
        (study.id, row.code) for study in store.evidence.of(code) for row in study.rows if row.indication in ("", code)
    }
    assert told == rows


def test_what_compares_with_different_things_is_not_mixed_unasked(read: Read) -> None:
    page = text_of(read("studies_of", "trd"))
    assert "These studies compare with different things" in page
    assert "Against midazolam" in page
    assert "Against electroconvulsive therapy" in page
    assert "Different comparisons are mixed here, as was asked." not in page


def test_a_mixture_is_made_on_request_and_says_so(read: Read) -> None:
    asked = {"outcome": "response_end_of_series", "comparator": "any", "definition": "any"}
    page = text_of(read("studies_of", "trd", **asked))
    mixed = pool("trd", "response_end_of_series", comparator="any", definition="any")
    assert "Different comparisons are mixed here, as was asked." in page
    assert f"{figure(mixed.estimate, mixed.measure.code)} (95 % interval" in page


METHODS = ["REML", "DL"]


@pytest.mark.parametrize("method", METHODS)
def test_the_spread_between_studies_is_estimated_as_chosen(read: Read, method: str) -> None:
    asked = {"outcome": "response_end_of_series", "measure": "proportion", "definition": "any", "spread": method}
    one = pool("trd", "response_end_of_series", measure="proportion", definition="any", method=method)  # type: ignore[arg-type]
    assert one.synthesis is not None
    page = text_of(read("studies_of", "trd", **asked))
    assert f"tau2 {one.synthesis.tau2:.3f}" in page
    assert f"I2 {100 * one.synthesis.i2:.0f} %" in page
    assert "Prediction interval" in page


WRONG = [
    ("comparator", "sugar", "No study compares with sugar."),
    ("definition", "sugar", "No study uses the definition sugar."),
    ("measure", "sugar", "There is no measure sugar."),
]


@pytest.mark.parametrize(("field", "value", "words"), WRONG, ids=[row[0] for row in WRONG])
def test_a_choice_that_does_not_exist_is_answered_with_those_that_do(
    read: Read, field: str, value: str, words: str
) -> None:
    asked = {"outcome": "response_day_1", "comparator": "saline"} | {field: value}
    assert words in text_of(read("studies_of", "trd", **asked))


def test_one_study_is_shown_as_that_study(read: Read) -> None:
    page = read("studies_of", "ptsd")
    assert "One study, not pooled" in page
    assert 'class="diamond"' not in page
    assert "10/15" in page
    assert "3/15" in page


def test_what_is_not_put_together_is_shown_with_the_reason(read: Read) -> None:
    page = text_of(read("studies_of", "depression"))
    assert "With ketamine 71 % had responded after a day. Zarate et al. 2006" in page
    assert "Only a percentage was read, not the number of people." in page


@pytest.mark.parametrize("code", ["dementia", "nicotine", "burnout"])
def test_without_a_trial_the_words_of_the_sources_are_all_there_is(read: Read, code: str) -> None:
    page = read("studies_of", code)
    assert 'class="forest' not in page
    assert "Other results" in page


def test_an_unknown_condition_or_study_is_not_there(client: Client, lena: StaffMember) -> None:
    client.force_login(lena)
    assert client.get("/studies/about/hiccups/").status_code == 404
    assert client.get("/studies/study/nobody-1999/").status_code == 404


def test_a_misprint_stands_beside_what_is_used(read: Read) -> None:
    page = text_of(read("study", "abbar-2022"))
    assert "Printed 46 of 83 against 25 of 73" in page
    assert "Used here 46 of 73 against 25 of 79" in page
    assert "Only 46 of 73 and 25 of 79 give these." in page


@pytest.mark.parametrize("study_id", load_evidence().studies)
def test_a_study_shows_every_row_with_source_and_certainty(read: Read, study_id: str) -> None:
    study = load_evidence().studies[study_id]
    page = read("study", study_id)
    for row in study.rows:
        assert f'id="{row.code}"' in page
        assert row.note in unescape(page)
    assert page.count("Read in:") == len(study.rows)
    assert page.count('class="certainty ') >= len(study.rows) + 1
    for note in study.notes:
        assert note in unescape(page)


def test_the_lines_that_rest_on_a_study_link_to_their_protocol(read: Read, the_clinic: object) -> None:
    one = version("trd-iv")
    page = read("study", "phillips-2019")
    assert reverse("staff:protocol", args=[one.pk]) + "#line-series.extend_to" in page
    assert "6 infusions" in text_of(page)


def test_who_may_not_open_protocols_reads_the_lines_without_links(
    client: Client, staff: Callable[..., StaffMember], the_clinic: object
) -> None:
    version("trd-iv")
    client.force_login(staff("researcher"))
    page = client.get(reverse("staff:study", args=["phillips-2019"])).content.decode()
    assert "6 infusions" in text_of(page)
    assert "/protocols/" not in page.split('id="main"')[1]


@pytest.mark.parametrize("role", Role.values)
def test_every_role_may_read(client: Client, staff: Callable[..., StaffMember], role: str) -> None:
    client.force_login(staff(role))
    assert client.get(reverse("staff:studies")).status_code == 200
    assert client.post(reverse("staff:studies")).status_code == 405


IN_THE_MENU = {"physician", "nurse", "therapist", "researcher", "front_desk"}


@pytest.mark.parametrize("role", Role.values)
def test_the_menu_offers_studies_to_those_who_treat_book_or_count(
    client: Client, staff: Callable[..., StaffMember], role: str
) -> None:
    client.force_login(staff(role))
    page = client.get(reverse("staff:studies")).content.decode()
    assert ('class="nav-link" href="/studies/"' in page) == (role in IN_THE_MENU)


def test_every_link_between_the_pages_leads_somewhere(client: Client, lena: StaffMember, the_clinic: object) -> None:
    version("trd-iv")
    client.force_login(lena)
    waiting, pages, targets = ["/studies/"], {}, []
    while waiting:
        path = waiting.pop()
        if path in pages:
            continue
        answer = client.get(path)
        assert answer.status_code == 200, path
        pages[path] = answer.content.decode()
        if path.startswith("/studies/"):
            found = LINK.findall(pages[path])
            targets += found
            waiting += [one for one, _anchor in found]
    assert len(pages) > len(load_evidence().studies) + len(load_library().indications)
    for path, anchor in targets:
        assert not anchor or path.startswith("/protocols/") or f'id="{anchor}"' in pages[path], (path, anchor)


def test_each_statement_has_its_verdict_and_its_studies(read: Read) -> None:
    page = read("studies_statements")
    for one in load_evidence().claims:
        assert one.claim in unescape(page)
        assert f'id="{one.code}"' in page
        for study in one.studies:
            assert reverse("staff:study", args=[study]) in page
    assert text_of(page).count("Not supported") == sum(c.verdict == "not_supported" for c in load_evidence().claims)


def test_how_it_works_says_what_is_not_known(read: Read) -> None:
    page = unescape(read("studies_why"))
    assert page.count("Not known") >= len(load_evidence().mechanism)
    for part in load_evidence().mechanism:
        assert part.plain in page
        assert part.unknown in page


def test_every_published_point_of_a_curve_is_drawn_and_listed(read: Read) -> None:
    page = read("studies_lasting")
    points = [point for curve in load_evidence().curves.values() for point in curve.points]
    assert page.count('class="point') == len(points)
    assert page.count(" recalled") >= sum(point.certainty.startswith("R") for point in points)
    assert "n 17" in page
    assert "not read" in page


SEARCHES = [("abbar", 1), ("wilkinson 2018", 1), ("suicidal", 3), ("nothing like this", 0)]


@pytest.mark.parametrize(("words", "least"), SEARCHES, ids=[row[0] for row in SEARCHES])
def test_studies_are_found_by_words(read: Read, words: str, least: int) -> None:
    page = read("studies_all", q=words)
    found = page.count('<th scope="row">')
    assert found >= least
    assert (found == 0) == ("No study fits" in page)
    assert found < len(load_evidence().studies)


def test_one_edited_row_changes_figure_text_and_study(read: Read, edit: Edit) -> None:
    before = read("studies_of", "ptsd")
    study = load_evidence().study("feder-2021")
    row = study.row("response")
    assert isinstance(row, EventsRow)
    share = row.treated.model_copy(update={"events": 5, "percent": None})
    rows = [
        row.model_copy(update={"treated": share}),
        *(one for one in study.rows if one.code not in ("response", "response-ratio")),
    ]
    edit(study.model_copy(update={"rows": tuple(rows)}))
    after = read("studies_of", "ptsd")
    assert "10/15" in before
    assert "5/15" in after
    assert "10/15" not in after
    assert "Risk ratio 3.33" in before
    assert "Risk ratio 1.67" in after
    squares = [re.findall(r'class="open" x="([\d.]+%)"', page) for page in (before, after)]
    assert squares[0] != squares[1]
    assert "With ketamine 5 of 15 had responded" in text_of(read("study", "feder-2021"))


def test_the_clinics_decimal_sign_is_used(read: Read, the_clinic: object) -> None:
    Clinic.objects.update(decimal_sign=",")
    page = text_of(read("studies_of", "ptsd"))
    assert "Risk ratio 3,33 (95 % interval 1,14 to 9,75" in page
    assert "3.33 (" not in page


def test_a_source_leads_to_its_studies_and_a_label_to_none() -> None:
    assert [one["code"] for one in study_links("phillips-2019")] == ["PHI19"]
    assert study_link("phillips-2019") == reverse("staff:study", args=["phillips-2019"])
    assert {one["code"] for one in study_links("glue-2017")} == {"GLU", "GLM"}
    assert study_link("ketalar-label") == ""
    assert study_links("ketalar-label") == []


def test_the_tag_writes_the_links_of_a_line() -> None:
    shown = Template("{% load evidence %}{% studies_behind source %}")
    page = shown.render(Context({"source": "phillips-2019"}))
    assert (
        page == f'<span class="behind">Study: <a href="{study_link("phillips-2019")}">Phillips et al. 2019</a></span>'
    )
    assert shown.render(Context({"source": "product-default"})) == ""


EVERY = [
    "/studies/",
    "/studies/all/",
    "/studies/how-long/",
    "/studies/statements/",
    "/studies/why/",
    *(f"/studies/about/{code}/" for code in load_library().indications),
    *(f"/studies/study/{code}/" for code in load_evidence().studies),
]


def test_every_page_answers_in_german_with_the_german_sign(
    client: Client, lena: StaffMember, the_clinic: Clinic
) -> None:
    Clinic.objects.update(decimal_sign=",")
    StaffMember.objects.filter(pk=lena.pk).update(language="de")
    client.force_login(lena)
    for path in EVERY:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Content-Language"] == "de"
        assert "{" not in answer.content.decode().split('id="main"')[1].split("</main>")[0], path


@pytest.mark.parametrize("path", ["/studies/about/trd/", "/studies/study/phillips-2019/"])
def test_a_page_asks_the_database_only_for_its_frame_and_the_protocols(
    client: Client, lena: StaffMember, path: str, django_assert_max_num_queries: Any
) -> None:
    client.force_login(lena)
    client.get(path)
    with django_assert_max_num_queries(14):
        client.get(path)


def test_what_was_asked_before_is_not_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store = asking.Answers(load_evidence())
    first = store.answers("trd")
    monkeypatch.setattr(asking, "pool", None)
    assert store.answers("trd") is first
