from __future__ import annotations

from interlude.record.plans.models import Course, DoseCheck


def dose_checks_of(course: Course) -> list[DoseCheck]:
    """Every second computation of the dose, newest first; the first of the list counts."""
    return list(course.dose_checks.select_related("by").order_by("-at", "-recorded_at"))
