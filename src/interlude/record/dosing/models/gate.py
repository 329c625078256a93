"""Answers at the gate: who said what when, and who went on after a no, and why."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import models

from interlude.record.accounts.models import StaffMember
from interlude.record.dosing.models.session import Session
from interlude.record.vault.fields import EncryptedJSONField, EncryptedTextField


class GateAnswer(models.Model):
    """One answer to one line of the gate, or (with `is_override`) the decision to go on after a no.

    The newest answer of a line counts; an override counts only for the answer that it followed. `values` maps
    fact codes to answers; fasting holds the stated times (`last_food_at`, `last_water_at`), not hours.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="gate_answers")
    item = models.CharField(max_length=40)
    values = EncryptedJSONField()
    note = EncryptedTextField(null=True)
    is_override = models.BooleanField(default=False)
    override_reason = EncryptedTextField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["session", "position"], name="gate_answers_in_one_order"),
            models.CheckConstraint(
                condition=models.Q(is_override=False) | models.Q(override_reason__isnull=False),
                name="an_override_has_a_reason",
            ),
        ]

    @property
    def subject_id(self) -> UUID:
        return self.session.patient_id
