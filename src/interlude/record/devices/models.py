from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.models import StaffMember
from interlude.record.clinic.models import Chair
from interlude.record.patients.models import Patient


class DeviceKind(models.TextChoices):
    MONITOR = "monitor", _("Monitor")
    PUMP = "pump", _("Pump")


class Device(models.Model):
    """A bedside device, known by what it calls itself in its messages, never by a patient's name in them."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(_("name"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=DeviceKind.choices, default=DeviceKind.MONITOR)
    identifiers = models.JSONField(_("identifiers"), default=list)
    # How often the cuff is set to measure at this device; None: the protocol's interval.
    cuff_interval_min = models.PositiveSmallIntegerField(_("cuff interval in minutes"), null=True, blank=True)
    # How often a message comes while all is well; silence is told from it.
    feed_interval_s = models.PositiveSmallIntegerField(_("seconds between messages"), default=1)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DeviceAssignment(models.Model):
    """A nurse's statement that a device stands at a chair, from one instant until another."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="assignments")
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, related_name="device_assignments")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-since"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["device"], condition=Q(until=None), name="a_device_stands_at_one_chair"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=models.F("since")), name="an_assignment_ends_after_it_began"
            ),
        ]


class DeviceLink(models.Model):
    """When a device was last heard, and how far its clock is off (the median of its last messages).

    The one row of a device that is overwritten: it belongs to the link, not to the record.
    """

    device = models.OneToOneField(Device, on_delete=models.CASCADE, primary_key=True, related_name="link")
    last_heard_at = models.DateTimeField()
    clock_offset_s = models.FloatField(null=True)
    recent_offsets_s = models.JSONField(default=list)


class BindingEpoch(models.Model):
    """One random token that changes with every change of who or what sits where.

    Whoever charts readings keeps the bindings in memory and reads this row in the transaction of the charting:
    another token means that the memory is out of date, in whichever process the change was made.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    token = models.CharField(max_length=32)


class Disposition(models.TextChoices):
    CHARTED = "charted", _("Charted")
    PARTLY = "partly", _("Partly charted")
    QUARANTINED = "quarantined", _("In quarantine")
    IGNORED = "ignored", _("Nothing to chart")
    FAILED = "failed", _("Could not be charted")


class RawMessage(models.Model):
    """The bytes of one message as they came, kept for ever. The same bytes are stored once."""

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    received_at = models.DateTimeField(db_index=True)
    peer = models.CharField(max_length=80)
    listener = models.CharField(max_length=40)
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    sender = models.CharField(max_length=120, blank=True)
    control_id = models.CharField(max_length=120, blank=True)
    message_type = models.CharField(max_length=16, blank=True)
    answer_code = models.CharField(max_length=8, blank=True)
    disposition = models.CharField(max_length=12, choices=Disposition.choices)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="+")
    clock_offset_s = models.FloatField(null=True)
    faults = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["device", "-id"]), models.Index(fields=["disposition", "-id"])]


class QuarantineItem(models.Model):
    """Something that was not charted, and why. The same reason from the same place is one line with a count."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    raw = models.ForeignKey(RawMessage, on_delete=models.PROTECT, related_name="+")
    last_raw = models.ForeignKey(RawMessage, on_delete=models.PROTECT, related_name="+")
    count = models.PositiveBigIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="quarantine_items")
    device_shown = models.CharField(max_length=120, blank=True)
    reason_code = models.CharField(max_length=40)
    text = models.CharField(max_length=200)
    detail = models.CharField(max_length=200, blank=True)
    fold_key = models.CharField(max_length=64)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="+")
    session_id = models.UUIDField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, related_name="+")
    resolved_how = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-last_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["fold_key"], condition=Q(resolved_at=None), name="one_open_line_of_a_reason"
            )
        ]
