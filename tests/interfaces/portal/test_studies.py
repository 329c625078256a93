"""What the studies say, for patients: the numbers of the rows as people, in plain words, with nothing promised."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.test import Client
from django.utils import translation

from interlude.domain.evidence import load_evidence, plain_summary, pool
from interlude.domain.evidence.schema import EventsRow
from interlude.domain.protocol import load_library
from interlude.interfaces.portal.views import studies
from interlude.record.accounts.models import StaffMember
from interlude.record.patients.models import Patient
from tests.record.plans.support import signed_course

pytestmark = pytest.mark.django_db
CONDITIONS = list(load_evidence().summaries)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def address(code: str) -> str:
    return f"/p/studies/{CONDITIONS.index(code) + 1}"


def text_of(page: str) -> str:
    main = page.split('id="main"', 1)[1]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def test_the_home_page_leads_there(noors: Client) -> None:
    assert 'href="/p/studies"' in noors.get("/p/").content.decode()


def test_without_a_plan_all_conditions_can_be_chosen(noors: Client) -> None:
    page = noors.get("/p/studies").content.decode()
    assert "What would you like to read about?" in page
    for number, code in enumerate(CONDITIONS, start=1):
        assert f'href="/p/studies/{number}"' in page
        assert load_library().indications[code].name in unescape(page)


def test_with_a_plan_the_patients_own_condition_comes_first(
    noors: Client, noor: Patient, lena: StaffMember, amal: StaffMember, jonas: StaffMember, now: object
) -> None:
    course = signed_course(noor, by=lena, at=now)  # type: ignore[arg-type]
    page = text_of(noors.get("/p/studies").content.decode())
    assert f"What the studies say {load_library().indications[course.indication].name}" in page
    assert str(plain_summary(course.indication).bottom_line) in page


@pytest.mark.parametrize("code", CONDITIONS)
def test_every_sentence_of_the_summary_is_there(noors: Client, code: str) -> None:
    page = text_of(noors.get(address(code)).content.decode())
    summary = plain_summary(code)
    lasting = {str(one) for one in summary.lasting}
    for one in summary.sentences():
        assert str(one) in page or str(one) in lasting
    assert "Why it may work" in page
    assert page.count("Not known:") == len(load_evidence().mechanism)


@pytest.mark.parametrize("code", CONDITIONS)
def test_no_word_sells_anything(noors: Client, code: str) -> None:
    page = text_of(noors.get(address(code)).content.decode()).lower()
    for word in ("breakthrough", "miracle", "revolution", "proven", "cure", "guarantee", "life-changing", "!"):
        assert word not in page


@pytest.mark.parametrize("code", CONDITIONS)
def test_addresses_and_titles_name_no_illness(noors: Client, code: str) -> None:
    page = noors.get(address(code)).content.decode()
    title = page.split("<title>")[1].split("</title>")[0]
    assert "What the studies say" in title
    assert load_library().indications[code].name not in title
    assert code not in address(code)


def drawn(page: str) -> list[tuple[int, int]]:
    """(filled, all) of each row of figures."""
    rows = re.findall(r'<svg class="people.*?</svg>', page, re.DOTALL)
    return [(row.count("is-one"), row.count("is-one") + row.count("is-other")) for row in rows]


def test_ten_figures_stand_for_the_shares_of_both_groups(noors: Client) -> None:
    page = noors.get(address("ptsd")).content.decode()
    one = pool("ptsd", "response_end_of_series", comparator="midazolam")
    assert one.totals == (10, 15, 3, 15)
    assert drawn(page)[:2] == [(7, 10), (2, 10)]
    assert "With ketamine about 7 in 10 people" in text_of(page)


SHARES = [
    (0.0, 0, 10),
    (0.004, 1, 100),
    (0.06, 6, 100),
    (0.094, 9, 100),
    (0.096, 1, 10),
    (0.55, 6, 10),
    (0.97, 9, 10),
    (1.0, 10, 10),
]


@pytest.mark.parametrize(("share", "filled", "all_of_them"), SHARES, ids=[str(row[0]) for row in SHARES])
def test_a_share_becomes_people(share: float, filled: int, all_of_them: int) -> None:
    found = studies.people(share)
    assert found["of"] == all_of_them == len(found["marks"])
    assert sum(mark["is_one"] for mark in found["marks"]) == filled


def test_the_risks_are_drawn_as_they_were_counted(noors: Client) -> None:
    page = noors.get(address("trd")).content.decode()
    risks = drawn(page.split('id="risks"')[1].split('id="unknown"')[0])
    assert len(risks) == 5
    study = load_evidence().study("rodrigues-2022")
    row = study.row("drowsy")
    assert isinstance(row, EventsRow)
    percent = row.treated.percent or 0
    assert risks[0] == (int(float(percent) / 10 + 0.5), 10)


def test_what_is_not_offered_lists_no_risks_of_it(noors: Client) -> None:
    page = text_of(noors.get(address("dementia")).content.decode())
    assert "It is not offered." in page
    assert "What can go wrong" not in page
    assert "How long it lasts" not in page


def test_how_long_it_lasts_is_drawn_for_each_published_point(noors: Client) -> None:
    page = noors.get(address("trd")).content.decode()
    assert drawn(page.split('id="lasting"')[1].split('id="risks"')[0]) == [(8, 10), (6, 10)]
    assert "After 4 weeks about 8 in 10 people" in text_of(page)


def test_one_edited_row_changes_words_and_figures() -> None:
    evidence = load_evidence()
    study = evidence.study("feder-2021")
    row = study.row("response")
    assert isinstance(row, EventsRow)
    share = row.treated.model_copy(update={"events": 6, "percent": None})
    rows = [
        row.model_copy(update={"treated": share}),
        *(o for o in study.rows if o.code not in ("response", "response-ratio")),
    ]
    changed = evidence.with_study(study.model_copy(update={"rows": tuple(rows)}))
    story = studies.story_of(plain_summary("ptsd", changed), changed)
    line = next(one for one in story["found"][0] if one["people"])
    assert line["text"] == "With ketamine about 4 in 10 people had responded at the end of the series."
    assert sum(mark["is_one"] for mark in line["people"]["marks"]) == 4


@pytest.mark.parametrize("number", [0, len(CONDITIONS) + 1, 999])
def test_an_unknown_number_is_not_there(noors: Client, number: int) -> None:
    assert noors.get(f"/p/studies/{number}").status_code == 404


def test_nobody_reads_it_without_the_link(client: Client, the_clinic: object) -> None:
    for path in ("/p/studies", "/p/studies/1"):
        assert client.get(path).headers["Location"] == "/p/closed"
