"""Every number has an age, and unknown is never shown as normal."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlude.domain.refusals import Refused
from interlude.record.accounts.models import StaffMember
from interlude.record.devices import services as devices
from interlude.record.dosing import services
from interlude.record.dosing.kinds import VITAL_KINDS
from interlude.record.dosing.models import Observation, Session
from interlude.record.dosing.queries import chart, snapshot, vitals_now
from interlude.record.dosing.queries.vitals import link_json, vitals_from
from tests.record.dosing.builders import Clinic, fresh
from tests.record.dosing.messages import EUI, framed, message, stream

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(clinic: Clinic) -> Session:
    monitor = devices.add_device(by=clinic.nurse, at=clinic.at, name="Monitor 1", identifiers=[EUI])
    devices.assign(by=clinic.nurse, at=clinic.at, device=monitor, chair=clinic.chairs[0])
    return clinic.running()


def typed(session: Session, clinic: Clinic, at: datetime, **values: int) -> None:
    services.chart_vitals(
        by=clinic.nurse, at=at, session=session, values={k: Decimal(v) for k, v in values.items()}, observed_at=at
    )


LEVELS = """
    kind      | value | state
    nibp_sys  | 120   | normal
    nibp_sys  | 150   | outside
    nibp_sys  | 160   | outside
    nibp_sys  | 180   | critical
    nibp_dia  | 99    | normal
    nibp_dia  | 100   | outside
    nibp_dia  | 110   | critical
    heart_rate| 72    | normal
    heart_rate| 111   | outside
    heart_rate| 131   | critical
    heart_rate| 49    | outside
    heart_rate| 39    | critical
    spo2      | 94    | normal
    spo2      | 93    | outside
    spo2      | 89    | critical
    resp_rate | 9     | outside
    resp_rate | 7     | critical
    temperature | 37  | unknown_range
    nibp_mean | 90    | unknown_range
"""


@pytest.mark.parametrize("row", [row.split("|") for row in LEVELS.strip().splitlines()[1:]], ids=lambda r: "-".join(r))
def test_how_a_value_lies_to_the_limits_of_the_protocol(clinic: Clinic, session: Session, row: list[str]) -> None:
    """Baseline is 124/78: 150 mmHg is a rise of more than 20 %."""
    kind, value, state = (cell.strip() for cell in row)
    at = clinic.at + timedelta(minutes=5)
    typed(session, clinic, at, **{kind: int(value)})
    found = vitals_now(session, at)[kind]
    assert (found.value, found.state) == (Decimal(value), state)


def test_without_an_approved_protocol_no_value_is_normal(clinic: Clinic) -> None:
    course = clinic.course(clinic.patient(), clinic.version(approved=False))
    session = services.open_session(by=clinic.nurse, at=clinic.at, appointment=clinic.appointment(course))
    typed(session, clinic, clinic.at, nibp_sys=120, nibp_dia=80, heart_rate=70, spo2=98, resp_rate=14)
    states = {kind: vital.state for kind, vital in vitals_now(session, clinic.at).items()}
    assert set(states.values()) == {"unknown_range"}


def test_what_was_not_measured_says_so(clinic: Clinic) -> None:
    session = clinic.checked_in()
    found = vitals_now(session, clinic.at)
    assert {vital.state for vital in found.values()} == {"not_measured"}
    assert {"nibp_sys", "nibp_dia", "heart_rate", "spo2", "resp_rate"} == set(found)


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(sorted(VITAL_KINDS)),
    value=st.decimals(-1000, 1000, places=3, allow_nan=False, allow_infinity=False),
    age_s=st.integers(0, 3600),
    flags=st.sampled_from(["", "questionable", "early", "alarm-active"]),
    approved=st.booleans(),
)
def test_no_path_makes_unknown_old_or_questionable_normal(
    kind: str, value: Decimal, age_s: int, flags: str, approved: bool
) -> None:
    from interlude.domain.protocol import load_library
    from interlude.record.dosing.queries import vitals

    now = datetime.fromisoformat("2026-03-12T09:00:00+00:00")
    protocol = load_library().protocol("trd-iv")
    pinned, vitals.pinned = vitals.pinned, lambda _session: protocol  # type: ignore[attr-defined]
    try:
        session = Session(phase="infusing", started_at=now - timedelta(hours=1), route="iv")
        at = now - timedelta(seconds=age_s)
        row = Observation(
            kind=kind, value=value, observed_at=at, seen_at=at, received_at=at, source="typed", flags=flags
        )
        found = vitals_from(session, now, {kind: row}, baseline={}, approved=approved)[kind]
    finally:
        vitals.pinned = pinned  # type: ignore[attr-defined]
    if found.state == "normal":
        assert approved
        assert found.freshness != "blank"
        assert VITAL_KINDS[kind].fact
        assert flags not in ("questionable", "early")
    if found.freshness == "blank":
        assert (found.value, found.state) == (None, "not_measured")
        assert found.last_value == value


@pytest.mark.parametrize(
    ("age_s", "freshness"), [(0, "fresh"), (3, "fresh"), (3.5, "overdue"), (10, "overdue"), (10.5, "blank")]
)
def test_a_continuous_feed_ages_in_seconds(clinic: Clinic, session: Session, age_s: float, freshness: str) -> None:
    at = clinic.at + timedelta(minutes=5)
    services.receive_batch([framed(message(at), at)])
    now = at + timedelta(seconds=age_s)
    vital = vitals_now(session, now)["heart_rate"]
    assert vital.freshness == freshness
    assert (vital.value is None) == (freshness == "blank")
    (link,) = link_json(session, now)
    assert link["is_heard"] == (age_s <= 3)


@pytest.mark.parametrize(
    ("age_min", "freshness"), [(0, "fresh"), (10, "fresh"), (10.1, "overdue"), (20, "overdue"), (20.1, "blank")]
)
def test_a_cuff_ages_by_the_protocols_interval_however_alive_the_link_is(
    clinic: Clinic, session: Session, age_min: float, freshness: str
) -> None:
    measured = clinic.at + timedelta(minutes=5)
    services.receive_batch([framed(message(measured, cuff=(130, 85)), measured)])
    now = measured + timedelta(minutes=age_min)
    services.receive_batch([framed(message(now, cuff=(130, 85), cuff_at=measured), now)])
    found = vitals_now(session, now)
    assert found["nibp_sys"].freshness == freshness
    assert found["heart_rate"].freshness == "fresh"


def test_a_device_clock_that_is_off_makes_no_live_value_look_old(clinic: Clinic, session: Session) -> None:
    now = clinic.at + timedelta(minutes=5)
    slow = now - timedelta(seconds=100)
    services.receive_batch([framed(message(slow, {"heart_rate": 72}), now)])
    vital = vitals_now(session, now + timedelta(seconds=1))["heart_rate"]
    assert vital.observed_at == slow
    assert vital.freshness == "fresh"
    assert vital.age_s(now + timedelta(seconds=1)) == 1


def test_a_late_message_does_not_hide_a_newer_value(clinic: Clinic, session: Session) -> None:
    at = clinic.at + timedelta(minutes=5)
    newer, older = at, at - timedelta(seconds=20)
    services.receive_batch([framed(message(newer, {"spo2": 97}), at)])
    services.receive_batch([framed(message(older, {"spo2": 88}), at + timedelta(seconds=1))])
    assert vitals_now(session, at + timedelta(seconds=1))["spo2"].value == 97


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"nibp_sys": "500"}, "nibp_sys"),
        ({"heart_rate": "7"}, "heart_rate"),
        ({"nibp_sys": "80", "nibp_dia": "80"}, "nibp_dia"),
        ({"spo2": "101"}, "spo2"),
        ({"spo2": "97.1234"}, "spo2"),
        ({"weight": "70"}, "kind"),
    ],
)
def test_impossible_values_are_refused_beside_their_field_and_nothing_is_charted(
    clinic: Clinic, session: Session, values: dict[str, str], field: str
) -> None:
    before = Observation.objects.count()
    with pytest.raises(Refused) as refused:
        services.chart_vitals(
            by=clinic.nurse,
            at=clinic.at,
            session=session,
            values={"resp_rate": Decimal(14)} | {kind: Decimal(value) for kind, value in values.items()},
        )
    assert refused.value.field == field
    assert Observation.objects.count() == before


@pytest.mark.parametrize(("minutes", "why"), [(1, "in the future"), (-1, "before the patient was checked in")])
def test_times_outside_the_session_are_refused(clinic: Clinic, session: Session, minutes: int, why: str) -> None:
    at = clinic.at + timedelta(minutes=0 if minutes < 0 else 5)
    with pytest.raises(Refused, match=why) as refused:
        services.chart_vital(
            by=clinic.nurse,
            at=at,
            session=session,
            kind="spo2",
            value=Decimal(97),
            observed_at=at + timedelta(minutes=minutes),
        )
    assert refused.value.field == "observed_at"


def test_typed_values_of_one_instant_are_charted_once(clinic: Clinic, session: Session) -> None:
    at = clinic.at + timedelta(minutes=3)
    for _tap in range(2):
        typed(session, clinic, at, nibp_sys=131, nibp_dia=84)
    assert Observation.objects.filter(session=session, value=131).count() == 1


def test_events_and_scores_are_logged_with_their_minute(clinic: Clinic, session: Session, jonas: StaffMember) -> None:
    at = clinic.at + timedelta(minutes=12)
    tapped = at - timedelta(seconds=4)
    event = services.log_event(by=jonas, at=at, session=session, kind="dissociation", event_at=tapped)
    assert event.at == tapped
    with pytest.raises(Refused, match="Write what happened"):
        services.log_event(by=jonas, at=at, session=session, kind="words")
    answers = dict.fromkeys(("1", "2", "6", "7", "15", "22"), 2)
    row = services.record_score(by=jonas, at=at, session=session, scale="cadss6", answers=answers)
    assert row.total == 12
    with pytest.raises(Refused, match="every item"):
        services.record_score(by=jonas, at=at, session=session, scale="cadss6", answers={**answers, "22": None})


def test_the_chart_keeps_the_extremes_of_every_ten_seconds(clinic: Clinic, session: Session) -> None:
    start = clinic.at + timedelta(minutes=2)
    frames = stream(start, 120)
    dip = start + timedelta(seconds=44)
    frames[44] = framed(message(dip, {"spo2": 81}), dip)
    services.receive_batch(frames)
    data = chart(session, start + timedelta(seconds=120))
    series = {one["id"]: one for one in data["series"]}
    dips = [value for _second, value in series["spo2"]["points"]]
    assert min(dips) == 81
    assert len(dips) <= 2 * 13
    assert [60.0, 120.0, 80.0] in series["bp"]["points"]
    assert data["rate"]["segments"] == [{"from_s": 0.0, "to_s": None, "value": 52.5}]
    assert data["now_s"] == 180
    line = data["forecast"]["lines"][0]
    assert line["past"][-1][0] == line["future"][0][0] == line["if_stopped"][0][0] == 180
    assert line["past"][-1][1] == line["future"][0][1]
    assert max(v for _t, v in line["future"]) > max(v for _t, v in line["if_stopped"])


def test_the_snapshot_tells_what_was_given_and_where_the_levels_stand(clinic: Clinic, session: Session) -> None:
    now = clinic.at + timedelta(minutes=41)  # minute 40 of the infusion
    data = snapshot(session, now)
    assert data["dose"]["given_mg"] == data["dose"]["ordered_mg"] == "35"
    assert data["dose"]["given_mg_per_kg"] == "0.5"
    assert data["rate"]["rates"]["mg_per_kg_per_h"] == "0.75"
    assert data["rate"]["rates"]["ml_per_h"] == "5.25"
    assert not data["rate"]["pump_is_confirmed"]
    # The published check of this model and effect site: 253 ng/mL plasma, 107 ng/mL S-ketamine at minute 40.
    assert data["levels"]["cp_ng_per_ml"] == pytest.approx(253, abs=1)
    assert data["levels"]["ce_s_ng_per_ml"] == pytest.approx(107, abs=1)


def test_the_number_of_queries_does_not_grow_with_what_is_charted(
    clinic: Clinic, session: Session, django_assert_max_num_queries: Any
) -> None:
    start = clinic.at + timedelta(minutes=2)
    for seconds in (1, 180):
        services.receive_batch(stream(start + timedelta(seconds=seconds), seconds))
        services.log_event(by=clinic.nurse, at=start, session=session, kind="calm")
        now = start + timedelta(minutes=8)
        row = fresh(session)
        with django_assert_max_num_queries(16):
            snapshot(row, now)
        with django_assert_max_num_queries(8):
            chart(row, now)
