from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from interlude.domain.protocol import load_library
from interlude.record.appointments import services as appointments
from interlude.record.audit.actors import SYSTEM
from interlude.record.audit.models import AuditEntry
from interlude.record.dosing.models import Session
from interlude.record.followup import services, windows
from interlude.record.followup.models import MeasuresPlanned
from interlude.record.measures.models import Assignment, AssignmentState
from tests.record.dosing.builders import Clinic
from tests.record.followup.support import give_session, leave, next_session

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")


def due(**which: object) -> dict[tuple[str, str], datetime]:
    rows = Assignment.objects.filter(**which).exclude(state="withdrawn")
    return {(row.anchor, row.instrument): row.due_at for row in rows}


def test_the_mood_of_the_next_day_hangs_on_the_end_of_the_dose(clinic: Clinic) -> None:
    session = give_session(clinic)
    assert session.stopped_at is not None
    services.plan_measures(by=SYSTEM, at=session.stopped_at, session=session)
    planned = due()
    assert planned["after:1:24h", "vas_mood"] == session.stopped_at + timedelta(hours=24)
    # Questionnaires about two weeks are not asked the day after.
    assert ("after:1:24h", "phq9") not in planned
    assert Assignment.objects.get(instrument="vas_mood").session_id == session.pk


# day after the last session -> PHQ-9 asked
RHYTHM = [(7, True), (14, True), (84, True), (91, False), (112, True), (140, True), (168, True), (196, False)]


@pytest.mark.parametrize(("day", "asked"), RHYTHM)
def test_weekly_to_week_12_then_every_four_weeks_to_month_6(clinic: Clinic, day: int, asked: bool) -> None:
    session = give_session(clinic)
    assert session.stopped_at is not None
    services.plan_measures(by=SYSTEM, at=session.stopped_at, session=session)
    assert ((f"after_last:{day}d", "phq9") in due()) is asked


def test_the_time_of_day_stays_when_the_clocks_change(clinic: Clinic) -> None:
    session = give_session(clinic)  # 12 March; summer time begins on 29 March
    assert session.stopped_at is not None
    services.plan_measures(by=SYSTEM, at=session.stopped_at, session=session)
    planned = due()
    clocks = {planned[f"after_last:{day}d", "phq9"].astimezone(BERLIN).time() for day in (7, 14, 21, 28)}
    assert clocks == {session.stopped_at.astimezone(BERLIN).time()}


def test_planning_again_changes_nothing(clinic: Clinic) -> None:
    session = give_session(clinic)
    assert session.stopped_at is not None
    first = services.plan_measures(by=SYSTEM, at=session.stopped_at, session=session)
    assert first
    count = Assignment.objects.count()
    assert services.plan_measures(by=SYSTEM, at=session.stopped_at, session=session) == []
    assert Assignment.objects.count() == count
    assert MeasuresPlanned.objects.count() == 1
    assert AuditEntry.objects.filter(what="followup.measures.planned").count() == 1


def test_a_running_dose_has_no_anchor_yet(clinic: Clinic) -> None:
    session = clinic.running()
    assert services.plan_measures(by=SYSTEM, at=clinic.at, session=session) == []
    assert not MeasuresPlanned.objects.exists()


def test_the_rhythm_moves_to_the_newest_session(clinic: Clinic) -> None:
    one = leave(clinic, give_session(clinic))
    assert one.stopped_at is not None
    services.plan_measures(by=SYSTEM, at=one.stopped_at, session=one)
    count = Assignment.objects.filter(anchor__startswith="after_last:").count()
    clinic.at += timedelta(days=3)
    two = next_session(clinic, one.course)
    assert two.stopped_at is not None
    services.plan_measures(by=SYSTEM, at=two.stopped_at, session=two)
    assert Assignment.objects.filter(anchor__startswith="after_last:").count() == count
    assert due()["after_last:7d", "phq9"] == two.stopped_at + timedelta(days=7)


def test_before_each_session_and_moving_along(clinic: Clinic) -> None:
    course = clinic.course(clinic.patient(), clinic.version())
    starts_at = clinic.at + timedelta(days=4)
    appointment = clinic.appointment(course, at=starts_at)
    services.plan_before(by=SYSTEM, at=clinic.at, course=course)
    assert due() == {("before:1", "phq9"): starts_at, ("before:1", "gad7"): starts_at}
    appointments.move(by=clinic.nurse, at=clinic.at, appointment=appointment, starts_at=starts_at + timedelta(days=1))
    services.run_due(at=clinic.at)
    assert due(anchor="before:1") == {
        ("before:1", "phq9"): starts_at + timedelta(days=1),
        ("before:1", "gad7"): starts_at + timedelta(days=1),
    }
    appointment.refresh_from_db()
    appointments.cancel(by=clinic.nurse, at=clinic.at, appointment=appointment, reason_class="patient_ill")
    services.run_due(at=clinic.at)
    assert due(anchor="before:1") == {}
    states = set(Assignment.objects.filter(anchor="before:1").values_list("state", flat=True))
    assert states == {AssignmentState.WITHDRAWN}


def test_the_loop_does_each_thing_once(clinic: Clinic) -> None:
    session: Session = give_session(clinic)
    assert session.stopped_at is not None
    for seconds in (0, 20, 40):
        services.run_due(at=session.stopped_at + timedelta(seconds=seconds))
    rows = Assignment.objects.all()
    assert rows.count() == len({(row.anchor, row.instrument) for row in rows})
    count = AuditEntry.objects.count()
    services.run_due(at=session.stopped_at + timedelta(seconds=60))
    assert AuditEntry.objects.count() == count


def test_one_record_that_fails_does_not_hold_up_the_others(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from interlude.record.followup.services import tending

    done = []

    def verb(row: Session) -> None:
        if row.number == 1:
            raise RuntimeError("broken")
        done.append(row.number)

    one = clinic.checked_in()
    two = Session(number=2)
    tending._each([one, two], verb)
    assert done == [2]
    assert "could not be worked on" in caplog.text


@for_all(
    hours=st.floats(min_value=0.25, max_value=24 * 200),
    days=st.integers(min_value=1, max_value=60),
)
def test_every_window_holds_its_due_time(hours: float, days: int) -> None:
    at = datetime(2026, 3, 12, 8, tzinfo=BERLIN)
    for window in (
        windows.after_session(at, hours),
        windows.rhythm(at, days),
        windows.before_session(at),
        windows.intake(at),
    ):
        assert window.opens_at <= window.due_at < window.closes_at


def test_every_protocol_has_questionnaires_that_exist() -> None:
    from interlude.domain.instruments import instruments

    known = {one.code for one in instruments()}
    for protocol in load_library().protocols.values():
        assert {row.instrument for row in protocol.measurement} <= known
        assert any(row.when == "before_each" and row.instrument == "phq9" for row in protocol.measurement)
