from __future__ import annotations

from uuid import UUID, uuid4

from django.db import models

from interlude.record.patients.models import Patient
from interlude.record.vault.fields import EncryptedTextField


class Driver(models.Model):
    """Who takes the patient home after one appointment. The newest row counts; rows are never changed."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="drivers")
    appointment_id = models.UUIDField(db_index=True)
    name = EncryptedTextField()
    phone = EncryptedTextField()
    named_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    named_by_kind = models.CharField(max_length=16)
    named_by_id = models.CharField(max_length=64)

    class Meta:
        ordering = ["-named_at", "-recorded_at"]

    @property
    def subject_id(self) -> UUID:
        return self.patient_id
