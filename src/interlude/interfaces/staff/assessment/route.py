"""Vein or muscle: the comparison in words, and what this patient said about it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from interlude.domain.instruments.data import Statement
from interlude.domain.protocol.routes import route_comparison
from interlude.interfaces.staff.assessment.current import current_answers
from interlude.interfaces.staff.assessment.words import source_words
from interlude.record.assessments.queries import fact_rows
from interlude.record.patients.models import Patient

ROUTE_CODES = ("route_preference", "fear_of_needles")


def comparison_rows() -> list[dict[str, Any]]:
    """[{topic, iv, im}], each sentence with its source and certainty."""
    return [{"topic": _(row.topic), "iv": _sentence(row.iv), "im": _sentence(row.im)} for row in route_comparison()]


def _sentence(one: Statement) -> dict[str, Any]:
    return {"text": _(one.text), "mark": one.certainty, **source_words(one.source, one.certainty)}


def route_wishes(patient: Patient, on: date, route: str = "") -> dict[str, Any]:
    """The two answers as charted, and in words where they do not go with a plan of that route (iv or im)."""
    answers = current_answers(fact_rows(patient), ROUTE_CODES, on)
    facts = {code: answer.code_value for code, answer in answers.items()}
    differs = ""
    if route == "iv" and facts["route_preference"] == "muscle":
        differs = _("The patient prefers the muscle. This plan uses a vein.")
    elif route == "im" and facts["route_preference"] == "vein":
        differs = _("The patient prefers the vein. This plan uses a muscle.")
    return {
        "answers": list(answers.values()),
        "differs": differs,
        "fear": facts["fear_of_needles"] == "strong",
        "asked": any(answer.state != "missing" for answer in answers.values()),
    }
