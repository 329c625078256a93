"""The day as a timetable of columns, and the week as a table: by chair or by person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from interlude.record.accounts.models import StaffMember
from interlude.record.appointments.models import Appointment, Kind
from interlude.record.clinic.models import Chair

SLOT_MIN = 15
USUAL_MIN = (7 * 60, 20 * 60)


@dataclass
class Column:
    """A chair, a person, or what needs no chair; `lanes` keep appointments apart that overlap."""

    key: str
    title: str
    rows: list[Appointment] = field(default_factory=list)


def columns_by_chair(rows: Iterable[Appointment], chairs: Iterable[Chair]) -> list[Column]:
    columns = {str(chair.pk): Column(str(chair.pk), chair.name) for chair in chairs}
    columns[""] = Column("", _("Without a chair"))
    for row in rows:
        key = str(row.chair_id or "")
        if key not in columns:
            columns[key] = Column(key, row.chair.name if row.chair else key)
        columns[key].rows.append(row)
    return list(columns.values())


def columns_by_person(rows: Iterable[Appointment], people: Iterable[StaffMember]) -> list[Column]:
    columns = {str(one.pk): Column(str(one.pk), one.display_name) for one in people}
    for row in rows:
        for part in row.staffing.all():
            key = str(part.staff_id)
            columns.setdefault(key, Column(key, part.staff.display_name)).rows.append(row)
    return list(columns.values())


def lanes(column: Column) -> list[list[Appointment]]:
    """The fewest lanes in which nothing overlaps, at least one."""
    found: list[list[Appointment]] = []
    for row in sorted(column.rows, key=lambda one: (one.starts_at, one.ends_at)):
        lane = next((lane for lane in found if lane[-1].ends_at <= row.starts_at), None)
        if lane is None:
            found.append([row])
        else:
            lane.append(row)
    return found or [[]]


def day_table(
    columns: list[Column], drivers: dict[UUID, Any], opens: int, closes: int, on: date, zone: ZoneInfo
) -> dict[str, Any]:
    """Rows of a quarter of an hour; a cell that begins an appointment spans its length.

    `opens`, `closes`: minutes after local midnight. The rows show them, at most the usual day, widened where an
    appointment lies outside.
    """
    opens, closes = max(opens, min(USUAL_MIN[0], closes)), min(closes, max(USUAL_MIN[1], opens))
    moments = [(_minute(row.starts_at, zone), _minute(row.ends_at, zone)) for c in columns for row in c.rows]
    first = min([opens, *(start for start, _end in moments)]) // 60 * 60
    last = -(-max([closes, *(end for _start, end in moments)]) // 60) * 60
    slots = range(first, last, SLOT_MIN)
    tracks = [lane for column in columns for lane in lanes(column)]
    starts = [_cells(lane, slots, zone, drivers) for lane in tracks]
    heads = [{"title": column.title, "lanes": len(lanes(column))} for column in columns]
    table = []
    for index, minute in enumerate(slots):
        cells = [track[index] for track in starts if track[index] is not None]
        table.append({"label": f"{minute // 60:02d}:00" if minute % 60 == 0 else "", "minute": minute, "cells": cells})
    return {"heads": heads, "rows": table, "is_empty": not moments, "on": on}


def _minute(at: datetime, zone: ZoneInfo) -> int:
    local = at.astimezone(zone)
    return local.hour * 60 + local.minute


def _cells(lane: list[Appointment], slots: range, zone: ZoneInfo, drivers: dict[UUID, Any]) -> list[Any]:
    """For each slot a cell, or None where a cell from above still stands."""
    cells: list[Any] = [{"span": 1, "visit": None} for _slot in slots]
    for row in lane:
        start = max(0, (_minute(row.starts_at, zone) - slots.start) // SLOT_MIN)
        end = max(start + 1, -(-(_minute(row.ends_at, zone) - slots.start) // SLOT_MIN))
        end = min(end, len(cells))
        cells[start] = {"span": end - start, "visit": visit(row, drivers)}
        for index in range(start + 1, end):
            cells[index] = None
    return cells


def visit(row: Appointment, drivers: dict[UUID, Any]) -> dict[str, Any]:
    """What a cell or a line says about one appointment."""
    return {
        "row": row,
        "name": f"{str(row.patient.family_name or _('Not known')).upper()}, {row.patient.given_name or ''}".strip(", "),
        "what": f"{row.get_kind_display()} {row.number}" if row.number else row.get_kind_display(),
        "people": ", ".join(one.staff.display_name for one in row.staffing.all()),
        "needs_driver": row.kind == Kind.INFUSION and row.pk not in drivers,
        "kind": row.kind,
        "state": row.state,
    }


def week_table(columns: list[Column], first_on: date, drivers: dict[UUID, Any], zone: ZoneInfo) -> dict[str, Any]:
    """One line for each column of the day view, one cell for each day."""
    days = [first_on + timedelta(days=number) for number in range(7)]
    lines = []
    for column in columns:
        by_day: dict[date, list[dict[str, Any]]] = {day: [] for day in days}
        for row in column.rows:
            by_day[row.starts_at.astimezone(zone).date()].append(visit(row, drivers))
        lines.append({"title": column.title, "cells": [{"day": day, "visits": by_day[day]} for day in days]})
    return {"days": days, "lines": lines}
