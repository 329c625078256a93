from __future__ import annotations

from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import Signature, StaffMember
from interlude.record.dosing.models import Session
from interlude.record.patients.models import Patient
from interlude.record.plans.models import Course
from interlude.record.vault.fields import EncryptedTextField


class MeasuresPlanned(models.Model):
    """The questionnaires of a session have been planned from the end of its dose. Append-only."""

    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="measures_planned")
    anchor_at = models.DateTimeField()
    planned_at = models.DateTimeField()


class Decision(models.TextChoices):
    EXTEND = "extend", _("Extend the series")
    MAINTAIN = "maintain", _("Maintain: single sessions at an interval")
    TAPER = "taper", _("Taper: widen the interval")
    END = "end", _("End the course")


class NextDecision(models.Model):
    """What comes next in a course, decided and signed by a physician. Append-only.

    `seen` is what the decision was based on, as it stood then: sessions given, scores and stop rules met.
    `ladder_step` is the code of a step of the protocol's maintenance ladder.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="next_decisions")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="next_decisions")
    decision = models.CharField(max_length=8, choices=Decision.choices)
    reason = EncryptedTextField()
    after_sessions = models.PositiveSmallIntegerField()
    extra_sessions = models.PositiveSmallIntegerField(null=True)
    ladder_step = models.CharField(max_length=30, blank=True)
    next_on = models.DateField(null=True)
    seen = models.JSONField(default=dict)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-decided_at"]

    @property
    def subject_id(self) -> UUID:
        return self.patient_id
