from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import StaffMember
from interlude.record.vault.fields import EncryptedTextField


class Sex(models.TextChoices):
    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    OTHER = "other", _("Other")
    UNKNOWN = "unknown", _("Not known")


class Patient(models.Model):
    """A person who is treated here. Identity is encrypted with the person's own key."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    number = models.CharField(max_length=12, unique=True)
    family_name = EncryptedTextField()
    given_name = EncryptedTextField()
    birth_date = EncryptedTextField()
    phone = EncryptedTextField(null=True)
    email = EncryptedTextField(null=True)
    address = EncryptedTextField(null=True)
    sex = models.CharField(_("sex"), max_length=8, choices=Sex.choices, default=Sex.UNKNOWN)
    language = models.CharField(_("language"), max_length=8, blank=True)
    registered_at = models.DateTimeField()

    actor_kind = "patient"
    actor_role = "patient"

    class Meta:
        ordering = ["-registered_at"]

    @property
    def subject_id(self) -> UUID:
        return self.id

    @property
    def actor_id(self) -> str:
        return str(self.pk)

    @property
    def born_on(self) -> date | None:
        return date.fromisoformat(self.birth_date) if self.birth_date else None

    def age_on(self, day: date) -> int | None:
        """Completed years on a day; None when the birth date is erased."""
        born = self.born_on
        if born is None:
            return None
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class SearchToken(models.Model):
    """Keyed fingerprints of the beginnings of a patient's names and number, for search without plain text."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="search_tokens")
    token = models.CharField(max_length=32, db_index=True)


class DuplicateKey(models.Model):
    """Keyed fingerprints of whole identities, by which a second registration is caught."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="duplicate_keys")
    key = models.CharField(max_length=32, db_index=True)


class Referral(models.Model):
    """How a person came: own request, or referred by somebody, with the reason in their words."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="referrals")
    received_on = models.DateField()
    referred_by = EncryptedTextField(null=True)
    reason = EncryptedTextField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-received_on"]

    @property
    def subject_id(self) -> UUID:
        return self.patient_id


class CareTeamMember(models.Model):
    """A member of staff who is responsible for a patient from one instant until another."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="care_team")
    staff = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "staff"], condition=models.Q(until=None), name="once_in_a_care_team"
            )
        ]


class PortalLink(models.Model):
    """A link that opens the portal for one patient, together with the birth date. Only a fingerprint is kept."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="portal_links")
    fingerprint = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    failed_attempts = models.PositiveSmallIntegerField(default=0)
    last_opened_at = models.DateTimeField(null=True, blank=True)
