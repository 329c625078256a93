"""How the pages name studies, results and codes of the evidence."""

from __future__ import annotations

import re
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from interlude.domain.evidence import Evidence, Study, row_text
from interlude.domain.evidence.schema import Row, TimePoint
from interlude.domain.instruments.data import Reason
from interlude.domain.protocol import load_library
from interlude.domain.refusals import N_, Refused
from interlude.interfaces.design import formats
from interlude.interfaces.design.sentences import sentence, text_of
from interlude.interfaces.staff.evidence.asking import answers
from interlude.interfaces.staff.planning.words import certainty_words

_AUTHORS = re.compile(r"^(.+?) (19|20)\d\d\b")
_END = re.compile(r"[:;(]")
_UNITS = {
    "min": N_("minutes"),
    "h": N_("hours"),
    "d": N_("days"),
    "week": N_("weeks"),
    "month": N_("months"),
    "year": N_("years"),
}
_AFTER = {
    "dose": N_("after the dose"),
    "first_dose": N_("after the first dose"),
    "last_dose": N_("after the last dose"),
    "start": N_("after the start"),
    "birth": N_("after the birth"),
}


def name_of(study: Study) -> str:
    """The name of a study without its year: "Abbar et al."; what a nameless one is, otherwise."""
    found = _AUTHORS.match(study.citation)
    return found[1] if found and study.year else _END.split(study.citation)[0].strip()


def short_name(study: Study) -> str:
    """Name and year."""
    return f"{name_of(study)} {study.year}" if study.year and _AUTHORS.match(study.citation) else name_of(study)


def url_of(study: Study) -> str:
    return reverse("staff:study", args=[study.id])


def study_ref(study: Study) -> dict[str, Any]:
    """What a link to a study needs."""
    return {"name": short_name(study), "code": study.code, "url": url_of(study), "citation": study.citation}


def said(reason: Reason | Refused) -> str:
    """A sentence of the evidence in the language of the page."""
    return sentence(reason, answers().terms)


def result_text(study: Study, row: Row, evidence: Evidence) -> str:
    """One result as a sentence."""
    text = said(row_text(study, row, evidence))
    return text[:1].upper() + text[1:]


def label(code: str, evidence: Evidence) -> str:
    """The label of a comparator as it stands in a table."""
    term = evidence.vocabulary.comparators.get(code or "none")
    return _(term.label) if term else code


def when(at: TimePoint | None) -> str:
    """The time of a measurement in words; "" where it was not read."""
    if at is None:
        return ""
    return f"{formats.clinic_number(at.value)} {_(_UNITS[at.unit])} {_(_AFTER[at.after])}"


def mark(certainty: str) -> dict[str, str]:
    """A certainty mark: drawn, and its words."""
    words = certainty_words(certainty)
    drawn = '<span class="certainty certainty-{}" title="{}">{}<span class="visually-hidden"> {}</span></span>'
    return {"words": words, "html": format_html(drawn, certainty[:1], words, certainty, words)}


def risk_labels(study: Study, evidence: Evidence) -> list[dict[str, str]]:
    """The risk notes of a study: a short label and the sentence."""
    found = [evidence.vocabulary.risks[code] for code in study.risks]
    return [{"label": _(one.label), "plain": _(one.plain)} for one in found]


def indication_ref(code: str) -> dict[str, str]:
    """Name of an indication and the address of its page."""
    row = load_library().indications[code]
    return {"code": code, "name": _(row.name), "url": reverse("staff:studies_of", args=[code])}


__all__ = [
    "indication_ref", "label", "mark", "name_of", "result_text", "risk_labels", "said", "short_name", "study_ref",
    "text_of", "url_of", "when",
]  # fmt: skip
