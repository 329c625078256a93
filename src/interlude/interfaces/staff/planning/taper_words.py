"""Steps of a taper in words, for the plan, the session and their own page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from interlude.domain.protocol.taper import TaperNote
from interlude.interfaces.staff.planning.words import datum_row, said
from interlude.record.plans.models import Course
from interlude.record.plans.queries import TaperLine, around, taper_of


def taper_rows(lines: Iterable[TaperLine]) -> list[dict[str, Any]]:
    """Each step with its state as a word and a kind of tag."""
    looks = {
        "planned": (_("Planned"), "info"),
        "due": (_("Due: ask"), "wait"),
        "done": (_("Made"), "ok"),
        "dropped": (_("Dropped"), "neutral"),
    }
    rows = []
    for line in lines:
        step = line.step
        word, kind = looks[line.state]
        rows.append(
            {
                "id": step.pk,
                "medicine": step.medicine.name or _("Erased"),
                "on": step.on,
                "dose": step.dose or _("Erased"),
                "prescriber": step.prescriber or _("Erased"),
                "note": step.note or "",
                "who": step.by.display_name,
                "at": step.at,
                "state": line.state,
                "word": word,
                "kind": kind,
                "informed": line.informed,
                "ended": line.ended,
                "is_open": line.state in ("planned", "due"),
                "is_listed": line.is_listed,
            }
        )
    return rows


def note_rows(notes: Iterable[TaperNote]) -> list[dict[str, Any]]:
    return [{"text": said(note.reason), "datum": datum_row(note.datum)} for note in notes]


def taper_for_session(course: Course, on: date) -> list[dict[str, Any]]:
    """What matters on the day of a session: due, last made, next."""
    return taper_rows(around(taper_of(course, on)))


def taper_line(course: Course, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A line of the task list while a step is due."""
    due = [row for row in rows if row["state"] == "due"]
    if not due:
        return []
    return [
        {
            "title": _("Medicine taper: ask about the step"),
            "url": reverse("staff:taper", args=[course.pk]),
            "hint": ", ".join(dict.fromkeys(row["medicine"] for row in due)),
            "status": _("Due"),
            "kind": "wait",
        }
    ]
