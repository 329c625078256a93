from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import Signature
from interlude.record.assessments.models.base import PatientRow
from interlude.record.vault.fields import EncryptedJSONField, EncryptedTextField


class EligibilityOutcome(models.TextChoices):
    ELIGIBLE = "eligible", _("Eligible")
    NOT_ELIGIBLE = "not_eligible", _("Not eligible")
    POSTPONED = "postponed", _("Postponed")


class EligibilityDecision(PatientRow):
    """A physician's signed decision on exactly what was seen. The newest holds. Append-only.

    `inputs`: every fact, medicine and trial that the rules read; `rows`: what the rules said; `overrides`:
    {rule code: reason} of rows that the physician went past.
    """

    outcome = models.CharField(max_length=12, choices=EligibilityOutcome.choices)
    reason = EncryptedTextField(null=True)
    inputs = EncryptedJSONField()
    inputs_sha256 = models.CharField(max_length=64)
    rows = EncryptedJSONField()
    overrides = EncryptedJSONField()
    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["recorded_at", "id"]
        indexes = [models.Index(fields=["patient", "recorded_at"])]
