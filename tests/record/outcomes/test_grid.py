from __future__ import annotations

from datetime import timedelta

import pytest

from interlude.record.dosing.models import Session
from interlude.record.measures import services as measures
from interlude.record.outcomes import queries
from interlude.record.patients import services as patients
from tests.record.dosing.builders import Clinic
from tests.record.followup.support import give_session, score

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(clinic: Clinic) -> Session:
    """Scored two days before, incompletely the day before; a session; scored two days after; one missing."""
    session = give_session(clinic)
    patient, nurse, at = session.patient, clinic.nurse, clinic.at
    score(nurse, patient, "222222220", at - timedelta(days=2))
    score(nurse, patient, "22222222-", at - timedelta(days=1))
    score(nurse, patient, "111111000", at + timedelta(days=2))
    score(nurse, patient, "3333333", at + timedelta(days=2), "gad7")
    measures.assign(
        by=nurse,
        at=at,
        patient=patient,
        instrument="phq9",
        due_at=at + timedelta(days=5),
        closes_at=at + timedelta(days=6),
        anchor="after_last:5d",
    )
    return session


def test_the_trend_marks_sessions_and_never_bridges_what_is_missing(clinic: Clinic, session: Session) -> None:
    at = clinic.at
    data = queries.trend(clinic.physician, session.patient, "phq9", at + timedelta(days=7))
    days = [(at + timedelta(days=n)).date() for n in (-2, -1, 2, 5)]
    assert data["points"] == [
        {"on": days[0], "value": 16},
        {"on": days[1], "value": None},
        {"on": days[2], "value": 6},
        {"on": days[3], "value": None},
    ]
    assert data["infusions"] == [at.date()]
    assert data["range"] == [0, 27]
    assert [band["to"] for band in data["bands"]] == [4, 9, 14, 19, 27]
    # While it may still be answered it is not missing.
    early = queries.trend(clinic.physician, session.patient, "phq9", at + timedelta(days=5))
    assert len(early["points"]) == 3


def test_the_grid_shows_scores_gaps_and_sessions(clinic: Clinic, session: Session) -> None:
    at = clinic.at
    grid = queries.grid(clinic.physician, session.patient, at + timedelta(days=7))
    assert [(column.on - at.date()).days for column in grid.columns] == [-2, -1, 0, 2, 5]
    assert [column.session.number if column.session else None for column in grid.columns] == [None, None, 1, None, None]
    rows = {row.instrument.code: row for row in grid.rows}
    states = [cell.state for cell in rows["phq9"].cells]
    assert states == ["score", "incomplete", "none", "score", "missing"]
    last = rows["phq9"].cells[3]
    assert (last.total, last.step, last.change.code, last.band) == (6, -10, "response", "Mild")
    assert rows["phq9"].cells[1].total is None
    assert rows["phq9"].cells[0].change.code == "unknown"  # the baseline is compared with nothing
    assert rows["phq9"].latest == last
    assert [cell.state for cell in rows["gad7"].cells] == ["none", "none", "none", "score", "none"]


def test_the_grid_is_empty_for_somebody_who_may_not_see_the_patient(
    clinic: Clinic, session: Session, jonas: object
) -> None:
    hidden = queries.grid(jonas, session.patient, clinic.at + timedelta(days=7))  # type: ignore[arg-type]
    assert (hidden.columns, hidden.rows) == ((), ())


def test_another_patient_sees_nothing(clinic: Clinic, session: Session) -> None:
    from datetime import date

    other = patients.register(
        by=clinic.nurse, at=clinic.at, family_name="Frei", given_name="Ute", born_on=date(1970, 1, 2)
    )
    data = queries.trend(other, session.patient)
    assert (data["points"], data["infusions"]) == ([], [])


@pytest.mark.parametrize("rows", [1, 3])
def test_the_grid_takes_a_constant_number_of_queries(
    clinic: Clinic, rows: int, django_assert_num_queries: object
) -> None:
    session = give_session(clinic)
    for number in range(rows):
        score(clinic.nurse, session.patient, "111000000", clinic.at + timedelta(days=number + 1))
    with django_assert_num_queries(5):  # type: ignore[operator]
        queries.grid(clinic.physician, session.patient, clinic.at + timedelta(days=9))


def test_before_and_after_a_session_of_one_day_are_two_columns(clinic: Clinic) -> None:
    session = give_session(clinic)
    score(clinic.nurse, session.patient, "222222220", clinic.at - timedelta(minutes=30))
    score(clinic.nurse, session.patient, "111000000", clinic.at + timedelta(hours=5))
    grid = queries.grid(clinic.physician, session.patient, clinic.at + timedelta(days=1))
    assert [cell.total for cell in grid.rows[0].cells] == [16, None, 3]
    assert grid.columns[1].session is not None
    assert grid.rows[0].cells[2].change.code == "remission"
