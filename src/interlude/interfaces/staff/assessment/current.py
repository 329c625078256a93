"""The current answer to a question, as one line of a page: value, age, source, and whether it still counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from interlude.domain.protocol.facts import known
from interlude.interfaces.staff.assessment.words import days_words, value_words
from interlude.record.assessments.catalogue import catalogue
from interlude.record.assessments.models import Fact
from interlude.record.assessments.queries.facts import known_values
from interlude.record.clinic.queries import clinic_zone


@dataclass(frozen=True)
class CurrentAnswer:
    """`state`: known, out_of_date, not_known (asked, no answer), missing (never asked). `code_value`: the code of
    a choice, "" for anything else."""

    code: str
    label: str
    question: str
    state: str
    value: str
    age: str
    source: str
    who: str
    code_value: str = ""


def current_answers(rows: dict[str, Fact], codes: Iterable[str], on: date) -> dict[str, CurrentAnswer]:
    """The newest answer to each question on a local day, judged by how long it may be relied on."""
    latest, zone = known_values(rows), clinic_zone()
    found = {}
    for code in codes:
        definition = catalogue().get(code)
        fact = known(catalogue(), latest, code, on, "plan", zone)
        row = rows.get(code)
        state: str = fact.state
        value, age = value_words(definition, fact.value), days_words(fact.age_days)
        if row is not None and state == "missing":
            state = "not_known"
            age = days_words((on - row.observed_at.astimezone(zone).date()).days)
        found[code] = CurrentAnswer(
            code=code,
            label=_(definition.label),
            question=_(definition.question),
            state=state,
            value=value,
            age=age,
            source=str(row.get_source_display()) if row else "",
            who=row.recorded_by.display_name if row and row.recorded_by else "",
            code_value=str(fact.value) if definition.kind == "choice" and fact.value is not None else "",
        )
    return found
