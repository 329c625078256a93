"""The dose from start to stop, as a nurse records it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlude.domain.refusals import Refused
from interlude.domain.units import RateSegment as Part
from interlude.domain.units import amount_given_micrograms
from interlude.record.accounts.models import StaffMember
from interlude.record.audit.models import AuditEntry
from interlude.record.dosing import services
from interlude.record.dosing.models import Session
from interlude.record.dosing.queries import given_ug, preview, segments_of
from interlude.record.stock.models import LedgerRow
from interlude.record.stock.queries import left_to_discard_ug
from tests.record.dosing.builders import PASSWORD, Clinic, fresh, make_lot, newest

pytestmark = pytest.mark.django_db


def minute(clinic: Clinic, number: float) -> datetime:
    """Minutes after the start, which is one minute after check-in."""
    return clinic.at + timedelta(minutes=1 + number)


def test_an_infusion_starts_at_the_planned_rate_with_vial_and_order(clinic: Clinic) -> None:
    session = clinic.running()
    assert session.phase == "infusing"
    assert session.dose_ug == 35_000
    assert newest(session).rate_mg_per_h == Decimal("52.5")
    assert session.concentration_mg_per_ml == Decimal(10)
    assert session.lot == clinic.lot
    assert fresh(session).course.state == "running"
    assert newest(session).pump_confirmed_at is None


def test_each_verb_leaves_one_audit_entry_of_its_own(clinic: Clinic) -> None:
    session = clinic.running()
    before = AuditEntry.objects.count()
    services.confirm_pump(by=clinic.nurse, at=minute(clinic, 1), session=session, segment=newest(session))
    services.pause(by=clinic.nurse, at=minute(clinic, 2), session=session, reason="nausea")
    entries = list(AuditEntry.objects.order_by("id")[before:])
    assert [entry.what for entry in entries] == ["dosing.pump.confirmed", "dosing.paused"]
    assert all(entry.patient_id == session.patient_id for entry in entries)
    assert "nausea" not in str([entry.detail for entry in entries])


def test_a_rate_above_the_hard_limit_is_refused_with_both_numbers_and_changes_nothing(clinic: Clinic) -> None:
    session = clinic.running()
    with pytest.raises(Refused) as refused:
        services.change_rate(
            by=clinic.physician,
            at=minute(clinic, 5),
            session=session,
            rate_mg_per_h=Decimal("500"),
            reason="more",
            seen_version=session.version,
        )
    assert refused.value.field == "rate_mg_per_h"
    assert "500 mg/h" in str(refused.value)
    assert str(refused.value.params["limit"]) in str(refused.value)
    assert session.rate_segments.count() == 1
    assert fresh(session).version == session.version


def test_a_page_that_is_out_of_date_changes_no_rate_but_can_still_stop(clinic: Clinic) -> None:
    session = clinic.running()
    seen = session.version
    services.change_rate(
        by=clinic.nurse,
        at=minute(clinic, 5),
        session=session,
        rate_mg_per_h=Decimal(40),
        reason="blood pressure",
        seen_version=seen,
    )
    with pytest.raises(Refused, match="out of date"):
        services.change_rate(
            by=clinic.nurse,
            at=minute(clinic, 6),
            session=session,
            rate_mg_per_h=Decimal(45),
            reason="better",
            seen_version=seen,
        )
    assert services.stop(by=clinic.nurse, at=minute(clinic, 7), session=session).phase == "stopped"


def test_stop_writes_one_ledger_row_of_what_the_segments_say_and_a_second_tap_nothing(clinic: Clinic) -> None:
    session = clinic.running()
    services.change_rate(
        by=clinic.nurse,
        at=minute(clinic, 10),
        session=session,
        rate_mg_per_h=Decimal("39.375"),
        reason="blood pressure",
        seen_version=fresh(session).version,
    )
    services.stop(by=clinic.nurse, at=minute(clinic, 25), session=session, reason="patient says stop")
    services.stop(by=clinic.nurse, at=minute(clinic, 26), session=session)
    (row,) = LedgerRow.objects.filter(session_id=session.pk)
    assert row.amount_ug == -(8_750 + 9_844)  # 10 min at 52.5 and 15 min at 39.375 mg/h, rounded once
    assert row.lot == clinic.lot
    assert left_to_discard_ug(session.pk) == 50_000 - 18_594
    with pytest.raises(Refused):
        services.resume(
            by=clinic.physician, at=minute(clinic, 27), session=session, seen_version=fresh(session).version
        )


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 7200), st.decimals(0, 200, places=3, allow_nan=False, allow_infinity=False)),
        min_size=1,
        max_size=8,
    )
)
def test_the_amount_given_is_what_fractions_say(rows: list[tuple[int, Decimal]]) -> None:
    start = datetime.fromisoformat("2026-03-12T09:00:00+00:00")
    parts, exact, at = [], Fraction(0), start
    for seconds, rate in rows:
        end = at + timedelta(seconds=seconds)
        parts.append(Part(at, end, rate))
        exact += Fraction(rate) * 1000 * seconds / 3600
        at = end
    assert abs(amount_given_micrograms(parts, at) - exact) <= Fraction(1, 2)


def test_the_ledger_agrees_with_fractions_over_a_paused_session(clinic: Clinic) -> None:
    session = clinic.running()
    services.pause(by=clinic.nurse, at=minute(clinic, 7.3), session=session)
    services.resume(
        by=clinic.nurse,
        at=minute(clinic, 13.9),
        session=session,
        seen_version=fresh(session).version,
        rate_mg_per_h=Decimal("41.999"),
    )
    services.complete(by=clinic.nurse, at=minute(clinic, 31.77), session=session)
    rate, other = Fraction("52.5"), Fraction("41.999")
    exact = (rate * Fraction("7.3") + other * Fraction("17.87")) / 60 * 1000
    assert given_ug(session, minute(clinic, 40)) == round(exact)
    assert -LedgerRow.objects.get(session_id=session.pk, kind="given").amount_ug == round(exact)
    assert fresh(session).phase == "resting"


@pytest.mark.parametrize(
    ("role", "paused_min", "goes_on"),
    [("nurse", 15, True), ("nurse", 15.1, False), ("physician", 15.1, True), ("physician", 120, True)],
)
def test_who_resumes_after_how_long(clinic: Clinic, role: str, paused_min: float, goes_on: bool) -> None:
    session = clinic.running()
    services.pause(by=clinic.nurse, at=minute(clinic, 5), session=session)
    who = clinic.nurse if role == "nurse" else clinic.physician
    resume = {"at": minute(clinic, 5 + paused_min), "session": session, "seen_version": fresh(session).version}
    if goes_on:
        assert services.resume(by=who, **resume).rate_mg_per_h == Decimal("52.5")
    else:
        with pytest.raises(Refused, match="a physician decides"):
            services.resume(by=who, **resume)
        assert fresh(session).phase == "paused"


def test_more_than_the_ordered_dose_needs_a_new_order(clinic: Clinic) -> None:
    session = clinic.running()
    with pytest.raises(Refused, match=r"35\.000 mg has been given"):
        services.change_rate(
            by=clinic.nurse,
            at=minute(clinic, 41),
            session=session,
            rate_mg_per_h=Decimal(30),
            reason="longer",
            seen_version=session.version,
        )


def test_what_is_previewed_is_what_is_delivered(clinic: Clinic) -> None:
    session = clinic.running()
    seen = preview(session, minute(clinic, 10), rate_mg_per_h=Decimal(40))
    services.change_rate(
        by=clinic.nurse,
        at=minute(clinic, 11),
        session=session,
        rate_mg_per_h=Decimal("40.000"),
        reason="calmer",
        seen_version=seen["version"],
        preview_sha256=seen["sha256"],
    )
    assert newest(session).preview_sha256 == seen["sha256"]
    other = preview(fresh(session), minute(clinic, 12), rate_mg_per_h=Decimal(35))
    with pytest.raises(Refused) as refused:
        services.change_rate(
            by=clinic.nurse,
            at=minute(clinic, 12),
            session=session,
            rate_mg_per_h=Decimal(36),
            reason="calmer",
            seen_version=other["version"],
            preview_sha256=other["sha256"],
        )
    assert refused.value.field == "preview_sha256"


def test_a_therapist_may_stop_but_not_change_the_rate(clinic: Clinic, jonas: StaffMember) -> None:
    session = clinic.running()
    with pytest.raises(Refused, match="physician or a nurse"):
        services.change_rate(
            by=jonas,
            at=minute(clinic, 5),
            session=session,
            rate_mg_per_h=Decimal(40),
            reason="x",
            seen_version=session.version,
        )
    assert services.stop(by=jonas, at=minute(clinic, 6), session=session).phase == "stopped"


def test_only_the_newest_change_can_be_confirmed_at_the_pump(clinic: Clinic) -> None:
    session = clinic.running()
    first = newest(session)
    services.pause(by=clinic.nurse, at=minute(clinic, 3), session=session)
    with pytest.raises(Refused):
        services.confirm_pump(by=clinic.nurse, at=minute(clinic, 4), session=session, segment=first)
    services.confirm_pump(by=clinic.nurse, at=minute(clinic, 4), session=session, segment=newest(session))
    with pytest.raises(Refused, match="already"):
        services.confirm_pump(by=clinic.nurse, at=minute(clinic, 5), session=session, segment=newest(session))


@pytest.mark.parametrize("problem", ["expired", "other form", "too little"])
def test_the_vial_is_checked_at_the_start(clinic: Clinic, problem: str) -> None:
    session: Session = clinic.ready()
    lot = clinic.lot
    if problem == "expired":
        type(lot).objects.filter(pk=lot.pk).update(expires_on=clinic.at.date() - timedelta(days=1))
    elif problem == "other form":
        lot = make_lot(clinic.nurse, clinic.at, form="esketamine")
    else:
        services_count(clinic, 34_999)
    with pytest.raises(Refused) as refused:
        services.start_infusion(by=clinic.nurse, at=clinic.at, session=session, lot=lot)
    assert refused.value.field == "lot"
    assert segments_of(session) == []


def services_count(clinic: Clinic, counted_ug: int) -> None:
    from interlude.record.stock import services as stock

    stock.count(by=clinic.nurse, at=clinic.at, lot=clinic.lot, counted_ug=counted_ug)


def test_an_injection_is_given_once_and_has_no_rate(clinic: Clinic) -> None:
    session = clinic.ready(key="trd-im")
    services.give_injection(by=clinic.nurse, at=minute(clinic, 0), session=session, lot=clinic.lot, site="thigh")
    session = fresh(session)
    assert session.phase == "injected"
    assert -LedgerRow.objects.get(session_id=session.pk).amount_ug == session.dose_ug
    for verb in (services.pause, services.stop):
        with pytest.raises(Refused):
            verb(by=clinic.nurse, at=minute(clinic, 1), session=session)
    with pytest.raises(Refused, match="no model"):
        preview(session, minute(clinic, 1), act="stop")
    assert services.begin_rest(by=clinic.nurse, at=minute(clinic, 2), session=session).phase == "resting"


def test_the_order_takes_the_newest_weight_and_needs_a_physician(clinic: Clinic) -> None:
    session = clinic.checked_in(weight_kg="63.5")
    with pytest.raises(Refused, match="Only a physician"):
        services.sign_order(by=clinic.nurse, password=PASSWORD, at=clinic.at, session=session)
    order = services.sign_order(by=clinic.physician, password=PASSWORD, at=clinic.at, session=session)
    assert order.dose_ug == 31_750
    with pytest.raises(Refused) as refused:
        services.sign_order(by=clinic.physician, password="wrong", at=clinic.at, session=session)
    assert refused.value.field == "password"
