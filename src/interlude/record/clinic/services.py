from __future__ import annotations

import itertools
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import models, transaction

from interlude.domain.refusals import N_, Refused
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor
from interlude.record.clinic.models import (
    Chair,
    ChairKind,
    Clinic,
    EmergencyNumber,
    OpeningHours,
    Room,
    Site,
)
from interlude.record.clinic.queries import remember_clinic


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refused(
            N_("{name} is not a time zone. An example of one is Europe/Berlin."), field="time_zone", name=name
        ) from error


@transaction.atomic
def set_up_clinic(*, by: Actor, at: datetime, **values: Any) -> Clinic:
    """Write the clinic's own entry (name, time_zone, decimal_sign, language, country, letterhead, is_demo).

    Used by `interlude init` and by the administration page; only the keys given are changed.
    """
    clinic = Clinic.objects.filter(pk=1).first() or Clinic(pk=1)
    before = {name: getattr(clinic, name) for name in values}
    if "time_zone" in values:
        _check_zone(values["time_zone"])
    if values.get("decimal_sign", ".") not in (".", ","):
        raise Refused(N_("The decimal sign is a point or a comma."), field="decimal_sign")
    if values.get("language", "en") not in dict(settings.LANGUAGES):
        raise Refused(N_("Choose one of the languages of the list."), field="language")
    if "name" in values and not str(values["name"]).strip():
        raise Refused(N_("Enter the clinic's name."), field="name")
    for name, value in values.items():
        setattr(clinic, name, value)
    clinic.save()
    remember_clinic(None)
    changed = {name: [before[name], values[name]] for name in values if before[name] != values[name]}
    audit.record(by=by, at=at, what="clinic.changed", about=clinic, detail={"changed": changed})
    return clinic


def _save_named(*, by: Actor, at: datetime, row: models.Model, what: str, same_name: models.QuerySet[Any]) -> None:
    name = str(getattr(row, "name", "")).strip()
    if not name:
        raise Refused(N_("Enter a name."), field="name")
    if same_name.filter(name__iexact=name).exclude(pk=row.pk).exists():
        raise Refused(N_("There is already one with the name {name}."), field="name", name=name)
    row.save()
    audit.record(by=by, at=at, what=what, about=row, detail={"name": name})


@transaction.atomic
def save_site(
    *, by: Actor, at: datetime, name: str, address: str = "", is_active: bool = True, site: Site | None = None
) -> Site:
    site = site or Site()
    site.name, site.address, site.is_active = name.strip(), address, is_active
    _save_named(by=by, at=at, row=site, what="clinic.site.saved", same_name=Site.objects.all())
    return site


@transaction.atomic
def save_room(
    *, by: Actor, at: datetime, site: Site, name: str, is_active: bool = True, room: Room | None = None
) -> Room:
    room = room or Room()
    room.site, room.name, room.is_active = site, name.strip(), is_active
    _save_named(by=by, at=at, row=room, what="clinic.room.saved", same_name=Room.objects.filter(site=site))
    return room


@transaction.atomic
def save_chair(
    *,
    by: Actor,
    at: datetime,
    room: Room,
    name: str,
    kind: str = ChairKind.RECLINER,
    is_active: bool = True,
    chair: Chair | None = None,
) -> Chair:
    if kind not in ChairKind.values:
        raise Refused(N_("A chair is a recliner or a bed."), field="kind")
    chair = chair or Chair()
    chair.room, chair.name, chair.kind, chair.is_active = room, name.strip(), kind, is_active
    _save_named(by=by, at=at, row=chair, what="clinic.chair.saved", same_name=Chair.objects.all())
    return chair


@transaction.atomic
def set_opening_hours(
    *, by: Actor, at: datetime, site: Site, spans: list[tuple[int, time, time]]
) -> list[OpeningHours]:
    """Replace a site's week. `spans` holds (weekday 0-6 from Monday, opens, closes)."""
    for weekday, opens, closes in spans:
        if not 0 <= weekday <= 6:
            raise Refused(N_("A weekday is a number from 0 (Monday) to 6."), field="weekday")
        if closes <= opens:
            raise Refused(
                N_("It closes at {closes}, which is not after it opens at {opens}."),
                field="closes_at",
                opens=opens.strftime("%H:%M"),
                closes=closes.strftime("%H:%M"),
            )
    ordered = sorted(spans)
    for (day, _opens, closes), (next_day, next_opens, _closes) in itertools.pairwise(ordered):
        if day == next_day and next_opens < closes:
            raise Refused(N_("Two spans of one day overlap."), field="opens_at")
    site.opening_hours.all().delete()
    rows = OpeningHours.objects.bulk_create(
        [OpeningHours(site=site, weekday=day, opens_at=opens, closes_at=closes) for day, opens, closes in ordered]
    )
    detail = {"spans": [[day, opens.isoformat(), closes.isoformat()] for day, opens, closes in ordered]}
    audit.record(by=by, at=at, what="clinic.hours.set", about=site, detail=detail)
    return rows


@transaction.atomic
def set_emergency_numbers(*, by: Actor, at: datetime, numbers: list[tuple[str, str, bool]]) -> list[EmergencyNumber]:
    """Replace the list of emergency numbers: (who answers, number, shown to patients)."""
    for label, number, _shown in numbers:
        if not label.strip() or not any(sign.isdigit() for sign in number):
            raise Refused(N_("Each entry needs who answers and a number with digits."), field="number")
    EmergencyNumber.objects.all().delete()
    rows = EmergencyNumber.objects.bulk_create(
        [
            EmergencyNumber(label=label.strip(), number=number.strip(), for_patients=shown, position=position)
            for position, (label, number, shown) in enumerate(numbers)
        ]
    )
    clinic = Clinic.objects.filter(pk=1).first() or Clinic.objects.create(pk=1, name="Interlude")
    audit.record(by=by, at=at, what="clinic.emergency_numbers.set", about=clinic, detail={"count": len(rows)})
    return rows
