from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.patients.models import Patient
from interlude.record.plans.models.course import Course
from interlude.record.vault.fields import EncryptedTextField


class Channel(models.TextChoices):
    PORTAL = "portal", _("On the patient's own device")
    PAPER = "paper", _("On paper, in the clinic")


class ConsentText(models.Model):
    """One version of a consent text in one language, exactly as it is shown. Rows are added, never changed.

    `topics` is a list of {code, heading, text}, `statement` the sentence that is signed; `sha256` covers all of it.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    key = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=8)
    title = models.CharField(max_length=160)
    topics = models.JSONField()
    statement = models.TextField()
    sha256 = models.CharField(max_length=64, unique=True)
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["key", "-version", "language"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "version", "language"], name="one_consent_text_of_a_version")
        ]


class Consent(models.Model):
    """A patient's consent to a course, bound to the exact text by its hash. Rows are added, never changed."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="consents")
    block = models.PositiveSmallIntegerField()
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="consents")
    text_sha256 = models.CharField(max_length=64)
    signed_name = EncryptedTextField()
    signed_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    recorded_by_kind = models.CharField(max_length=16)
    recorded_by_id = models.CharField(max_length=64)

    class Meta:
        ordering = ["-signed_at", "-recorded_at"]

    @property
    def subject_id(self) -> UUID:
        return self.patient_id


class ConsentWithdrawal(models.Model):
    """The patient took a consent back. Nothing is asked of them for it."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    consent = models.OneToOneField(Consent, on_delete=models.PROTECT, related_name="withdrawal")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by_kind = models.CharField(max_length=16)
    by_id = models.CharField(max_length=64)
    note = EncryptedTextField(null=True)

    @property
    def subject_id(self) -> UUID:
        return self.patient_id
