"""Reasons and data of the domain as the page writes them: translated, with the clinic's numbers and dates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from interlude.domain.instruments.data import Datum, Reason, Statement
from interlude.domain.protocol.library import load_library
from interlude.domain.refusals import Refused
from interlude.interfaces.design import formats


def certainty_words(mark: str) -> str:
    words = {
        "V": _("verified at the source"),
        "C": _("computed from verified values"),
        "R+": _("recalled, source well known"),
        "R": _("recalled"),
        "P": _("proposed, no published authority"),
    }
    return words.get(mark, mark)


def said(reason: Reason | Refused) -> str:
    """The sentence in the language of the page; a tuple of days is written as a list of days."""
    params = {name: _listed(value) for name, value in reason.params.items()}
    return formats.translate(Refused(reason.template, **params))


def _listed(value: Any) -> Any:
    if isinstance(value, tuple):
        return ", ".join(formats.clinic_date(one, weekday=True) if isinstance(one, date) else str(one) for one in value)
    if isinstance(value, date):
        return formats.clinic_date(value, weekday=True)
    return value


def citation(source_id: str) -> str:
    """The source in full, or its id where the library does not know it."""
    source = load_library().sources.get(source_id)
    if source is not None and source.kind == "product":
        return _("Proposed by this product; no published authority")
    return source.citation if source else source_id


def datum_row(datum: Datum, label: str = "", path: str = "") -> dict[str, Any]:
    """What a table shows of one number: value, unit, source, certainty."""
    return {
        "label": label,
        "path": path,
        "value": formats.clinic_number(datum.value),
        "unit": _(datum.unit) if datum.unit else "",
        "source": citation(datum.source),
        "source_id": datum.source,
        "certainty": datum.certainty,
        "certainty_words": certainty_words(datum.certainty),
        "note": datum.note,
    }


def statement_rows(statements: Iterable[Statement]) -> list[dict[str, Any]]:
    return [
        {
            "text": _(one.text),
            "source": citation(one.source),
            "source_id": one.source,
            "certainty": one.certainty,
            "certainty_words": certainty_words(one.certainty),
        }
        for one in statements
    ]
