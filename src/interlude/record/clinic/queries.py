from __future__ import annotations

from contextvars import ContextVar
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.db.models.functions import Length

from interlude.record.clinic.models import Chair, Clinic, EmergencyNumber, OpeningHours, Room, Site

_remembered: ContextVar[Clinic | None] = ContextVar("clinic", default=None)


def the_clinic() -> Clinic:
    """The clinic of this installation; an unsaved one with defaults before `interlude init`.

    Read once for each request, which remembers it: nearly every line of a page writes a local time.
    """
    return _remembered.get() or Clinic.objects.filter(pk=1).first() or Clinic(name="Interlude")


def remember_clinic(clinic: Clinic | None) -> None:
    """Keep a clinic for the rest of this request; None forgets it."""
    _remembered.set(clinic)


def clinic_zone() -> ZoneInfo:
    return ZoneInfo(the_clinic().time_zone)


def local_day(at: datetime) -> date:
    """The calendar day of an instant where the clinic stands."""
    return at.astimezone(clinic_zone()).date()


def active_chairs() -> QuerySet[Chair]:
    # By length first, so that Chair 10 comes after Chair 9.
    return (
        Chair.objects.filter(is_active=True)
        .select_related("room__site")
        .order_by("room__site__name", Length("name"), "name")
    )


def active_sites() -> QuerySet[Site]:
    return Site.objects.filter(is_active=True)


def opening_hours() -> QuerySet[OpeningHours]:
    return OpeningHours.objects.select_related("site")


def emergency_numbers(*, for_patients: bool) -> QuerySet[EmergencyNumber]:
    numbers = EmergencyNumber.objects.all()
    return numbers.filter(for_patients=True) if for_patients else numbers


def active_rooms() -> QuerySet[Room]:
    return Room.objects.filter(is_active=True).select_related("site")


def places() -> QuerySet[Site]:
    """Every site with its rooms, chairs and hours, also those no longer in use."""
    return Site.objects.prefetch_related("rooms__chairs", "opening_hours")
