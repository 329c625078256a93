from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from interlude.domain.protocol.taper import Step, TaperNote, taper_notes
from interlude.record.plans.models import Course, TaperMark, TaperMarkKind, TaperStep

TaperState = Literal["planned", "due", "done", "dropped"]


@dataclass(frozen=True)
class TaperLine:
    """A step as it stands on a day. `is_listed`: the medicine is still on the patient's list."""

    step: TaperStep
    state: TaperState
    informed: TaperMark | None
    ended: TaperMark | None
    is_listed: bool


def taper_of(course: Course, on: date) -> list[TaperLine]:
    """Every step of the course by day, in three queries. A step that nobody has closed is due from its day on."""
    rows = course.taper_steps.select_related("by", "medicine", "medicine__end").prefetch_related("marks__by")
    lines = []
    for row in rows.order_by("on", "recorded_at"):
        row.patient = row.medicine.patient = course.patient
        marks = {mark.kind: mark for mark in row.marks.all()}
        ended = marks.get(TaperMarkKind.DONE) or marks.get(TaperMarkKind.DROPPED)
        state: TaperState = "due" if row.on <= on else "planned"
        if ended is not None:
            state = "done" if ended.kind == TaperMarkKind.DONE else "dropped"
        lines.append(TaperLine(row, state, marks.get(TaperMarkKind.INFORMED), ended, not hasattr(row.medicine, "end")))
    return lines


def notes_on(lines: Iterable[TaperLine]) -> list[TaperNote]:
    """What is proposed otherwise about the steps that were not dropped."""
    return taper_notes(Step(str(line.step.medicine_id), line.step.on) for line in lines if line.state != "dropped")


def around(lines: Iterable[TaperLine]) -> list[TaperLine]:
    """What matters for a session: of each medicine the steps that are due, else the last that was made, and the
    next one."""
    by_medicine: dict[object, list[TaperLine]] = {}
    for line in lines:
        if line.state != "dropped":
            by_medicine.setdefault(line.step.medicine_id, []).append(line)
    found: list[TaperLine] = []
    for steps in by_medicine.values():
        due = [line for line in steps if line.state == "due"]
        made = [line for line in steps if line.state == "done"]
        found += due or made[-1:]
        found += [line for line in steps if line.state == "planned"][:1]
    return found
