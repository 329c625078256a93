"""A protocol as tables: every number with value, unit, source and certainty, in groups that a person can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.instruments.data import data_of
from interlude.domain.protocol.diff import Change, Content, Number, numbers
from interlude.domain.protocol.schema import Protocol
from interlude.interfaces.design import formats
from interlude.interfaces.staff.evidence.links import study_link
from interlude.interfaces.staff.planning.words import certainty_words, citation, datum_row

# Title and the fields of the schema below it, in the order in which a physician reads a protocol.
GROUPS = (
    ("dose", gettext_lazy("Dose and time"), ("dose_mg_per_kg", "first_dose_mg_per_kg", "minutes", "rate")),
    ("series", gettext_lazy("Series"), ("series",)),
    ("watching", gettext_lazy("Watching"), ("monitoring",)),
    ("signals", gettext_lazy("Limits of the signals"), ("alarms",)),
    ("before", gettext_lazy("Before a session"), ("gate",)),
    ("going-home", gettext_lazy("Before going home"), ("discharge",)),
    ("afterwards", gettext_lazy("Afterwards"), ("maintenance",)),
    ("questionnaires", gettext_lazy("Questionnaires"), ("measurement",)),
)
_ALSO = {"ideal_weight_from_bmi": "dose"}


def groups(
    protocol: Protocol,
    *,
    since: Mapping[str, date] | None = None,
    changed: Iterable[str] = (),
) -> list[dict[str, Any]]:
    """[{code, title, rows}]; a row is a `datum_row` with path, since, is_changed and study_url.

    `since`: the day from which each number holds, by path; a number that is missing there is not approved.
    """
    found: dict[str, list[dict[str, Any]]] = {code: [] for code, _title, _fields in GROUPS}
    places = {field: code for code, _title, fields in GROUPS for field in fields} | _ALSO
    changed = set(changed)
    for number in numbers(protocol):
        field = number.path.split(".")[0]
        row = datum_row(number.datum, _label(number, field), number.path)
        day = (since or {}).get(number.path)
        found[places[field]].append(
            row | {"since": day, "is_changed": number.path in changed, "study_url": study_link(number.datum.source)}
        )
    found["watching"] += _continuous(protocol)
    return [{"code": code, "title": title, "rows": found[code]} for code, title, _fields in GROUPS if found[code]]


def _label(number: Number, field: str) -> str:
    """The place in words; the group's own word is left out where the title says it already."""
    shared = {"series", "monitoring", "alarms", "gate", "discharge", "maintenance", "measurement"}
    label = place_words(number.words[1:] if field in shared else number.words)
    return label[:1].upper() + label[1:]


def place_words(words: Iterable[str]) -> str:
    """The words of a place in the language of the page."""
    return " · ".join(_(word) for word in words if word)


def _continuous(protocol: Protocol) -> list[dict[str, Any]]:
    """What is watched all the time has no number, yet a source and a certainty."""
    return [
        {
            "path": "",
            "label": _(item.label),
            "value": _("continuous"),
            "unit": "",
            "source": citation(item.source),
            "certainty": item.certainty,
            "certainty_words": certainty_words(item.certainty),
            "note": "",
            "since": None,
            "is_changed": False,
            "study_url": study_link(item.source),
        }
        for item in protocol.monitoring
        if item.continuous
    ]


def marks(protocol: Protocol) -> list[dict[str, Any]]:
    """How many numbers of each certainty the protocol holds, surest first."""
    counts: dict[str, int] = {}
    for _path, datum in data_of(protocol):
        counts[datum.certainty] = counts.get(datum.certainty, 0) + 1
    order = [mark for mark in ("V", "C", "R+", "R", "P") if mark in counts]
    return [{"mark": mark, "words": certainty_words(mark), "count": counts[mark]} for mark in order]


def change_rows(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """[{place, path, number, kind, old, new}]; old and new are {value, unit, source, certainty, note} or None."""
    return [
        {
            "place": place_words(change.words),
            "path": change.path,
            "number": change.number,
            "kind": change.kind,
            "old": _content(change.old),
            "new": _content(change.new),
        }
        for change in changes
    ]


def _content(content: Content | None) -> dict[str, Any] | None:
    if content is None:
        return None
    return {
        "value": written(content.text),
        "unit": _(content.unit) if content.unit else "",
        "source": citation(content.source) if content.source else "",
        "study_url": study_link(content.source),
        "certainty": content.certainty,
        "certainty_words": certainty_words(content.certainty) if content.certainty else "",
        "note": content.note,
    }


def written(text: str) -> str:
    """A number the clinic's way; any other text in the language of the page."""
    try:
        return formats.clinic_number(Decimal(text))
    except InvalidOperation:
        return _(text) if text else ""
