"""From a message to the right chart, or visibly to none."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlude.codecs.mllp import RawFrame
from interlude.domain.refusals import Refused
from interlude.record.audit.models import AuditEntry
from interlude.record.devices import services as devices
from interlude.record.devices.models import Device, DeviceLink, QuarantineItem, RawMessage
from interlude.record.devices.queries import quarantine_count
from interlude.record.dosing import services
from interlude.record.dosing.models import Observation, Session
from interlude.record.dosing.services import charting
from interlude.record.dosing.services.binding import forget_bindings
from tests.record.dosing.builders import Clinic, fresh
from tests.record.dosing.messages import EUI, codes, framed, message, stream

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def monitor(clinic: Clinic) -> Device:
    return devices.add_device(by=clinic.nurse, at=clinic.at, name="Monitor 1", identifiers=[EUI])


@pytest.fixture
def at_chair_1(clinic: Clinic, monitor: Device) -> Session:
    devices.assign(by=clinic.nurse, at=clinic.at - timedelta(hours=3), device=monitor, chair=clinic.chairs[0])
    return clinic.checked_in()


def receive(*frames: RawFrame) -> list[list[str]]:
    return [codes(answer) for answer in services.receive_batch(list(frames))]


def chart(session: Session) -> set[tuple[str, str, str]]:
    rows = Observation.objects.filter(session=session)
    return {(row.kind, str(row.value.normalize()), row.observed_at.isoformat()) for row in rows}


def reasons() -> dict[str, int]:
    return dict(QuarantineItem.objects.values_list("reason_code", "count"))


def test_a_message_enters_the_chart_of_the_session_at_the_chair_whatever_name_it_carries(
    clinic: Clinic, at_chair_1: Session
) -> None:
    at = clinic.at + timedelta(minutes=2)
    assert receive(framed(message(at), at + SECOND)) == [["CA"]]
    rows = {row.kind: row for row in Observation.objects.filter(session=at_chair_1)}
    assert set(rows) == {"heart_rate", "pulse_rate", "spo2", "resp_rate"}
    assert rows["heart_rate"].value == 72
    assert rows["heart_rate"].observed_at == at
    assert rows["heart_rate"].is_device_time
    raw = RawMessage.objects.get()
    assert bytes(raw.body) == message(at)
    assert raw.disposition == "charted"
    assert not QuarantineItem.objects.exists()
    (entry,) = AuditEntry.objects.filter(what="dosing.vitals.received")
    assert entry.patient_id == at_chair_1.patient_id
    assert entry.actor_kind == "device"


def test_the_same_bytes_get_the_same_answer_and_are_stored_once(clinic: Clinic, at_chair_1: Session) -> None:
    at = clinic.at + timedelta(minutes=2)
    frame = framed(message(at, modes="AL|AL"), at)
    again = framed(frame.data, at + timedelta(minutes=1))
    assert receive(frame, again) == [["CA", "AA"], ["CA", "AA"]]
    assert receive(again) == [["CA", "AA"]]
    assert RawMessage.objects.count() == 1
    assert Observation.objects.count() == 4
    assert AuditEntry.objects.filter(what="dosing.vitals.received").count() == 1
    assert DeviceLink.objects.get().last_heard_at == again.received_at


def test_the_same_control_id_with_another_body_is_another_message(clinic: Clinic, at_chair_1: Session) -> None:
    at = clinic.at + timedelta(minutes=2)
    first = framed(message(at, control_id="79"), at)
    second = framed(message(at + SECOND, control_id="79"), at + SECOND)
    assert receive(first, second) == [["CA"], ["CA"]]
    assert RawMessage.objects.count() == 2
    assert Observation.objects.filter(kind="heart_rate").count() == 2


def test_a_cuff_value_that_is_repeated_every_second_is_charted_once_at_its_own_time(
    clinic: Clinic, at_chair_1: Session
) -> None:
    start = clinic.at + timedelta(minutes=2)
    services.receive_batch(stream(start, 130))
    rows = list(Observation.objects.filter(kind="nibp_sys").order_by("observed_at"))
    assert [(row.value, row.observed_at) for row in rows] == [
        (120 + minute, start + timedelta(minutes=minute)) for minute in range(3)
    ]


@pytest.fixture
def second_patient(clinic: Clinic, at_chair_1: Session) -> tuple[Session, Session]:
    """The first patient leaves at minute 30; the next one sits down on the same chair at minute 40."""
    left = clinic.at + timedelta(minutes=30)
    services.cancel_session(by=clinic.nurse, at=left, session=at_chair_1, reason="unwell")
    clinic_later = Clinic(
        clinic.physician, clinic.second, clinic.nurse, clinic.chairs, clinic.lot, clinic.at + timedelta(minutes=40)
    )
    return fresh(at_chair_1), clinic_later.checked_in("Berg")


@pytest.mark.parametrize(
    ("measured_min", "received_min", "whose", "reason"),
    [
        (10, 10, "first", None),
        (10, 12, "first", None),  # a message that comes two minutes late
        (35, 35, None, "no-session"),  # between the two patients
        (41, 41, "second", None),
        (39, 41, None, "session-unclear"),  # by its own clock before check-in, by ours after it
        (37, 41, None, "session-unclear"),
        (29, 33, None, "session-unclear"),  # by its own clock before the end, by ours after it
        (29, 41, None, "clock-jumped"),  # held up for twelve minutes, and somebody else sits there now
        (10, 45, None, "clock-jumped"),
    ],
)
def test_a_reading_goes_to_whoever_sat_there_when_it_was_measured_or_to_nobody(
    clinic: Clinic,
    second_patient: tuple[Session, Session],
    measured_min: float,
    received_min: float,
    whose: str | None,
    reason: str | None,
) -> None:
    before = clinic.at + timedelta(seconds=5)
    receive(framed(message(before, {}), before))  # so far the clock was right
    measured = clinic.at + timedelta(minutes=measured_min)
    received = clinic.at + timedelta(minutes=received_min)
    receive(framed(message(measured, {"heart_rate": 72}), received))
    first, second = second_patient
    assert (first.observations.count(), second.observations.count()) == {
        None: (0, 0),
        "first": (1, 0),
        "second": (0, 1),
    }[whose]
    assert list(reasons()) == ([reason] if reason else [])


def test_a_heap_of_messages_that_were_held_up_is_not_charted_as_now(clinic: Clinic, at_chair_1: Session) -> None:
    start = clinic.at + timedelta(minutes=1)
    services.receive_batch(stream(start, 30))
    charted = Observation.objects.count()
    back = start + timedelta(minutes=12)
    held_up = [
        framed(frame.data, back + n * timedelta(milliseconds=20))
        for n, frame in enumerate(stream(start + timedelta(seconds=30), 60))
    ]
    services.receive_batch(held_up)
    assert Observation.objects.count() == charted
    assert set(reasons()) == {"clock-jumped"}
    assert RawMessage.objects.count() == 90


def test_a_clock_that_has_jumped_for_good_is_followed_after_some_messages(clinic: Clinic, at_chair_1: Session) -> None:
    start = clinic.at + timedelta(minutes=1)
    services.receive_batch(stream(start, 30))
    jump = timedelta(days=400)
    received = start + timedelta(seconds=30)
    services.receive_batch(
        [framed(message(received - jump + n * SECOND, {"heart_rate": 66}), received + n * SECOND) for n in range(30)]
    )
    rows = Observation.objects.filter(value=66)
    assert rows.count() == 30 - reasons()["clock-jumped"] >= 20
    assert not rows.filter(is_device_time=True).exists()


def test_an_old_cuff_value_of_the_patient_before_enters_no_chart(
    clinic: Clinic, second_patient: tuple[Session, Session]
) -> None:
    now, measured = clinic.at + timedelta(minutes=41), clinic.at + timedelta(minutes=33)
    receive(framed(message(now, {"spo2": 97}, cuff=(181, 102), cuff_at=measured), now))
    first, second = second_patient
    assert chart(second) == {("spo2", "97", now.isoformat())}
    assert not first.observations.exists()
    assert reasons() == {"no-session": 2}
    assert RawMessage.objects.get().disposition == "partly"


def test_a_monitor_that_moves_takes_its_readings_along(clinic: Clinic, monitor: Device, at_chair_1: Session) -> None:
    other = clinic.checked_in("Berg", chair=1)
    moved = clinic.at + timedelta(minutes=10)
    before, after = moved - timedelta(seconds=30), moved + timedelta(seconds=30)
    receive(framed(message(before, {"spo2": 96}), before))
    devices.assign(by=clinic.nurse, at=moved, device=monitor, chair=clinic.chairs[1])
    receive(framed(message(after, {"spo2": 99}), after))
    assert chart(at_chair_1) == {("spo2", "96", before.isoformat())}
    assert chart(other) == {("spo2", "99", after.isoformat())}


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ({"eui": "FFFFFFFFFFFFFFFF"}, "device-unknown"),
        ({"processing": "T"}, "test-message"),
        ({"flag": "DEMO"}, "test-data"),
        ({"flag": "TEST"}, "test-data"),
        ({"flag": "INV"}, "flagged-invalid"),
        ({"values": {"heart_rate": 8388607}}, "sentinel"),
        ({"values": {"heart_rate": -999}}, "sentinel"),
        ({"values": {"heart_rate": 0}}, "zero-sensor-off"),
        ({"values": {"spo2": 384.5}}, "implausible"),
        ({"values": {"heart_rate": "abc"}}, "value-not-a-number"),
        ({"values": {}, "cuff": (80, 120)}, "pressure-order"),
    ],
)
def test_what_is_not_safe_is_held_with_its_reason(
    clinic: Clinic, at_chair_1: Session, made: dict[str, Any], reason: str
) -> None:
    at = clinic.at + timedelta(minutes=2)
    made = {"values": {"heart_rate": 72}, **made}
    assert receive(framed(message(at, **made), at)) == [["CA"]]
    assert not Observation.objects.exists()
    assert list(reasons()) == [reason]
    assert RawMessage.objects.get().disposition == "quarantined"


def test_code_name_and_unit_have_to_agree(clinic: Clinic, at_chair_1: Session) -> None:
    at = clinic.at + timedelta(minutes=2)
    wrong_name = message(at).replace(b"150456^MDC_PULS_OXIM_SAT_O2", b"150456^CO2_ET")
    wrong_unit = message(at + SECOND, {"spo2": 35}).replace(b"262688^MDC_DIM_PERCENT", b"266016^MDC_DIM_MMHG")
    receive(framed(wrong_name, at), framed(wrong_unit, at + SECOND))
    assert not Observation.objects.filter(kind="spo2").exists()
    assert reasons() == {"name-disagrees": 1, "unit-disagrees": 1}


@pytest.mark.parametrize("standing", ["nowhere", "empty chair"])
def test_a_device_without_a_session_is_held_as_one_line_with_a_count(
    clinic: Clinic, monitor: Device, standing: str
) -> None:
    if standing == "empty chair":
        devices.assign(by=clinic.nurse, at=clinic.at, device=monitor, chair=clinic.chairs[0])
    services.receive_batch(stream(clinic.at, 20))
    services.receive_batch(stream(clinic.at + timedelta(seconds=20), 20))
    (line,) = QuarantineItem.objects.all()
    assert line.reason_code == ("device-unassigned" if standing == "nowhere" else "no-session")
    assert line.count == quarantine_count() == 40 * 5
    assert line.device == monitor
    assert RawMessage.objects.count() == 40


def test_a_factory_clock_is_not_believed(clinic: Clinic, at_chair_1: Session) -> None:
    factory, received = datetime.fromisoformat("2013-01-03T00:00:10+00:00"), clinic.at + timedelta(minutes=9)
    old = factory - timedelta(minutes=4)
    receive(framed(message(factory, {"heart_rate": 70}, cuff=(121, 79), cuff_at=old), received))
    rows = {row.kind: row for row in Observation.objects.all()}
    assert rows["heart_rate"].observed_at == received
    assert rows["nibp_sys"].observed_at == received - timedelta(minutes=4)
    assert not any(row.is_device_time for row in rows.values())
    assert "clock-off" in rows["heart_rate"].flags
    later = factory + SECOND
    receive(framed(message(later, {"heart_rate": 70}, cuff=(121, 79), cuff_at=old), received + timedelta(seconds=1.02)))
    assert Observation.objects.filter(kind="nibp_sys").count() == 1
    assert Observation.objects.filter(kind="heart_rate").count() == 2


@pytest.mark.parametrize(
    ("data", "faults", "answer"),
    [
        (b"this is no message", (), ["AR"]),
        (b"", (), ["AR"]),
        (b"MSH|^~\\&|MON", ("unfinished",), []),
        (b"GET / HTTP/1.1", ("junk",), []),
    ],
)
def test_garbage_is_kept_and_answered_by_the_rules(
    clinic: Clinic, data: bytes, faults: tuple[str, ...], answer: list[str]
) -> None:
    assert receive(framed(data, clinic.at, faults)) == [answer]
    assert bytes(RawMessage.objects.get().body) == data
    assert QuarantineItem.objects.count() == 1


@pytest.mark.parametrize(
    ("modes", "answer"), [("AL|NE", ["CA"]), ("|", ["AE"]), ("AL|AL", ["CA", "AE"]), ("NE|AL", ["AE"])]
)
def test_a_failure_inside_charting_keeps_the_message_and_harms_no_other(
    clinic: Clinic, at_chair_1: Session, monkeypatch: pytest.MonkeyPatch, modes: str, answer: list[str]
) -> None:
    at = clinic.at + timedelta(minutes=2)
    frames = [framed(message(at + n * SECOND, {"heart_rate": 70 + n}, modes=modes), at + n * SECOND) for n in range(3)]
    real = charting.observation_of

    def failing(message: Any, reading: Any, bound: Any) -> Any:
        if reading.value == 71:
            raise ZeroDivisionError
        return real(message, reading, bound)

    monkeypatch.setattr(charting, "observation_of", failing)
    good = receive(frames[0])[0]
    assert receive(*frames) == [good, answer, [code.replace("E", "A") for code in answer]]
    assert sorted(Observation.objects.values_list("value", flat=True)) == [70, 72]
    assert RawMessage.objects.count() == 3
    assert RawMessage.objects.get(disposition="failed").answer_code == " ".join(answer)
    assert reasons() == {"could-not-be-charted": 1}
    monkeypatch.undo()
    assert receive(frames[1]) == [answer]  # the same bytes, the same answer
    assert RawMessage.objects.count() == 3


def test_when_nothing_can_be_stored_nothing_is_and_nobody_is_told_otherwise(
    clinic: Clinic, at_chair_1: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_messages: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("interlude.record.dosing.services.ingest.store_messages", failing)
    with pytest.raises(OSError, match="no space left"):
        services.receive_batch([framed(message(clinic.at), clinic.at)])
    assert not RawMessage.objects.exists()
    assert not Observation.objects.exists()


def _everything(session: Session) -> tuple[Any, ...]:
    """The chart, in its own order."""
    rows = session.observations.order_by("kind", "observed_at", "value")
    return tuple(rows.values_list("kind", "value", "observed_at", "unit", "is_device_time", "flags"))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), batch=st.integers(1, 40))
def test_any_order_and_repetition_of_a_stream_gives_the_same_chart(
    clinic: Clinic, at_chair_1: Session, seed: int, batch: int
) -> None:
    from django.db import connection, transaction

    frames = stream(clinic.at + timedelta(minutes=1), 75)
    charts = []
    for shuffled in (frames, _mixed(frames, seed)):
        with transaction.atomic():
            for first in range(0, len(shuffled), batch):
                services.receive_batch(shuffled[first : first + batch])
            charts.append(_everything(at_chair_1))
            assert RawMessage.objects.count() == len(frames)
            transaction.set_rollback(True)
        forget_bindings()
    assert charts[0] == charts[1]
    assert len(charts[0]) == 75 * 3 + 2 * 2
    assert connection.in_atomic_block


def _mixed(frames: list[RawFrame], seed: int) -> list[RawFrame]:
    chance = random.Random(seed)
    mixed = [*frames, *chance.choices(frames, k=30)]
    chance.shuffle(mixed)
    return mixed


def test_bindings_are_read_again_after_each_change(
    clinic: Clinic, monitor: Device, django_assert_num_queries: Any
) -> None:
    at = clinic.at + timedelta(minutes=2)
    receive(framed(message(at, {"spo2": 96}), at))
    assert not Observation.objects.exists()
    devices.assign(by=clinic.nurse, at=clinic.at, device=monitor, chair=clinic.chairs[0])
    session = clinic.checked_in()
    receive(framed(message(at + SECOND, {"spo2": 97}), at + SECOND))
    assert session.observations.count() == 1
    services.cancel_session(by=clinic.nurse, at=at + 2 * SECOND, session=session, reason="unwell")
    receive(framed(message(at + 3 * SECOND, {"spo2": 98}), at + 3 * SECOND))
    assert session.observations.count() == 1


def test_the_number_of_queries_does_not_grow_with_the_batch(
    clinic: Clinic, at_chair_1: Session, django_assert_max_num_queries: Any
) -> None:
    frames = stream(clinic.at + timedelta(minutes=1), 40)
    services.receive_batch(frames[:1])
    for part in (frames[1:4], frames[4:]):
        with django_assert_max_num_queries(14):
            services.receive_batch(part)


def test_a_second_session_on_a_taken_chair_is_refused(clinic: Clinic, at_chair_1: Session) -> None:
    with pytest.raises(Refused) as refused:
        clinic.checked_in("Berg", chair=0)
    assert refused.value.field == "chair"
    assert Session.objects.count() == 1
