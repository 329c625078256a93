"""Each part of a plan beside what its protocol says, with source and certainty, and where it leaves the protocol."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from interlude.domain.instruments.data import Datum
from interlude.domain.protocol.schema import Protocol, Span
from interlude.interfaces.design import formats
from interlude.interfaces.staff.planning.words import datum_row, statement_rows
from interlude.record.plans.models import Course, DeviationKind, PlanDeviation
from interlude.record.plans.order import Plan, therapy, timing_of


def part_rows(protocol: Protocol, plan: Plan, course: Course, log: Iterable[PlanDeviation]) -> list[dict[str, Any]]:
    """Dose, time, number and spacing: planned value, the protocol's datum, the limits, and the deviation if any."""
    held = {row.code: row for row in log if row.kind != DeviationKind.ENDED}
    for row in log:
        if row.kind == DeviationKind.ENDED:
            held.pop(row.code, None)
    first = protocol.first_dose_mg_per_kg if course.block == 1 else None
    span = first or protocol.dose_mg_per_kg
    series = protocol.series
    rows = [_part("dose_mg_per_kg", _("Dose"), plan.dose_mg_per_kg, span.default, span, held)]
    if protocol.minutes is not None and plan.minutes is not None:
        rows.append(_part("minutes", _("Time"), plan.minutes, protocol.minutes.default, protocol.minutes, held))
    if protocol.rate is not None:
        limit = protocol.rate.max_mg_per_kg_per_h
        rows.append({"label": _("Highest rate"), "planned": "", "datum": datum_row(limit), "limits": [], "other": None})
    for code, label, datum in (
        ("planned_sessions", _("Number of sessions"), series.planned),
        ("gap_min_days", _("Gap, at least"), series.gap_min_days),
        ("gap_max_days", _("Gap, at most"), series.gap_max_days),
    ):
        rows.append(_part(code, label, getattr(plan, code), datum, None, held))
    for label, datum in ((_("Review after"), series.review_after), (_("Extended to at most"), series.extend_to)):
        rows.append({"label": label, "planned": "", "datum": datum_row(datum), "limits": [], "other": None})
    return rows


def _part(
    code: str, label: str, planned: Decimal | int, datum: Datum, span: Span | None, held: dict[str, PlanDeviation]
) -> dict[str, Any]:
    value = planned.normalize() if isinstance(planned, Decimal) else planned
    other = held.get(code)
    return {
        "label": label,
        "planned": f"{formats.clinic_number(value)} {_unit(datum)}".strip(),
        "datum": datum_row(datum),
        "limits": _limits(span) if other is not None and span is not None else [],
        "other": _deviation(other) if other is not None else None,
    }


def _unit(datum: Datum) -> str:
    return "" if datum.unit in ("infusions", "sessions", "") else _(datum.unit)


def _limits(span: Span) -> list[dict[str, Any]]:
    """The limits round a value that was adapted, each with its own source."""
    words = {
        "soft_min": _("reason needed below"),
        "soft_max": _("reason needed above"),
        "hard_min": _("refused below"),
        "hard_max": _("refused above"),
    }
    return [datum_row(datum, words[name]) for name in words if (datum := getattr(span, name)) is not None]


def therapy_rows(protocol: Protocol, plan: Plan) -> list[dict[str, Any]]:
    """Each therapy of the plan with its published numbers, and every study of the combination."""
    rows = []
    for element in plan.elements:
        found, timing = therapy(element.kind), timing_of(element.kind, element.timing)
        numbers = []
        if timing is not None:
            numbers = [
                datum_row(datum, label) | {"unit": _unit(datum)}
                for label, datum in (
                    (_("Sessions, at least"), timing.sessions_min),
                    (_("Sessions, at most"), timing.sessions_max),
                    (_("Earliest after the session"), timing.after_infusion_min_h),
                    (_("Latest after the session"), timing.after_infusion_max_h),
                    (_("Every"), timing.every_days),
                    (_("Length"), timing.minutes),
                )
                if datum is not None
            ]
        rows.append(
            {
                "name": _(found.name) if found else element.kind,
                "sessions": element.sessions,
                "timing": _(timing.text) if timing else element.timing,
                "note": _(found.evidence_note) if found else "",
                "evidence": statement_rows(found.evidence) if found else [],
                "numbers": numbers,
                "starts_with": found is not None and protocol.indication in found.default_for,
            }
        )
    return rows


def deviation_rows(log: Iterable[PlanDeviation]) -> list[dict[str, Any]]:
    """The whole log in words, oldest first."""
    return [_deviation(row) for row in log]


def _deviation(row: PlanDeviation) -> dict[str, Any]:
    return {
        "code": row.code,
        "label": _label(row.code),
        "kind": row.kind,
        "kind_words": row.get_kind_display(),
        "planned": _value(row.code, row.planned),
        "protocol": _value(row.code, row.protocol),
        "reason": row.reason or "",
        "who": row.by.display_name,
        "at": row.at,
    }


def _label(code: str) -> str:
    numbers = {
        "dose_mg_per_kg": _("Dose"),
        "minutes": _("Time"),
        "planned_sessions": _("Number of sessions"),
        "gap_min_days": _("Gap, at least"),
        "gap_max_days": _("Gap, at most"),
    }
    if code in numbers:
        return numbers[code]
    part, _sep, kind = code.partition("_")
    found = therapy(kind)
    name = _(found.name) if found else kind
    words = {"timing": _("{therapy}: when"), "sessions": _("{therapy}: sessions")}
    return words.get(part, "{therapy}").format(therapy=name)


def _value(code: str, text: str) -> str:
    """A number the clinic's way with its unit, a timing in words, in or left out."""
    units = {"dose_mg_per_kg": "mg/kg", "minutes": "min", "gap_min_days": "d", "gap_max_days": "d"}
    part, _sep, kind = code.partition("_")
    if part == "with":
        return _("part of the plan") if text == "yes" else _("not part of the plan")
    if part == "timing":
        timing = timing_of(kind, text)
        return _(timing.text) if timing else text
    try:
        return f"{formats.clinic_number(Decimal(text))} {units.get(code, '')}".strip()
    except InvalidOperation:
        return text
