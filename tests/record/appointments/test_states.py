"""The table of states is complete, and each step of it is taken or refused as it says."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product

import pytest

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.appointments import services
from interlude.record.appointments.models import Appointment, State
from interlude.record.appointments.states import NEXT, may_become
from interlude.record.audit.models import AuditEntry
from interlude.record.patients.models import Patient


@pytest.fixture
def visit(noor: Patient, lena: StaffMember, now: datetime) -> Appointment:
    """A consultation today, one hour from now."""
    return services.book(
        by=lena,
        at=now,
        patient=noor,
        kind="consultation",
        starts_at=now + timedelta(hours=1),
        minutes=50,
        people=[(lena, "physician")],
    )


def test_every_state_has_a_row() -> None:
    assert set(NEXT) == set(State)
    assert all(target in State.values for targets in NEXT.values() for target in targets)


@pytest.mark.parametrize(("before", "after"), list(product(State.values, State.values)))
def test_each_step(before: str, after: str, visit: Appointment, lena: StaffMember, now: datetime) -> None:
    Appointment.objects.filter(pk=visit.pk).update(state=before)
    later = visit.starts_at + timedelta(minutes=5)
    allowed = may_become(before, after) and after != State.CANCELLED
    if before == after:
        services.mark(by=lena, at=later, appointment=visit, state=after)
        assert visit.steps.count() == 1
    elif allowed:
        row = services.mark(by=lena, at=later, appointment=visit, state=after)
        assert (row.state, visit.steps.count()) == (after, 2)
        assert AuditEntry.objects.filter(what=f"appointments.{after}").count() == 1
    else:
        with pytest.raises(Refused):
            services.mark(by=lena, at=later, appointment=visit, state=after)
        assert visit.steps.count() == 1


# state | when | outcome
WHEN = """
    arrived   | the day before        | Arrival is marked on the day of the appointment.
    arrived   | that day, too early   | fine
    missed    | that day, too early   | It can be missed only once its time has come.
    missed    | one minute late       | fine
    confirmed | the day before        | fine
"""
MOMENTS = {
    "the day before": timedelta(days=-1),
    "that day, too early": timedelta(minutes=-30),
    "one minute late": timedelta(minutes=1),
}


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


@pytest.mark.parametrize("row", rows(WHEN), ids=lambda row: f"{row[0]} {row[1]}")
def test_when(row: list[str], visit: Appointment, lena: StaffMember) -> None:
    outcome = "fine"
    try:
        services.mark(by=lena, at=visit.starts_at + MOMENTS[row[1]], appointment=visit, state=row[0])
    except Refused as refused:
        outcome = str(refused)
    assert outcome == row[2]


def test_a_stale_page_marks_nothing(visit: Appointment, lena: StaffMember, now: datetime) -> None:
    services.mark(by=lena, at=now, appointment=visit, state="confirmed", seen_version=1)
    with pytest.raises(Refused, match="changed meanwhile"):
        services.mark(by=lena, at=now, appointment=visit, state="arrived", seen_version=1)


def test_who_comes_late_after_all_is_received_while_the_place_is_free(
    visit: Appointment, noor: Patient, lena: StaffMember, tomasz: StaffMember
) -> None:
    late = visit.starts_at + timedelta(minutes=20)
    services.mark(by=lena, at=late, appointment=visit, state="missed")
    assert services.mark(by=lena, at=late, appointment=visit, state="arrived").state == "arrived"
