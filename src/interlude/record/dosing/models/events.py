"""What happened besides numbers, and the scales that a person scores."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import StaffMember
from interlude.record.dosing.models.session import Session
from interlude.record.vault.fields import EncryptedJSONField, EncryptedTextField


class EventKind(models.TextChoices):
    """Events and side effects in one tap. Words of `clinical.md` 4.1, 4.2 and 4.7."""

    CALM = "calm", _("Calm")
    WELLBEING_GOOD = "wellbeing_good", _("Well (thumb up)")
    WELLBEING_UNWELL = "wellbeing_unwell", _("Not well (thumb down)")
    DISSOCIATION = "dissociation", _("Dissociation begins")
    DISSOCIATION_ENDS = "dissociation_ends", _("Dissociation ends")
    NAUSEA = "nausea", _("Nausea")
    VOMITING = "vomiting", _("Vomiting")
    DIZZINESS = "dizziness", _("Dizziness")
    HEADACHE = "headache", _("Headache")
    ANXIETY = "anxiety", _("Anxiety")
    AGITATION = "agitation", _("Agitation")
    PATIENT_SAYS_STOP = "patient_says_stop", _("Patient says stop")
    CHEST_PAIN = "chest_pain", _("Chest pain")
    DYSPNOEA = "dyspnoea", _("Shortness of breath")
    EXTRAVASATION = "extravasation", _("Infusion outside the vein")
    MUSIC = "music", _("Music")
    EYE_MASK = "eye_mask", _("Eye mask")
    COMPANION = "companion", _("Companion at the chair")
    COMFORT = "comfort", _("Comfort (blanket, position, lights)")
    WORDS = "words", _("Patient's own words")
    MEDICINE = "medicine", _("Other medicine given")
    NOTE = "note", _("Note")


class SessionEvent(models.Model):
    """One event with its minute. Never changed: a correction is another event."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=24, choices=EventKind.choices)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    note = EncryptedTextField(null=True)

    class Meta:
        ordering = ["at", "recorded_at"]

    @property
    def subject_id(self) -> UUID:
        return self.session.patient_id


class Score(models.Model):
    """One scored scale (CADSS-6, MOAA/S, Aldrete, PADSS, ...) with the version that scored it. Never changed."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="scores")
    scale = models.CharField(max_length=24)
    scale_version = models.CharField(max_length=24)
    answers = EncryptedJSONField()
    total = models.SmallIntegerField(null=True)
    band = models.CharField(max_length=24, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at"]

    @property
    def subject_id(self) -> UUID:
        return self.session.patient_id
