from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import StaffMember
from interlude.record.assessments.models.base import PatientRow, Withdrawal
from interlude.record.vault.fields import EncryptedJSONField, EncryptedTextField


class AllergyState(models.TextChoices):
    """The four states of an allergy line. "Not recorded" is never stored: it means nothing was stated."""

    KNOWN = "known", _("Known allergies")
    NONE_KNOWN = "none_known", _("No known allergies")
    NOT_RECORDED = "not_recorded", _("Allergies not recorded")
    UNAVAILABLE = "unavailable", _("Allergies cannot be obtained")


class AllergyStatement(PatientRow):
    """The whole list of allergies as stated at one time. The newest statement holds. Append-only.

    `entries`: [{"substance": text, "reaction": text}], empty unless the state is "known".
    """

    state = models.CharField(max_length=12, choices=AllergyState.choices)
    entries = EncryptedJSONField()

    class Meta:
        ordering = ["recorded_at", "id"]
        indexes = [models.Index(fields=["patient", "recorded_at"])]


class MedicineStatement(PatientRow):
    """A medicine that the patient takes, as stated. Append-only; it ends by a `MedicineEnd`."""

    name = EncryptedTextField()
    dose = EncryptedTextField(null=True)
    frequency = EncryptedTextField(null=True)
    taken_since = models.DateField(null=True)

    class Meta:
        ordering = ["recorded_at", "id"]
        indexes = [models.Index(fields=["patient", "recorded_at"])]


class MedicineEnd(models.Model):
    """A medicine is no longer taken, or was entered in error. Append-only."""

    statement = models.OneToOneField(MedicineStatement, on_delete=models.PROTECT, related_name="end")
    ended_on = models.DateField()
    is_error = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")


class MedicineReview(PatientRow):
    """The list was gone through with the patient and is complete. Without it an empty list means nothing."""

    takes_none = models.BooleanField()

    class Meta:
        ordering = ["recorded_at", "id"]


class TrialResponse(models.TextChoices):
    NONE = "none", _("Less than a quarter better")
    PARTIAL = "partial", _("A quarter to a half better")
    RESPONSE = "response", _("Half better or more")
    NOT_KNOWN = "not_known", _("Not known")


class TreatmentTrial(PatientRow):
    """One earlier treatment: medicine, dose, weeks and response. `weeks` and the judgement are null while not
    known. Append-only."""

    medicine = EncryptedTextField()
    dose = EncryptedTextField(null=True)
    dose_was_adequate = models.BooleanField(null=True)
    weeks = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    response = models.CharField(max_length=10, choices=TrialResponse.choices)

    class Meta:
        ordering = ["recorded_at", "id"]


class TrialWithdrawal(Withdrawal):
    trial = models.OneToOneField(TreatmentTrial, on_delete=models.PROTECT, related_name="withdrawal")
