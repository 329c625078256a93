from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.assessments.models.base import PatientRow, Withdrawal
from interlude.record.vault.fields import EncryptedJSONField


class FactSource(models.TextChoices):
    CHART = "chart", _("Consultation")
    PATIENT = "patient", _("Patient's own answer")
    REFERRAL = "referral", _("Referral letter")
    REPORT = "report", _("Report brought along")
    MONITOR = "monitor", _("Bedside monitor")
    LABORATORY = "laboratory", _("Laboratory")


class Fact(PatientRow):
    """One dated answer to one question of the catalogue. Append-only.

    `value`: true or false, a number as text ("70.5"), a choice code, an ISO date, or null for "not known".
    `number` counts a patient's facts, so that of two answers of one instant the later entry holds.
    """

    code = models.CharField(max_length=60)
    value = EncryptedJSONField(null=True)
    unit = models.CharField(max_length=12, blank=True)
    observed_at = models.DateTimeField()
    source = models.CharField(max_length=12, choices=FactSource.choices, default=FactSource.CHART)
    number = models.PositiveIntegerField()

    class Meta:
        ordering = ["observed_at", "number"]
        indexes = [models.Index(fields=["patient", "code", "observed_at"])]
        constraints: ClassVar = [models.UniqueConstraint(fields=["patient", "number"], name="one_fact_of_a_number")]


class FactWithdrawal(Withdrawal):
    fact = models.OneToOneField(Fact, on_delete=models.PROTECT, related_name="withdrawal")
