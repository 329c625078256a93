from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.assessments.models.base import PatientRow, Withdrawal
from interlude.record.assessments.models.consultation import Report
from interlude.record.vault.fields import EncryptedTextField


class WorkupOutcome(models.TextChoices):
    NORMAL = "normal", _("Nothing remarkable")
    REMARKABLE = "remarkable", _("Remarkable: see the finding")
    NOT_KNOWN = "not_known", _("Not known")


class WorkupEntry(PatientRow):
    """One result of the baseline work-up: done here, or read in a report that the patient brought along.

    `done_on` is the day of the examination itself, however late it was entered. Append-only.
    """

    item = models.CharField(max_length=40)
    done_on = models.DateField()
    report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, related_name="workup_entries")
    outcome = models.CharField(max_length=12, choices=WorkupOutcome.choices, default=WorkupOutcome.NOT_KNOWN)
    finding = EncryptedTextField(null=True)

    class Meta:
        ordering = ["done_on", "recorded_at", "id"]
        indexes = [models.Index(fields=["patient", "item"])]


class WorkupWithdrawal(Withdrawal):
    entry = models.OneToOneField(WorkupEntry, on_delete=models.PROTECT, related_name="withdrawal")
