"""Statements, how it works, and plain summaries: complete, honest, readable, and tied to the rows."""

from __future__ import annotations

import re

import pytest

from interlude.domain.evidence import load_evidence, plain_summary, translatable_texts
from interlude.domain.evidence.plain import of_ten
from interlude.domain.evidence.schema import Study
from interlude.domain.protocol import load_library
from interlude.domain.refusals import Refused
from tests.domain.tables import rows

EVIDENCE = load_evidence()
LIBRARY = load_library()

VERDICTS = """
    statement         | verdict
    cbt               | partly
    hypnotherapy      | not_supported
    rtms              | not_supported
    months            | partly
    hit-and-go        | not_supported
    suicidal-thoughts | supported
    ptsd              | partly
    alcohol           | partly
    nicotine          | not_supported
    dementia          | not_supported
    burnout           | not_supported
    three-infusions   | partly
    dissociation      | not_supported
    therapy-window    | not_supported
    off-label         | supported
"""


def test_the_verdicts() -> None:
    assert {one.code: one.verdict for one in EVIDENCE.claims} == {
        row["statement"]: row["verdict"] for row in rows(VERDICTS)
    }


def numbers_of(study: Study) -> set[str]:
    """Every number that stands in a study's file, without trailing zeros."""
    return {plainly(x) for x in re.findall(r"\d+(?:\.\d+)?", study.model_dump_json())}


def plainly(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def test_every_statement_names_its_sources_and_its_numbers_stand_in_them() -> None:
    for one in EVIDENCE.claims:
        assert one.studies or one.protocol_sources, one.code
        assert set(one.protocol_sources) <= set(LIBRARY.sources), one.code
        known = {"24", "72", "11"} if one.code in ("therapy-window", "burnout") else {"24"}
        for code in one.studies:
            known |= numbers_of(EVIDENCE.studies[code])
        assert {plainly(x) for x in re.findall(r"\d+(?:\.\d+)?", one.why)} <= known, one.code


def test_wrongly_cited_papers_are_named() -> None:
    cited = {one.code: one.cited for one in EVIDENCE.claims if one.cited}
    assert {"cbt", "hypnotherapy", "rtms", "months", "hit-and-go"} == set(cited)
    assert "Wilkinson 2018" in cited["cbt"]


def test_how_it_works_says_what_is_not_known() -> None:
    said = " ".join(part.plain for part in EVIDENCE.mechanism)
    for word in ("NMDA", "glutamate", "BDNF", "plasticity", "inflammation"):
        assert word in said
    assert all(part.unknown for part in EVIDENCE.mechanism)
    assert {part.certainty for part in EVIDENCE.mechanism if not part.studies} <= {"R"}


@pytest.mark.parametrize("indication", list(LIBRARY.indications))
def test_every_indication_has_a_plain_summary(indication: str) -> None:
    summary = plain_summary(indication)
    assert summary.found
    assert summary.unknown
    assert bool(summary.risks) == LIBRARY.indications[indication].may_plan
    assert "not licensed" in str(summary.licence)
    for sentence in summary.sentences():
        assert "{" not in str(sentence)


def syllables(word: str) -> int:
    found = len(re.findall(r"[aeiouy]+", word.lower()))
    silent = word.lower().endswith("e") and not word.lower().endswith("le") and found > 1
    return max(found - silent, 1)


def school_year(text: str) -> float:
    """Flesch-Kincaid grade: 0.39 words per sentence + 11.8 syllables per word - 15.59; age 12 is about grade 6 to 7."""
    sentences = [one for one in re.split(r"[.!?:]+\s", text + " ") if one.strip()]
    words = re.findall(r"[A-Za-z'-]+", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


@pytest.mark.parametrize("indication", list(LIBRARY.indications))
def test_a_reader_of_twelve_can_read_it(indication: str) -> None:
    text = " ".join(str(sentence) for sentence in plain_summary(indication).sentences())
    assert school_year(text) <= 7.0, f"{school_year(text):.1f}"
    assert not re.search(r"\b(PCL|CAPS|MADRS|odds|ratio|interval|remission|p-value|tau2)\b", text)
    assert max(len(one.split()) for one in re.split(r"[.!?:]\s", text)) <= 26


def test_how_it_works_can_be_read_at_twelve_too() -> None:
    text = " ".join(f"{part.plain} {part.unknown}" for part in EVIDENCE.mechanism)
    assert school_year(text) <= 7.0, f"{school_year(text):.1f}"


def test_the_numbers_of_a_summary_come_from_the_rows() -> None:
    text = " ".join(map(str, plain_summary("suicidal_ideation").sentences()))
    assert "With ketamine about 6 in 10 people had no suicidal thoughts left after three days." in text
    assert "With salt water it was about 3 in 10 people." in text
    for summary in EVIDENCE.summaries.values():
        fixed = " ".join([summary.about, *summary.unknown, summary.bottom_line])
        assert not re.search(r"\d", fixed), "numbers of a summary are never typed"


OF_TEN = """
    share | people
    0     | nobody
    0.004 | about 1 in 100 people
    0.06  | about 6 in 100 people
    0.084 | about 8 in 100 people
    0.094 | about 9 in 100 people
    0.1   | about 1 in 10 people
    0.45  | about 5 in 10 people
    0.54  | about 5 in 10 people
    0.63  | about 6 in 10 people
    0.97  | more than 9 in 10 people
    1     | all people
"""


@pytest.mark.parametrize("row", rows(OF_TEN), ids=lambda row: row["share"])
def test_shares_as_people(row: dict[str, str]) -> None:
    assert of_ten(float(row["share"])) == row["people"]


def test_an_unknown_indication_is_refused() -> None:
    with pytest.raises(Refused, match="Use one of: depression, trd"):
        plain_summary("gout")


def test_texts_of_summaries_and_statements_are_in_the_catalogue() -> None:
    texts = set(translatable_texts())
    assert {one.claim for one in EVIDENCE.claims} | {one.why for one in EVIDENCE.claims} <= texts
    assert {part.unknown for part in EVIDENCE.mechanism} <= texts
    assert {summary.bottom_line for summary in EVIDENCE.summaries.values()} <= texts
