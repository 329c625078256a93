from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import N_
from interlude.record.clinic.queries import local_day
from interlude.record.plans.consent_texts import rules
from interlude.record.plans.models import Consent, ConsentText, Course

KEY = "ketamine-course"
FALLBACK_LANGUAGE = "en"

ConsentCode = Literal["given", "missing", "withdrawn", "new_text", "new_block", "expired"]


@dataclass(frozen=True)
class ConsentState:
    """Whether a consent holds for a course now; `until` is the last local day it holds on."""

    code: ConsentCode
    reason: Reason
    consent: Consent | None = None
    until: date | None = None

    @property
    def is_valid(self) -> bool:
        return self.code == "given"


_WORDS: dict[ConsentCode, str] = {
    "given": N_("Consent given."),
    "missing": N_("No consent yet."),
    "withdrawn": N_("Consent was taken back."),
    "new_text": N_("The text has a new version: consent is needed again."),
    "new_block": N_("A new block of sessions: consent is needed again."),
    "expired": N_("Consent is older than {months} months: it is needed again."),
}


def newest_text(language: str, key: str = KEY) -> ConsentText | None:
    """The text to show: the newest version, in that language where there is one, else in English."""
    rows = list(ConsentText.objects.filter(key=key, language__in=[language[:2], FALLBACK_LANGUAGE]))
    if not rows:
        return None
    newest = max(row.version for row in rows)
    current = [row for row in rows if row.version == newest]
    return next((row for row in current if row.language == language[:2]), current[0])


def newest_version(key: str = KEY) -> int:
    """0 while no text is loaded."""
    row = ConsentText.objects.filter(key=key).order_by("-version").first()
    return row.version if row else 0


def consent_state(course: Course, at: datetime) -> ConsentState:
    """Does the patient's newest consent cover this course, its block and the current text?"""
    return consent_states([course], at)[course.pk]


def consent_states(courses: Iterable[Course], at: datetime) -> dict[UUID, ConsentState]:
    """The same for many courses, in a constant number of queries."""
    courses = list(courses)
    version, today = newest_version(), local_day(at)
    given: dict[UUID, list[Consent]] = defaultdict(list)
    rows = Consent.objects.filter(course__in=courses).select_related("text", "withdrawal")
    for row in rows.order_by("signed_at", "recorded_at"):
        given[row.course_id].append(row)
    return {course.pk: _state(course, given[course.pk], version, today) for course in courses}


def _state(course: Course, given: list[Consent], version: int, today: date) -> ConsentState:
    if not given:
        return _said("missing")
    newest = given[-1]
    until = add_months(local_day(newest.signed_at), int(rules().valid_months.value))
    if hasattr(newest, "withdrawal"):
        return _said("withdrawn", newest)
    if newest.text.version != version:
        return _said("new_text", newest)
    if newest.block != course.block:
        return _said("new_block", newest)
    if today > until:
        return _said("expired", newest)
    return _said("given", newest, until)


def _said(code: ConsentCode, consent: Consent | None = None, until: date | None = None) -> ConsentState:
    params: dict[str, object] = {"months": int(rules().valid_months.value)} if code == "expired" else {}
    return ConsentState(code, Reason(_WORDS[code], params), consent, until)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in range(day.day, 27, -1):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    return date(year, month, day.day)
