from __future__ import annotations

from uuid import UUID, uuid4

from django.db import models

from interlude.record.accounts.models import StaffMember
from interlude.record.patients.models import Patient


class PatientRow(models.Model):
    """A row of one patient, recorded once. `recorded_by` is empty when the patient or a device did it."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True

    @property
    def subject_id(self) -> UUID:
        return self.patient_id


class Withdrawal(models.Model):
    """Says that a row was entered in error. The row itself stays."""

    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
