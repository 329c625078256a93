"""Scores over time with the sessions marked. What is missing is shown as missing, never left out or bridged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from django.db.models import QuerySet

from interlude.domain.instruments import Instrument, instruments
from interlude.domain.instruments import instrument as instrument_of
from interlude.record.accounts.models import StaffMember
from interlude.record.clinic.queries import clinic_zone
from interlude.record.dosing.models import Session
from interlude.record.dosing.queries import sessions_for
from interlude.record.measures.change import Change, baseline, change
from interlude.record.measures.models import Assignment, AssignmentState, Response
from interlude.record.measures.queries import assignments_for, responses_for
from interlude.record.patients.models import Patient


@dataclass(frozen=True)
class Mark:
    """A session whose dose has begun."""

    on: date
    at: datetime
    number: int
    session_id: Any


@dataclass(frozen=True)
class Cell:
    """One scale on one day. `total` is None when answers are missing; `step` is the difference to the score before."""

    state: Literal["score", "incomplete", "missing", "due", "none"]
    total: int | None = None
    band: str = ""
    change: Change = field(default_factory=lambda: Change("unknown"))
    step: int | None = None
    response: Response | None = None
    assignment: Assignment | None = None

    @property
    def step_size(self) -> int | None:
        return None if self.step is None else abs(self.step)

    @property
    def tier(self) -> str:
        flags = self.response.flags if self.response else []
        return flags[0]["tier"] if flags else ""


@dataclass(frozen=True)
class Column:
    """A day with scores, or a session. What was answered before and after a session of one day stands in two
    columns: `rank` counts the sessions so far, a session itself lies half-way."""

    on: date
    rank: float
    session: Mark | None = None


@dataclass(frozen=True)
class Row:
    instrument: Instrument
    cells: tuple[Cell, ...]
    latest: Cell | None


@dataclass(frozen=True)
class Grid:
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sessions: tuple[Mark, ...]


def _sessions(by: StaffMember | Patient, patient: Patient) -> QuerySet[Session]:
    if isinstance(by, Patient):
        return Session.objects.filter(patient=by) if by.pk == patient.pk else Session.objects.none()
    return sessions_for(by).filter(patient=patient)


def session_marks(by: StaffMember | Patient, patient: Patient) -> list[Mark]:
    """Every session whose dose began, oldest first, on its local day."""
    zone = clinic_zone()
    rows = _sessions(by, patient).exclude(started_at=None).order_by("started_at")
    return [
        Mark(row.started_at.astimezone(zone).date(), row.started_at, row.number, row.pk)
        for row in rows.select_related(None).only("pk", "number", "started_at")
        if row.started_at
    ]


def _responses(by: StaffMember | Patient, patient: Patient, codes: Sequence[str] = ()) -> list[Response]:
    rows = responses_for(by).filter(patient=patient).defer("answers").order_by("answered_at", "recorded_at")
    return list(rows.filter(instrument__in=codes) if codes else rows)


def trend(
    by: StaffMember | Patient, patient: Patient, instrument: str = "phq9", at: datetime | None = None
) -> dict[str, Any]:
    """One scale over time in the form of the printed trend: points (value None = missing), bands, infusions.

    Labels are English message ids. `at` makes questionnaires count as missing whose time has passed by then.
    """
    which = instrument_of(instrument)
    zone = clinic_zone()
    points: list[dict[str, Any]] = [
        {"on": row.answered_at.astimezone(zone).date(), "value": row.total}
        for row in _responses(by, patient, [instrument])
    ]
    unanswered = assignments_for(by).filter(
        patient=patient, instrument=instrument, state__in=[AssignmentState.OPEN, AssignmentState.MISSED]
    )
    answered = {point["on"] for point in points}
    for row in unanswered:
        on = row.due_at.astimezone(zone).date()
        missing = row.state == AssignmentState.MISSED or (at is not None and row.is_missing_at(at))
        if missing and on not in answered:
            points.append({"on": on, "value": None})
    return {
        "label": which.name,
        "instrument": instrument,
        "unit": which.scoring.unit,
        "better": which.scoring.better,
        "range": [which.scoring.minimum, which.scoring.maximum],
        "points": sorted(points, key=lambda point: point["on"]),
        "infusions": [mark.on for mark in session_marks(by, patient)],
        "bands": [
            {"from": band.minimum, "to": band.maximum, "label": band.label, "code": band.code} for band in which.bands
        ],
    }


def grid(by: StaffMember | Patient, patient: Patient, at: datetime) -> Grid:
    """Scales by days, with the sessions as columns of their own. The number of queries is constant."""
    zone = clinic_zone()
    marks = session_marks(by, patient)
    responses = _responses(by, patient)
    pending = assignments_for(by).filter(
        patient=patient, state__in=[AssignmentState.OPEN, AssignmentState.MISSED], opens_at__lte=at
    )
    columns = [Column(mark.on, number - 0.5, mark) for number, mark in enumerate(marks, 1)]

    def place(at: datetime) -> Column:
        return Column(at.astimezone(zone).date(), sum(mark.at <= at for mark in marks))

    answered: dict[str, dict[Column, Response]] = {}
    for response in responses:
        answered.setdefault(response.instrument, {})[place(response.answered_at)] = response
    waiting: dict[str, dict[Column, Assignment]] = {}
    for assignment in pending:
        waiting.setdefault(assignment.instrument, {})[place(assignment.due_at)] = assignment
    days = {one for row in answered.values() for one in row} | {one for row in waiting.values() for one in row}
    columns = sorted([*columns, *days], key=lambda column: (column.on, column.rank))
    used = [one for one in instruments() if one.code in answered or one.code in waiting]
    first_at = marks[0].at if marks else None
    rows = [_row(one, columns, answered.get(one.code, {}), waiting.get(one.code, {}), at, first_at) for one in used]
    return Grid(tuple(columns), tuple(rows), tuple(marks))


def _row(
    instrument: Instrument,
    columns: list[Column],
    answered: dict[Column, Response],
    waiting: dict[Column, Assignment],
    at: datetime,
    first_session_at: datetime | None,
) -> Row:
    cells: list[Cell] = []
    in_order = sorted(answered.values(), key=lambda response: response.answered_at)
    base = baseline([(response.answered_at, response.total) for response in in_order], first_session_at)
    before: int | None = None
    latest: Cell | None = None
    for column in columns:
        response, assignment = answered.get(column), waiting.get(column)
        if response is not None:
            later = base is not None and response.answered_at > base[0]
            cell = _answered(instrument, response, base[1] if base and later else None, before)
            before = before if cell.total is None else cell.total
            latest = cell
        elif assignment is not None:
            cell = Cell("missing" if assignment.is_missing_at(at) else "due", assignment=assignment)
        else:
            cell = Cell("none")
        cells.append(cell)
    return Row(instrument, tuple(cells), latest)


def _answered(instrument: Instrument, response: Response, base: int | None, before: int | None) -> Cell:
    band = next((one.label for one in instrument.bands if one.code == response.band), "")
    if response.total is None:
        state: Literal["score", "incomplete"] = "incomplete" if response.missing_items else "score"
        return Cell(state, band=band or response.band, response=response)
    return Cell(
        "score",
        total=response.total,
        band=band,
        change=change(instrument, base, response.total),
        step=None if before is None else response.total - before,
        response=response,
    )
