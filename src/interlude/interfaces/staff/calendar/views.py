"""The calendar: one day or one week, by chair or by person, on the screen and on paper."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from interlude.interfaces.design import formats
from interlude.interfaces.design.printing import render_pdf
from interlude.interfaces.staff.calendar.board import (
    Column,
    columns_by_chair,
    columns_by_person,
    day_table,
    visit,
    week_table,
)
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.accounts.queries import active_staff
from interlude.record.accounts.roles import CLINICAL
from interlude.record.appointments import queries
from interlude.record.appointments.models import Appointment, Kind
from interlude.record.clinic.queries import active_chairs, clinic_zone, opening_hours
from interlude.record.plans.queries import drivers_of


def asked_day(request: StaffRequest) -> date:
    """`?on=2026-03-12`; today for anything else."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return timezone.localdate()


def calendar(request: StaffRequest) -> HttpResponse:
    """Who is where, when. `?view=day|week`, `?by=chair|person`."""
    on, is_week = asked_day(request), request.GET.get("view") == "week"
    by_person = request.GET.get("by") == "person"
    first = on - timedelta(days=on.weekday()) if is_week else on
    rows = queries.days(request.user, first, 7 if is_week else 1)
    drivers = drivers_of([row.pk for row in rows if row.kind == Kind.INFUSION])
    columns = _columns(rows, by_person)
    zone = clinic_zone()
    step = timedelta(days=7 if is_week else 1)
    context: dict[str, Any] = {
        "on": on,
        "first": first,
        "last": first + timedelta(days=6),
        "is_week": is_week,
        "by": "person" if by_person else "chair",
        "rows": [visit(row, drivers) for row in rows],
        "today": timezone.localdate(),
        "links": _links(request, on, step, is_week, by_person),
        "now": timezone.now(),
    }
    if is_week:
        context["week"] = week_table(columns, first, drivers, zone)
    else:
        opens, closes = _open_minutes(on)
        context["table"] = day_table(columns, drivers, opens, closes, on, zone)
        context["is_closed"] = opens == closes
    return render(request, "staff/calendar/calendar.html", context)


def _columns(rows: list[Appointment], by_person: bool) -> list[Column]:
    if by_person:
        people = [one for one in active_staff() if one.role in CLINICAL]
        return columns_by_person(rows, people)
    columns = columns_by_chair(rows, active_chairs())
    return [column for column in columns if column.key or column.rows]


def _open_minutes(on: date) -> tuple[int, int]:
    """The widest opening of that weekday in minutes after midnight; 9 to 9 when it is closed."""
    spans = [span for span in opening_hours() if span.weekday == on.weekday()]
    if not spans:
        return 540, 540
    opens, closes = min(span.opens_at for span in spans), max(span.closes_at for span in spans)
    return opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute


def _address(name: str, on: date, view: str, by: str) -> str:
    return f"{reverse(name)}?on={on.isoformat()}&view={view}&by={by}"


def _links(request: StaffRequest, on: date, step: timedelta, is_week: bool, by_person: bool) -> dict[str, Any]:
    view, by = "week" if is_week else "day", "person" if by_person else "chair"
    here = "staff:calendar"
    return {
        "before": _address(here, on - step, view, by),
        "after": _address(here, on + step, view, by),
        "today": _address(here, timezone.localdate(), view, by),
        "print": _address("staff:calendar_print", on, "day", by),
        "views": [
            {"label": _("Day"), "url": _address(here, on, "day", by), "current": not is_week},
            {"label": _("Week"), "url": _address(here, on, "week", by), "current": is_week},
        ],
        "columns": [
            {"label": _("By chair"), "url": _address(here, on, view, "chair"), "current": not by_person},
            {"label": _("By person"), "url": _address(here, on, view, "person"), "current": by_person},
        ],
    }


def calendar_print(request: StaffRequest) -> HttpResponse:
    """The day on paper, for the desk and for a day without computers."""
    on, by_person = asked_day(request), request.GET.get("by") == "person"
    rows = queries.day(request.user, on)
    drivers = drivers_of([row.pk for row in rows])
    data = {
        "clinic": {"name": request.clinic.name, "letterhead": request.clinic.letterhead},
        "printed_at": timezone.now(),
        "printed_by": request.user.display_name,
        "day": formats.clinic_date(on, weekday=True),
        "columns": [_("Time"), _("Patient"), _("What"), _("Driver"), _("With")],
        "widths": [2, 4, 3, 4, 4],
        "groups": [
            {"title": column.title, "rows": [_paper_row(row, drivers) for row in column.rows]}
            for column in _columns(rows, by_person)
        ],
    }
    pdf = render_pdf("day_list", data, language=translation.get_language() or "en")
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="day-{on.isoformat()}.pdf"'
    return response


def _paper_row(row: Appointment, drivers: dict[Any, Any]) -> list[Any]:
    shown = visit(row, drivers)
    driver = drivers.get(row.pk)
    needs = row.kind == Kind.INFUSION
    words = f"{driver.name}, {driver.phone}" if driver else (_("not named") if needs else "–")
    span = f"{formats.clinic_time(row.starts_at)}–{formats.clinic_time(row.ends_at)}"
    return [span, f"{shown['name']} ({row.patient.number})", shown["what"], words, shown["people"]]
