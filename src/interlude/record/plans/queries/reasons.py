"""What a plan rests on: the decision on eligibility with the facts it saw, and where it leaves its protocol."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from interlude.domain.protocol.eligibility import RuleResult
from interlude.record.assessments.models import EligibilityDecision, EligibilityOutcome
from interlude.record.assessments.queries import eligibility_picture, new_since
from interlude.record.assessments.queries.eligibility import MEDICINES
from interlude.record.plans.models import Course, CourseState, PlanDeviation
from interlude.record.plans.queries.deviations import deviation_log


@dataclass(frozen=True)
class PlanBasis:
    """`rows`: the rules of the decision as it froze them, `medicines`: its interaction check; both None without a
    decision, or when the patient's key was erased. `overrides`: {rule code: reason}. `newer`: what is more serious
    today than it was then. `deviations`: the whole log, oldest first."""

    decision: EligibilityDecision | None
    rows: list[dict[str, Any]] | None
    medicines: dict[str, Any] | None
    overrides: dict[str, str]
    newer: list[RuleResult] = field(default_factory=list)
    deviations: list[PlanDeviation] = field(default_factory=list)

    @property
    def fired(self) -> list[dict[str, Any]]:
        """The rules that said anything but clear."""
        return [row for row in self.rows or [] if row["state"] != "clear"]

    @property
    def clear(self) -> list[dict[str, Any]]:
        return [row for row in self.rows or [] if row["state"] == "clear"]


def decision_of(course: Course) -> EligibilityDecision | None:
    """The decision that the plan's signature rests on; for a draft the newest one.

    A plan that was signed before decisions were kept with it rests on the last "eligible" before its signature.
    """
    rows = EligibilityDecision.objects.filter(patient_id=course.patient_id).select_related("signature", "recorded_by")
    rows = rows.order_by("-recorded_at", "-id")
    if course.eligibility_decision_id is not None:
        return rows.filter(pk=course.eligibility_decision_id).first()
    if course.signature is None:
        return rows.first()
    rows = rows.filter(outcome=EligibilityOutcome.ELIGIBLE, recorded_at__lte=course.signature.signed_at)
    return rows.first()


def frozen_basis(course: Course) -> PlanBasis:
    """The decision and what it froze, in one query: neither today's picture nor the log."""
    decision = decision_of(course)
    rows: Any = decision.rows if decision else None
    overrides: Any = decision.overrides if decision else None
    return PlanBasis(
        decision=decision,
        rows=None if rows is None else [row for row in rows if row["code"] != MEDICINES],
        medicines=next((row for row in rows or [] if row["code"] == MEDICINES), None),
        overrides=overrides or {},
    )


def plan_basis(course: Course, on: date) -> PlanBasis:
    """Everything that the plan rests on, in a constant number of queries. `on`: the clinic's local day."""
    basis = frozen_basis(course)
    newer: list[RuleResult] = []
    if basis.decision is not None and course.state != CourseState.ENDED:
        newer = new_since(basis.decision, eligibility_picture(course.patient, on))
    return replace(basis, newer=newer, deviations=deviation_log(course))
