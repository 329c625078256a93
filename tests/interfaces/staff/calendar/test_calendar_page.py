"""Day and week, by chair and by person, on the screen and on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from interlude.interfaces.staff.calendar.board import Column, day_table, lanes
from interlude.record.accounts.models import StaffMember
from interlude.record.appointments import services
from interlude.record.appointments.models import Appointment
from interlude.record.clinic.models import Chair
from interlude.record.patients.models import Patient
from tests.record.plans.support import another_patient

SignIn = Callable[[StaffMember], Client]
BERLIN = ZoneInfo("Europe/Berlin")


def next_monday(today: datetime) -> date:
    on = today.astimezone(BERLIN).date()
    return on + timedelta(days=7 - on.weekday())


@pytest.fixture
def book(lena: StaffMember, today: datetime) -> Callable[..., Appointment]:
    def make(patient: Patient, hour: int, days: int = 0, **more: Any) -> Appointment:
        on = next_monday(today) + timedelta(days=days)
        starts_at = datetime(on.year, on.month, on.day, hour, tzinfo=BERLIN)
        given: dict[str, Any] = {"kind": "consultation", "minutes": 50, "people": [(lena, "physician")]}
        return services.book(by=lena, at=today, patient=patient, starts_at=starts_at, **{**given, **more})

    return make


def page(client: Client, today: datetime, **query: str) -> str:
    address = reverse("staff:calendar") + f"?on={next_monday(today)}&" + "&".join(f"{k}={v}" for k, v in query.items())
    return client.get(address).content.decode()


@pytest.mark.parametrize("view", ["day", "week"])
@pytest.mark.parametrize("by", ["chair", "person"])
def test_an_appointment_is_seen(
    view: str, by: str, book: Callable[..., Appointment], noor: Patient, as_: SignIn, mira: StaffMember, today: datetime
) -> None:
    row = book(noor, 10)
    text = page(as_(mira), today, view=view, by=by)
    assert "HAAS, Noor" in text
    assert "10:00" in text
    assert reverse("staff:appointment", args=[row.pk]) in text


def test_a_therapist_sees_the_own_patients_only(
    book: Callable[..., Appointment], noor: Patient, as_: SignIn, jonas: StaffMember, lena: StaffMember, today: datetime
) -> None:
    book(noor, 10)
    book(another_patient(1, lena), 12, people=[(jonas, "therapist")], kind="integration")
    text = page(as_(jonas), today)
    assert "HAAS, Noor" not in text
    assert "FAMILY1, Given1" in text


def test_a_closed_day_says_so(as_: SignIn, mira: StaffMember, today: datetime) -> None:
    sunday = next_monday(today) - timedelta(days=1)
    text = as_(mira).get(reverse("staff:calendar") + f"?on={sunday}").content.decode()
    assert "The clinic is closed on this day" in text


def test_a_wrong_day_shows_today(as_: SignIn, mira: StaffMember) -> None:
    assert as_(mira).get(reverse("staff:calendar") + "?on=yesterday").status_code == 200


def test_the_day_on_paper(
    book: Callable[..., Appointment], noor: Patient, as_: SignIn, mira: StaffMember, today: datetime
) -> None:
    book(noor, 10)
    pdf = as_(mira).get(reverse("staff:calendar_print") + f"?on={next_monday(today)}")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")


@pytest.mark.parametrize("view", ["day", "week"])
def test_as_many_queries_for_one_row_as_for_three(
    view: str,
    book: Callable[..., Appointment],
    noor: Patient,
    lena: StaffMember,
    as_: SignIn,
    mira: StaffMember,
    today: datetime,
    chairs: list[Chair],
    django_assert_max_num_queries: Any,
) -> None:
    client = as_(mira)
    counts = []
    for patients in ([noor], [another_patient(1, lena), another_patient(2, lena)]):
        for number, patient in enumerate(patients):
            book(patient, 9 + 2 * number + len(counts), chair=chairs[number])
        page(client, today, view=view)
        with django_assert_max_num_queries(16) as asked:
            page(client, today, view=view)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 12, hour, minute, tzinfo=UTC)


def stay(start: datetime, end: datetime) -> Any:
    """As much of an appointment as the timetable's geometry looks at."""
    staffing = SimpleNamespace(all=list)
    patient = SimpleNamespace(family_name="Haas", given_name="Noor")
    return SimpleNamespace(
        starts_at=start, ends_at=end, pk=start, kind="consultation", number=None, state="booked",
        staffing=staffing, patient=patient, get_kind_display=lambda: "Consultation",
    )  # fmt: skip


def test_what_overlaps_stands_side_by_side() -> None:
    rows = [stay(at(8), at(9)), stay(at(8, 30), at(9, 30)), stay(at(9), at(10))]
    found = lanes(Column("", "", rows))
    assert [[row.starts_at for row in lane] for lane in found] == [[at(8), at(9)], [at(8, 30)]]
    assert lanes(Column("", "")) == [[]]


def test_each_row_of_the_timetable_covers_every_column() -> None:
    columns = [Column("a", "A", [stay(at(7, 50), at(9, 5)), stay(at(9, 15), at(10))]), Column("b", "B")]
    table = day_table(columns, {}, 8 * 60, 12 * 60, date(2026, 3, 12), ZoneInfo("UTC"))
    covered = [0] * len(table["rows"])
    for index, row in enumerate(table["rows"]):
        for cell in row["cells"]:
            for line in range(index, index + cell["span"]):
                covered[line] += 1
    assert set(covered) == {2}
    assert table["rows"][0]["label"] == "07:00"  # widened for the early visit
