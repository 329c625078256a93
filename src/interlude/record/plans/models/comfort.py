from __future__ import annotations

from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.patients.models import Patient
from interlude.record.plans.models.course import Course
from interlude.record.vault.fields import EncryptedTextField


class Seat(models.TextChoices):
    NO_WISH = "", _("No wish")
    RECLINER = "recliner", _("Recliner")
    BED = "bed", _("Bed")


class Sound(models.TextChoices):
    NO_WISH = "", _("No wish")
    OWN = "own", _("Own headphones")
    CLINIC = "clinic", _("Headphones from the clinic")
    NONE = "none", _("No headphones")


class Comfort(models.Model):
    """What makes the session comfortable for this patient. The newest row counts; rows are never changed.

    A row with an `appointment_id` counts for that appointment alone and goes before the row of the course.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="comforts")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="comforts")
    appointment_id = models.UUIDField(null=True, blank=True, db_index=True)
    seat = models.CharField(max_length=8, choices=Seat.choices, blank=True)
    headphones = models.CharField(max_length=8, choices=Sound.choices, blank=True)
    eye_mask = models.BooleanField(null=True)
    blanket = models.BooleanField(null=True)
    music = EncryptedTextField(null=True)
    comfort_item = EncryptedTextField(null=True)
    companion = EncryptedTextField(null=True)
    intention = EncryptedTextField(null=True)
    stated_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    stated_by_kind = models.CharField(max_length=16)
    stated_by_id = models.CharField(max_length=64)

    class Meta:
        ordering = ["-stated_at", "-recorded_at"]

    @property
    def subject_id(self) -> UUID:
        return self.patient_id
