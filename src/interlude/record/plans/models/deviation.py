from __future__ import annotations

from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import StaffMember
from interlude.record.patients.models import Patient
from interlude.record.plans.models.course import Course
from interlude.record.vault.fields import EncryptedTextField


class DeviationKind(models.TextChoices):
    ADAPTED = "adapted", _("Adapted within the limits")
    BEYOND = "beyond", _("Beyond a limit, with reason")
    ENDED = "ended", _("Back to the protocol")


class PlanDeviation(models.Model):
    """One value of a plan that is not the protocol's own, from when on, why and by whom. Append-only.

    The newest row of a code holds; "ended" says that the value is the protocol's own again. `planned` and
    `protocol` are plain text: a number, a code of the library, or "yes" and "no".
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="deviations")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=DeviationKind.choices)
    planned = models.CharField(max_length=40)
    protocol = models.CharField(max_length=40)
    reason = EncryptedTextField(null=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "recorded_at"]

    @property
    def subject_id(self) -> UUID:
        return self.patient_id
