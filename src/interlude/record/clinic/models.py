from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _


class Clinic(models.Model):
    """The one clinic of this installation, with the rules by which it writes numbers and times."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(_("name"), max_length=120)
    time_zone = models.CharField(_("time zone"), max_length=60, default="Europe/Berlin")
    decimal_sign = models.CharField(
        _("decimal sign"),
        max_length=1,
        choices=[(".", _("Point (0.5)")), (",", _("Comma (0,5)"))],
        default=".",
    )
    language = models.CharField(_("language"), max_length=8, default="en")
    country = models.CharField(_("country"), max_length=2, default="DE")
    letterhead = models.TextField(_("letterhead"), blank=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="one_clinic")]

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True)
    address = models.TextField(_("address"), blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OpeningHours(models.Model):
    """One span of opening on one weekday (0 = Monday), in the clinic's local time."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField()
    opens_at = models.TimeField()
    closes_at = models.TimeField()

    class Meta:
        ordering = ["weekday", "opens_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="weekday_0_to_6"),
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")), name="closes_after_it_opens"
            ),
        ]

    @property
    def weekday_name(self) -> str:
        return str(WEEKDAYS_ABBR[self.weekday])


class Room(models.Model):
    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(_("name"), max_length=60)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["site", "name"], name="one_room_of_a_name")]

    def __str__(self) -> str:
        return self.name


class ChairKind(models.TextChoices):
    RECLINER = "recliner", _("Recliner")
    BED = "bed", _("Bed")


class Chair(models.Model):
    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="chairs")
    name = models.CharField(_("name"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=ChairKind.choices, default=ChairKind.RECLINER)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class EmergencyNumber(models.Model):
    """A number to call in a crisis or an emergency, shown in the same place on every page of a patient."""

    label = models.CharField(_("who answers"), max_length=80)
    number = models.CharField(_("number"), max_length=40)
    for_patients = models.BooleanField(_("shown to patients"), default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "label"]
