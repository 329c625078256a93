"""The studies as shipped, in a table to sign; and files that are refused with file, line and reason."""

from __future__ import annotations

import re
from decimal import Decimal
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlude.domain.evidence import EvidenceFileError, load_evidence, parse_study, translatable_texts
from interlude.domain.evidence.checks import counted, counts_for, fits, recomputed
from interlude.domain.evidence.schema import EffectRow, EventsRow, FindingRow, Share, Study, TimePoint, half_unit
from interlude.domain.protocol import load_library
from interlude.domain.refusals import Refused
from tests.domain.tables import cases

EVIDENCE = load_evidence()
STUDIES = list(EVIDENCE.studies.values())
FOLDER = files("interlude.domain.evidence") / "studies"
ABBAR = (FOLDER / "abbar-2022.toml").read_text("utf-8")
MURROUGH = (FOLDER / "murrough-2013.toml").read_text("utf-8")
PRODUCT = {"V", "C", "R+", "R"}
LIBRARY = """BER00 ZAR06 MUR13 WAN15 WIL18 GRU18 DUM19 FED14 FED21 ABD22 PHI19 ANA23 EKS22 LOO23 SHI20 FAV18 ABB22 JEL25
    LII23 DAK20 GRA22 KRU07 ROD13 TAY18 WAN24 LIJ22 DOR19 YER23 MCI22 HIE23 NIK23 BAH22 HAN16 DEA21"""


def said(share: Share | None) -> tuple[str, str]:
    if share is None:
        return "", ""
    pair = counted(share)
    return f"{pair[0]}/{pair[1]}" if pair else "", "" if share.percent is None else str(share.percent)


@pytest.mark.parametrize("row", cases("evidence.md", "counts"), ids=lambda row: f"{row['study']}/{row['row']}")
def test_the_counts_that_were_printed(row: dict[str, str]) -> None:
    found = EVIDENCE.study(row["study"]).row(row["row"])
    assert isinstance(found, EventsRow)
    assert said(found.treated) == (row["treated"], row["printed_treated"])
    assert said(found.control) == (row["control"], row["printed_control"])


def test_every_study_of_the_evidence_library_is_there() -> None:
    named = LIBRARY.split()
    assert set(named) <= {study.code for study in STUDIES}
    assert set(load_library().indications) == {code for study in STUDIES for code in study.indications}


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.id)
def test_every_row_has_a_source_and_a_certainty(study: Study) -> None:
    assert study.citation
    assert study.population
    for row in study.rows:
        assert row.certainty in PRODUCT
        assert row.source in EVIDENCE.vocabulary.readings
        assert (row.source == "recalled") <= (row.certainty in ("R", "R+")), row.code
    controlled = study.design in ("parallel", "crossover")
    assert ("uncontrolled" in study.risks) <= (not controlled)
    if controlled and study.n is not None:
        assert ("small" in study.risks) == (study.n < 50), study.id
    assert ("crossover" in study.risks) == (study.design == "crossover"), study.id
    assert ("printed_error" in study.risks) == (study.id == "abbar-2022")


def test_the_comparison_is_known_for_every_controlled_row() -> None:
    for study in STUDIES:
        for row in study.rows:
            arm = row.control.arm if isinstance(row, EventsRow) and row.control else ""
            arm = row.control if isinstance(row, EffectRow) else arm
            assert not arm or study.arm(arm).comparator, (study.id, row.code)


# --- what was printed wrongly


def test_the_printed_denominators_of_abbar_are_caught() -> None:
    wrong = ABBAR.replace("events = 46, n = 73", "events = 46, n = 83").replace(
        "events = 25, n = 79", "events = 25, n = 73"
    )
    wrong = (
        wrong[: wrong.index("[rows.correction]")] + wrong[wrong.index("control_n = 73\n") + len("control_n = 73\n") :]
    )
    with pytest.raises(EvidenceFileError) as caught:
        parse_study(wrong, file="abbar.toml")
    line = caught.value.params["line"]
    assert wrong.splitlines()[line - 1].startswith('treated = { arm = "ketamine", events = 46, n = 83')  # type: ignore[operator]
    assert "46 of 83 is 55.4 %, printed 63.0 %" in str(caught.value)


def test_abbar_is_shown_as_corrected() -> None:
    row = EVIDENCE.study("ABB22").row("remission-day-3")
    assert row.correction is not None
    assert (row.correction.printed, row.correction.used) == ("46 of 83 against 25 of 73", "46 of 73 against 25 of 79")
    assert "63.0 % and 31.6 %" in row.correction.why


def test_a_correction_of_numbers_that_agree_is_refused() -> None:
    agreed = ABBAR.replace("treated_n = 83", "treated_n = 73").replace("control_n = 73", "control_n = 79")
    with pytest.raises(EvidenceFileError, match="a correction where the printed numbers agree"):
        parse_study(agreed)


def test_the_rounded_difference_of_ketect_is_shown_as_corrected() -> None:
    study = EVIDENCE.study("EKS22")
    row = study.row("remission-difference")
    assert isinstance(row, EffectRow)
    assert "the counts give -16.32, printed -17" in recomputed(study, row)
    assert row.correction is not None


# --- rounding


@pytest.mark.parametrize(
    ("events", "n", "percent", "wanted"),
    [
        (46, 73, "63.0", True),
        (46, 83, "63.0", False),
        (30, 47, "64", True),
        (30, 47, "64.0", False),
        (1, 8, "12.5", True),
        (1, 8, "12", True),
        (1, 8, "13", True),
        (1, 8, "12.6", False),
        (0, 9, "0", True),
        (9, 9, "100", True),
    ],
)
def test_a_percentage_fits_to_the_places_that_were_printed(events: int, n: int, percent: str, wanted: bool) -> None:
    assert fits(events, n, Decimal(percent)) is wanted


@given(st.integers(1, 600).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.integers(0, 2))
def test_counts_are_found_again_from_their_percentage(pair: tuple[int, int], places: int) -> None:
    events, n = pair
    printed = round(Decimal(100 * events) / n, places)
    possible = counts_for(printed, n)
    assert events in possible
    assert all(fits(one, n, printed) for one in possible)
    share = Share(arm="a", n=n, percent=printed)
    assert counted(share) == ((events, n) if possible == [events] else None)


def test_half_a_unit_of_the_last_printed_place() -> None:
    assert [half_unit(Decimal(x)) for x in ("63.0", "64", "0.80", "-17")] == [
        Decimal(x) for x in ("0.05", "0.5", "0.005", "0.5")
    ]
    assert TimePoint(value=Decimal(2), unit="week").hours == 336


# --- files that do not fit


def change(old: str, new: str, text: str = MURROUGH) -> str:
    assert old in text
    return text.replace(old, new, 1)


CRUDE = "value = 4.54\nlow = 1.58\nhigh = 13.05"
BAD = [
    (change('unit = "points"', 'unit = "stones"'), 'unit = "stones"', "Input should be"),
    (change('source = "computed"', 'source = "a friend"'), 'source = "a friend"', "missing source 'a friend'"),
    (change('source = "computed"\n', ""), "[[rows]]", "source: Field required"),
    (change("percent = 64", "percent = 65"), "treated = {", "30 of 47 is 63.8 %, printed 65 %"),
    (change("percent = 28", "percent = 280"), "control = {", "less than or equal to 100"),
    (change("events = 30", "events = 48"), "treated = {", "48 events in 47 people"),
    (change("events = 7,", ""), "control = {", None),
    (change("low = 1.58", "low = 5.58"), "[[rows]]", "does not contain its estimate"),
    (change("value = 4.54", "value = 3.60"), "value = 3.60", "not in the middle of its interval"),
    (change(CRUDE, "value = 4.40\nlow = 1.53\nhigh = 12.65"), "value = 4.40", "the counts give 4.538"),
    (change(CRUDE, "value = 4.54\nlow = 2.00\nhigh = 10.30"), "value = 4.54", "another interval"),
    (change('of = "response-24h"', 'of = "somewhere"'), "value = 4.54", "no counts of two arms called somewhere"),
    (change('outcome = "response_day_1"', 'outcome = "bliss"'), 'outcome = "bliss"', "missing outcome 'bliss'"),
    (change('control = { arm = "midazolam"', 'control = { arm = "saline"'), "[[rows]]", "there is no arm 'saline'"),
    (change('risks = ["counts_computed"]', 'risks = ["bad_luck"]'), "risks", "there is no risk note 'bad_luck'"),
    (change("dose = 0.5\n", "dose = 0.5\nspeed = 3\n"), "speed = 3", "Extra inputs"),
    (change('dose_unit = "mg/kg"\n', ""), "[[arms]]", "a dose needs a unit"),
    (change("n = 25, percent", "n = 80, percent"), "control = {", "7 of 80 is"),
    (change('code = "response-24h-crude"', 'code = "response-24h"'), 'code = "response-24h"', "two rows"),
    (change("second = true\n", ""), "outcome", None),
    (change('favours = "above"', 'favours = "below"'), 'favours = "below"', "favours the other side"),
    (change("value = 7.95", "value = 7,95"), "value = 7,95", "Expected"),
    (change('certainty = "V"', 'certainty = "sure"'), 'certainty = "sure"', "Input should be"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "reason"), BAD, ids=[f"{i}" for i in range(len(BAD))])
def test_a_bad_file_is_refused_with_file_line_and_reason(text: str, line: str, reason: str | None) -> None:
    if reason is None:  # fewer numbers, or one row that is told twice in other measures: still consistent
        parse_study(text, file="mine.toml")
        return
    with pytest.raises(EvidenceFileError) as caught:
        parse_study(text, file="mine.toml")
    assert str(caught.value).startswith("mine.toml, line ")
    assert reason in str(caught.value)
    number = caught.value.params["line"]
    assert line in text.splitlines()[number - 1], (number, str(caught.value))  # type: ignore[operator]


def test_two_rows_of_one_outcome_are_not_both_pooled() -> None:
    twice = MURROUGH + MURROUGH[
        MURROUGH.index("[[rows]]") : MURROUGH.index('[[rows]]\ncode = "response-24h-crude')
    ].replace('code = "response-24h"', 'code = "again"')
    with pytest.raises(EvidenceFileError, match="must be marked second"):
        parse_study(twice)


def test_more_people_than_the_arm_has_are_refused() -> None:
    text = (FOLDER / "grunebaum-2018.toml").read_text("utf-8")
    text = text.replace("events = 22, n = 40, percent = 55", "events = 22, n = 41, percent = 54")
    with pytest.raises(EvidenceFileError, match="41 people counted in a group of 40"):
        parse_study(text)


def test_percentages_that_no_count_gives_are_refused() -> None:
    """71 % of 18 and 40.9 % of 23 were printed or recalled with these group sizes: the counts stay open."""
    for name, old, new in (
        ("zarate-2006", 'arm = "ketamine", percent = 71', 'arm = "ketamine", n = 18, percent = 71'),
        ("dakwar-2020", 'arm = "midazolam", percent = 40.9', 'arm = "midazolam", n = 23, percent = 40.9'),
    ):
        text = (FOLDER / f"{name}.toml").read_text("utf-8")
        with pytest.raises(EvidenceFileError, match="no number of"):
            parse_study(change(old, new, text))


def test_nothing_is_half_loaded() -> None:
    broken = EVIDENCE.study("GRU18").model_copy(update={"source": "nowhere"})
    with pytest.raises(EvidenceFileError):
        EVIDENCE.with_study(broken)
    assert EVIDENCE.study("GRU18").source == "publisher"
    with pytest.raises(Refused, match="no study called X"):
        EVIDENCE.study("X")


def test_texts_for_the_catalogue() -> None:
    texts = list(translatable_texts())
    assert len(texts) == len(set(texts)) > 200
    findings = [row.text for study in STUDIES for row in study.rows if isinstance(row, FindingRow)]
    assert set(findings) <= set(texts)
    assert not [text for text in texts if re.search(r"\s{2}|^\s|\s$", text)]
