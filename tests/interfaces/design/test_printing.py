"""The documents are read back: their text, language, tags and title."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import gettext_lazy
from pypdf import PdfReader

from interlude.interfaces.design import printing
from interlude.interfaces.design.sample_documents import document

NOW = datetime(2026, 3, 12, 9, 5, tzinfo=UTC)


def read(name: str, language: str = "en", **more: Any) -> PdfReader:
    with timezone.override("Europe/Berlin"):
        return PdfReader(io.BytesIO(printing.render_pdf(name, {**document(name, NOW), **more}, language=language)))


def text(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.parametrize("name", printing.DOCUMENTS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_document_is_tagged_and_says_its_language(name: str, language: str) -> None:
    reader = read(name, language)
    root = reader.trailer["/Root"]
    assert root["/Lang"] == language
    assert bool(root["/MarkInfo"]["/Marked"])
    assert root["/StructTreeRoot"]["/K"]
    assert reader.metadata is not None
    assert reader.metadata.title
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
    assert "Clinic by the Park" in text(reader)
    assert "Printed 12-Mar-2026 10:05, Amal Haddad" in text(reader) or language == "de"


EXPECTED = {
    "discharge": [
        "HAAS, Noor",
        "K-00012",
        "Allergies latex",
        "Tom Haas",
        "132/84 mmHg Met",
        "030 555 0100",
        "Signed by Amal Haddad",
    ],
    "consent": ["Version 3", "outside its licence", "I could ask all my questions.", "Name in capitals"],
    "course_summary": [
        "0.5 mg/kg in 40 min",
        "05-Mar-2026 35 158/96",
        "12-Mar-2026 35 –",
        "PHQ-9 9 on",
        "6 infusions marked",
    ],
    "day_list": ["Day list 12-Mar-2026", "09:30 HAAS, Noor", "Nothing is planned on this day."],
    "portal_invitation": ["https://clinic.example/p/3f9c2a7be1", "26-Mar-2026 10:05", "Enter your date of birth."],
    "protocol": ["Version 2, grade B", "Not approved", "0.6 mg/kg (P) 0.5 mg/kg (V)", "V [1]", "[1] Fava et al. 2018"],
}


@pytest.mark.parametrize("name", printing.DOCUMENTS)
def test_what_a_document_says(name: str) -> None:
    shown = text(read(name))
    for sentence in EXPECTED[name]:
        assert sentence in shown


def test_a_criterion_that_is_not_met_says_so() -> None:
    recovery = [{"criterion": "Walks steadily", "value": None, "met": False}]
    assert "Walks steadily – Not met" in text(read("discharge", recovery=recovery))


def test_a_given_consent_replaces_the_lines_to_sign_on() -> None:
    shown = text(read("consent", given={"by": "Noor Haas", "at": NOW, "method": "portal"}))
    assert "Consent given Noor Haas, 12-Mar-2026 10:05, portal" in shown
    assert "Name in capitals" not in shown


def test_text_from_outside_is_only_text() -> None:
    evil = '#panic("x") $ * _ \\ ] <script> "'
    assert '#panic("x")' in text(read("discharge", instructions=[evil], next=evil))


def test_lazy_words_and_long_lists_are_written() -> None:
    rows = [[str(number), gettext_lazy("Session"), 1.5, None] for number in range(80)]
    reader = read("course_summary", sessions={"columns": ["A", "B", "C", "D"], "rows": rows})
    assert len(reader.pages) > 1
    assert "79 Session 1.5 –" in text(reader)


def test_an_unknown_document_is_refused() -> None:
    with pytest.raises(printing.UnknownDocument):
        printing.render_pdf("../secrets", {}, language="en")


def test_the_code_is_black_on_white() -> None:
    svg = printing.qr_svg("https://clinic.example/p/1")
    assert svg.startswith("<svg")
    assert "#fff" in svg
