"""Single visits, moving and cancelling: nothing is taken twice, and nothing breaks the plan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.appointments import queries, services
from interlude.record.appointments.models import Appointment, AppointmentStep
from interlude.record.audit.actors import SYSTEM
from interlude.record.audit.models import AuditEntry
from interlude.record.clinic import services as clinic
from interlude.record.clinic.models import Chair, Site
from interlude.record.patients.models import Patient
from interlude.record.plans.models import Course
from interlude.record.worklist.models import Task
from tests.record.plans.support import another_patient, booked_series, signed_course


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A local time of March 2026 before the clocks change (Berlin is one hour ahead)."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=1)


@pytest.fixture
def book(noor: Patient, lena: StaffMember, jonas: StaffMember, now: datetime) -> Callable[..., Appointment]:
    def make(starts_at: datetime, **more: Any) -> Appointment:
        given = {"patient": noor, "kind": "consultation", "minutes": 60, "people": [(lena, "physician")]}
        return services.book(by=lena, at=now, starts_at=starts_at, **{**given, **more})

    return make


# second visit on Friday 13-Mar: start | who | chair | what is said | field     (first: 10:00-11:00, lena, Chair 1)
SECOND = """
    09:00 | lena   | 1 | booked                                                  |
    11:00 | lena   | 1 | booked                                                  |
    10:30 | tomasz | 2 | booked                                                  |
    10:30 | lena   | 2 | Lena is taken from 10:00:00 to 11:00:00.                | physician
    10:30 | tomasz | 1 | Chair 1 is taken from 10:00:00 to 11:00:00.             | chair
    09:59 | lena   | 1 | Chair 1 is taken from 10:00:00 to 11:00:00.             | chair
    07:00 | lena   | 1 | open from 08:00:00 to 18:00:00 on 2026-03-13; this visit would end at 08:00:00. | starts_at
    17:30 | lena   | 1 | open from 08:00:00 to 18:00:00 on 2026-03-13; this visit would end at 18:30:00. | starts_at
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip("\n").splitlines()]


@pytest.mark.parametrize("row", rows(SECOND), ids=lambda row: " ".join(row[:3]))
def test_conflicts(
    row: list[str],
    book: Callable[..., Appointment],
    lena: StaffMember,
    tomasz: StaffMember,
    chairs: list[Chair],
) -> None:
    book(at(13, 10), chair=chairs[0])
    who = {"lena": lena, "tomasz": tomasz}[row[1]]
    hour, minute = map(int, row[0].split(":"))
    said, field = "booked", ""
    try:
        book(
            at(13, hour, minute),
            patient=another_patient(1, lena),
            people=[(who, "physician")],
            chair=chairs[int(row[2]) - 1],
        )
    except Refused as refused:
        said, field = str(refused), refused.field
    assert said.endswith(row[3])
    assert field == row[4]
    assert Appointment.objects.count() == (2 if said == "booked" else 1)


def test_a_patient_is_not_in_two_places(book: Callable[..., Appointment], tomasz: StaffMember) -> None:
    book(at(13, 10))
    with pytest.raises(Refused, match="another appointment") as refused:
        book(at(13, 10, 30), people=[(tomasz, "physician")])
    assert refused.value.field == "starts_at"


def test_closed_days_and_the_past(book: Callable[..., Appointment]) -> None:
    with pytest.raises(Refused, match="closed on"):
        book(at(14, 10))  # a Saturday
    with pytest.raises(Refused, match="in the past"):
        book(at(11, 10))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"minutes": 5}, "minutes"),
        ({"minutes": None}, "minutes"),
        ({"people": ()}, "therapist"),
        ({"kind": "party"}, "kind"),
        ({"kind": "infusion"}, "kind"),
        ({"kind": "complementary"}, "element"),
        ({"kind": "complementary", "element": "yoga"}, "element"),
    ],
)
def test_what_is_no_visit(change: dict[str, Any], field: str, book: Callable[..., Appointment]) -> None:
    with pytest.raises(Refused) as refused:
        book(at(13, 10), **change)
    assert refused.value.field == field


def test_people_are_booked_for_their_own_part(book: Callable[..., Appointment], mira: StaffMember) -> None:
    with pytest.raises(Refused, match="cannot be booked"):
        book(at(13, 10), people=[(mira, "nurse")])


def test_a_therapy_visit(book: Callable[..., Appointment], jonas: StaffMember) -> None:
    visit = book(at(13, 10), kind="complementary", element="cbt", people=[(jonas, "therapist")])
    assert (visit.kind, visit.element, visit.chair) == ("complementary", "cbt", None)
    assert AuditEntry.objects.filter(what="appointments.booked").count() == 1


@pytest.fixture
def series(noor: Patient, lena: StaffMember, amal: StaffMember, jonas: StaffMember) -> list[Appointment]:
    course = signed_course(noor, by=lena)
    booked_series(course, by=lena)
    return queries.sessions_of(course)


def test_one_more_session_keeps_the_gaps(
    series: list[Appointment], lena: StaffMember, amal: StaffMember, chairs: list[Chair], now: datetime
) -> None:
    course = series[0].course
    Course.objects.filter(pk=course.pk).update(planned_sessions=4)
    course.refresh_from_db()
    last = series[-1].starts_at
    people = [(lena, "physician"), (amal, "nurse")]
    take: dict[str, Any] = {"patient": course.patient, "kind": "infusion", "course": course, "chair": chairs[0]}
    with pytest.raises(Refused, match="at least 2 are needed") as refused:
        services.book(by=lena, at=now, starts_at=last + timedelta(days=1), people=people, **take)
    assert refused.value.field == "starts_at"
    starts = [last + timedelta(days=days) for days in (2, 3, 4)]
    open_day = next(day for day in starts if day.weekday() < 5)
    visit = services.book(by=lena, at=now, starts_at=open_day, people=people, **take)
    assert visit.number == 4
    with pytest.raises(Refused, match="Every session"):
        services.book(by=lena, at=now, starts_at=open_day + timedelta(days=2), people=people, **take)


def test_moving_takes_the_next_day_visit_along(series: list[Appointment], lena: StaffMember, now: datetime) -> None:
    row = series[0]
    before = queries.integration_after(row)
    moved = services.move(
        by=lena, at=now, appointment=row, starts_at=row.starts_at + timedelta(hours=2), reason_class="patient_wish"
    )
    assert moved.starts_at == row.starts_at + timedelta(hours=2)
    assert queries.integration_after(moved).starts_at == before.starts_at  # the same day: it stays
    step = AppointmentStep.objects.filter(appointment=moved).last()
    assert (step.moved_from, step.reason_class) == (row.starts_at, "patient_wish")
    assert AuditEntry.objects.filter(what="appointments.moved").count() == 1


def test_moving_keeps_the_gaps(series: list[Appointment], lena: StaffMember, now: datetime) -> None:
    with pytest.raises(Refused, match="at most 4") as refused:
        services.move(by=lena, at=now, appointment=series[-1], starts_at=series[-1].starts_at + timedelta(days=14))
    assert refused.value.field == "starts_at"
    assert Appointment.objects.get(pk=series[-1].pk).starts_at == series[-1].starts_at


def test_moving_by_a_day_moves_the_visit_by_a_day(series: list[Appointment], lena: StaffMember, now: datetime) -> None:
    first, before = series[0], queries.integration_after(series[0])
    services.move(by=lena, at=now, appointment=first, starts_at=first.starts_at + timedelta(days=1))
    after = queries.integration_after(Appointment.objects.get(pk=first.pk))
    assert after.starts_at - before.starts_at == timedelta(days=1)


def test_a_visit_that_cannot_move_along_stops_the_move(
    series: list[Appointment], jonas: StaffMember, lena: StaffMember, now: datetime
) -> None:
    first, visit = series[0], queries.integration_after(series[0])
    services.book(
        by=lena, at=now, patient=another_patient(1, lena), kind="complementary", element="cbt",
        starts_at=visit.starts_at + timedelta(days=1), minutes=50, people=[(jonas, "therapist")],
    )  # fmt: skip
    with pytest.raises(Refused, match=r"cannot move along: Jonas is taken") as refused:
        services.move(by=lena, at=now, appointment=first, starts_at=first.starts_at + timedelta(days=1))
    assert refused.value.field == "starts_at"
    assert Appointment.objects.get(pk=first.pk).starts_at == first.starts_at
    assert queries.integration_after(first).starts_at == visit.starts_at


def test_another_nurse_takes_over(
    series: list[Appointment], staff: Callable[..., StaffMember], lena: StaffMember, now: datetime
) -> None:
    ruth = staff("nurse", "ruth")
    row = services.move(by=lena, at=now, appointment=series[0], starts_at=series[0].starts_at, staff=[lena, ruth])
    held = {one.part: (one.staff, one.held_from, one.held_until) for one in row.staffing.select_related("staff")}
    assert held["nurse"] == (ruth, row.starts_at, row.ends_at)
    assert held["physician"][2] - held["physician"][1] == timedelta(minutes=10)


def test_cancelling_a_session_takes_its_visit_along_and_asks_to_plan_again(
    series: list[Appointment], lena: StaffMember, now: datetime
) -> None:
    services.cancel(by=lena, at=now, appointment=series[1], reason_class="patient_ill")
    assert [row.number for row in queries.sessions_of(series[0].course)] == [1, 3]
    assert queries.integration_after(series[1]) is None
    assert Task.objects.filter(key=f"book-series:{series[0].course_id}", state="open").count() == 1
    assert AuditEntry.objects.filter(what="appointments.cancelled").count() == 1
    with pytest.raises(Refused, match="Plan again everything"):
        services.propose_series(by=lena, at=now, course=series[0].course, earliest_on=now.date())


@pytest.mark.parametrize(
    ("reason_class", "note", "field"),
    [("", "", "reason_class"), ("weather", "", "reason_class"), ("other", " ", "note")],
)
def test_cancelling_needs_a_class_of_reason(
    reason_class: str, note: str, field: str, series: list[Appointment], lena: StaffMember, now: datetime
) -> None:
    with pytest.raises(Refused) as refused:
        services.cancel(by=lena, at=now, appointment=series[0], reason_class=reason_class, note=note)
    assert refused.value.field == field


def test_a_freed_place_can_be_booked_again(
    book: Callable[..., Appointment], lena: StaffMember, now: datetime, chairs: list[Chair]
) -> None:
    first = book(at(13, 10), chair=chairs[0])
    services.cancel(by=lena, at=now, appointment=first, reason_class="patient_wish")
    assert book(at(13, 10), chair=chairs[0], patient=another_patient(1, lena)).pk


def test_the_day_and_the_week(book: Callable[..., Appointment], lena: StaffMember, amal: StaffMember) -> None:
    book(at(13, 10))
    book(at(16, 10))
    assert len(queries.day(lena, at(13, 8).date())) == 1
    assert len(queries.days(amal, at(13, 8).date(), 7)) == 2


def test_a_visit_crosses_midnight_only_where_the_clinic_is_open_round_the_clock(
    book: Callable[..., Appointment], now: datetime
) -> None:
    site = Site.objects.get()
    late = at(13, 23, 30)
    clinic.set_opening_hours(by=SYSTEM, at=now, site=site, spans=[(day, time(8), time(23, 59, 59)) for day in range(7)])
    with pytest.raises(Refused, match="would end at 00:30"):
        book(late)
    clinic.set_opening_hours(by=SYSTEM, at=now, site=site, spans=[(day, time(0), time(23, 59, 59)) for day in range(7)])
    assert book(late).ends_at == late + timedelta(minutes=60)
