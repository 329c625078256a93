"""Second computations of a dose in words, for the plan and for its list of next steps."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from interlude.domain.units import mg_from_micrograms
from interlude.record.accounts.models import StaffMember
from interlude.record.plans.models import Course, DoseCheck
from interlude.record.plans.services import may_check_dose


def check_rows(checks: list[DoseCheck]) -> list[dict[str, Any]]:
    """Each second computation in words, the newest first: it is the one that counts."""
    return [
        {
            "agrees": row.agrees,
            "typed_mg": mg_from_micrograms(row.typed_ug),
            "dose_mg": mg_from_micrograms(row.dose_ug),
            "is_blind": row.is_blind,
            "who": row.by.display_name,
            "at": row.at,
        }
        for row in checks
    ]


def check_line(course: Course, checks: list[DoseCheck], by: StaffMember) -> dict[str, Any]:
    """The line of the task list; a link for those who may compute."""
    url = reverse("staff:plan_check", args=[course.pk]) if may_check_dose(by, course) else ""
    line: dict[str, Any] = {"title": _("Second person computes the dose"), "url": url}
    if not checks:
        return line | {"status": _("Not done yet"), "kind": "wait", "hint": _("Before the first session.")}
    newest = checks[0]
    if not newest.agrees:
        return line | {"status": _("Does not agree"), "kind": "stop", "hint": newest.by.display_name}
    return line | {"status": _("Completed"), "url": "", "hint": newest.by.display_name}
