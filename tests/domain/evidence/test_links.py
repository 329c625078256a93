"""Between studies and protocol lines: every mapped id exists, both ways, and the numbers agree."""

from __future__ import annotations

import re

from interlude.domain.evidence import behind, load_evidence, used_by
from interlude.domain.protocol import data_of, load_library
from tests.domain.evidence.test_words import numbers_of, plainly

EVIDENCE = load_evidence()
LIBRARY = load_library()
MAPPED = {study.protocol_source for study in EVIDENCE.studies.values() if study.protocol_source}
NOT_STUDIES = {  # regimens, labels, guidelines and technical papers that no study file stands for
    "canmat-2021", "mcintyre-2021", "yip-2022", "kset", "andrade-2017", "crps-regimens", "szarmach-2020", "time-course",
    "early-trials", "aldrete-1995", "padss", "veraart-2021", "kap-norway", "phq9",
}  # fmt: skip


def test_every_mapped_id_exists() -> None:
    assert set(LIBRARY.sources) >= MAPPED


def test_every_paper_behind_a_protocol_line_is_a_study_or_named_here() -> None:
    papers = {code for code, source in LIBRARY.sources.items() if source.kind == "paper"}
    assert papers - MAPPED - NOT_STUDIES == set()


def test_used_by_leads_to_lines_that_name_the_source() -> None:
    lines = used_by(EVIDENCE.study("PHI19"))
    assert ("protocol", "trd-iv") in {(one.kind, one.code) for one in lines}
    assert ("indication", "trd") in {(one.kind, one.code) for one in lines}
    counted = sum(
        datum.source == "phillips-2019" for protocol in LIBRARY.protocols.values() for _path, datum in data_of(protocol)
    )
    assert sum(one.kind == "protocol" for one in lines) == counted > 0
    therapies = {one.code for one in used_by(EVIDENCE.study("WILK21")) if one.kind == "therapy"}
    assert therapies == {"cbt"}
    assert used_by(EVIDENCE.study("NIK23")) == ()
    assert used_by(EVIDENCE.study("PHI19"), LIBRARY) == lines
    for study in EVIDENCE.studies.values():
        assert all(one.code and one.text for one in used_by(study)), study.id


def test_a_protocol_source_leads_back_to_its_studies_and_their_results() -> None:
    ((study, results),) = behind("abbar-2022")
    assert study.code == "ABB22"
    assert str(results[0]).startswith("With ketamine 46 of 73")
    assert {study.code for study, _results in behind("glue-2017")} == {"GLU", "GLM"}
    assert behind("product-default") == ()


def test_the_findings_of_the_protocol_data_say_the_numbers_of_the_studies() -> None:
    """Each number of a finding stands in a study behind its source (numbers of hours, days and doses included)."""
    for indication in LIBRARY.indications.values():
        for finding in indication.findings:
            studies = [study for study in EVIDENCE.studies.values() if study.protocol_source == finding.source]
            if not studies:
                continue
            known = set().union(*(numbers_of(study) for study in studies))
            told = {plainly(x) for x in re.findall(r"\d+(?:\.\d+)?", finding.text)}
            assert told <= known, (finding.source, told - known)
