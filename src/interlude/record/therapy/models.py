from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import Signature, StaffMember
from interlude.record.appointments.models import Appointment
from interlude.record.dosing.models import Session
from interlude.record.patients.models import Patient
from interlude.record.vault.fields import EncryptedTextField


class Modality(models.TextChoices):
    INTEGRATION = "integration", _("Integration psychotherapy")
    CBT = "cbt", _("Cognitive behavioural therapy")
    MINDFULNESS = "mindfulness", _("Mindfulness")
    HYPNOTHERAPY = "hypnotherapy", _("Hypnotherapy")
    OTHER = "other", _("Another procedure")


class TherapyVisit(models.Model):
    """One integration visit that works on one session: the summary that the care team shares.

    Free to change until it is signed, never afterwards (the database refuses it). `version` grows with each
    saving, so that a page that is no longer current is noticed. Private process notes are no part of it.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="therapy_visits")
    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="therapy_visit")
    appointment = models.OneToOneField(
        Appointment, on_delete=models.PROTECT, null=True, blank=True, related_name="therapy_visit"
    )
    therapist = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="therapy_visits")
    modality = models.CharField(max_length=16, choices=Modality.choices, default=Modality.INTEGRATION)
    minutes = models.PositiveSmallIntegerField(null=True)
    summary = EncryptedTextField(null=True)
    themes = EncryptedTextField(null=True)
    risk = EncryptedTextField(null=True)
    next_step = EncryptedTextField(null=True)
    held_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    done_at = models.DateTimeField(null=True)
    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["held_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(done_at=None, signature=None)
                | models.Q(done_at__isnull=False, signature__isnull=False),
                name="a_finished_visit_is_signed",
            )
        ]

    @property
    def subject_id(self) -> UUID:
        return self.patient_id

    @property
    def is_signed(self) -> bool:
        return self.signature_id is not None
