"""One appointment: moved, cancelled, marked, its driver named; what is wrong stands beside its field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from interlude.domain.refusals import Refused
from interlude.interfaces.staff.calendar.appointment import local_start
from interlude.record.accounts.models import StaffMember
from interlude.record.appointments.models import Appointment
from interlude.record.appointments.queries import sessions_of
from interlude.record.patients.models import Patient
from interlude.record.plans.models import Course, Driver
from interlude.record.plans.queries import driver_of
from tests.record.plans.support import booked_series

SignIn = Callable[[StaffMember], Client]
BERLIN = ZoneInfo("Europe/Berlin")


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip("\n").splitlines()]


@pytest.fixture
def session(signed: Course, lena: StaffMember, today: datetime) -> Appointment:
    booked_series(signed, by=lena, at=today)
    return sessions_of(signed)[0]


def address(name: str, row: Appointment) -> str:
    return reverse(f"staff:{name}", args=[row.pk])


def move_data(row: Appointment, **changes: Any) -> dict[str, Any]:
    local = row.starts_at.astimezone(BERLIN)
    people = {f"move-{one.part}": str(one.staff_id) for one in row.staffing.all()}
    return {
        "move-seen_version": row.version, "move-on_day": local.day, "move-on_month": local.month,
        "move-on_year": local.year, "move-starts_at": local.strftime("%H:%M"), "move-chair": str(row.chair_id),
        **people, **{f"move-{key}": value for key, value in changes.items()},
    }  # fmt: skip


def test_the_page_says_what_comes_before(session: Appointment, as_: SignIn, mira: StaffMember) -> None:
    page = as_(mira).get(address("appointment", session)).content.decode()
    for text in ("No food after", "Water until", "Not named yet", "Integration after it", "held until", "for cleaning"):
        assert text in page
    assert "Allergies" not in page  # front desk has no clinical banner


def test_moving(session: Appointment, as_: SignIn, mira: StaffMember) -> None:
    answer = as_(mira).post(address("appointment_move", session), move_data(session, starts_at="13:15"))
    assert answer.status_code == 302
    moved = Appointment.objects.get(pk=session.pk)
    assert moved.starts_at.astimezone(BERLIN).strftime("%H:%M") == "13:15"
    assert "Moved from" in as_(mira).get(address("appointment", session)).content.decode()


# start typed | what is said beside the field
WRONG_STARTS = """
    06:00 | The clinic is open from 08:00 to 18:00
    17:00 | this visit would end at 19:15
    99:00 | field-error
          | field-error
"""


@pytest.mark.parametrize(
    "row",
    rows(WRONG_STARTS),
    ids=lambda r: r[0],
)
def test_a_time_that_cannot_be(row: list[str], session: Appointment, as_: SignIn, mira: StaffMember) -> None:
    answer = as_(mira).post(address("appointment_move", session), move_data(session, starts_at=row[0]))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert row[1] in page
    assert "There is a problem" in page
    assert Appointment.objects.get(pk=session.pk).starts_at == session.starts_at


def test_a_stale_page_moves_nothing(session: Appointment, as_: SignIn, mira: StaffMember) -> None:
    as_(mira).post(address("appointment_mark", session), {"state": "confirmed", "seen_version": session.version})
    answer = as_(mira).post(address("appointment_move", session), move_data(session, starts_at="13:15"))
    assert answer.status_code == 422
    assert "This appointment was changed meanwhile." in answer.content.decode()


def test_cancelling(session: Appointment, as_: SignIn, mira: StaffMember) -> None:
    url = address("appointment_cancel", session)
    empty = as_(mira).post(url, {"cancel-seen_version": session.version, "cancel-reason_class": ""})
    assert empty.status_code == 422
    assert "Choose why it is cancelled." in empty.content.decode()
    other = as_(mira).post(url, {"cancel-seen_version": session.version, "cancel-reason_class": "other"})
    assert "Write the reason in a few words." in other.content.decode()
    fine = as_(mira).post(url, {"cancel-seen_version": session.version, "cancel-reason_class": "patient_ill"})
    assert fine.status_code == 302
    assert Appointment.objects.get(pk=session.pk).state == "cancelled"


def test_marking(session: Appointment, as_: SignIn, mira: StaffMember) -> None:
    url = address("appointment_mark", session)
    as_(mira).post(url, {"state": "confirmed", "seen_version": session.version})
    assert Appointment.objects.get(pk=session.pk).state == "confirmed"
    for state in ("arrived", "cancelled", "nonsense"):  # the day is not today; the others are no marks
        as_(mira).post(url, {"state": state, "seen_version": session.version + 1})
        assert Appointment.objects.get(pk=session.pk).state == "confirmed"
    as_(mira).post(url, {"state": "missed"})
    assert Appointment.objects.get(pk=session.pk).state == "confirmed"


def test_the_driver(session: Appointment, noor: Patient, as_: SignIn, mira: StaffMember) -> None:
    url = address("appointment_driver", session)
    wrong = as_(mira).post(url, {"driver-name": "Noor Haas", "driver-phone": "030 123456"})
    assert wrong.status_code == 422
    assert "The patient may not drive. Name another person." in wrong.content.decode()
    assert 'value="Noor Haas"' in wrong.content.decode()
    assert not Driver.objects.exists()
    as_(mira).post(url, {"driver-name": "Tom Haas", "driver-phone": "030 123456"})
    assert driver_of(noor, session.pk).name == "Tom Haas"
    assert "Tom Haas" in as_(mira).get(address("appointment", session)).content.decode()


def test_a_therapist_may_not_move(session: Appointment, as_: SignIn, jonas: StaffMember) -> None:
    assert as_(jonas).get(address("appointment", session)).status_code == 200
    assert as_(jonas).post(address("appointment_move", session), move_data(session)).status_code == 403


def next_monday(today: datetime) -> date:
    on = today.astimezone(BERLIN).date()
    return on + timedelta(days=7 - on.weekday())


def booking(today: datetime, lena: StaffMember, **changes: Any) -> dict[str, Any]:
    on = next_monday(today)
    return {
        "kind": "consultation", "on_day": on.day, "on_month": on.month, "on_year": on.year, "starts_at": "10:00",
        "minutes": "50", "chair": "", "physician": str(lena.pk), "nurse": "", "therapist": "", "element": "", **changes,
    }  # fmt: skip


def test_booking_one_visit(noor: Patient, as_: SignIn, mira: StaffMember, lena: StaffMember, today: datetime) -> None:
    url = reverse("staff:book") + f"?patient={noor.pk}"
    assert as_(mira).get(url).status_code == 200
    assert as_(mira).post(url, booking(today, lena)).status_code == 302
    again = as_(mira).post(url, booking(today, lena, starts_at="10:30"))
    assert again.status_code == 422
    assert "The patient has another appointment from 10:00 to 10:50." in again.content.decode()
    assert Appointment.objects.count() == 1


# what is entered | what is said
NOT_BOOKED = """
    physician=    | Choose who sees the patient.
    kind=         | field-error
    minutes=5     | Enter 10 to 480 minutes.
    starts_at=7   | field-error
    on_day=31     | field-error
    on_year=2020  | is in the past
    kind=infusion | field-error
"""


@pytest.mark.parametrize(
    "row",
    rows(NOT_BOOKED),
    ids=lambda r: r[0],
)
def test_what_is_not_booked(
    row: list[str], noor: Patient, as_: SignIn, mira: StaffMember, lena: StaffMember, today: datetime
) -> None:
    name, value = row[0].split("=")
    extra = {"on_month": "2"} if name == "on_day" else {}
    answer = as_(mira).post(
        reverse("staff:book") + f"?patient={noor.pk}", booking(today, lena, **{name: value}, **extra)
    )
    assert answer.status_code == 422
    assert row[1] in answer.content.decode()
    assert not Appointment.objects.exists()


def test_choosing_the_patient(noor: Patient, as_: SignIn, mira: StaffMember) -> None:
    page = as_(mira).get(reverse("staff:book") + "?q=haa").content.decode()
    assert "HAAS, Noor" in page
    assert "Nobody was found." in as_(mira).get(reverse("staff:book") + "?q=zzz").content.decode()


def test_a_time_that_the_clock_skips_is_refused(the_clinic: object) -> None:
    """On 29-Mar-2026 the clock goes from 02:00 to 03:00 in Berlin."""
    with pytest.raises(Refused) as refused:
        local_start({"on": date(2026, 3, 29), "starts_at": time(2, 30)})
    assert refused.value.field == "starts_at"
    assert local_start({"on": date(2026, 3, 29), "starts_at": time(3, 30)}).utcoffset() == timedelta(hours=2)
