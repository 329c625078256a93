from __future__ import annotations

from uuid import UUID, uuid4

from django.db import models

from interlude.record.accounts.models import StaffMember
from interlude.record.patients.models import Patient
from interlude.record.plans.models.course import Course


class DoseCheck(models.Model):
    """The dose as a second person computed it without being shown the plan's. Append-only; the newest counts.

    `typed_ug`: what was typed, `dose_ug`: the plan's dose then, both in whole micrograms. `is_blind` is false when
    the same person had typed a value for this plan before, and so may have seen the plan's dose beside it.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="dose_checks")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    typed_ug = models.BigIntegerField()
    dose_ug = models.BigIntegerField()
    agrees = models.BooleanField()
    is_blind = models.BooleanField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "recorded_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(agrees=True, typed_ug=models.F("dose_ug"))
                | (models.Q(agrees=False) & ~models.Q(typed_ug=models.F("dose_ug"))),
                name="a_dose_check_agrees_when_equal",
            ),
            models.CheckConstraint(condition=models.Q(typed_ug__gt=0), name="a_dose_check_has_a_dose"),
        ]
