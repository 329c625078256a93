"""What was given: rate segments of an infusion, or one injection."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import StaffMember
from interlude.record.dosing.models.session import Session
from interlude.record.stock.models import Lot
from interlude.record.vault.fields import EncryptedTextField


class Why(models.TextChoices):
    START = "start", _("Start")
    CHANGE = "change", _("Rate changed")
    PAUSE = "pause", _("Paused")
    RESUME = "resume", _("Resumed")
    STOP = "stop", _("Stopped")


class RateSegment(models.Model):
    """A constant rate from `starts_at` until the next segment of the session. Pause and stop are rate 0.

    It records what the nurse does at the pump; until `pump_confirmed_at` the nurse has not yet said that the
    pump is set.
    """

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="rate_segments")
    position = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField()
    rate_mg_per_h = models.DecimalField(max_digits=9, decimal_places=3)
    why = models.CharField(max_length=8, choices=Why.choices)
    reason = EncryptedTextField(null=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    preview_sha256 = models.CharField(max_length=64, blank=True)
    pump_confirmed_at = models.DateTimeField(null=True)
    pump_confirmed_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "position"], name="rate_segments_in_one_order"),
            models.CheckConstraint(condition=Q(rate_mg_per_h__gte=0), name="a_rate_is_not_negative"),
            models.CheckConstraint(
                condition=~Q(why__in=["pause", "stop"]) | Q(rate_mg_per_h=0), name="pause_and_stop_are_rate_zero"
            ),
        ]

    @property
    def subject_id(self) -> UUID:
        return self.session.patient_id


class Injection(models.Model):
    """The one intramuscular dose of a session."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="injection")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="+")
    amount_ug = models.BigIntegerField()
    site = models.CharField(_("site"), max_length=40, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_ug__gt=0), name="an_injection_has_an_amount")
        ]
