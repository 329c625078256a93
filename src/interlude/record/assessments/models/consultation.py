from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import StaffMember
from interlude.record.assessments.models.base import PatientRow, Withdrawal
from interlude.record.vault.fields import EncryptedJSONField, EncryptedTextField


class ConsultationPart(models.TextChoices):
    REASON = "reason", _("Reason for coming, and diagnosis")
    PSYCHIATRIC = "psychiatric", _("Psychiatric history")
    SUBSTANCES = "substances", _("Alcohol, nicotine and other substances")
    MEDICAL = "medical", _("Illnesses, operations and anaesthetics")
    PHYSICAL = "physical", _("Physical examination")
    AIRWAY = "airway", _("ASA class and airway")


class Consultation(PatientRow):
    """The first consultation of a patient. Its parts are saved one by one (`ConsultationEntry`)."""

    class Meta:
        ordering = ["recorded_at", "id"]


class ConsultationEntry(models.Model):
    """One saved version of one part; the newest holds. Append-only.

    `content`: {"text": ...}, for the part "airway" {"asa_class", "mallampati", "findings"}.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="entries")
    part = models.CharField(max_length=12, choices=ConsultationPart.choices)
    content = EncryptedJSONField()
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["consultation", "number"], name="one_entry_of_a_number")
        ]

    @property
    def subject_id(self) -> UUID:
        return self.consultation.patient_id


class Report(PatientRow):
    """A report that the patient brought along. The file lies encrypted in the media directory.

    `sha256` is that of the stored, encrypted file.
    """

    title = EncryptedTextField()
    file_name = EncryptedTextField()
    reported_on = models.DateField(null=True)
    content_type = models.CharField(max_length=40)
    size_bytes = models.PositiveIntegerField()
    stored_as = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["recorded_at", "id"]
        indexes = [models.Index(fields=["patient", "recorded_at"])]


class ReportWithdrawal(Withdrawal):
    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="withdrawal")
