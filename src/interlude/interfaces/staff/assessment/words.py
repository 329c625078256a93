"""Facts, rules and reasons in words of the page's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from interlude.domain.instruments.data import Reason
from interlude.domain.protocol.facts import FactDefinition, KnownFact, Value
from interlude.domain.protocol.library import load_library
from interlude.domain.refusals import Refused
from interlude.interfaces.design import formats
from interlude.record.assessments.catalogue import catalogue

_UNITS = {
    "1/min": gettext_lazy("per min"),
    "x ULN": gettext_lazy("× upper limit"),
    "year": gettext_lazy("years"),
    "kg/m2": "kg/m²",
    "points": gettext_lazy("points"),
    "trials": "",
    "h": "h",
}
_CERTAINTIES = {
    "V": gettext_lazy("read at the source"),
    "C": gettext_lazy("computed from the source"),
    "R+": gettext_lazy("recalled, well-known source"),
    "R": gettext_lazy("recalled, not checked"),
    "P": gettext_lazy("proposed default, no published authority"),
}
_COMPUTED_FROM = {
    "date of birth": gettext_lazy("date of birth"),
    "weight and height": gettext_lazy("weight and height"),
    "list of treatments": gettext_lazy("list of treatments"),
}


def unit_words(unit: str) -> str:
    return str(_UNITS.get(unit, unit))


def label_of(code: str) -> str:
    return _(catalogue().get(code).label)


def value_words(definition: FactDefinition, value: Value | None) -> str:
    """`Yes`, `70.5 kg`, `Moderate`, `12-Mar-2026`; "Not known" without a value."""
    if value is None:
        return _("Not known")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, date):
        return formats.clinic_date(value)
    if isinstance(value, Decimal | int):
        return f"{formats.clinic_number(value)} {unit_words(definition.unit)}".strip()
    choice = next((one for one in definition.choices if one.code == value), None)
    return _(choice.label) if choice else str(value)


def days_words(days: int | None) -> str:
    """How old an answer is, in days."""
    if days is None:
        return ""
    if days <= 0:
        return _("today")
    return ngettext("{count} day ago", "{count} days ago", days).format(count=days)


def reason_words(reason: Reason) -> str:
    """A reason of the domain, translated, with numbers and dates in the clinic's way."""
    return formats.translate(cast(Refused, reason))


@dataclass(frozen=True)
class FactLine:
    """One fact behind a rule. `state`: known, out_of_date, missing."""

    code: str
    label: str
    value: str
    state: str
    age: str
    source: str


def fact_line(fact: KnownFact) -> FactLine:
    definition = catalogue().get(fact.code)
    source = str(_COMPUTED_FROM.get(fact.source, fact.source))
    timeless = definition.asked == "computed" and fact.code == "age_years"
    return FactLine(
        code=fact.code,
        label=_(definition.label),
        value=value_words(definition, fact.value),
        state=fact.state,
        age="" if timeless else days_words(fact.age_days),
        source=source,
    )


def source_words(source: str, certainty: str) -> dict[str, Any]:
    """Where a rule comes from: {citation, certainty}. Citations stay in their own language."""
    known = load_library().sources.get(source)
    return {"citation": known.citation if known else source, "certainty": _CERTAINTIES[certainty]}
