from __future__ import annotations

from interlude.record.plans.models import Course, DeviationKind, PlanDeviation


def deviation_log(course: Course) -> list[PlanDeviation]:
    """Every row about this course, oldest first, in one query."""
    rows = list(course.deviations.select_related("by").order_by("at", "recorded_at"))
    for row in rows:
        row.patient = course.patient
    return rows


def deviations_now(course: Course) -> list[PlanDeviation]:
    """What is not the protocol's own value now: the newest row of each code that has not ended."""
    newest: dict[str, PlanDeviation] = {}
    for row in deviation_log(course):
        newest[row.code] = row
    return [row for row in newest.values() if row.kind != DeviationKind.ENDED]
