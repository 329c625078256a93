"""The way home: answers to the discharge criteria, and the discharge itself."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import models

from interlude.record.accounts.models import Signature, StaffMember
from interlude.record.dosing.models.session import Session
from interlude.record.vault.fields import EncryptedJSONField, EncryptedTextField


class DischargeAnswer(models.Model):
    """One answer to a discharge criterion, or the decision to go on after a no. The newest of a line counts."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="discharge_answers")
    item = models.CharField(max_length=40)
    values = EncryptedJSONField()
    is_override = models.BooleanField(default=False)
    override_reason = EncryptedTextField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["session", "position"], name="discharge_answers_in_one_order"),
            models.CheckConstraint(
                condition=models.Q(is_override=False) | models.Q(override_reason__isnull=False),
                name="a_discharge_override_has_a_reason",
            ),
        ]

    @property
    def subject_id(self) -> UUID:
        return self.session.patient_id


class Discharge(models.Model):
    """Who took the patient home, checked by whom, with which criteria met. Never changed."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="discharge")
    driver_name = EncryptedTextField()
    driver_phone = EncryptedTextField()
    identity_checked = models.BooleanField()
    instructions_given = models.BooleanField()
    criteria = EncryptedJSONField()
    stay_shortened_reason = EncryptedTextField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    signature = models.ForeignKey(Signature, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(identity_checked=True, instructions_given=True),
                name="a_driver_is_checked_and_instructions_are_given",
            )
        ]

    @property
    def subject_id(self) -> UUID:
        return self.session.patient_id
