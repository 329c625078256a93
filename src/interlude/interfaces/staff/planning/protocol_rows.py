"""A protocol as tables: every number with value, unit, source and certainty, in groups that a person can read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from interlude.domain.instruments.data import Datum, data_of
from interlude.domain.protocol.diff import Change, Content
from interlude.domain.protocol.schema import Bound, Protocol, Span
from interlude.interfaces.design import formats
from interlude.interfaces.staff.planning.words import certainty_words, citation, datum_row


def groups(protocol: Protocol) -> list[dict[str, Any]]:
    """[{title, rows}] in the order in which a physician reads a protocol."""
    found = [
        {"title": _("Dose and time"), "rows": list(_order(protocol))},
        {"title": _("Series"), "rows": list(_series(protocol))},
        {"title": _("Watching"), "rows": list(_monitoring(protocol))},
        {"title": _("Limits of the signals"), "rows": list(_alarms(protocol))},
        {"title": _("Before a session"), "rows": list(_gate(protocol))},
        {"title": _("Before going home"), "rows": list(_discharge(protocol))},
        {"title": _("Afterwards"), "rows": list(_maintenance(protocol))},
        {"title": _("Questionnaires"), "rows": list(_measures(protocol))},
    ]
    return [group for group in found if group["rows"]]


def marks(protocol: Protocol) -> list[dict[str, Any]]:
    """How many numbers of each certainty the protocol holds, surest first."""
    counts: dict[str, int] = {}
    for _path, datum in data_of(protocol):
        counts[datum.certainty] = counts.get(datum.certainty, 0) + 1
    order = [mark for mark in ("V", "C", "R+", "R", "P") if mark in counts]
    return [{"mark": mark, "words": certainty_words(mark), "count": counts[mark]} for mark in order]


def change_rows(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """[{place, kind, old, new}] of two versions; old and new are {value, unit, source, certainty, note} or None."""
    return [
        {
            "place": " · ".join(_(word) if word else "" for word in change.words),
            "path": change.path,
            "kind": change.kind,
            "old": _content(change.old),
            "new": _content(change.new),
        }
        for change in changes
    ]


def _content(content: Content | None) -> dict[str, Any] | None:
    if content is None:
        return None
    number = content.text if not content.unit and not content.source else _written(content.text)
    return {
        "value": number,
        "unit": _(content.unit) if content.unit else "",
        "source": citation(content.source) if content.source else "",
        "certainty": content.certainty,
        "certainty_words": certainty_words(content.certainty) if content.certainty else "",
        "note": content.note,
    }


def _written(text: str) -> str:
    """A number the clinic's way; any other text in the language of the page."""
    try:
        return formats.clinic_number(Decimal(text))
    except InvalidOperation:
        return _(text) if text else ""


def _span(name: str, span: Span | None) -> Iterator[dict[str, Any]]:
    if span is None:
        return
    labels = {
        "default": _("{name}: planned"),
        "soft_min": _("{name}: reason needed below"),
        "soft_max": _("{name}: reason needed above"),
        "hard_min": _("{name}: refused below"),
        "hard_max": _("{name}: refused above"),
    }
    for field, label in labels.items():
        datum = getattr(span, field)
        if datum is not None:
            yield datum_row(datum, label.format(name=name))


def _named(model: Any, labels: dict[str, str]) -> Iterator[dict[str, Any]]:
    for field, label in labels.items():
        datum = getattr(model, field)
        if isinstance(datum, Datum):
            yield datum_row(datum, label)


def _order(protocol: Protocol) -> Iterator[dict[str, Any]]:
    yield from _span(_("Dose"), protocol.dose_mg_per_kg)
    yield from _span(_("First dose"), protocol.first_dose_mg_per_kg)
    yield from _span(_("Time"), protocol.minutes)
    if protocol.rate is not None:
        yield from _named(
            protocol.rate,
            {
                "max_mg_per_kg_per_h": _("Highest rate"),
                "step_percent": _("Step of a change"),
                "resume_without_physician_min": _("Longest pause after which a nurse resumes alone"),
            },
        )
    yield datum_row(protocol.ideal_weight_from_bmi, _("Consider the ideal body weight from a body mass index of"))


def _series(protocol: Protocol) -> Iterator[dict[str, Any]]:
    yield from _named(
        protocol.series,
        {
            "planned": _("Sessions planned"),
            "gap_min_days": _("Shortest gap between sessions"),
            "gap_max_days": _("Longest gap between sessions"),
            "block_days": _("Length of a block"),
            "block_max": _("Most sessions in a block"),
            "review_after": _("Review after"),
            "extend_to": _("Extended to at most"),
        },
    )


def _monitoring(protocol: Protocol) -> Iterator[dict[str, Any]]:
    for item in protocol.monitoring:
        if item.every_min is not None:
            yield datum_row(item.every_min, _("{what}: every").format(what=_(item.label)))
        for at in item.at_min:
            yield datum_row(at, _("{what}: at").format(what=_(item.label)))
        if item.continuous:
            yield {
                "label": _(item.label),
                "value": _("continuous"),
                "unit": "",
                "source": citation(item.source),
                "certainty": item.certainty,
                "certainty_words": certainty_words(item.certainty),
                "note": "",
            }


def _bound(bound: Bound) -> tuple[str, Datum]:
    sides = {
        "above": _("above"),
        "at_least": _("from"),
        "below": _("below"),
        "at_most": _("down to"),
        "rise_percent": _("above baseline by"),
    }
    name = next(name for name in sides if getattr(bound, name) is not None)
    return sides[name], getattr(bound, name)


def _alarms(protocol: Protocol) -> Iterator[dict[str, Any]]:
    for limit in protocol.alarms:
        for level, bounds in ((_("advisory"), limit.advisory), (_("urgent"), limit.urgent)):
            for bound in bounds:
                side, datum = _bound(bound)
                yield datum_row(datum, f"{_(limit.label)}: {level}, {side}")
        if limit.urgent_after_s is not None:
            yield datum_row(limit.urgent_after_s, _("{what}: urgent after").format(what=_(limit.label)))


def _gate(protocol: Protocol) -> Iterator[dict[str, Any]]:
    for preset in protocol.gate.fasting:
        yield datum_row(preset.food_h, _("{what}: no food for").format(what=_(preset.label)))
        yield datum_row(preset.water_h, _("{what}: no drink for").format(what=_(preset.label)))
    yield datum_row(protocol.gate.strict_above_mg_per_kg, _("Stricter fasting above a dose of"))
    for driving in protocol.gate.driving:
        yield datum_row(driving.no_driving_h, _("{what}: no driving for").format(what=_(driving.label)))
    yield from _checks(protocol.gate.items)


def _checks(items: Any) -> Iterator[dict[str, Any]]:
    for item in items:
        for check in item.checks:
            if check.threshold is not None:
                yield datum_row(check.threshold, _(item.label))


def _discharge(protocol: Protocol) -> Iterator[dict[str, Any]]:
    yield from _named(
        protocol.discharge,
        {
            "min_after_end_min": _("Stays after the end for at least"),
            "min_after_start_min": _("Stays after the start for at least"),
        },
    )
    yield from _checks(protocol.discharge.items)


def _maintenance(protocol: Protocol) -> Iterator[dict[str, Any]]:
    for step in protocol.maintenance.ladder:
        for datum, label in (
            (step.visits, _("{what}: visits")),
            (step.every_min_days, _("{what}: at least every")),
            (step.every_max_days, _("{what}: at most every")),
        ):
            if datum is not None:
                yield datum_row(datum, label.format(what=_(step.label)))
    yield datum_row(protocol.maintenance.widen_after_stable_visits, _("One step wider after stable visits"))
    for rule in protocol.maintenance.stop_rules:
        for datum in (rule.after, rule.improvement_below_percent):
            if datum is not None:
                yield datum_row(datum, _("Stop rule: {what}").format(what=_(rule.text)))


def _measures(protocol: Protocol) -> Iterator[dict[str, Any]]:
    labels = {
        "after_h": _("{what}: hours after each session"),
        "every_days": _("{what}: every"),
        "from_day": _("{what}: from day"),
        "until_day": _("{what}: until day"),
    }
    for measure in protocol.measurement:
        for field, label in labels.items():
            datum = getattr(measure, field)
            if datum is not None:
                yield datum_row(datum, label.format(what=measure.instrument.upper()))
