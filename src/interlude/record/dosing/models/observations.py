"""Vital signs, stored once at full resolution: from a monitor or typed, side by side."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import StaffMember
from interlude.record.devices.models import Device, RawMessage
from interlude.record.dosing.models.session import Session


class Source(models.TextChoices):
    MONITOR = "monitor", _("Monitor")
    TYPED = "typed", _("Typed")


class Observation(models.Model):
    """One value of one vital sign; never changed.

    `kind` and `unit` are those of `codecs.hl7v2` ("heart_rate" in "/min"). `observed_at` is the chart's time;
    `seen_at` is the same instant on our own clock, from which the age is told: a device clock that is a minute
    off must not make a live value look a minute old. `key` makes the same measurement enter once, however often
    and in whatever order it is sent.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="observations")
    kind = models.CharField(max_length=20)
    value = models.DecimalField(max_digits=9, decimal_places=3)
    unit = models.CharField(max_length=12)
    observed_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    received_at = models.DateTimeField()
    source = models.CharField(max_length=8, choices=Source.choices)
    method = models.CharField(max_length=12, blank=True)
    is_aperiodic = models.BooleanField(default=False)
    is_device_time = models.BooleanField(default=False)
    flags = models.CharField(max_length=120, blank=True)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="+")
    raw = models.ForeignKey(RawMessage, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=32, unique=True)

    class Meta:
        indexes = [models.Index(fields=["session", "kind", "-observed_at"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(source="monitor", device__isnull=False, raw__isnull=False, by=None)
                | Q(source="typed", device=None, raw=None, by__isnull=False),
                name="a_value_is_sent_or_typed",
            )
        ]

    @property
    def subject_id(self) -> UUID:
        return self.session.patient_id
