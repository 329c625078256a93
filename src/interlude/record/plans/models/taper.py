from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import StaffMember
from interlude.record.assessments.models import MedicineStatement
from interlude.record.patients.models import Patient
from interlude.record.plans.models.course import Course
from interlude.record.vault.fields import EncryptedTextField


class TaperStep(models.Model):
    """One step of reducing another medicine beside the series, as agreed with its prescriber. Append-only.

    The step says what was agreed and reminds of it: the medicine itself stays on the patient's list until a person
    changes the list. `dose`: in words, from that day on.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="taper_steps")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    medicine = models.ForeignKey(MedicineStatement, on_delete=models.PROTECT, related_name="taper_steps")
    on = models.DateField()
    dose = EncryptedTextField()
    prescriber = EncryptedTextField()
    note = EncryptedTextField(null=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["on", "recorded_at"]
        indexes = [models.Index(fields=["course", "on"])]

    @property
    def subject_id(self) -> UUID:
        return self.patient_id


class TaperMarkKind(models.TextChoices):
    INFORMED = "informed", _("Prescriber informed")
    DONE = "done", _("Step made")
    DROPPED = "dropped", _("Dropped")


class TaperMark(models.Model):
    """What became of a step, when and by whom. Append-only, each kind once."""

    step = models.ForeignKey(TaperStep, on_delete=models.PROTECT, related_name="marks")
    kind = models.CharField(max_length=8, choices=TaperMarkKind.choices)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "recorded_at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["step", "kind"], name="a_taper_mark_once")]
